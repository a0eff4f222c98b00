import { sql } from "drizzle-orm";
import type { Database } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** The ids of all campaigns, suppliers and buyers, archived ones included: whom a report can be asked about. */
export async function readParties(database: Database): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await database.read((db) => selectParties.run(db, {}));
  const byKind = Map.groupBy(rows, ({ kind }) => kind);
  return new Map(KINDS.map((kind) => [kind, (byKind.get(kind) ?? []).map(({ id }) => id)]));
}

const KINDS = ["campaign", "supplier", "buyer"] as const;

const selectParties = statement<{ kind: (typeof KINDS)[number]; id: string }>(
  "select_parties",
  "all campaigns",
  sql`select 'campaign' as kind, id from campaigns
    union all select 'supplier', id from suppliers
    union all select 'buyer', id from buyers`,
);
