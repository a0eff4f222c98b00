import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { Queryable } from "./database.ts";
import { withoutValues } from "./refusal.ts";

/** A statement that each connection parses once; its parameters are `sql.placeholder("name")`. */
export interface Statement<Row, Values extends Record<string, unknown>> {
  /**
   * Runs it. Runs that are started before an earlier one was awaited go out to the database together with it.
   *
   * @throws StatementRefused when the database refuses it.
   */
  run(db: Queryable, values: Values): Promise<Row[]>;
}

const dialect = new PgDialect();

/**
 * Prepares a statement, the only place that does: what Drizzle sends otherwise is parsed each time and takes a round trip more.
 * Send big sets as one JSON parameter for `json_to_recordset`. What comes back raw is what the driver makes of each type: numbers for
 * integer and float, text for bigint, numeric, arrays, dates and timestamps, parsed JSON, booleans, bytes.
 */
export function statement<Row, Values extends Record<string, unknown> = Record<string, never>>(
  name: string,
  text: SQL,
): Statement<Row, Values> {
  const query = dialect.sqlToQuery(text);
  return {
    async run(db, values) {
      try {
        const prepared = db._.session.prepareQuery<{ execute: Row[]; all: unknown; values: unknown }>(
          query,
          undefined,
          name,
          false,
        );
        return await prepared.execute(values);
      } catch (error) {
        throw withoutValues(error);
      }
    },
  };
}

/** Ids or plain words as the text of an array, `{a,b}`: cheaper than an array built by the driver, and the same on both databases. */
export function arrayText(items: readonly string[]): string {
  return `{${items.join(",")}}`;
}
