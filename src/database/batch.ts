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
export interface ColumnInsert<Row extends object> extends Statement<unknown, Record<string, string>> {
  columnsOf(rows: readonly Row[]): Record<string, string>;
}

/** The columns of rows by their names: the type of each, and what a row has in it. */
export type Columns<Row> = Readonly<Record<string, readonly [type: string, of: (row: Row) => ColumnValue]>>;

type ColumnValue = string | number | boolean | null;

/** `insert` makes the statement, of the rows as a part of its `from` that is called `row`. */
export function columnInsert<Row extends object>(
  columns: Columns<Row>,
  insert: (rows: SQL) => Statement<unknown, Record<string, string>>,
): ColumnInsert<Row> {
  const each = Object.entries(columns);
  const arrays = each.map(([name, [type]]) => splitColumn(name, sql.raw(type)));
  const names = sql.raw(Object.keys(columns).join(", "));
  return {
    run: insert(sql`unnest(${sql.join(arrays, sql`, `)}) as row (${names})`).run,
    columnsOf: (rows) => Object.fromEntries(each.map(([name, [, of]]) => [name, joinColumn(rows, of)])),
  };
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
export function joinColumn<T>(rows: readonly T[], value: (row: T) => ColumnValue): string {
  return rows.map((row) => value(row) ?? "").join("\u001f");
}

/** The array of a column that was joined, as a parameter of that name. */
export function splitColumn(name: string, type: SQL): SQL {
  return sql`string_to_array(${param(name)}::text, chr(31), '')::${type}[]`;
}
