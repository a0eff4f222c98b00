import { is, type SQL, sql } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";
import type { Queryable } from "#database/database.ts";
import * as schema from "#database/tables.ts";

/** A table with its columns, as both databases name them. */
export interface Table {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
}

/** How many rows a table holds, and a sum over them that does not depend on their order. */
export interface TableTally {
  readonly rows: number;
  readonly checksum: string;
}

/** Every table of what is on record, a table after those that it refers to. What is of running servers is in a schema of its own. */
export function everyTable(): readonly Table[] {
  const configs = Object.values(schema)
    .filter((value) => is(value, PgTable))
    .map((table) => getTableConfig(table))
    .filter((config) => config.schema === undefined);
  const names: string[] = [];
  const tables: Table[] = [];
  const add = (config: (typeof configs)[number]) => {
    if (names.includes(config.name)) return;
    names.push(config.name);
    for (const { reference } of config.foreignKeys) add(getTableConfig(reference().foreignTable));
    const columns = config.columns.map((column) => ({ name: column.name, type: column.getSQLType() }));
    tables.push({ name: config.name, columns });
  };
  for (const config of configs) add(config);
  return tables;
}

/** The newest step of the schema that the database has, as `when` of a Migration. */
export async function readSchemaStep(db: Queryable): Promise<number> {
  const rows = await db.execute<{ step: string | null }>(
    sql`select max(created_at)::text as step from drizzle.__drizzle_migrations`,
  );
  const [row] = rows;
  return Number(row?.step ?? 0);
}

/**
 * Has this transaction write values as text in one way, whatever the database was set up for: times in UTC, numbers with every digit.
 */
export async function writeValuesAlike(db: Queryable): Promise<void> {
  await db.execute(sql`select set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true),
    set_config('bytea_output', 'hex', true), set_config('extra_float_digits', '1', true)`);
}

/** Begins to read a table's rows, in no order; `fetchRows` then gives them chunk by chunk. */
export async function openRows(db: Queryable, table: Table): Promise<void> {
  await db.execute(
    sql`declare backup_rows no scroll cursor for select ${line(table)} as line from ${quotedName(table)}`,
  );
}

/** The next rows, each as a line of JSON: the text of every value in the order of the columns. Empty at the end. */
export async function fetchRows(db: Queryable): Promise<string[]> {
  const rows = await db.execute<{
    line: string;
  }>(sql.raw(`fetch forward ${ROWS_AT_ONCE} from backup_rows`));
  return rows.map((row) => row.line);
}

export async function closeRows(db: Queryable): Promise<void> {
  await db.execute(sql`close backup_rows`);
}

/** A megabyte or two of leads: more at once is no faster. */
const ROWS_AT_ONCE = 500;

/** Puts rows in, as `fetchRows` gave them. The rows become jsonb first, in which the twentieth value is found as fast as the first. */
export async function insertRows(tx: Queryable, table: Table, lines: readonly string[]): Promise<void> {
  const columns = sql.join(
    table.columns.map(({ name }) => sql.identifier(name)),
    sql`, `,
  );
  const values = sql.join(
    table.columns.map(({ type }, place) => sql`(value ->> ${sql.raw(String(place))})::${sql.raw(type)}`),
    sql`, `,
  );
  await tx.execute(
    sql`insert into ${quotedName(table)} (${columns}) select ${values} from jsonb_array_elements(${`[${lines.join(",")}]`}::text::jsonb)`,
  );
}

/** What the database says of the rows that it holds; `tallyOf` says the same of the lines that they were read as. */
export async function readTally(db: Queryable, table: Table): Promise<TableTally> {
  const rows = await db.execute<{
    rows: string;
    checksum: string;
  }>(sql`
    select count(*)::text as rows,
      coalesce(sum(('x' || encode(substr(sha256(convert_to(line, 'UTF8')), 1, 7), 'hex'))::bit(56)::bigint), 0)::text as checksum
    from (select ${line(table)} as line from ${quotedName(table)}) as lines`);
  const [row] = rows;
  return { rows: Number(row?.rows), checksum: String(row?.checksum) };
}

function line(table: Table): SQL {
  const values = sql.join(
    table.columns.map(({ name }) => sql`${sql.identifier(name)}::text`),
    sql`, `,
  );
  return sql`json_build_array(${values})::text`;
}

function quotedName(table: Table): SQL {
  return sql`public.${sql.identifier(table.name)}`;
}
