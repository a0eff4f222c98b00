// `bun run build`: dist/leadgate, one executable. `--target=bun-linux-arm64` and the like compile for another platform,
// `--outfile=…` puts it elsewhere.
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { brotliCompressSync } from "node:zlib";
import { allStatements } from "#database/migrate.ts";
import { pgliteModules } from "#database/pglite/pglite-files.ts";
import { makeTemplate } from "#database/pglite/template.ts";
import { packWeb, writeInPlace } from "./pack-web.ts";

const ROOT = dirname(import.meta.dir);
const WEBAUTHN = `${ROOT}/src/access/sessions/webauthn.ts`;

if (import.meta.main) {
  const { values } = parseArgs({ options: { target: { type: "string" }, outfile: { type: "string" } } });
  const outfile = values.outfile ?? `dist/leadgate${values.target ? values.target.replace(/^bun/, "") : ""}`;
  console.log(await buildExecutable(outfile, values.target));
}

/**
 * Compiles the program to `outfile` and returns the path written (with `.exe` for Windows). Throws an AggregateError with what
 * the compiler said. `target` is a name of Bun's, such as `bun-linux-arm64`; absent: the platform this runs on.
 */
export async function buildExecutable(outfile: string, target?: string): Promise<string> {
  await Promise.all([writeTemplate(`${ROOT}/dist/pglite-template.tar.gz`), writeWebauthn(), packWeb()]);
  const built = await Bun.build({
    entrypoints: [
      `${ROOT}/src/main.ts`,
      `${ROOT}/src/database/pglite/embedded-worker.ts`,
      `${ROOT}/src/configuration/yaml/yaml-worker.ts`,
    ],
    // Puts the workers beside the bundle, where `new URL("./embedded-worker.ts", import.meta.url)` looks for them; by default they
    // land in folders like `database/` that no file in the bundle knows of.
    naming: { entry: "[name].[ext]" },
    // The executable has it otherwise: see src/access/sessions/passkey.ts.
    external: [WEBAUTHN],
    format: "esm",
    bytecode: true,
    minify: { whitespace: true, syntax: true }, // identifiers stay, for readable stack traces
    sourcemap: "inline",
    // A stranger's .env or bunfig.toml (whose `preload` would run) in the current folder is none of ours.
    compile: {
      outfile,
      autoloadBunfig: false,
      autoloadDotenv: false,
      ...(target ? { target: target as Bun.Build.CompileTarget } : {}),
    },
  });
  const executable = built.outputs.find((output) => output.kind === "entry-point");
  if (!executable) throw new Error("the compiler wrote no executable");
  // The maps are inside the executable too; the copies beside it would only be mistaken for something that it needs.
  await Promise.all(
    built.outputs
      .filter((output) => output !== executable && output.path.endsWith(".map"))
      .map((map) => rm(map.path, { force: true })),
  );
  return executable.path;
}

/** What src/access/sessions/passkey.ts compiles in. */
async function writeWebauthn(): Promise<void> {
  const { outputs } = await Bun.build({ entrypoints: [WEBAUTHN], target: "bun", minify: true });
  const parts = await Promise.all(outputs.map((output) => output.arrayBuffer()));
  await writeInPlace(
    `${ROOT}/dist/webauthn.br`,
    brotliCompressSync(Buffer.concat(parts.map((part) => Buffer.from(part)))),
  );
}

/** What src/database/pglite/template.ts compiles in. */
async function writeTemplate(path: string): Promise<void> {
  await writeInPlace(path, await makeTemplate(await pgliteModules(), allStatements()));
}
