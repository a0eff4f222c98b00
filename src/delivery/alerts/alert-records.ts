import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** Puts on record that operators are told; answers with the keys of which they were not told before, by whatever server. */
export async function insertAlerts(
  db: Queryable,
  keys: readonly string[],
  at: string,
): Promise<ReadonlySet<string>> {
  const rows = await insert.run(db, { keys: JSON.stringify(keys), at });
  return new Set(rows.map(({ key }) => key));
}

/** In the order of the keys, in which two servers wait for each other without end nowhere. */
const insert = statement<{ key: string }, { keys: string; at: string }>(
  "insert_alerts",
  "unspread",
  ($) => sql`insert into alerts (key, at)
      select distinct key, ${$.at}::timestamptz from json_array_elements_text(${$.keys}::text::json) as told (key) order by key
      on conflict (key) do nothing returning key`,
);

/** Forgets what was told before a moment, ISO 8601. */
export async function forgetAlerts(db: Queryable, before: string): Promise<void> {
  await forget.run(db, { before });
}

const forget = statement<unknown, { before: string }>(
  "forget_alerts",
  "unspread",
  ($) => sql`delete from alerts where at < ${$.before}::timestamptz`,
);
