import { type SQL, sql } from "drizzle-orm";
import type { Database, Queryable } from "./database.ts";
import { param, type Statement } from "./statement.ts";

/** A stretch of time, ISO 8601; `to` is the moment before which it ends. */
export type Stretch = { from: string; to: string };

/** The times between which the rows of a page are; null: none. */
export type PageBounds = { after: string | null; end: string | null };

/** Says where a page ends that begins after a moment, which indexes alone answer. */
export type PageEnd = Statement<{ end: string | null }, PageStart>;

export type PageStart = Stretch & { after: string | null; page: number };

/**
 * Goes through tables by a column of time, some `size` rows at once: more where many have the same time. The next page is read while what
 * was read is dealt with.
 */
export async function* readPages<Row>(
  database: Database,
  { from, to }: Stretch,
  { end, size, by = "survey" }: { end: PageEnd; size: number; by?: "survey" | "read" },
  read: (db: Queryable, bounds: PageBounds) => Promise<Row[]>,
): AsyncGenerator<Row[]> {
  const readPage = (after: string | null): Promise<{ last: string | null; rows: Row[] }> =>
    database[by](async (db) => {
      const [at] = await end.run(db, { from, to, after, page: size - 1 });
      const last = at?.end ?? null;
      return { last, rows: await read(db, { after, end: last }) };
    });
  let next: ReturnType<typeof readPage> | null = readPage(null);
  while (next !== null) {
    const page: Awaited<ReturnType<typeof readPage>> = await next;
    next = page.last === null ? null : readPage(page.last);
    // Told when it is awaited, if it ever is.
    next?.catch(() => undefined);
    yield page.rows;
  }
}

/** The rows of one page, by the time in `column`. */
export function isOnPage(column: string): SQL {
  return sql`${inRange(column)} and ${sql.raw(column)} <= coalesce(${param("end")}::timestamptz, 'infinity')`;
}

/** Of the rows from where the last page ended. */
function inRange(column: string): SQL {
  const at = sql.raw(column);
  return sql`${at} >= ${param("from")}::timestamptz and ${at} < ${param("to")}::timestamptz
    and ${at} > coalesce(${param("after")}::timestamptz, '-infinity')`;
}

/**
 * The end of a page of a table. As a limit of the statement that reads the page it was slow on tables that were never analysed: all
 * that was asked for was sorted for the first page. The time is written as text behind that, or it would be for every row of the page.
 */
export function endOf(table: string, column: string): SQL {
  const at = sql.raw(column);
  return sql`select "end"::text as "end" from (
      select ${at} as "end" from ${sql.raw(table)} where ${at} is not null and ${inRange(column)}
      order by ${at} offset ${param("page")}::int limit 1) as last_of_page`;
}
