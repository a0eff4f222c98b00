import { and, eq, isNull, sql } from "drizzle-orm";
import type { Database, Queryable } from "#database/database.ts";
import { suppressionLists } from "#database/schema.ts";
import { arrayText, statement } from "#database/statement.ts";
import { lockCampaigns, lockConfigurations, nextRevision } from "./catalog-records.ts";
import type { SuppressionKind } from "./suppression.ts";

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
  database: Database,
  listId: string,
  { keys, kinds }: NewEntries,
  now: Date,
): Promise<number | null> {
  return database.write(async (tx) => {
    const held = await kindsOn(tx, listId);
    if (held === null) return null;
    if (kinds.some((kind) => !held.includes(kind))) await addKinds(tx, listId, kinds);
    const added = await insertEntries.run(tx, { list: listId, keys: arrayText(keys), at: now.toISOString() });
    return added.length;
  });
}

async function kindsOn(db: Queryable, listId: string): Promise<string[] | null> {
  const [list] = await db
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
    ofCampaign: JSON.stringify({ suppressionLists: [list] }),
    ofBuyer: JSON.stringify({ contracts: [{ buyer: { suppressionLists: [list] } }] }),
    revision: await nextRevision(tx),
  });
}

const mergeKinds = statement<unknown, { list: string; kinds: string }>(
  "merge_suppression_kinds",
  sql`update suppression_lists
      set kinds = array(select distinct kind from unnest(kinds || ${sql.placeholder("kinds")}::text::text[]) as kind order by kind)
      where id = ${sql.placeholder("list")}`,
);

const bumpUsers = statement<unknown, { ofCampaign: string; ofBuyer: string; revision: number }>(
  "bump_campaigns_of_list",
  sql`update campaigns set revision = ${sql.placeholder("revision")}::int
      where definition @> ${sql.placeholder("ofCampaign")}::text::jsonb or definition @> ${sql.placeholder("ofBuyer")}::text::jsonb`,
);

/** Takes keys off a list; how many were on it, or null when there is no such list. */
export async function removeSuppressionKeys(
  database: Database,
  listId: string,
  keys: readonly string[],
): Promise<number | null> {
  return database.write(async (tx) => {
    if ((await kindsOn(tx, listId)) === null) return null;
    return (await deleteEntries.run(tx, { list: listId, keys: arrayText(keys) })).length;
  });
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

const insertEntries = statement<{ key: string }, Entries & { at: string }>(
  "insert_suppression_entries",
  sql`insert into suppression_entries (key, list_id, added_at)
      select distinct key, ${sql.placeholder("list")}::text, ${sql.placeholder("at")}::text::timestamptz
      from unnest(${sql.placeholder("keys")}::text::uuid[]) as key
      order by key
      on conflict (key, list_id) do nothing
      returning key::text as key`,
);

const deleteEntries = statement<{ key: string }, Entries>(
  "delete_suppression_entries",
  sql`delete from suppression_entries
      where key = any (${sql.placeholder("keys")}::text::uuid[]) and list_id = ${sql.placeholder("list")}
      returning key::text as key`,
);

const selectEntries = statement<{ key: string }, Entries>(
  "select_suppression_entries",
  sql`select key::text as key from suppression_entries
      where key = any (${sql.placeholder("keys")}::text::uuid[]) and list_id = ${sql.placeholder("list")}`,
);
