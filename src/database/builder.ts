import { drizzle, type PgRemoteDatabase } from "drizzle-orm/pg-proxy";
import type { Queryable } from "./database.ts";

/** Drizzle's query builder over a transaction or a reading, for what is asked too seldom to be kept as a statement. */
export function builderOn(db: Queryable): PgRemoteDatabase {
  return drizzle(async (text, parameters, method) => ({
    rows: await db.send(text, parameters, method === "all" ? "once, as arrays" : "once"),
  }));
}
