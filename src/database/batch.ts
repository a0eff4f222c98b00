import { type SQL, sql } from "drizzle-orm";
import type { Dialect } from "./by-campaign-records.ts";
import type { Queryable } from "./database.ts";
import type { Statement } from "./statement.ts";
import { param } from "./statement.ts";

/**
 * A statement that writes rows of a batch, which travel as one JSON text: on postgres.js that took 4 µs of JavaScript a lead where
 * arrays built by the driver took 12.
 */
export type BatchInsert = Statement<unknown, { rows: string; at: string }>;

/**
 * A statement whose rows travel a column a text, for what each batch writes many rows of: as JSON, narrow ones took Postgres a fifth more
 * and wide ones a quarter.
 */
export interface ColumnInsert<Row extends object>
  extends Statement<unknown, Record<string, string>>,
    Pick<ColumnRows<Row>, "columnsOf"> {}

/**
 * The columns of rows by their names: the type of each, and what a row has in it. `any text` is one that strangers may have written: it may
 * be empty, and hold what splits the others.
 */
export type Columns<Row> = Readonly<Record<string, readonly [type: string, of: (row: Row) => ColumnValue]>>;

type ColumnValue = string | number | boolean | null;

/** Rows as a part of a statement's `from`, called `row`, and the parameters that they travel in. */
export interface ColumnRows<Row extends object> {
  readonly from: SQL;
  columnsOf(rows: readonly Row[]): Record<string, string>;
}

export function columnRows<Row extends object>(columns: Columns<Row>): ColumnRows<Row> {
  const each = Object.entries(columns);
  const free = each.filter(([, [type]]) => type === ANY_TEXT);
  const arrays = each.map(([name, [type]]) =>
    type === ANY_TEXT
      ? sql`string_to_array(${param(name)}::text, ${param("between")}::text, '')`
      : splitColumn(name, sql.raw(type)),
  );
  const unnested = sql`unnest(${sql.join(arrays, sql`, `)})`;
  const names = each.map(([name]) => `"${name}"`);
  const read = each.map(([name, [type]]) =>
    type === ANY_TEXT ? `substr("${name}", 2) as "${name}"` : `"${name}"`,
  );
  const list = (items: readonly string[]) => sql.raw(items.join(", "));
  return {
    from:
      free.length === 0
        ? sql`${unnested} as row (${list(names)})`
        : sql`(select ${list(read)} from ${unnested} as each (${list(names)})) as row`,
    columnsOf(rows) {
      const isTaken = free.some(([, [, of]]) => rows.some((row) => String(of(row) ?? "").includes(SPLIT)));
      const between = isTaken ? `${SPLIT}${crypto.randomUUID()}` : SPLIT;
      const joined = each.map(([name, [type, of]]) => {
        if (type !== ANY_TEXT) return [name, joinColumn(rows, of)] as const;
        return [name, rows.map((row) => marked(of(row))).join(between)] as const;
      });
      return { ...Object.fromEntries(joined), ...(free.length > 0 && { between }) };
    },
  };
}

const ANY_TEXT = "any text";
const SPLIT = "\u001f";

/** Nothing is null, so an empty text begins with something. */
function marked(value: ColumnValue): string {
  return value === null ? "" : `=${value}`;
}

/** `insert` makes the statement, of the rows as a part of its `from` that is called `row`. */
export function columnInsert<Row extends object>(
  columns: Columns<Row>,
  insert: (rows: SQL) => Statement<unknown, Record<string, string>>,
): ColumnInsert<Row> {
  const { from, columnsOf } = columnRows(columns);
  return { run: insert(from).run, columnsOf };
}

/** Rows for a statement. */
export type Rows = readonly [BatchInsert | ColumnInsert<object>, readonly object[]];

/** Starts the statements that have rows, all at once. `at` is ISO 8601. */
export function writeRows(db: Queryable, at: string, writes: readonly Rows[]): Promise<unknown>[] {
  return writes
    .filter(([, rows]) => rows.length > 0)
    .map(([into, rows]) =>
      "columnsOf" in into
        ? into.run(db, { ...into.columnsOf(rows), at })
        : into.run(db, { rows: JSON.stringify(rows), at }),
    );
}

/**
 * A column of the rows, to look up by. A join alone is planned as a walk through the whole index when it is first planned on an empty
 * table, and stays that: 24 ms after 11,000 rows where this takes one.
 */
export function uuidsIn(column: "id" | "key" | "lead"): SQL {
  return sql`array(select (each ->> ${sql.raw(`'${column}'`)})::uuid from json_array_elements(${param("rows")}::text::json) as each)`;
}

/**
 * Beside a join with the rows: the campaign that the first of them names, as a batch is of one where tables are spread over nodes. By a
 * join alone Citus asks every node.
 */
export function isOfBatch(column: string, dialect: Dialect): SQL {
  return dialect === "postgres"
    ? sql``
    : sql` and ${sql.raw(column)} = (${param("rows")}::text::json -> 0 ->> 'campaign')`;
}

/** The lowest and the highest of some UUIDs, each in lower case; of none, nothing is between them. */
export function uuidSpan(ids: readonly string[]): { first: string; last: string } {
  let [first = NIL_UUID, last = first] = ids;
  for (const id of ids) {
    if (id < first) first = id;
    if (id > last) last = id;
  }
  return { first, last };
}

const NIL_UUID = "00000000-0000-0000-0000-000000000000";

/**
 * Beside `= any`: the column is within the span of what is sought. Of an array that is a parameter Postgres does not see which months of a
 * table may have it, and asks the index of each; of a span it does.
 */
export function isInSpan(column: string): SQL {
  return sql`${sql.raw(column)} between ${param("first")}::text::uuid and ${param("last")}::text::uuid`;
}

/**
 * The values of one column of many rows as one text, split by the unit separator (U+001F), which is in no id and escaped in JSON. Nothing
 * between two: null.
 */
function joinColumn<T>(rows: readonly T[], value: (row: T) => ColumnValue): string {
  return rows.map((row) => value(row) ?? "").join(SPLIT);
}

/** The array of a column that was joined, as a parameter of that name. */
function splitColumn(name: string, type: SQL): SQL {
  return sql`string_to_array(${param(name)}::text, chr(31), '')::${type}[]`;
}
