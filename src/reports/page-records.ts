import { type SQL, sql } from "drizzle-orm";
import type { Database, Queryable } from "#database/database.ts";
import { param, type Statement, statement } from "#database/statement.ts";

/** A stretch of time, ISO 8601; `to` is the moment before which it ends. */
export type Stretch = { from: string; to: string };

/** The times between which the rows of a page are; null: none. */
export type PageBounds = { after: string | null; end: string | null };

/** Says where a page ends that begins after a moment, which an index alone answers. */
export type PageEnd = Statement<{ end: string }, PageStart>;

type PageStart = Stretch & { after: string | null; page: number };

/** Goes through a table by a column of time, some `size` rows at once: more where many have the same time. */
export async function* readPages<Row>(
  database: Database,
  { from, to }: Stretch,
  { end, size }: { end: PageEnd; size: number },
  read: (db: Queryable, bounds: PageBounds) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  let [after, isLast]: [string | null, boolean] = [null, false];
  while (!isLast) {
    const since: string | null = after;
    const page: { last: string | null; rows: Row[] } = await database.survey(async (db) => {
      const [at] = await end.run(db, { from, to, after: since, page: size - 1 });
      const last = at?.end ?? null;
      return { last, rows: await read(db, { after: since, end: last }) };
    });
    yield page.rows;
    after = page.last;
    isLast = page.last === null;
  }
}

/** The rows of one page, by the time in `column`. */
export function isOnPage(column: string): SQL {
  return sql`${inRange(column)} and ${sql.raw(column)} <= coalesce(${param("end")}::text::timestamptz, 'infinity')`;
}

/** Of the rows from where the last page ended. */
function inRange(column: string): SQL {
  const at = sql.raw(column);
  return sql`${at} >= ${param("from")}::text::timestamptz and ${at} < ${param("to")}::text::timestamptz
    and ${at} > coalesce(${param("after")}::text::timestamptz, '-infinity')`;
}

/**
 * The end of a page of a table. As a limit of the statement that reads the page it was slow on tables that were never analysed: all
 * that was asked for was sorted for the first page.
 */
function endOf(table: string, column: string): SQL {
  const at = sql.raw(column);
  return sql`select ${at}::text as "end" from ${sql.raw(table)} where ${at} is not null and ${inRange(column)}
    order by ${at} offset ${param("page")}::int limit 1`;
}

/** Leads by when they were decided last, and those that were decided once more by when they were first; sales; events of the ledger. */
export const PAGE_ENDS = {
  decided: statement<{ end: string }, PageStart>(
    "select_decided_page_end",
    "all campaigns",
    endOf("leads", "decided_at"),
  ),
  reopened: statement<{ end: string }, PageStart>(
    "select_reopened_page_end",
    "all campaigns",
    endOf("leads", "first_decided_at"),
  ),
  sold: statement<{ end: string }, PageStart>(
    "select_sold_page_end",
    "all campaigns",
    endOf("sales", "sold_at"),
  ),
  ledger: statement<{ end: string }, PageStart>(
    "select_ledger_page_end",
    "all campaigns",
    endOf("ledger", "at"),
  ),
};
