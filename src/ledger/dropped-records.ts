import { sql } from "drizzle-orm";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { monthStart } from "#database/months.ts";
import { statement } from "#database/statement.ts";
import { HOUR_MS } from "#time/durations.ts";

/**
 * From when on leads are on record, where those before were dropped; undefined: all are. Figures and sales go further back, and by them
 * it is known. In ms since 1970.
 */
export async function readRecordsBegin(db: Queryable, now: Date): Promise<number | undefined> {
  const [row] = await selectOldest.run(db, {});
  return recordsBegin(row?.figure ?? null, row?.lead ?? null, now.getTime());
}

/** When the oldest lead on record was decided, in ms since 1970; null: there is none. */
export async function readOldestLead(db: Queryable): Promise<number | null> {
  return (await selectOldest.run(db, {})).at(0)?.lead ?? null;
}

/** By when the first hour began that has figures, and when the oldest lead was decided; all in ms since 1970, null: there is none. */
export function recordsBegin(figure: number | null, lead: number | null, now: number): number | undefined {
  const begin = lead === null ? now : monthStart(lead);
  // Servers' clocks differ by some seconds.
  return figure !== null && figure + HOUR_MS < begin ? begin : undefined;
}

const selectOldest = statement<{ figure: number | null; lead: number | null }>(
  "select_oldest_on_record",
  "all campaigns",
  sql`select (select ${ms("hour")} from figures order by hour limit 1) as figure,
        least((select ${ms("decided_at")} from leads order by decided_at limit 1), (
          select ${ms("first_decided_at")} from leads where first_decided_at is not null order by first_decided_at limit 1)) as lead`,
);
