import type { Database, Queryable } from "#database/database.ts";
import type { Read } from "./json-body.ts";
import { type ListQuery, openQuery } from "./query.ts";
import { errorReply, jsonResponse, requestIdOf } from "./reply.ts";

/** A list that is shown page by page, the newest first. A cursor is the id of the last entry before it. */
export interface Listing<Filter, Entry extends { id: string }> {
  /** The settings by which it is narrowed, beside `limit` and `cursor`. */
  settings: readonly string[];
  filterFrom(query: ListQuery): Filter;
  /** At most `limit` entries, those before the one with the UUID `before` only. */
  read(db: Queryable, filter: Filter, before: string | null, limit: number): Promise<Entry[]>;
  idOf(uuid: string): string;
  uuidOf(id: string): string | undefined;
}

export interface Page<Entry> {
  entries: Entry[];
  /** Null on the last page. */
  nextCursor: string | null;
}

/** The page that a request asks for, or the 400 that says what is wrong with its query. */
export async function readPage<Filter, Entry extends { id: string }>(
  request: Request,
  { settings, filterFrom, read, idOf, uuidOf }: Listing<Filter, Entry>,
  database: Database,
): Promise<Read<Page<Entry>>> {
  const query = openQuery(request.url, settings);
  const filter = filterFrom(query);
  const limit = query.limit();
  const before = query.parsed("cursor", uuidOf, "the next_cursor of an earlier answer");
  if (query.errors.length > 0) {
    const details = { field_errors: query.errors };
    const reply = errorReply("validation_failed", "The query is not valid.", requestIdOf(request), details);
    return { ok: false, reply };
  }
  // One more than is shown tells whether there is a next page.
  const found = await database.read((db) => read(db, filter, before, limit + 1));
  const entries = found.slice(0, limit);
  const last = found.length > limit ? entries.at(-1) : undefined;
  return { ok: true, value: { entries, nextCursor: last === undefined ? null : idOf(last.id) } };
}

/** The page as an answer; `shown` says how an entry is listed. */
export async function listReply<Filter, Entry extends { id: string }>(
  request: Request,
  listing: Listing<Filter, Entry>,
  shown: (entry: Entry) => object,
  database: Database,
): Promise<Response> {
  const page = await readPage(request, listing, database);
  if (!page.ok) return page.reply;
  const { entries, nextCursor } = page.value;
  return jsonResponse(
    200,
    { data: entries.map(shown), next_cursor: nextCursor },
    { "x-request-id": requestIdOf(request) },
  );
}
