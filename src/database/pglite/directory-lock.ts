import { Database as LockFile } from "bun:sqlite";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseRefused } from "#database/database.ts";

/**
 * Takes a directory for this process alone: two PGlites on one directory lose rows without an error. The lock is SQLite's, which
 * works alike on every platform and goes with the process, however that ends.
 *
 * @returns what releases it.
 * @throws DatabaseRefused when another process, or this one, has it already.
 */
export function lockDirectory(directory: string, now: Date): () => void {
  const path = `${directory}.lock`;
  const holder = `${directory}.holder`;
  mkdirSync(dirname(directory), { recursive: true });
  const lock = new LockFile(path, { create: true });
  try {
    lock.run("begin exclusive");
  } catch (error) {
    lock.close();
    if ((error as { code?: string }).code !== "SQLITE_BUSY") throw error;
    throw new DatabaseRefused(
      `The embedded database in ${dirname(directory)} is in use by ${nameOf(holder)}. ` +
        "Stop that one first, give this one another DATA_DIR, or use Postgres by DATABASE_URL.",
    );
  }
  writeFileSync(holder, `process ${process.pid}, started ${now.toISOString()}`);
  return () => {
    lock.run("rollback");
    lock.close();
  };
}

function nameOf(holder: string): string {
  try {
    return readFileSync(holder, "utf8") || "another process";
  } catch {
    return "another process";
  }
}
