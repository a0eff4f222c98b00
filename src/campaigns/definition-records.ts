import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { BuyerDefinition, CampaignDefinition } from "./definition.ts";

/** What campaigns may be found by: one itself, or all that a buyer or a supplier is in. */
export interface Involved {
  kind: "campaign" | "buyer" | "supplier";
  id: string;
}

/** The campaigns that are not archived and have to do with it, in the order of their ids. */
export async function readDefinitions(db: Queryable, involved: Involved): Promise<CampaignDefinition[]> {
  const rows = await selectDefinitions.run(db, { holds: JSON.stringify(holding(involved)) });
  return rows.map(({ definition }) => JSON.parse(definition) as CampaignDefinition);
}

function holding({ kind, id }: Involved): object {
  switch (kind) {
    case "campaign":
      return { id };
    case "buyer":
      return { buyers: [{ buyer: { id } }] };
    case "supplier":
      return { suppliers: [{ supplier: { id } }] };
  }
}

const selectDefinitions = statement<{ definition: string }, { holds: string }>(
  "select_definitions",
  "all campaigns",
  ($) => sql`select definition::text as definition from campaigns
      where definition @> ${$.holds}::text::jsonb and archived_at is null
      order by id`,
);

/** Undefined when there is no such buyer, or it is archived. */
export async function readBuyerDefinition(db: Queryable, id: string): Promise<BuyerDefinition | undefined> {
  const [row] = await selectBuyerDefinition.run(db, { id });
  return row && (JSON.parse(row.definition) as BuyerDefinition);
}

const selectBuyerDefinition = statement<{ definition: string }, { id: string }>(
  "select_buyer_definition",
  "unspread",
  ($) => sql`select definition::text as definition from buyers where id = ${$.id} and archived_at is null`,
);

/** Whether there is such a supplier, which is not archived. */
export async function isSupplier(db: Queryable, id: string): Promise<boolean> {
  return (await selectSupplier.run(db, { id })).length > 0;
}

const selectSupplier = statement<{ id: string }, { id: string }>(
  "select_supplier",
  "unspread",
  ($) => sql`select id from suppliers where id = ${$.id} and archived_at is null`,
);
