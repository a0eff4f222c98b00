import { open, rm, stat } from "node:fs/promises";
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
  /** @throws CommandFailure when it cannot be written, as on a full disk. */
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
  if (source !== "-" && (await isOneFile(path, source))) {
    throw new CommandFailure(
      "The rejected rows need a file of their own: --rejects names the one that is read.",
    );
  }
  const file = await open(path, "w").catch((error: unknown) => failWriting(path, error));
  let written = 0;
  async function put(text: string): Promise<void> {
    await file.appendFile(text).catch((error: unknown) => failWriting(path, error));
  }
  try {
    await put(csvLine([...heads, ...REJECTS_COLUMNS]));
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    async write(rows) {
      if (rows.length === 0) return;
      written += rows.length;
      const lines = rows.map(({ row, cells, reason }) =>
        csvLine([...heads.map((_, place) => cells[place] ?? ""), row, reason]),
      );
      await put(lines.join(""));
    },
    async close() {
      await file.close();
      if (written === 0) await rm(path, { force: true });
    },
  };
}

/** Whatever they are called: a link leads to what it links to. */
async function isOneFile(path: string, source: string): Promise<boolean> {
  const [one, other] = await Promise.all([path, source].map((each) => stat(each).catch(() => undefined)));
  return one !== undefined && one.dev === other?.dev && one.ino === other.ino;
}

function failWriting(path: string, error: unknown): never {
  const { code = "unknown error" } = error as NodeJS.ErrnoException;
  throw new CommandFailure(`${path} cannot be written (${code}).`);
}
