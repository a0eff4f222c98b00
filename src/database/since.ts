import { type SQL, sql } from "drizzle-orm";
import { firstUuidAt } from "#text/ids.ts";
import { monthStart } from "./months.ts";
import type { Statement } from "./statement.ts";

/**
 * From when on the rows are that a statement is about, in ms since 1970; null: from ever. It stands in the text, as one value of few: of
 * a parameter Postgres knows too late which months of a table it can leave out, and locks and opens every one for each run.
 */
export type Since = number | null;

/** Older is as good as ever: each month is a statement more that a connection keeps. */
const OLDEST_MS = 93 * 24 * 60 * 60 * 1000;

/** The beginning of the month of a moment (UTC) as what a statement is about at `now`; all in ms since 1970. */
export function sinceMonthOf(ms: number, now: number): Since {
  const month = monthStart(ms);
  return month <= now && month > now - OLDEST_MS ? month : null;
}

/** A condition: the column, a UUIDv7, is of that moment or a later one. */
export function isSince(column: string, since: Since): SQL {
  return since === null ? sql`true` : sql.raw(`${column} >= '${firstUuidAt(since)}'::uuid`);
}

/** A statement about rows since some moment: made when it is first wanted with that one. */
export function statementSince<Row, Values extends Record<string, unknown>>(
  make: (since: Since) => Statement<Row, Values>,
): (since: Since) => Statement<Row, Values> {
  const made = new Map<Since, Statement<Row, Values>>();
  return (since) => {
    const known = made.get(since) ?? make(since);
    made.set(since, known);
    return known;
  };
}
