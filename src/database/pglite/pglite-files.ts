import initdb from "@electric-sql/pglite/initdb.wasm" with { type: "file" };
import data from "@electric-sql/pglite/pglite.data" with { type: "file" };
import wasm from "@electric-sql/pglite/pglite.wasm" with { type: "file" };

/** PGlite's own files, which it can't find by itself from inside an executable. */
export async function pgliteFiles() {
  const [pgliteWasmModule, initdbWasmModule] = await Promise.all([compiled(wasm), compiled(initdb)]);
  return { pgliteWasmModule, initdbWasmModule, fsBundle: Bun.file(data) };
}

async function compiled(path: string): Promise<WebAssembly.Module> {
  return await WebAssembly.compile(await Bun.file(path).arrayBuffer());
}
