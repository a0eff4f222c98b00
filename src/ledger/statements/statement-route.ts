import { type Account, type AccountHolder, readAccount } from "#campaigns/account-records.ts";
import type { Database } from "#database/database.ts";
import type { RequestContext } from "#http/context.ts";
import { invalid } from "#http/field-errors.ts";
import { anything, oneWordOf, querySetting, type SettingValues } from "#http/query.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import { type Gate, type Route, route } from "#http/route.ts";
import { dataOf } from "#http/schema.ts";
import { streamReply } from "#http/stream.ts";
import { refusalWords, reply, type Words } from "#http/words.ts";
import { homeOf, readBalances } from "#ledger/balance-records.ts";
import { readDay } from "#time/calendar.ts";
import { readMovements } from "./movement-records.ts";
import { readOpening } from "./opening-records.ts";
import { statementLines } from "./statement.ts";
import { statementAsCsv, statementAsHtml, statementAsJson } from "./statement-text.ts";
import { STATEMENT } from "./statement-words.ts";

const FORMATS = ["json", "csv", "html"] as const;
const DAY = "a day such as 2030-01-31";
const day = (text: string) => (readDay(text) === undefined ? undefined : text);

/** What can be asked of a statement. Its days begin in the time zone of the party. */
const STATEMENT_SETTINGS = {
  month: {
    ...querySetting("The month that it is of", "a month such as 2030-01", (text) =>
      /^\d{4}-\d\d$/.test(text) && day(`${text}-01`) !== undefined ? text : undefined,
    ),
    example: "2026-01",
  },
  from: querySetting("The first day, instead of a month", DAY, day),
  to: querySetting("The last day; otherwise until now", DAY, day),
  format: oneWordOf(FORMATS, "How it is given; `html` is a page that prints well", "json"),
  lines: oneWordOf(
    ["day", "sale"],
    "A line for each sale, or one for those of a day, kind and campaign",
    "day",
  ),
  currency: anything("Which one, of a party whose campaigns are in several"),
};

type Asked = SettingValues<typeof STATEMENT_SETTINGS>;

interface StatementParts {
  database: Database;
  now(): Date;
  stopping: AbortSignal;
}

/** A route that gives the statement of one party. `idOf` says of which. */
export function statementRoute<Caller, const Path extends string>({
  path,
  who,
  party,
  idOf,
  parts,
  words,
  headers,
}: {
  path: Path;
  who: Gate<Caller>;
  party: AccountHolder;
  idOf(params: Readonly<Record<string, string>>, caller: Caller): string;
  parts: StatementParts;
  words: Omit<Words, "replies"> & Partial<Pick<Words, "replies">>;
  /** The headers that its gate adds. */
  headers?: readonly string[];
}): Route {
  return route({
    method: "get",
    path,
    who,
    query: STATEMENT_SETTINGS,
    async answer({ context, caller, params, query }) {
      const id = idOf(params, caller);
      const account = await parts.database.read((db) => readAccount(db, party, id));
      if (account === undefined) return context.refuse("not_found", `There is no such ${party}.`);
      context.allowSilence(LONGEST_SECONDS);
      return answerStatement(context, account, query, parts);
    },
    words: {
      ...words,
      replies: {
        200: reply("The statement.", dataOf(STATEMENT), headers),
        409: refusalWords("A currency has to be named.", headers),
        ...words.replies,
      },
    },
  });
}

const LONGEST_SECONDS = 240;

/** What moved an account's balance in a time, streamed as it is read: opening balance, lines, closing balance. */
async function answerStatement(
  context: RequestContext,
  account: Account,
  asked: Asked,
  parts: StatementParts,
): Promise<Response> {
  const span = spanOf(asked, account.timezone, parts.now());
  if ("errors" in span) return invalid(context, span.errors);
  const { party, id, name, timezone } = account;
  const balances = await parts.database.read((db) => readBalances(db, party, id, account.currencies));
  const known = balances.flatMap(({ currency }) => currency ?? []);
  const currency = asked.currency ?? known.at(0) ?? null;
  if (asked.currency === null && known.length > 1) {
    return context.refuse("conflict", `There are several currencies: ask for one of ${known.join(", ")}.`);
  }
  if (currency !== null && !known.includes(currency)) {
    const message = known.length === 0 ? "is not known yet" : `must be ${known.join(", ")}`;
    return invalid(context, [{ field: "currency", code: "not_allowed", message }]);
  }
  const { from, to } = span;
  const about = { party, id, currency, home: homeOf(known) };
  const opening = await parts.database.read((db) => readOpening(db, about, from));
  const head = { ...about, name, timezone, from, to, opening };
  const detail = asked.lines ?? "day";
  const lines = statementLines(head, readMovements(parts.database, head, detail), detail);
  const { texts, type } = WRITERS[asked.format ?? "json"];
  return streamReply(context, {
    texts: () => texts(head, lines),
    stopping: parts.stopping,
    whenStopped: "break",
    headers: { "content-type": type, ...(asked.format === "html" && PAGE_HEADERS) },
  });
}

const WRITERS = {
  json: { texts: statementAsJson, type: "application/json; charset=utf-8" },
  csv: { texts: statementAsCsv, type: "text/csv; charset=utf-8" },
  html: { texts: statementAsHtml, type: "text/html; charset=utf-8" },
} as const;

const PAGE_HEADERS = {
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
};

/** The moments between which a statement is, of a month or of days in a time zone, until now at most. */
export function spanOf(
  { month, from, to }: Pick<Asked, "month" | "from" | "to">,
  timezone: string,
  now: Date,
): { from: string; to: string } | { errors: ReplyFieldError[] } {
  const isBoth = month !== null && (from !== null || to !== null);
  if (isBoth)
    return { errors: [{ field: "month", code: "not_allowed", message: "must stand without from and to" }] };
  if (month === null && from === null) {
    return {
      errors: [{ field: "month", code: "required", message: "is required, such as 2030-01, or from" }],
    };
  }
  const first = Temporal.PlainDate.from(from ?? `${month}-01`);
  const last = month === null ? to : null;
  const end = last === null ? first.add({ months: 1 }) : Temporal.PlainDate.from(last).add({ days: 1 });
  if (Temporal.PlainDate.compare(first, end) >= 0) {
    return { errors: [{ field: "to", code: "out_of_range", message: "must not be before from" }] };
  }
  const isOpen = month === null && last === null;
  const begins = first.toZonedDateTime(timezone).epochMilliseconds;
  const ends = isOpen ? now.getTime() : end.toZonedDateTime(timezone).epochMilliseconds;
  const upTo = Math.max(begins, Math.min(ends, now.getTime()));
  return { from: new Date(begins).toISOString(), to: new Date(upTo).toISOString() };
}
