import { is, Placeholder, type SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { Queryable } from "./database.ts";
import { withoutValues } from "./refusal.ts";

/** A statement that each connection parses once; its parameters are `$("name")`. */
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
 * Prepares a statement, the only place that does: what is sent otherwise is parsed each time and takes a round trip more.
 * Send big sets as one JSON parameter for `json_to_recordset`. What comes back raw is what the driver makes of each type: numbers for
 * integer and float, text for bigint, numeric, arrays, dates and timestamps, parsed JSON, booleans, bytes.
 */
export function statement<Row, Values extends Record<string, unknown> = Record<string, never>>(
  _name: string,
  query: SQL,
): Statement<Row, Values> {
  const { sql: text, params } = dialect.sqlToQuery(query);
  const names = params.map((each) => (is(each, Placeholder) ? String(each.name) : undefined));
  return {
    async run(db, values) {
      const parameters = names.map((name, place) => (name === undefined ? params[place] : values[name]));
      try {
        return (await db.send(text, parameters, "kept")) as Row[];
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
