import { PGlite } from "@electric-sql/pglite";
import { pgliteFiles } from "./pglite-files.ts";

/**
 * A database just initialised, as a compressed archive of about 4.5 MB. Unpacking it takes a tenth of a second, where initdb takes
 * seconds and a gigabyte; it is the same on every platform.
 */
export async function makeTemplate(): Promise<Uint8Array> {
  const database = await PGlite.create({ dataDir: "memory://", ...(await pgliteFiles()) });
  try {
    const archive = await database.dumpDataDir("gzip");
    return await archive.bytes();
  } finally {
    await database.close();
  }
}

/** The template that was compiled into the executable; undefined when run from source. */
export async function compiledInTemplate(): Promise<Uint8Array | undefined> {
  if (!/\$bunfs|~BUN/.test(import.meta.url)) return undefined;
  const { default: path } = await import("../../dist/pglite-template.tar.gz", { with: { type: "file" } });
  return await Bun.file(path).bytes();
}
