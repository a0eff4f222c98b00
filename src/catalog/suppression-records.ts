import { and, eq, isNull, sql } from "drizzle-orm";
import type { Database, Queryable } from "#database/database.ts";
import { suppressionLists } from "#database/schema.ts";
import { statement } from "#database/statement.ts";

/** Puts keys on a list; how many were not on it before, or null when there is no such list. In force for the very next lead. */
export async function addSuppressionKeys(
  database: Database,
  listId: string,
  keys: readonly string[],
  now: Date,
): Promise<number | null> {
  return database.write(async (tx) => {
    if (!(await listExists(tx, listId))) return null;
    const added = await insertEntries.run(tx, { list: listId, keys: keyArray(keys), at: now.toISOString() });
    return added.length;
  });
}

/** Takes keys off a list; how many were on it, or null when there is no such list. */
export async function removeSuppressionKeys(
  database: Database,
  listId: string,
  keys: readonly string[],
): Promise<number | null> {
  return database.write(async (tx) => {
    if (!(await listExists(tx, listId))) return null;
    return (await deleteEntries.run(tx, { list: listId, keys: keyArray(keys) })).length;
  });
}

/** Whether any of the keys is on the list; null when there is no such list. */
export async function isSuppressed(
  database: Database,
  listId: string,
  keys: readonly string[],
): Promise<boolean | null> {
  return database.read(async (db) => {
    if (!(await listExists(db, listId))) return null;
    return (await selectEntries.run(db, { list: listId, keys: keyArray(keys) })).length > 0;
  });
}

async function listExists(db: Queryable, listId: string): Promise<boolean> {
  const rows = await db
    .select({ id: suppressionLists.id })
    .from(suppressionLists)
    .where(and(eq(suppressionLists.id, listId), isNull(suppressionLists.archivedAt)));
  return rows.length > 0;
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

/** One text literal: cheaper than an array built by the driver, and the same on both databases. */
function keyArray(keys: readonly string[]): string {
  return `{${keys.join(",")}}`;
}
