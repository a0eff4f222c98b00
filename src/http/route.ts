import type { BodyForm } from "./body-form.ts";
import type { RequestContext } from "./context.ts";
import { type Listing, listReply, listSettings, refuseQuery } from "./listing.ts";
import { type QuerySettings, readQuery, type SettingValues } from "./query.ts";
import type { Parameter, Words } from "./words.ts";

/** Who may call a route. `caller` is told to the route, `headers` come to whatever it answers. */
export interface Gate<Caller> {
  /** Whose key is asked for. */
  readonly asks: "supplier" | "buyer" | "operator" | "anybody";
  /** Of an operator's key: the least role that is let in. */
  readonly role?: string;
  /** Lets the caller in, or says in an answer why not. Nothing of the request but its path was looked at before. */
  admit(
    context: RequestContext,
    params: Readonly<Record<string, string>>,
  ): Promise<Admission<Caller>> | Admission<Caller>;
  /**
   * Lets in once more who was let in, now that the body is there: its sender may have held it back until the key was revoked. Absent: what
   * the route does asks by itself.
   */
  readmit?(context: RequestContext, params: Readonly<Record<string, string>>): Promise<Admission<Caller>>;
}

export type Admission<Caller> =
  | { caller: Caller; refusal?: undefined; headers?: Readonly<Record<string, string>> }
  | { refusal: Response; headers?: Readonly<Record<string, string>> };

/** Why who was let in is let in no more: a key may have been revoked since, or a session ended. Undefined: it still is. */
export async function refusedSince(
  gate: Gate<unknown>,
  context: RequestContext,
): Promise<Response | undefined> {
  const { refusal, headers } = await gate.admit(context, {});
  return refusal && withHeaders(refusal, headers);
}

/** The caller's key was revoked, or its session ended, while something went on for it. */
export class ShutOut extends Error {
  override readonly name = "ShutOut";
  readonly refusal: Response;
  constructor(refusal: Response) {
    super("the caller may look no more");
    this.refusal = refusal;
  }
}

/**
 * What goes on for a caller, part by part, for as long as that is let in. It is asked for before each part for which `isAsked` holds, all
 * unless that is given, and with `atEnd` behind the last too.
 *
 * @throws ShutOut
 */
export async function* whileLetIn<Part>(
  parts: AsyncIterable<Part>,
  refused: () => Promise<Response | undefined>,
  { isAsked = () => true, atEnd = false }: { isAsked?: (part: Part) => boolean; atEnd?: boolean } = {},
): AsyncGenerator<Part> {
  const stopRefused = async () => {
    const refusal = await refused();
    if (refusal !== undefined) throw new ShutOut(refusal);
  };
  for await (const part of parts) {
    if (isAsked(part)) await stopRefused();
    yield part;
  }
  if (atEnd) await stopRefused();
}

/** Lets everybody in. */
export const anybody: Gate<null> = { asks: "anybody", admit: () => ({ caller: null }) };

export type Method = "get" | "post" | "put" | "patch" | "delete";

/** All that is to be said of a route, said once: what is checked, what is documented and who may call it come from it. */
export interface Declaration<Caller, Path extends string, Asked extends QuerySettings, Sent> {
  method: Method;
  /** From the root; names in it have a colon. */
  path: Path;
  who: Gate<Caller>;
  /** What its query may say. */
  query?: Asked;
  /** What its query may say, where the route reads that by itself. */
  reads?: Readonly<Record<string, Parameter>>;
  body?: BodyForm<Sent>;
  /** For the API's document; absent: the route is no part of the API. */
  words?: Words;
  answer(call: Call<Caller, Path, Asked, Sent>): Promise<Response> | Response;
}

/** What a route answers: a request of somebody who may call it, whose query and body are as they should be. */
export interface Call<Caller, Path extends string, Asked extends QuerySettings, Sent> {
  context: RequestContext;
  caller: Caller;
  params: ParamsIn<Path>;
  query: SettingValues<Asked>;
  body: Sent;
}

/** The names in a path: `/leads/:lead` has `lead`. */
type ParamsIn<Path extends string> = string extends Path
  ? Readonly<Record<string, string>>
  : { readonly [Name in NamesIn<Path>]: string };

type NamesIn<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | NamesIn<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

/** A route as it is mounted and documented. */
export interface Route extends RouteWords {
  readonly method: Method;
  readonly path: string;
  serve(context: RequestContext, params: Readonly<Record<string, string>>): Promise<Response>;
}

/** What documents tell of a route. */
export interface RouteWords {
  readonly who: Pick<Gate<never>, "asks" | "role">;
  readonly settings: Readonly<Record<string, Parameter>>;
  readonly body: Omit<BodyForm<never>, "read"> | undefined;
  readonly words: Words | undefined;
}

/** A route, out of what is said of it. The checks have one order: who calls, the query, the body, then the route's own. */
export function route<
  Caller,
  const Path extends string,
  Asked extends QuerySettings = Record<never, never>,
  Sent = undefined,
>(declared: Declaration<Caller, Path, Asked, Sent>): Route {
  const { method, path, who, query, reads = {}, body, words, answer } = declared;

  async function answerTo(
    context: RequestContext,
    admitted: Caller,
    params: Readonly<Record<string, string>>,
  ): Promise<Response> {
    const asked = query && readQuery(context.request.url, query);
    if (asked && asked.errors.length > 0) return refuseQuery(context, asked.errors);
    const read = body && (await body.read(context));
    if (read && !read.ok) return read.reply;
    const again = read && (await who.readmit?.(context, params));
    if (again?.refusal !== undefined) return withHeaders(again.refusal, again.headers);
    return answer({
      context,
      caller: again?.caller ?? admitted,
      params: params as ParamsIn<Path>,
      query: (asked?.values ?? {}) as SettingValues<Asked>,
      body: read?.value as Sent,
    });
  }

  return {
    method,
    path,
    who,
    settings: { ...query, ...reads },
    body,
    words,
    async serve(context, params) {
      const admission = await who.admit(context, params);
      if (admission.refusal === undefined && who.asks !== "anybody") context.trace?.callerKnown();
      const reply = admission.refusal ?? (await answerTo(context, admission.caller, params));
      return withHeaders(reply, admission.headers);
    },
  };
}

function withHeaders(reply: Response, headers: Readonly<Record<string, string>> = {}): Response {
  for (const [name, value] of Object.entries(headers)) reply.headers.set(name, value);
  return reply;
}

/** A route that shows a list page by page. */
export function listRoute<
  Caller,
  const Path extends string,
  Asked extends QuerySettings,
  Entry extends { id: string },
>({
  listing,
  shown,
  reads,
  ...declared
}: Pick<Declaration<Caller, Path, Asked, undefined>, "path" | "who" | "words" | "reads"> & {
  listing: Listing<Asked, Entry, Caller>;
  /** How an entry is listed. */
  shown(entry: Entry): object;
}): Route {
  return route({
    ...declared,
    method: "get",
    reads: { ...listSettings(listing), ...reads },
    answer: ({ context, caller }) => listReply(context, listing, shown, caller),
  });
}

/** A route that shows one thing, found by what its path says; where there is none, the answer is 404. */
export function singleRoute<Caller, const Path extends string>({
  read,
  missing,
  ...declared
}: Pick<Declaration<Caller, Path, Record<never, never>, undefined>, "path" | "who" | "words"> & {
  /** What is shown of it; undefined when the caller may see no such thing. */
  read(params: ParamsIn<Path>, caller: Caller): Promise<object | undefined>;
  /** A sentence. */
  missing: string;
}): Route {
  return route({
    ...declared,
    method: "get",
    async answer({ context, caller, params }) {
      const data = await read(params, caller);
      return data === undefined ? context.refuse("not_found", missing) : context.json(200, { data });
    },
  });
}
