import { PGlite } from "@electric-sql/pglite";
import { type PgliteModules, pgliteFiles } from "./pglite-files.ts";

/**
 * Nothing is ever made from them here, and PGlite can't connect to them to clean them: left there, their age alone would one day
 * use up the transaction ids. Without them the archive is 2.7 MB instead of 4.5.
 */
const dropTemplateDatabases = [
  "update pg_database set datistemplate = false, datallowconn = true where datname in ('template0', 'template1')",
  "drop database template1",
  "drop database template0",
];

/**
 * A database just initialised, as a compressed archive. Unpacking it takes a tenth of a second, where initdb takes seconds and a
 * gigabyte; it is the same on every platform.
 */
export async function makeTemplate(modules: PgliteModules): Promise<Uint8Array> {
  const database = await PGlite.create({ dataDir: "memory://", ...pgliteFiles(modules) });
  try {
    for (const statement of dropTemplateDatabases) await database.exec(statement);
    await database.exec("vacuum (freeze, analyze)");
    const archive = await database.dumpDataDir("gzip");
    return await archive.bytes();
  } finally {
    await database.close();
  }
}

/** The template that was compiled into the executable; undefined when run from source. */
export async function compiledInTemplate(): Promise<Uint8Array | undefined> {
  if (!/\$bunfs|~BUN/.test(import.meta.url)) return undefined;
  const { default: path } = await import("../../../dist/pglite-template.tar.gz", { with: { type: "file" } });
  return await Bun.file(path).bytes();
}
