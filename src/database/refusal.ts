import { formatHostAndPort } from "#text/host-and-port.ts";
import { DatabaseUnavailable, StatementRefused } from "./database.ts";

/** Why the database refused the data it was given. */
export interface Refusal {
  readonly sqlstate: string;
  readonly constraint?: string;
}

/**
 * The refusal when `error` says that the values were at fault (SQLSTATE classes 21, 22, 23 and 44: a value that does not
 * fit, a broken constraint), however deep Drizzle wrapped it; undefined for every other error.
 */
export function refusalOf(error: unknown): Refusal | undefined {
  const answer = answerIn(error);
  if (answer === undefined || !/^(21|22|23|44)/.test(answer.sqlstate)) return undefined;
  return answer.constraint === undefined
    ? { sqlstate: answer.sqlstate }
    : { sqlstate: answer.sqlstate, constraint: answer.constraint };
}

/** What an error means to whoever asked for the work. */
export type Meaning =
  | "lost against another transaction"
  | "unavailable"
  | "refused"
  | "not from the database";

/** Sorts an error by what is to be done about it. */
export function meaningOf(error: unknown): Meaning {
  if (unavailableIn(error) !== undefined) return "unavailable";
  const answer = answerIn(error);
  if (answer !== undefined) {
    if (answer.sqlstate === "40001" || answer.sqlstate === "40P01") return "lost against another transaction";
    return isOutage(answer.sqlstate) ? "unavailable" : "refused";
  }
  return isConnectionError(error) ? "unavailable" : "not from the database";
}

/**
 * The same error with nothing in it of the values that were sent. Drizzle's message lists all of them, and Postgres
 * repeats the offending one in its message and detail, so only the code, the constraint and the statement's text are kept.
 */
export function withoutValues(error: unknown): unknown {
  switch (meaningOf(error)) {
    case "unavailable":
      return unavailableIn(error) ?? new DatabaseUnavailable(outageIn(error));
    case "refused":
    case "lost against another transaction":
      return error instanceof StatementRefused ? error : refusedStatement(error);
    case "not from the database":
      return error;
  }
}

interface Answer {
  readonly sqlstate: string;
  readonly constraint: string | undefined;
  readonly message: string;
  readonly query: string | undefined;
}

/** The database's own answer inside an error, looking through what wraps it. */
function answerIn(error: unknown): Answer | undefined {
  if (error instanceof StatementRefused) {
    return {
      sqlstate: error.sqlstate,
      constraint: error.constraint,
      message: error.message,
      query: undefined,
    };
  }
  for (const at of chainOf(error)) {
    if (at["name"] !== "PostgresError" || typeof at["code"] !== "string") continue;
    const { code, constraint_name: constraint, message, query } = at;
    return {
      sqlstate: code,
      constraint: typeof constraint === "string" ? constraint : undefined,
      message: String(message),
      query: typeof query === "string" ? query : undefined,
    };
  }
  return undefined;
}

function refusedStatement(error: unknown): StatementRefused {
  const answer = answerIn(error);
  if (answer === undefined) throw error;
  const { sqlstate, constraint } = answer;
  // Class 42 is about the statement itself, never about a value, and is of no use without the name it complains about.
  const reason = sqlstate.startsWith("42") ? answer.message : `SQLSTATE ${sqlstate}`;
  const about = constraint === undefined ? "" : `, constraint ${constraint}`;
  const statement =
    answer.query === undefined ? "" : `, in: ${answer.query.replace(/\s+/g, " ").slice(0, 300)}`;
  return new StatementRefused(
    `The database refused a statement: ${reason}${about}${statement}`,
    sqlstate,
    constraint,
  );
}

/**
 * Connection, resources, operator intervention, system and internal errors, and every timeout. 55P03 is the lock timeout, 25P03
 * and 25P04 are the idle and the transaction timeout. 25P02 stands for whatever failed before in the same transaction. (Appendix A of the
 * PostgreSQL manual.)
 */
function isOutage(sqlstate: string): boolean {
  return /^(08|53|57|58|F0|XX)/.test(sqlstate) || ["55P03", "25P02", "25P03", "25P04"].includes(sqlstate);
}

/** The driver's own errors about connections, and the system's; an error that the work itself threw is neither. */
function isConnectionError(error: unknown): boolean {
  return chainOf(error).some(
    ({ code, syscall }) =>
      typeof code === "string" &&
      (syscall === "connect" ||
        /^(CONNECT|SASL_|ERR_TLS_|ERR_SOCKET_)/.test(code) ||
        networkErrors.has(code)),
  );
}

const networkErrors = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

function outageIn(error: unknown): string {
  const answer = answerIn(error);
  if (answer !== undefined) return `The database is not able to answer now (SQLSTATE ${answer.sqlstate})`;
  const chain = chainOf(error);
  const codes = chain.flatMap(({ code }) => (typeof code === "string" ? [` (${code})`] : []));
  const places = chain.flatMap(({ address, port }) =>
    typeof address === "string" && typeof port === "number"
      ? [` at ${formatHostAndPort({ host: address, port })}`]
      : [],
  );
  return `The connection to the database${places[0] ?? ""} failed${codes[0] ?? ""}`;
}

function unavailableIn(error: unknown): DatabaseUnavailable | undefined {
  return chainOf(error).find((at) => at instanceof DatabaseUnavailable) as DatabaseUnavailable | undefined;
}

/** The error, its cause, that one's cause. */
function chainOf(error: unknown): Record<string, unknown>[] {
  const chain: Record<string, unknown>[] = [];
  for (let at = error; typeof at === "object" && at !== null && chain.length < 5; ) {
    const link = at as Record<string, unknown>;
    chain.push(link);
    at = link["cause"];
  }
  return chain;
}
