import { and, eq, isNull, type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { lockCampaigns, lockConfigurations, nextRevision } from "#campaigns/campaign-lock-records.ts";
import { builderOn } from "#database/builder.ts";
import type { Database, Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";
import { suppressionLists } from "#database/tables.ts";
import type { SuppressionKind } from "#people/suppression-key.ts";

/** Keys to be put on a list, and what kinds of values they are made of. */
export interface NewEntries {
  keys: readonly string[];
  kinds: readonly SuppressionKind[];
}

/**
 * Puts keys on a list; how many were not on it before, or null when there is no such list. In force for the very next lead: leads are
 * looked up by the kinds that their lists hold, so the first entry of a kind raises the revision of the campaigns that use the list.
 */
export async function addSuppressionKeys(
  tx: Queryable,
  listId: string,
  entries: NewEntries,
  now: Date,
): Promise<number | null> {
  const added = await addToGeneration(tx, listId, entries, null, now);
  return added === "another generation" ? null : added;
}

/** The same, as long as the list is of this generation; null for any. The column is called `edition`. */
export async function addToGeneration(
  tx: Queryable,
  listId: string,
  { keys, kinds }: NewEntries,
  generation: number | null,
  now: Date,
): Promise<number | null | "another generation"> {
  const held = await kindsOn(tx, listId);
  if (held === null) return null;
  if (kinds.some((kind) => !held.includes(kind))) await addKinds(tx, listId, kinds);
  const [list] = await lockForAdding.run(tx, { list: listId });
  if (list === undefined) return null;
  if (generation !== null && list.generation !== generation) return "another generation";
  const entries = { list: listId, keys: arrayText(keys), generation: list.generation };
  const [counted] = await insertEntries.run(tx, { ...entries, at: now.toISOString() });
  if (list.generation > 0) await renewEntries.run(tx, entries);
  return counted?.added ?? 0;
}

/** Of these lists, those that nobody is on. */
export async function emptyListsAmong(db: Queryable, listIds: readonly string[]): Promise<string[]> {
  const rows = await selectEmptyLists.run(db, { lists: arrayText(listIds) });
  return rows.map(({ id }) => id);
}

const selectEmptyLists = statement<{ id: string }, { lists: string }>(
  "select_empty_lists",
  "unspread",
  ($) => sql`select id from unnest(${$.lists}::text[]) as id
      where not exists (select 1 from suppression_entries where list_id = id)`,
);

/** So many of a list are counted, which takes some seconds. */
const MOST_COUNTED = 10_000_000;

/** How many entries a list has, as many as are counted at most; undefined when there is no such list. */
export async function countEntries(
  db: Queryable,
  listId: string,
): Promise<{ entries: number; complete: boolean } | undefined> {
  const [found] = await selectCount.run(db, { list: listId, most: MOST_COUNTED + 1 });
  if (found === undefined) return undefined;
  return { entries: Math.min(found.entries, MOST_COUNTED), complete: found.entries <= MOST_COUNTED };
}

const selectCount = statement<{ entries: number }, { list: string; most: number }>(
  "count_suppression_entries",
  "unspread",
  ($) => sql`select (
        select count(*)::int from (
          select 1 from suppression_entries where list_id = ${$.list}::text limit ${$.most}::int
        ) as counted
      ) as entries
      from suppression_lists where id = ${$.list}::text and archived_at is null`,
);

async function kindsOn(db: Queryable, listId: string): Promise<string[] | null> {
  const [list] = await builderOn(db)
    .select({ kinds: suppressionLists.kinds })
    .from(suppressionLists)
    .where(and(eq(suppressionLists.id, listId), isNull(suppressionLists.archivedAt)));
  return list?.kinds ?? null;
}

async function addKinds(tx: Queryable, list: string, kinds: readonly SuppressionKind[]): Promise<void> {
  await lockConfigurations(tx);
  await lockCampaigns(tx);
  await mergeKinds.run(tx, { list, kinds: arrayText(kinds) });
  await bumpUsers.run(tx, {
    ofCampaign: JSON.stringify({ suppression_lists: [list] }),
    ofBuyer: JSON.stringify({ buyers: [{ buyer: { suppression_lists: [list] } }] }),
    revision: await nextRevision(tx),
  });
}

const mergeKinds = statement<unknown, { list: string; kinds: string }>(
  "merge_suppression_kinds",
  "unspread",
  ($) => sql`update suppression_lists
      set kinds = array(select distinct kind from unnest(kinds || ${$.kinds}::text[]) as kind order by kind)
      where id = ${$.list}`,
);

const bumpUsers = statement<unknown, { ofCampaign: string; ofBuyer: string; revision: number }>(
  "bump_campaigns_of_list",
  "all campaigns",
  ($) => sql`update campaigns set revision = ${$.revision}::int
      where definition @> ${$.ofCampaign}::text::jsonb or definition @> ${$.ofBuyer}::text::jsonb`,
);

/**
 * Begins a new generation of a list, and answers its number; null when there is no such list. What is on the list stays in force until
 * `removeOlder` takes off what was not put on it again.
 */
export async function beginGeneration(database: Database, listId: string): Promise<number | null> {
  return database.write(
    async (tx) => (await raiseGeneration.run(tx, { list: listId })).at(0)?.generation ?? null,
  );
}

const raiseGeneration = statement<{ generation: number }, { list: string }>(
  "raise_suppression_edition",
  "unspread",
  ($) => sql`update suppression_lists set edition = edition + 1
      where id = ${$.list} and archived_at is null
      returning edition as generation`,
);

/** How many entries of a list are looked at in one transaction. */
const PAGE = 5000;
const NIL = "00000000-0000-0000-0000-000000000000";

/**
 * Takes off a list what is older than this generation, a page at a time; how many there were. Stops when another was begun, whose
 * own end will do the rest.
 */
export async function removeOlder(database: Database, listId: string, generation: number): Promise<number> {
  let removed = 0;
  for (let after: string | null = NIL; after !== null; ) {
    const from: string = after;
    const page = await database.write(async (tx) => {
      // Nothing is added meanwhile: an entry that is found old could be put on the list anew before it is deleted.
      const [list] = await lockForRemoving.run(tx, { list: listId });
      if (list?.generation !== generation) return { removed: 0, last: null };
      const [found] = await deleteOlder.run(tx, { list: listId, generation, after: from, page: PAGE });
      return found ?? { removed: 0, last: null };
    });
    removed += page.removed;
    after = page.last;
  }
  return removed;
}

/**
 * For who is looked for by keys: no index leads there by the list. Planned while few were on any, which is for as long as the connection is
 * the same and nobody analyzes, it was taken, and every entry of the list compared with every key: seconds for a list of some thousand.
 */
function onList(list: SQLWrapper): SQL {
  return sql`list_id || '' = ${list}`;
}

const lockForAdding = statement<{ generation: number }, { list: string }>(
  "lock_suppression_list_for_adding",
  "unspread",
  ($) =>
    sql`select edition as generation from suppression_lists where id = ${$.list} and archived_at is null for share`,
);

const lockForRemoving = statement<{ generation: number }, { list: string }>(
  "lock_suppression_list_for_removing",
  "unspread",
  ($) => sql`select edition as generation from suppression_lists where id = ${$.list} for update`,
);

const deleteOlder = statement<
  { removed: number; last: string | null },
  { list: string; generation: number; after: string; page: number }
>(
  "delete_older_suppression_entries",
  "unspread",
  ($) => sql`with page as materialized (
        select key, edition from suppression_entries
        where key > ${$.after}::text::uuid and list_id = ${$.list}::text
        order by key limit ${$.page}::int
      ), gone as (
        delete from suppression_entries
        where key = any (array(select key from page where edition < ${$.generation}::int)) and ${onList(sql`${$.list}::text`)}
        returning 1
      )
      select (select count(*)::int from gone) as removed,
        (select key::text from page order by key desc limit 1) as last`,
);

/** Takes keys off a list; how many were on it, or null when there is no such list. */
export async function removeSuppressionKeys(
  tx: Queryable,
  listId: string,
  keys: readonly string[],
): Promise<number | null> {
  if ((await kindsOn(tx, listId)) === null) return null;
  return (await deleteEntries.run(tx, { list: listId, keys: arrayText(keys) })).length;
}

/** Whether any of the keys is on the list; null when there is no such list. */
export async function isSuppressed(
  database: Database,
  listId: string,
  keys: readonly string[],
): Promise<boolean | null> {
  return database.read(async (db) => {
    if ((await kindsOn(db, listId)) === null) return null;
    return (await selectEntries.run(db, { list: listId, keys: arrayText(keys) })).length > 0;
  });
}

type Entries = { list: string; keys: string };

const insertEntries = statement<{ added: number }, Entries & { at: string; generation: number }>(
  "insert_suppression_entries",
  "unspread",
  ($) => sql`with added as (
        insert into suppression_entries (key, list_id, added_at, edition)
        select distinct key, ${$.list}::text, ${$.at}::timestamptz, ${$.generation}::int
        from unnest(${$.keys}::text::uuid[]) as key
        order by key
        on conflict (key, list_id) do nothing
        returning 1
      )
      select count(*)::int as added from added`,
);

/** Those that were on the list before it began to be replaced. */
const renewEntries = statement<unknown, Entries & { generation: number }>(
  "renew_suppression_entries",
  "unspread",
  ($) => sql`update suppression_entries set edition = ${$.generation}::int
      where key = any (${$.keys}::text::uuid[]) and ${onList($.list)}
        and edition < ${$.generation}::int`,
);

const deleteEntries = statement<{ key: string }, Entries>(
  "delete_suppression_entries",
  "unspread",
  ($) => sql`delete from suppression_entries
      where key = any (${$.keys}::text::uuid[]) and ${onList($.list)}
      returning key::text as key`,
);

const selectEntries = statement<{ key: string }, Entries>(
  "select_suppression_entries",
  "unspread",
  ($) => sql`select key::text as key from suppression_entries
      where key = any (${$.keys}::text::uuid[]) and ${onList($.list)}`,
);
