import { type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { Queryable } from "./database.ts";

const dialect = new PgDialect();

/** What work is given to run statements on, over whatever sends them. */
export function queryableOver(send: Queryable["send"]): Queryable {
  return {
    send,
    execute<Found>(query: SQL | string) {
      const { sql: text, params } = dialect.sqlToQuery(typeof query === "string" ? sql.raw(query) : query);
      return send(text, params, "once") as Promise<Found[]>;
    },
  };
}
