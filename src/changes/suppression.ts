import { operation, type RecordedChange } from "#configuration/history.ts";
import { type Author, recordChange } from "#configuration/history-records.ts";
import type { Database } from "#database/database.ts";
import type { SoughtPerson } from "#people/person-key.ts";
import { suppressionKey } from "#people/suppression-key.ts";
import {
  addSuppressionKeys,
  beginGeneration,
  type NewEntries,
  removeOlder,
  removeSuppressionKeys,
} from "#suppression/entry-records.ts";
import {
  type FileImport,
  type ImportEnding,
  type ImportTally,
  importSuppressionFile,
} from "#suppression/import.ts";
import { changeAndRecord } from "./change-and-record.ts";

/** Puts a person on a list; how many entries that added, or null when there is no such list. */
export function suppressPerson(
  sought: SoughtPerson,
  listId: string,
  { database, pepper }: { database: Database; pepper: Uint8Array },
  author: Author,
): Promise<number | null> {
  const kinds = (["phone", "email"] as const).filter((kind) => sought[kind] !== null);
  const keys = kinds.map((kind) => suppressionKey(kind, sought[kind]?.value ?? "", pepper));
  return addEntries(listId, { kinds, keys }, database, author, (added) => added > 0);
}

/** Puts keys on a list; how many were not on it before, or null when there is no such list. */
export function addEntries(
  listId: string,
  entries: NewEntries,
  database: Database,
  author: Author,
  isChange: (added: number) => boolean = () => true,
): Promise<number | null> {
  return database.write((tx) =>
    changeAndRecord(
      tx,
      author,
      () => addSuppressionKeys(tx, listId, entries, author.now),
      (added) =>
        added !== null && isChange(added) ? entriesChanged(listId, "entries_added", { added }) : undefined,
    ),
  );
}

/** Takes keys off a list; how many were on it, or null when there is no such list. */
export function removeEntries(
  listId: string,
  keys: readonly string[],
  database: Database,
  author: Author,
): Promise<number | null> {
  return database.write(async (tx) => {
    const removed = await removeSuppressionKeys(tx, listId, keys);
    if (removed !== null && removed > 0) {
      await recordChange(tx, author, entriesChanged(listId, "entries_removed", { removed }));
    }
    return removed;
  });
}

/** Empties a list, as replacing it by nothing would; how many entries there were, or null when there is no such list. */
export async function emptyList(listId: string, database: Database, author: Author): Promise<number | null> {
  const generation = await beginGeneration(database, listId);
  if (generation === null) return null;
  const removed = await removeOlder(database, listId, generation);
  await database.write((tx) =>
    recordChange(tx, author, entriesChanged(listId, "entries_removed", { removed })),
  );
  return removed;
}

/**
 * Puts all that a file holds on a list, or only that: what was written stays, and is told of, also of a file that breaks off. A list is
 * replaced once what the file does not hold is taken off.
 */
export async function importEntries(
  listId: string,
  bytes: AsyncIterable<Uint8Array>,
  file: FileImport,
  database: Database,
  author: Author,
): Promise<ImportEnding> {
  const { tally } = file;
  let removed: number | null = null;
  try {
    const ending = await importSuppressionFile(database, listId, bytes, file);
    if (ending.ended === "done") removed = ending.removed;
    return ending;
  } finally {
    const counts = countsOf(tally);
    const change =
      removed === null
        ? entriesChanged(listId, "entries_added", counts)
        : entriesChanged(listId, "entries_replaced", { ...counts, removed });
    if (tally.written > 0) await database.write((tx) => recordChange(tx, author, change));
  }
}

export function countsOf({ rows, added, written, bad }: ImportTally) {
  return { received: rows, added, already_there: written - added, bad };
}

/** How the history tells of entries that came or went, by how many of them. */
function entriesChanged(
  listId: string,
  action: "entries_added" | "entries_removed" | "entries_replaced",
  counted: Readonly<Record<string, number>>,
): RecordedChange {
  const differences = Object.entries(counted).map(([name, count]) => ({
    path: `entries.${name}`,
    to: count,
  }));
  return operation({ kind: "suppression_list", id: listId }, action, ...differences);
}
