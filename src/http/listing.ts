import type { RequestContext } from "./context.ts";
import { pageSettings, type QuerySettings, readQuery, type SettingValues, usualPage } from "./query.ts";
import type { ReplyFieldError } from "./reply.ts";

/** A list that is shown page by page, the newest first. A cursor is the id of the last entry before it. */
export interface Listing<Asked extends QuerySettings, Entry extends { id: string }, Caller = unknown> {
  /** The settings by which it is narrowed, beside `limit` and `cursor`. */
  settings: Asked;
  /** What is wrong with settings that fit one by one. */
  check?(asked: SettingValues<Asked>): readonly ReplyFieldError[] | Promise<readonly ReplyFieldError[]>;
  /** At most `limit` entries of what `caller` may see, those before the one with the UUID `before` only. */
  read(asked: SettingValues<Asked>, before: string | null, limit: number, caller: Caller): Promise<Entry[]>;
  idOf(uuid: string): string;
  uuidOf(id: string): string | undefined;
}

export interface Page<Asked extends QuerySettings, Entry> {
  /** What narrowed it. */
  asked: SettingValues<Asked>;
  entries: Entry[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/** All that a list may be asked. */
export function listSettings<Asked extends QuerySettings>({
  settings,
  uuidOf,
}: Pick<Listing<Asked, { id: string }>, "settings" | "uuidOf">) {
  return { ...settings, ...pageSettings(uuidOf) };
}

/** The page that a request asks for, or the 400 that says what is wrong with its query. */
export async function readPage<Asked extends QuerySettings, Entry extends { id: string }, Caller>(
  context: RequestContext,
  listing: Listing<Asked, Entry, Caller>,
  caller: Caller,
): Promise<{ ok: true; page: Page<Asked, Entry> } | { ok: false; reply: Response }> {
  const { values, errors } = readQuery(context.request.url, listSettings(listing));
  const asked = values as unknown as SettingValues<Asked> & { limit: number | null; cursor: string | null };
  const all = [...errors, ...((await listing.check?.(asked)) ?? [])];
  if (all.length > 0) return { ok: false, reply: refuseQuery(context, all) };
  const limit = usualPage(asked.limit);
  // One more than is shown tells whether there is a next page.
  const found = await listing.read(asked, asked.cursor, limit + 1, caller);
  const entries = found.slice(0, limit);
  const last = found.length > limit ? entries.at(-1) : undefined;
  return {
    ok: true,
    page: { asked, entries, nextCursor: last === undefined ? null : listing.idOf(last.id) },
  };
}

/** The page as an answer; `shown` says how an entry is listed. */
export async function listReply<Asked extends QuerySettings, Entry extends { id: string }, Caller>(
  context: RequestContext,
  listing: Listing<Asked, Entry, Caller>,
  shown: (entry: Entry) => object,
  caller: Caller,
): Promise<Response> {
  const read = await readPage(context, listing, caller);
  if (!read.ok) return read.reply;
  const { entries, nextCursor } = read.page;
  return context.json(200, { data: entries.map(shown), next_cursor: nextCursor });
}

export function refuseQuery(context: RequestContext, errors: readonly ReplyFieldError[]): Response {
  return context.refuse("validation_failed", "The query is not valid.", { field_errors: errors });
}
