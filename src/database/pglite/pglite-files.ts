import initdb from "@electric-sql/pglite/initdb.wasm" with { type: "file" };
import data from "@electric-sql/pglite/pglite.data" with { type: "file" };
import wasm from "@electric-sql/pglite/pglite.wasm" with { type: "file" };

/** PGlite's programs, compiled; the threads of a process can share them. */
export interface PgliteModules {
  readonly pgliteWasmModule: WebAssembly.Module;
  readonly initdbWasmModule: WebAssembly.Module;
}

let modules: Promise<PgliteModules> | undefined;

/**
 * PGlite's programs, compiled once for this process. JavaScriptCore keeps the machine code of hot functions with the module: to open
 * another database and use it for a while took 3.5 seconds of the processor, and takes 1.8.
 */
export function pgliteModules(): Promise<PgliteModules> {
  modules ??= Promise.all([compiled(wasm), compiled(initdb)]).then(
    ([pgliteWasmModule, initdbWasmModule]) => ({
      pgliteWasmModule,
      initdbWasmModule,
    }),
  );
  return modules;
}

/** PGlite's own files, which it can't find by itself from inside an executable. */
export function pgliteFiles(compiledModules: PgliteModules) {
  return { ...compiledModules, fsBundle: Bun.file(data) };
}

async function compiled(path: string): Promise<WebAssembly.Module> {
  return await WebAssembly.compile(await Bun.file(path).arrayBuffer());
}
