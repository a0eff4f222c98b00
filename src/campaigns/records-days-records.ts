import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** For how many days leads stay on record at least, as the document in force says; null: for ever. */
export async function readRecordsDays(db: Queryable): Promise<number | null> {
  const [newest] = await selectRecordsDays.run(db, {});
  return newest?.days ?? null;
}

const selectRecordsDays = statement<{ days: number | null }>(
  "select_records_days_setting",
  "unspread",
  sql`select (document::json ->> 'records_days')::int as days from configurations order by revision desc limit 1`,
);
