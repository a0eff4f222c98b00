import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { Resource } from "./resource.ts";
import type { ResourceKind } from "./resource-kind.ts";

/** Keeps what was written of resources that the document leaves out from now on. */
export async function keepArchived(
  tx: Queryable,
  kind: ResourceKind,
  resources: readonly Resource[],
): Promise<void> {
  if (resources.length === 0) return;
  const entries = resources.map((resource) => ({ id: resource.id, entry: JSON.stringify(resource) }));
  await upsertArchived.run(tx, { kind, entries: JSON.stringify(entries) });
}

/** Forgets what was kept of resources that are in the document again. */
export async function forgetArchived(
  tx: Queryable,
  kind: ResourceKind,
  ids: readonly string[],
): Promise<void> {
  if (ids.length > 0) await deleteArchived.run(tx, { kind, ids: JSON.stringify(ids) });
}

/**
 * The archived resources of a kind in the order of their ids, those with an id after `after`, at most `limit`. `except` are those that
 * stand in the document: a campaign can be archived there.
 */
export async function readArchived(
  db: Queryable,
  kind: ResourceKind,
  except: readonly string[],
  after: string | null,
  limit: number,
): Promise<Resource[]> {
  const kept = await selectArchivedIds.run(db, { kind, except: JSON.stringify(except), after, limit });
  return readEntries(db, kind, kept);
}

/** One resource that was archived, in the document or out of it; undefined when there is none of that id. */
export async function readArchivedResource(
  db: Queryable,
  kind: ResourceKind,
  id: string,
): Promise<Resource | undefined> {
  const [resource] = await readEntries(db, kind, await selectArchivedId.run(db, { kind, id }));
  return resource;
}

interface Kept {
  id: string;
  entry: string | null;
}

/** Those that an earlier release archived were not kept by themselves: the last document that had them still has. */
async function readEntries(db: Queryable, kind: ResourceKind, kept: readonly Kept[]): Promise<Resource[]> {
  const missing = kept.flatMap(({ id, entry }) => (entry === null ? [id] : []));
  const found = missing.length === 0 ? [] : await selectLastWritten.run(db, lastWritten(kind, missing));
  const written = new Map(found.map(({ id, entry }) => [id, entry]));
  return kept.flatMap(({ id, entry }) => {
    const text = entry ?? written.get(id);
    return text === undefined || text === null ? [] : [JSON.parse(text) as Resource];
  });
}

function lastWritten(kind: ResourceKind, ids: readonly string[]) {
  return { list: `${kind}s`, ids: JSON.stringify(ids) };
}

const archivedResources = sql`(select 'suppression_list' as kind, id from suppression_lists where archived_at is not null
    union all select 'supplier', id from suppliers where archived_at is not null
    union all select 'buyer', id from buyers where archived_at is not null
    union all select 'campaign', id from campaigns where archived_at is not null
    union all select 'webhook', id from webhooks where archived_at is not null
    union all select 'conversion', id from conversions where archived_at is not null
    union all select 'report', id from scheduled_reports where archived_at is not null) as resource`;

const selectArchivedIds = statement<
  Kept,
  { kind: string; except: string; after: string | null; limit: number }
>(
  "select_archived_ids",
  "unspread",
  (
    $,
  ) => sql`select resource.id, kept.entry from ${archivedResources} left join archived_entries kept using (kind, id)
      where resource.kind = ${$.kind}::text
        and (${$.after}::text is null or resource.id collate "C" > ${$.after}::text)
        and resource.id not in (select json_array_elements_text(${$.except}::text::json))
      order by resource.id collate "C"
      limit ${$.limit}::text::integer`,
);

const selectArchivedId = statement<Kept, { kind: string; id: string }>(
  "select_archived_id",
  "unspread",
  (
    $,
  ) => sql`select resource.id, kept.entry from ${archivedResources} left join archived_entries kept using (kind, id)
      where resource.kind = ${$.kind}::text and resource.id = ${$.id}::text`,
);

const selectLastWritten = statement<{ id: string; entry: string }, { list: string; ids: string }>(
  "select_last_written",
  "unspread",
  ($) => sql`select distinct on (written ->> 'id') written ->> 'id' as id, written::text as entry
      from configurations c, json_array_elements(c.document::json -> ${$.list}::text) as written
      where written ->> 'id' in (select json_array_elements_text(${$.ids}::text::json))
      order by written ->> 'id', c.revision desc`,
);

const upsertArchived = statement<unknown, { kind: string; entries: string }>(
  "upsert_archived_entries",
  "unspread",
  ($) => sql`insert into archived_entries (kind, id, entry)
      select ${$.kind}::text, id, entry
      from json_to_recordset(${$.entries}::text::json) as resource (id text, entry text)
      on conflict (kind, id) do update set entry = excluded.entry`,
);

const deleteArchived = statement<unknown, { kind: string; ids: string }>(
  "delete_archived_entries",
  "unspread",
  ($) => sql`delete from archived_entries
      where kind = ${$.kind}::text
        and id in (select json_array_elements_text(${$.ids}::text::json))`,
);
