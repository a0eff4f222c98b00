import { isMapping, type Mapping } from "#text/problem.ts";
import { isWholeNumber } from "#text/whole-number.ts";
import { beginningOf, endingOf, readDayOrTime } from "#time/day-or-time.ts";
import { type CommandContext, type RouteName, type Terminal, type Work, WrongUse } from "./command.ts";
import { isGiven, typedFor } from "./form.ts";
import { requireParts, withNearest } from "./near-ids.ts";
import { recordText } from "./record.ts";
import { callServer, inAddress, passOn, type ServerCall } from "./remote.ts";
import { type Column, tableText } from "./table.ts";

/** An option of every command that asks the server for something. */
export const JSON_OPTION = { "--json": "the API's own answer, as JSON" } as const;
export const LIMIT_OPTION = { "--limit N": "so many of them, the newest; 50 unless said otherwise" } as const;

/** An answer, with what was typed for it. */
export interface RouteAnswer {
  body: Mapping;
  /** The `data` of the body. */
  data: Mapping;
  typed: Mapping;
  terminal: Pick<Terminal, "isColoured" | "width">;
}

/** How an answer is shown to people. */
export type View = (answer: RouteAnswer) => string;

/** What is not simply as the route has it. */
export interface How {
  /** What is sent, where that is not what was typed, by its names. */
  sent?(typed: Mapping, context: CommandContext): Promise<Mapping> | Mapping;
  /** What is called otherwise in the API than where it is typed: `{ expires: "expires_at" }`. */
  names?: Readonly<Record<string, string>>;
  /** What comes to that. */
  also?(typed: Mapping): Mapping;
  /** What is typed as a whole number, and sent as one. */
  numbers?: readonly string[];
  /** `--since` and `--until` may be days too, which the route takes for times: they begin and end in UTC, as days of leads do. */
  takesDays?: true;
  /** What is typed for the command alone. */
  apart?: readonly string[];
  /** What is sent goes into the address, also where something is changed. */
  inQuery?: true;
  /** What goes there, beside a body. */
  beside?: readonly string[];
  /** What is said beside what is shown, on standard error: a script that takes the rest does not need it. Empty: nothing. */
  aside?(answer: RouteAnswer): string;
  /** What is said of an empty list; that there are none unless said. */
  none?: string;
  /** The exit code; 0 unless said. */
  exitCode?(data: Mapping): number;
}

export type RouteWork = Work<Mapping> & { readonly routes: readonly RouteName[] };

/**
 * A form of a command that is one route. The words in capitals that its address names are filled in there; all others, and the options,
 * are sent under their own names, in the address of what is read, in the body of what is changed. A list is read on until there are as
 * many as `--limit` says; `--json` writes the answer as it came. `does` completes the help of the form.
 */
export function asks(route: RouteName, does: string, view: View, how: How = {}): RouteWork {
  async function work(typed: Mapping, context: CommandContext): Promise<number> {
    if (typed.json === true && isGiven(typed.format) && typed.format !== "ndjson")
      throw new WrongUse("--json is one form of the answer, --format another: give one of them.\n");
    const call = await callOf(route, typed, how, context);
    const answer = await read(call, typed, context).catch(async (error: unknown) => {
      throw await withNearest(error, route, typed, context);
    });
    if (answer === undefined) return 0;
    const { data } = answer;
    if (Array.isArray(data) && data.length === 0) await requireParts(typed, context);
    if (typed.json === true) context.write(`${JSON.stringify(answer)}\n`);
    else
      show({ body: answer, data: isMapping(data) ? data : {}, typed, terminal: context }, view, how, context);
    return how.exitCode?.(isMapping(data) ? data : {}) ?? 0;
  }
  return Object.assign(work, { does, routes: [route] as const });
}

async function callOf(
  route: RouteName,
  typed: Mapping,
  how: How,
  context: CommandContext,
): Promise<ServerCall> {
  const [method, address] = route.split(" ") as [ServerCall["method"], string];
  const path = address.replaceAll(/[A-Z_]{2,}/g, (word) => inAddress(typedFor(word, typed), word));
  const sent = how.sent === undefined ? namedIn(route, typed, how) : await how.sent(typed, context);
  const isNothing = Object.keys(sent).length === 0;
  if (method === "GET" || how.inQuery) return { method, path: addressWith(path, Object.entries(sent)) };
  if (method === "DELETE" && isNothing) return { method, path };
  const beside = (how.beside ?? []).filter((name) => isGiven(typed[name]));
  const headers = { "content-type": "application/json" };
  return {
    method,
    path: addressWith(
      path,
      beside.map((name) => [name, typed[name]]),
    ),
    headers,
    body: JSON.stringify(sent),
  };
}

function addressWith(path: string, said: readonly (readonly [string, unknown])[]): string {
  const query = said.map(([name, value]): [string, string] => [name, String(value)]);
  return query.length === 0 ? path : `${path}?${new URLSearchParams(query)}`;
}

/** What was typed, by the names of the API. */
function namedIn(
  route: RouteName,
  typed: Mapping,
  { names = {}, numbers = [], apart = [], beside = [], takesDays, also }: How,
): Mapping {
  const sent: Record<string, unknown> = { ...also?.(typed) };
  for (const [name, value] of Object.entries(typed)) {
    const isInAddress = route.split("/").includes(name.toUpperCase());
    if (!isGiven(value) || isInAddress || [...APART, ...apart, ...beside].includes(name)) continue;
    const asTyped = takesDays === true ? timeOf(name, value) : value;
    sent[names[name] ?? name.toLowerCase().replaceAll("-", "_")] = numbers.includes(name)
      ? typedCount(name, value)
      : asTyped;
  }
  return sent;
}

/** Of a day, its beginning in UTC for `since`, its end for `until`. */
function timeOf(name: string, value: unknown): unknown {
  const read = typeof value === "string" ? readDayOrTime(value) : undefined;
  if (read === undefined || !("day" in read)) return value;
  if (name === "since") return beginningOf(read, "UTC").toISOString();
  return name === "until" ? endingOf(read, "UTC").toISOString() : value;
}

const APART = ["json", "limit", "yes"];

function typedCount(name: string, value: unknown): number {
  if (!isWholeNumber(String(value)))
    throw new WrongUse(`--${name} takes a whole number, such as 50, not ${String(value)}.\n`);
  return Number(value);
}

function typedLimit(value: unknown): number {
  const limit = typedCount("limit", value);
  if (limit === 0) throw new WrongUse("--limit is at least 1.\n");
  return limit;
}

/** The answer; undefined when there is nothing in it, or when it was no JSON and has been written. */
async function read(call: ServerCall, typed: Mapping, context: CommandContext): Promise<Mapping | undefined> {
  if (typed.limit !== undefined) return await readAsMany(call, typedLimit(typed.limit), context);
  const response = await callServer(context, call);
  if (response.status === 204) return {};
  if (response.headers.get("content-type")?.startsWith("application/json") !== true) {
    await passOn(response, context);
    return undefined;
  }
  return await answerIn(response);
}

/** As many as a page may have. */
const LARGEST_PAGE = 200;

/** Page after page, until there are `wanted` entries. */
async function readAsMany(call: ServerCall, wanted: number, context: CommandContext): Promise<Mapping> {
  const found: unknown[] = [];
  let cursor: unknown;
  for (;;) {
    const page = { limit: String(Math.min(LARGEST_PAGE, Math.max(1, wanted - found.length))) };
    const query = new URLSearchParams({ ...page, ...(typeof cursor === "string" && { cursor }) });
    const path = `${call.path}${call.path.includes("?") ? "&" : "?"}${query}`;
    const body = await answerIn(await callServer(context, { ...call, path }));
    if (!Array.isArray(body.data)) return body;
    found.push(...(body.data as unknown[]));
    cursor = body.next_cursor;
    if (typeof cursor !== "string" || found.length >= wanted) return { ...body, data: found };
  }
}

async function answerIn(response: Response): Promise<Mapping> {
  const body: unknown = await response.json();
  return isMapping(body) ? body : {};
}

function show(
  answer: RouteAnswer,
  view: View,
  { aside, none = "There are none." }: How,
  context: CommandContext,
): void {
  const { data, next_cursor: next } = answer.body;
  if (Array.isArray(data) && data.length === 0) return context.writeError(`${none}\n`);
  context.write(view(answer));
  const said = aside?.(answer) ?? "";
  if (said !== "") context.writeError(`${said}\n`);
  if (typeof next === "string") {
    const more = Array.isArray(data) ? `, such as --limit ${Math.max(LARGEST_PAGE, data.length * 4)}` : "";
    context.writeError(`There are more: ask for them by --limit${more}.\n`);
  }
}

/** A list, a line each. */
export function table(...columns: Column[]): View {
  return ({ body: { data }, terminal }) => tableText(listedRows(data), columns, terminal);
}

/** The rows of a list. */
export function listedRows(data: unknown): Mapping[] {
  return Array.isArray(data) ? data.filter(isMapping) : [];
}

/** One thing, with all that is known of it. */
export const record: View = ({ data, terminal }) => recordText(data, terminal);

/** What was done, in a sentence or a value of its own. */
export function says(line: (answer: RouteAnswer) => string): View {
  return (answer) => `${line(answer)}\n`;
}
