import { is, Placeholder, type SQL, sql } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import type { Queryable } from "./database.ts";
import { withoutValues } from "./refusal.ts";

/**
 * What of the tables a statement touches that are spread by campaign, should they be spread over several databases: rows of one campaign,
 * which it names; of several, each of which it names; of all, which asks every database; or none, as it is about other tables.
 */
export type Reach = "one campaign" | "named campaigns" | "all campaigns" | "unspread";

/** A statement that each connection parses once. */
export interface Statement<Row, Values extends Record<string, unknown>> {
  /**
   * Runs it. Runs that are started before an earlier one was awaited go out to the database together with it.
   *
   * @throws StatementRefused when the database refuses it.
   */
  run(db: Queryable, values: Values): Promise<Row[]>;
}

/** The parameters of a statement, by their names. */
type Parameters<Values> = { readonly [Name in keyof Values]: SQL };

const dialect = new PgDialect();

/**
 * Prepares a statement, the only place that does: what is sent otherwise is parsed each time and takes a round trip more.
 * Send big sets as one JSON parameter for `json_to_recordset`. What comes back raw is what the driver makes of each type: numbers for
 * integer and float, text for bigint, numeric, arrays, dates and timestamps, parsed JSON, booleans, bytes.
 */
export function statement<Row, Values extends Record<string, unknown> = Record<string, never>>(
  _name: string,
  reach: Reach,
  query: SQL | (($: Parameters<Values>) => SQL),
): Statement<Row, Values> {
  const { sql: written, params } = dialect.sqlToQuery(
    typeof query === "function" ? query(byName as never) : query,
  );
  const text = written.trim();
  const isOfNamed = reach === "one campaign" || reach === "named campaigns";
  const names = params.map((each) => (is(each, Placeholder) ? String(each.name) : undefined));
  return {
    async run(db, values) {
      const parameters = names.map((name, place) => (name === undefined ? params[place] : values[name]));
      try {
        const sent = isOfNamed && db.onShards !== undefined ? db.onShards(text) : text;
        return (await db.send(sent, parameters, "kept")) as Row[];
      } catch (error) {
        throw withoutValues(error);
      }
    },
  };
}

/** A parameter of whatever statement a piece of SQL becomes part of. */
export function param(name: string): SQL {
  return sql`${sql.placeholder(name)}`;
}

const byName = new Proxy({}, { get: (_, name) => param(String(name)) });

/** Texts of any kind as the text of an array. */
export function arrayTextOfAny(items: readonly string[]): string {
  return arrayText(items.map((item) => `"${item.replace(/["\\]/g, "\\$&")}"`));
}

/** Ids or plain words as the text of an array, `{a,b}`: cheaper than an array built by the driver, and the same on both databases. */
export function arrayText(items: readonly string[]): string {
  return `{${items.join(",")}}`;
}
