import { closeSync, fsyncSync, openSync } from "node:fs";
import { chmod, mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/**
 * Makes sure that `directory` holds a database, unpacking `template` when there is none. That happens beside it: a process that is
 * killed on the way leaves no half of a database, only something for the next start to throw away.
 */
export async function prepareDirectory(
  directory: string,
  template: () => Promise<Uint8Array>,
): Promise<void> {
  const unfinished = `${directory}.init`;
  await rm(unfinished, { recursive: true, force: true });
  if (await Bun.file(join(directory, "PG_VERSION")).exists()) return await closeToOthers(directory);
  await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
  await new Bun.Archive(await template()).extract(unfinished);
  await closeToOthers(unfinished);
  await syncTree(unfinished);
  await rename(unfinished, directory);
  syncDirectory(dirname(directory));
}

/** Lets nobody else on the machine read what is there: folders 0700, files 0600. */
async function closeToOthers(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await closeToOthers(path);
    else await chmod(path, 0o600);
  }
}

/** Puts what was created, renamed or removed in a directory on the disk. */
export function syncDirectory(directory: string): void {
  sync(directory);
}

/** Puts every file and directory entry below `directory` on the disk. */
async function syncTree(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else sync(path);
  }
  sync(directory);
}

function sync(path: string): void {
  // Windows refuses to open a directory and needs no such care.
  if (process.platform === "win32") return;
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
