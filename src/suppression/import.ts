import type { Database } from "#database/database.ts";
import { addToGeneration, beginGeneration, type NewEntries, removeOlder } from "./entry-records.ts";
import { type FileReading, type FileTally, readSuppressionFile } from "./file.ts";

/** How far an import has come. */
export interface ImportTally extends FileTally {
  /** Entries that were not on the list before. */
  added: number;
  /** Those of the entries that are read and already written. */
  written: number;
}

/** How an import ended. In `removed`, what was taken off because the file does not hold it; null when nothing was to be. */
export type ImportEnding =
  | { ended: "done"; removed: number | null }
  | { ended: "no_such_list" | "overtaken" };

/** A file, how it is read, and how far that has come. */
export interface FileImport extends FileReading {
  /** What the file does not hold is taken off the list. */
  replace: boolean;
  tally: ImportTally;
  now(): Date;
}

/** A short transaction, so that the leads of an embedded database, which come in turn with it, wait some 10 ms for each. */
const SLICE = 1000;

export function startTally(): ImportTally {
  return { rows: 0, bad: 0, badLines: [], entries: 0, added: 0, written: 0 };
}

/**
 * Puts all that a file holds on a list. What is written is in force at once, and stays when the rest can't be read. With `replace`, what
 * the list held before is taken off at the end, if every row could be read and there was one: until then the list holds both. Another
 * replacement that begins meanwhile ends this one.
 *
 * @throws FileRefused as `readSuppressionFile` does, DatabaseUnavailable.
 */
export async function importSuppressionFile(
  database: Database,
  listId: string,
  bytes: AsyncIterable<Uint8Array>,
  { replace, tally, now, ...reading }: FileImport,
): Promise<ImportEnding> {
  let generation: number | null = null;
  let ending: ImportEnding | undefined;
  let writing: Promise<void> | undefined;
  try {
    for await (const batch of readSuppressionFile(bytes, reading, tally)) {
      // The next batch is read while the one before it is written.
      await writing;
      if (ending !== undefined) return ending;
      writing = write(batch);
      writing.catch(() => undefined);
    }
  } finally {
    await writing;
  }
  if (ending !== undefined) return ending;
  if (generation === null || tally.bad > 0) return { ended: "done", removed: null };
  return { ended: "done", removed: await removeOlder(database, listId, generation) };

  async function write({ keys, kinds }: NewEntries): Promise<void> {
    if (replace && generation === null) {
      generation = await beginGeneration(database, listId);
      if (generation === null) return stop("no_such_list");
    }
    const sorted = keys.toSorted();
    for (let from = 0; from < sorted.length; from += SLICE) {
      const slice = { keys: sorted.slice(from, from + SLICE), kinds };
      const added = await database.write((tx) => addToGeneration(tx, listId, slice, generation, now()));
      if (added === null) return stop("no_such_list");
      if (added === "another generation") return stop("overtaken");
      tally.added += added;
      tally.written += slice.keys.length;
    }
  }

  function stop(ended: "no_such_list" | "overtaken"): void {
    ending = { ended };
  }
}
