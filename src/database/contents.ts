import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { statement } from "./statement.ts";

/** Whether the database holds anything that is keyed by the master key: leads, or entries of suppression lists. */
export async function holdsKeyedData(database: Database): Promise<boolean> {
  const [row] = await database.read((db) => selectKeyedData.run(db, {}));
  return row?.held ?? false;
}

const selectKeyedData = statement<{ held: boolean }>(
  "select_keyed_data",
  "all campaigns",
  sql`select exists (select 1 from leads) or exists (select 1 from suppression_entries) as held`,
);
