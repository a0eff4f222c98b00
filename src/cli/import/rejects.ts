import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { CommandFailure } from "#cli/command/command.ts";
import { csvLine } from "#text/csv.ts";
import type { RejectedRow } from "./rows.ts";

/** The columns that a file of rejected rows has behind those of the file that they are of. */
const REJECTS_COLUMNS = ["row", "reason"];

/** The heads of a file without those that it has as a file of rejected rows. */
export function withoutRejectsColumns(heads: readonly string[]): readonly string[] {
  const last = heads.slice(-REJECTS_COLUMNS.length);
  return last.join() === REJECTS_COLUMNS.join() ? heads.slice(0, -REJECTS_COLUMNS.length) : heads;
}

/** A file of the rows that were not taken in, as they were, each with its number and why: to be mended and imported. */
export interface RejectsFile {
  write(rows: readonly RejectedRow[]): Promise<void>;
  /** Leaves no file where no row was written. */
  close(): Promise<void>;
}

/** @throws CommandFailure when it cannot be written, or is the file that is read. */
export async function openRejects(
  path: string,
  source: string,
  heads: readonly string[],
): Promise<RejectsFile> {
  if (source !== "-" && resolve(path) === resolve(source)) {
    throw new CommandFailure(
      "The rejected rows need a file of their own: --rejects names the one that is read.",
    );
  }
  const file = createWriteStream(path);
  try {
    await once(file, "open");
  } catch {
    throw new CommandFailure(`${path} cannot be written.`);
  }
  let written = 0;
  const put = async (text: string) => {
    if (!file.write(text)) await once(file, "drain");
  };
  await put(csvLine([...heads, ...REJECTS_COLUMNS]));
  return {
    async write(rows) {
      written += rows.length;
      for (const { row, cells, reason } of rows) {
        const filled = heads.map((_, place) => cells[place] ?? "");
        await put(csvLine([...filled, row, reason]));
      }
    },
    async close() {
      file.end();
      await once(file, "close");
      if (written === 0) await rm(path, { force: true });
    },
  };
}
