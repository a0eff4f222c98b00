import { firstUuidAt } from "#text/ids.ts";

/**
 * The months that tables are kept in, in UTC, by the time that the UUIDv7 of a row says. Parts follow each other without a gap, the first
 * from the beginning of time: what comes behind the last is in a part of its own until that has been given an end.
 */

/** Rows from the one moment on (null: from ever) and before the other, ms since 1970. */
export interface Months {
  from: number | null;
  to: number;
}

/** So many whole months are there before they begin: a job that is not done for weeks is not missed. */
const MONTHS_AHEAD = 2;

/** A server may set its clock right while old rows are looked through; what it adds then has to fit too. */
const LEEWAY_MS = 7 * 24 * 60 * 60 * 1000;

/** The months still to be made, in their order. `end`: where those end that there are; undefined: there are none. */
export function monthsToMake(end: number | undefined, now: number): Months[] {
  const made: Months[] = [];
  const wanted = monthStart(now, 1 + MONTHS_AHEAD);
  let from = end ?? null;
  while (from === null || from < wanted) {
    // Months in which nothing came, since nobody was there to make them, are one.
    const to = from === null || from < monthStart(now) ? monthStart(now, 1) : monthStart(from, 1);
    made.push({ from, to });
    from = to;
  }
  return made;
}

/** Where a part ends that is to have all rows so far, the newest of which is from `newest`, and those that come while it gets its end. */
export function endForAll(newest: number, now: number): number {
  return monthStart(Math.max(newest, now) + LEEWAY_MS, 1);
}

/** `leads_2026_12`, `leads_before_2026_12`, `leads_2027_03_to_2031_01`. */
export function nameOfMonths(table: string, { from, to }: Months): string {
  if (from === null) return `${table}_before_${written(to)}`;
  const last = monthStart(to, -1);
  return from === last ? `${table}_${written(from)}` : `${table}_${written(from)}_to_${written(last)}`;
}

/** As a partition's bounds. */
export function boundsOfMonths({ from, to }: Months): string {
  return `from (${from === null ? "minvalue" : quoted(from)}) to (${quoted(to)})`;
}

/** As a condition of a column. */
export function conditionOfMonths(column: string, { from, to }: Months): string {
  return `${from === null ? "" : `${column} >= ${quoted(from)} and `}${column} < ${quoted(to)}`;
}

function quoted(ms: number): string {
  return `'${firstUuidAt(ms)}'`;
}

/** When the month of a moment began, or one so many months later, in UTC; ms since 1970. */
export function monthStart(ms: number, later = 0): number {
  const at = new Date(ms);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + later);
}

/** `2026_12` */
function written(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7).replace("-", "_");
}
