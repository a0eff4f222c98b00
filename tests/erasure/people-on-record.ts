import { type SQL, sql } from "drizzle-orm";
import type { Database, Queryable } from "#database/database.ts";

/** The places, `table.column`, where any of the values stands in any row, whatever it is part of. */
export async function whereabouts(database: Database, values: readonly string[]): Promise<string[]> {
  return database.read(async (db) => {
    const found: string[] = [];
    for (const { table, column } of await rowsOf<{ table: string; column: string }>(db, COLUMNS)) {
      const [row] = await rowsOf<{ count: number }>(
        db,
        sql`select count(*)::int as count from ${sql.identifier(table)}
          where exists (select from json_array_elements_text(${JSON.stringify(values)}::text::json) as said (value)
            where position(lower(value) in lower(${sql.identifier(column)}::text)) > 0)`,
      );
      if (row !== undefined && row.count > 0) found.push(`${table}.${column}`);
    }
    return found;
  });
}

/** All that can hold a text, in tables that nobody had thought of when this was written too. */
const COLUMNS = sql`select table_name as "table", column_name as "column" from information_schema.columns
  where table_schema = 'public' and data_type in ('text', 'json', 'jsonb', 'bytea', 'ARRAY', 'character varying')
  order by 1, 2`;

async function rowsOf<Row>(db: Queryable, query: SQL): Promise<Row[]> {
  const rows: unknown = await db.execute(query);
  return rows as Row[];
}
