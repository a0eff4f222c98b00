import { join } from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";

/** Reads the migrations. Called as a macro, while the program is being compiled, so that they are part of it. */
export function migrations(): { when: number; hash: string; statements: string[] }[] {
  return readMigrationFiles({ migrationsFolder: join(import.meta.dir, "migrations") }).map(
    ({ folderMillis, hash, sql }) => ({ when: folderMillis, hash, statements: sql }),
  );
}
