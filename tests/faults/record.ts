import { expect } from "bun:test";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { type DatabaseSettings, openDatabase } from "#database/engine/connect.ts";
import { prepareDirectory } from "#database/pglite/data-directory.ts";
import { statement } from "#database/statement.ts";
import { leadIdOf } from "#text/ids.ts";
import { discard, embeddedSettings, migratedTemplate, postgresSettings } from "../support/database.ts";
import { violations } from "../support/invariants.ts";
import type { AcknowledgedLead } from "../support/leadgate.ts";
import type { Load } from "../support/load.ts";
import { givenAway } from "../support/people.ts";
import { type LeadgateProcess, untilTrue } from "../support/process.ts";

/** A new database for servers to be started on; an embedded one from the template that tests share, since initdb takes seconds. */
export async function preparedDatabase(kind: "postgres" | "embedded"): Promise<DatabaseSettings> {
  if (kind === "postgres") return await postgresSettings();
  const settings = await embeddedSettings();
  await prepareDirectory(join(settings.dataDir, "database"), async () =>
    Bun.file(await migratedTemplate()).bytes(),
  );
  return settings;
}

/** Removes a database when the connections of servers that were killed are gone too. */
export async function discardOnceLeft(settings: DatabaseSettings): Promise<void> {
  if (settings.databaseUrl !== undefined) {
    const observer = postgres(settings.databaseUrl, { max: 1, onnotice: () => undefined });
    await untilTrue(async () => {
      const left = await observer`
        select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
      return left.length === 0;
    }, "every connection to the database to be closed");
    await observer.end();
  }
  await discard(settings);
}

/** What a test did and had done to it. */
export interface Happened {
  readonly settings: DatabaseSettings;
  readonly loads: readonly Load[];
  readonly servers: readonly LeadgateProcess[];
}

/** A lead as it is on record. */
export interface Recorded {
  readonly id: string;
  readonly status: string;
  readonly buyer_id: string | null;
}

/**
 * What must be so however it went: the suppliers' leads are on record, each once and as they were told; no others are; every
 * counter equals its rows; nobody waited for ever or was told nonsense; and nothing personal was written or said.
 */
export async function expectSoundRecord({ settings, loads, servers }: Happened): Promise<Recorded[]> {
  const acknowledged = loads.flatMap((load) => load.acknowledged);
  const database = await openDatabase(settings);
  let recorded: Recorded[];
  try {
    // Unanalysed, some thousands of leads are joined with each other one by one.
    await database.write((tx) => tx.execute("analyze"));
    expect(await violations(database, { acknowledged })).toEqual([]);
    const rows = await database.read((db) => allLeads.run(db, {}));
    recorded = rows.map((row) => ({ ...row, id: leadIdOf(row.id) }));
  } finally {
    await database.close();
  }
  expect(idsOf(recorded)).toEqual(idsOf(acknowledged));
  expect(loads.map((load) => load.hung)).toEqual(loads.map(() => 0));
  expect(loads.flatMap((load) => load.refusals).filter((refusal) => !isHonest(refusal))).toEqual([]);
  expect(loads.flatMap((load) => givenAway(load.said()))).toEqual([]);
  expect(servers.flatMap((server) => givenAway(server.written()))).toEqual([]);
  return recorded;
}

const allLeads = statement<Recorded>(
  "all_leads",
  "all campaigns",
  sql`select leads.id::text as id, leads.status, sales.buyer_id
      from leads left join sales on lead_id = leads.id and sales.campaign_id = leads.campaign_id
        and sales.status in ('reserved', 'sold') and place = 1
      order by leads.id`,
);

function idsOf(leads: readonly (Recorded | AcknowledgedLead)[]): string[] {
  return leads.map((lead) => lead.id).sort();
}

/** "Not now, but in so many seconds": the only thing but an answer that a supplier may hear of a good lead. */
function isHonest({ httpStatus, error, retryAfter, retryAfterHeader }: Load["refusals"][number]): boolean {
  const seconds = Number(retryAfter);
  return (
    httpStatus === 503 &&
    error === "unavailable" &&
    Number.isInteger(seconds) &&
    seconds > 0 &&
    retryAfterHeader === String(retryAfter)
  );
}
