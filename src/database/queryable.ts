import {
  createTableRelationsHelpers,
  type ExtractTablesWithRelations,
  extractTablesRelationalConfig,
} from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import { PostgresJsSession, PostgresJsTransaction } from "drizzle-orm/postgres-js";
import type { Sql } from "postgres";
import type { Queryable } from "./database.ts";
import * as schema from "./schema.ts";

const dialect = new PgDialect();
type Tables = ExtractTablesWithRelations<typeof schema>;
const { tables, tableNamesMap } = extractTablesRelationalConfig<Tables>(schema, createTableRelationsHelpers);
const relations = { fullSchema: schema, schema: tables, tableNamesMap };

/**
 * Drizzle over a client of our own making. `drizzle()` works the relations out anew each time; here that happens
 * once, so one of these can be made per transaction.
 */
export function queryableOver(client: Sql): Queryable {
  const session = new PostgresJsSession<Sql, typeof schema, Tables>(client, dialect, relations);
  return new PostgresJsTransaction(dialect, session as never, relations);
}
