import { type SQL, sql } from "drizzle-orm";
import type { Sql } from "postgres";
import type { Queryable } from "./database.ts";
import { param, type Statement, statement } from "./statement.ts";

/** Where the coordinator is of the nodes of Citus over which the tables of a database are spread; undefined: they are not. */
export async function readCoordinator(client: Sql): Promise<{ host: string; port: number } | undefined> {
  const [citus] = await client<{ there: boolean }[]>`
    select to_regclass('pg_catalog.pg_dist_partition') is not null as there`;
  if (citus?.there !== true) return undefined;
  const [found] = await client<{ host: string; port: number }[]>`
    select nodename as host, nodeport as port from pg_dist_node
    where groupid = 0 and noderole = 'primary'
      and exists (select 1 from pg_dist_partition where logicalrelid = to_regclass('public.campaigns'))`;
  return found;
}

/** Says of a column which campaign it has to be, if it has to be of one. */
export type Narrow = (column: string) => SQL;

/** Which campaigns may have what a statement is about; absent: all of them. */
export type CampaignsOf<Values> = (db: Queryable, values: Values) => Promise<string[]>;

/**
 * A statement that locks rows of whichever campaigns, which Citus does of one campaign alone: on it, it is run for one after the other, in
 * the order of their ids. What a limit is set to is taken of each then.
 */
export function campaignByCampaign<Row, Values extends Record<string, unknown>>(
  make: (narrow: Narrow) => Statement<Row, Values>,
  campaignsOf: CampaignsOf<Values> = readAllCampaigns,
): Statement<Row, Values> {
  const whole = make(() => sql``);
  const ofOne = make((column) => sql` and ${sql.raw(column)} = ${param("spreadCampaign")}`);
  return {
    async run(db, values) {
      if (db.isSpread !== true) return await whole.run(db, values);
      const rows: Row[] = [];
      for (const spreadCampaign of await campaignsOf(db, values)) {
        rows.push(...(await ofOne.run(db, { ...values, spreadCampaign })));
      }
      return rows;
    },
  };
}

export type Dialect = "postgres" | "citus";

/** A statement that is asked in other words where tables are spread over nodes of Citus. */
export function inWordsOf<Row, Values extends Record<string, unknown>>(
  make: (dialect: Dialect) => Statement<Row, Values>,
): Statement<Row, Values> {
  const [postgres, citus] = [make("postgres"), make("citus")];
  return { run: (db, values) => (db.isSpread === true ? citus : postgres).run(db, values) };
}

/** What is of no campaign goes under an empty id. */
async function readAllCampaigns(db: Queryable): Promise<string[]> {
  const rows = await selectCampaigns.run(db, {});
  return ["", ...rows.map(({ id }) => id)];
}

const selectCampaigns = statement<{ id: string }>(
  "select_campaigns_to_go_through",
  "all campaigns",
  sql`select id from campaigns order by id`,
);

/** The campaigns of leads, whose UUIDs are given as the text of an array. */
export async function campaignsOfLeads(db: Queryable, { leads }: { leads: string }): Promise<string[]> {
  const rows = await selectCampaignsOf.run(db, { leads });
  return rows.map(({ id }) => id);
}

const selectCampaignsOf = statement<{ id: string }, { leads: string }>(
  "select_campaigns_of_leads",
  "all campaigns",
  ($) =>
    sql`select distinct campaign_id as id from leads where id = any(${$.leads}::text::uuid[]) order by id`,
);
