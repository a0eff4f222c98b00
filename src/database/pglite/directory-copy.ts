import { constants } from "node:fs";
import { copyFile, mkdir, readdir, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sql } from "postgres";
import { DatabaseRefused } from "#database/database.ts";

/** Borrows the database's connection for a few statements. */
type OnConnection = <T>(work: (sql: Pick<Sql, "unsafe">) => Promise<T>) => Promise<T>;

/**
 * Copies the files of a database that goes on working: PostgreSQL's own way of an online backup (manual, 25.3.3). What is torn or too
 * new in the copy is put right from the write-ahead log when the copy is opened, which shows the moment at which copying ended. Leads
 * wait for the two calls alone: with 200,000 leads and others coming in, 20 to 140 ms for the checkpoint of the first and under 20 ms for
 * the second. Nobody else may run CHECKPOINT meanwhile, which throws log files away.
 *
 * @throws DatabaseRefused when the disk has no room for it.
 */
export async function copyDirectory(directory: string, copy: string, on: OnConnection): Promise<void> {
  await rm(copy, { recursive: true, force: true });
  await refuseWithoutRoom(directory);
  await on((sql) => sql.unsafe("select pg_backup_start('leadgate', true)"));
  let stopped: Record<string, unknown> | undefined;
  try {
    await copyTree(directory, copy, (path) => path.startsWith("pg_wal/") || LAST.includes(path));
  } finally {
    [stopped] = await on((sql) => sql.unsafe("select labelfile from pg_backup_stop(false)"));
  }
  for (const path of LAST) await copyIfThere(join(directory, path), join(copy, path));
  await copyTree(join(directory, "pg_wal"), join(copy, "pg_wal"), () => false);
  await writeFile(join(copy, "backup_label"), String(stopped?.["labelfile"]));
}

/** The file that says where the log begins may not be older than what it speaks of; the one with a process number is of no use. */
const LAST = ["global/pg_control"];
const LEFT_OUT = ["postmaster.pid", "postmaster.opts"];

/** Files may go while they are copied: the log knows that they did. */
async function copyTree(from: string, to: string, leftOut: (path: string) => boolean): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for await (const { path, isDirectory } of tree(from)) {
    if (isDirectory) await mkdir(join(to, path), { recursive: true, mode: 0o700 });
    else if (!leftOut(path) && !LEFT_OUT.includes(path)) await copyIfThere(join(from, path), join(to, path));
  }
}

/**
 * All that is below a directory, by its path from there, a directory before what is in it. Bun's own recursive `readdir`
 * (1.4.5) now and then leaves out a whole directory while files come and go.
 */
async function* tree(root: string, below = ""): AsyncGenerator<{ path: string; isDirectory: boolean }> {
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = join(below, entry.name);
    yield { path, isDirectory: entry.isDirectory() };
    if (entry.isDirectory()) yield* tree(root, path);
  }
}

async function copyIfThere(from: string, to: string): Promise<void> {
  try {
    // On file systems that can, the copy shares its blocks with the original and costs nothing.
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

async function refuseWithoutRoom(directory: string): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const needed = await sizeOf(directory);
  if (bavail * bsize > needed + SPARE_BYTES) return;
  throw new DatabaseRefused(
    `A snapshot of the embedded database is a copy of its files, ${inMegabytes(needed)}, ` +
      `and the disk has ${inMegabytes(bavail * bsize)} left. Make room there first.`,
  );
}

/** Left for leads that come in meanwhile. */
const SPARE_BYTES = 64 * 1024 * 1024;

async function sizeOf(directory: string): Promise<number> {
  let bytes = 0;
  for await (const { path } of tree(directory)) {
    bytes += await stat(join(directory, path)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return bytes;
}

function inMegabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 / 1024).toLocaleString("en-US")} MB`;
}
