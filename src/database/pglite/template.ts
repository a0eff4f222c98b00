import { PGlite } from "@electric-sql/pglite";
import { isCompiled } from "#text/executable.ts";
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

/** The log of all that was done so far goes too, instead of being kept under new names: it is two thirds of the archive. */
const dropLog = ["set wal_recycle = off", "select pg_switch_wal()", "checkpoint"];

/**
 * A database just initialised, and brought to a schema by `statements`, as an archive. Unpacking it takes a tenth of a second, where
 * initdb takes seconds and a gigabyte, and the migrations two seconds of the processor; it is the same on every platform.
 */
export async function makeTemplate(
  modules: PgliteModules,
  statements: readonly string[] = [],
  compression: "gzip" | "none" = "gzip",
): Promise<Uint8Array> {
  const database = await PGlite.create({ dataDir: "memory://", ...pgliteFiles(modules) });
  try {
    for (const statement of dropTemplateDatabases) await database.exec(statement);
    await database.exec("vacuum (freeze, analyze)");
    // In one transaction, as when a server starts: some steps keep things until its end.
    await database.transaction(async (tx) => {
      for (const statement of statements) await tx.exec(statement);
    });
    for (const statement of dropLog) await database.exec(statement);
    const archive = await database.dumpDataDir(compression);
    return await archive.bytes();
  } finally {
    await database.close();
  }
}

/** The template that was compiled into the executable; undefined when run from source. */
export async function compiledInTemplate(): Promise<Uint8Array | undefined> {
  if (!isCompiled()) return undefined;
  const { default: path } = await import("../../../dist/pglite-template.tar.gz", { with: { type: "file" } });
  return await Bun.file(path).bytes();
}
