import { existsSync } from "node:fs";
import { type FileHandle, link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { DamagedBackup, fromFile } from "#backup/file.ts";
import type { Header } from "#backup/part.ts";
import { CommandFailure, command } from "#cli/command/command.ts";
import { type ProgressLine, startProgress } from "#cli/command/progress.ts";
import { callServer } from "#cli/command/remote.ts";
import { syncDirectory } from "#database/pglite/data-directory.ts";

/**
 * Writes everything in the running server's database as it is at one moment to a file that only its owner can read. It is there under
 * its name only when it was read to its end and found whole.
 */
export const backup = command({
  name: "backup",
  purpose: "write everything in the running server's database to one file, while it serves",
  example: "leadgate backup --out leadgate.backup",
  options: {
    "--out FILE": "where to; - for standard output",
    "--force": "replace the file when it is there",
  },
  routes: ["GET /backup"],
  forms: {
    async "--out FILE"({ out = "", force }, context) {
      if (out !== "-" && !force && existsSync(out)) throw fileExists(out);
      const progress = startProgress("Backing up", context.writeError);
      const take = async (pass: (chunk: Uint8Array) => Promise<void>) =>
        await checked(
          passedOn(bytesOf(await callServer(context, { method: "GET", path: "/backup" })), pass),
          progress,
        );
      // The file comes first: where none can be written, the server need not begin.
      const header = await (out === "-"
        ? take(toScreen)
        : writeInto(out, force, (file) => take((chunk) => append(file, chunk))));
      progress.end();
      context.writeError(
        `${progress.rows().toLocaleString("en-US")} rows of ${header.madeAt}, read back and found whole. The master ` +
          "key is not among them: keep LEADGATE_SECRET, or the file secret in DATA_DIR, beside the backup.\n",
      );
      if (header.spread === true) context.writeError(`${SPREAD}\n`);
    },
  },
});

const SPREAD =
  "The database is spread over nodes: each campaign is as it was at one moment, and not all of them at the same. What buyers " +
  "have used of their caps is counted anew when it is restored.";

async function* bytesOf({ body }: Response): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? [];
  } catch {
    throw new CommandFailure("The server broke the backup off; its log says why. Nothing was written.");
  }
}

async function* passedOn(
  bytes: AsyncIterable<Uint8Array>,
  pass: (chunk: Uint8Array) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    await pass(chunk);
    yield chunk;
  }
}

/** Reads a backup to its end. */
async function checked(bytes: AsyncIterable<Uint8Array>, progress: ProgressLine): Promise<Header> {
  let header: Header | undefined;
  let rows = 0;
  try {
    for await (const part of fromFile(bytes, undefined)) {
      if (part.part === "header") header = part.header;
      if (part.part === "rows") progress.tell(part.table.name, (rows += part.lines.length));
      if (part.part === "table") {
        progress.tell(part.table.name, part.tally.rows);
        rows = 0;
      }
    }
  } catch (error) {
    if (error instanceof DamagedBackup) throw new CommandFailure(`${error.message} Nothing was written.`);
    throw error;
  }
  if (header === undefined) throw new Error("a backup that was read to its end has a header");
  return header;
}

/** Writes a file that gets its name when it is whole and on the disk. */
async function writeInto<T>(
  path: string,
  replace: boolean,
  write: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const draft = `${path}.${process.pid}.part`;
  let file: FileHandle;
  try {
    file = await open(draft, "wx", 0o600);
  } catch {
    throw new CommandFailure(`${path} cannot be written.`);
  }
  try {
    const value = await write(file);
    await file.sync();
    if (replace) await rename(draft, path);
    else await link(draft, path);
    syncDirectory(dirname(path));
    return value;
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw fileExists(path);
    throw new CommandFailure(`${path} cannot be written (${code ?? "unknown error"}).`);
  } finally {
    await file.close();
    await rm(draft, { force: true });
  }
}

async function append(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let written = 0; written < chunk.length; ) {
    written += (await file.write(chunk, written)).bytesWritten;
  }
}

function toScreen(chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

function fileExists(path: string): CommandFailure {
  return new CommandFailure(`${path} is there already. Name another file, or replace it with --force.`);
}
