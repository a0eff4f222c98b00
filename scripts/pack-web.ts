// `npm run build:web`: dist/console.pack, the console's pages as one file, which the executable has in it and the server from source
// reads. Nothing is done when nothing has changed since; made anew it takes some 15 seconds, nearly all of it compressing.
import { mkdir, rename } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { Glob } from "bun";
import type { PackedFile, PackIndex } from "#console/pack.ts";

const ROOT = join(import.meta.dir, "..");
const PACK = join(ROOT, "dist/console.pack");
const MADE_OF = join(ROOT, "dist/console.pack.made-of");

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify<Uint8Array, object, Uint8Array>(gzip);

const MEDIA_TYPES: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

if (import.meta.main) {
  await packWeb();
  console.log(PACK);
}

/** Makes dist/console.pack, unless it is there and was made of what there is now. Throws what the bundler says. */
export async function packWeb(): Promise<void> {
  const sources = await digestOfSources();
  const madeOf = Bun.file(MADE_OF);
  if ((await Bun.file(PACK).exists()) && (await madeOf.exists()) && (await madeOf.text()) === sources) return;
  const built = await Bun.build({
    entrypoints: [join(ROOT, "src/web/console.tsx")],
    target: "browser",
    format: "esm",
    splitting: true,
    minify: true,
    sourcemap: "none",
    // Else React is the one for development, four times the size.
    define: { "process.env.NODE_ENV": '"production"' },
    naming: { entry: "[name]-[hash].[ext]", chunk: "[name]-[hash].[ext]", asset: "[name]-[hash].[ext]" },
  });
  const files = await Promise.all(
    built.outputs.map(async (output) => ({
      name: output.path.replace(/^\.?\//, ""),
      bytes: new Uint8Array(await output.arrayBuffer()),
    })),
  );
  const entry = built.outputs.find(({ kind }) => kind === "entry-point")?.path.replace(/^\.?\//, "") ?? "";
  const styles = files.map(({ name }) => name).filter((name) => name.endsWith(".css"));
  const page = await pageLoading(entry, styles, files);
  await writePack(page, files);
  await writeInPlace(MADE_OF, sources);
}

interface BuiltFile {
  name: string;
  bytes: Uint8Array;
}

/** The page with the names of the files. What the first script imports is named too, so that all are asked for at once. */
async function pageLoading(entry: string, styles: string[], files: readonly BuiltFile[]): Promise<string> {
  const template = await Bun.file(join(ROOT, "src/web/console.html")).text();
  const links = [
    ...styles.map((name) => `<link rel="stylesheet" href="/console/assets/${name}">`),
    ...importedBy(entry, files).map((name) => `<link rel="modulepreload" href="/console/assets/${name}">`),
    `<script type="module" src="/console/assets/${entry}"></script>`,
  ];
  return template.replace("<!-- files -->", links.join("\n    "));
}

function importedBy(entry: string, files: readonly BuiltFile[]): string[] {
  const found = new Set<string>();
  const walk = (name: string) => {
    const file = files.find((each) => each.name === name);
    const text = new TextDecoder().decode(file?.bytes);
    for (const [, imported = ""] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) {
      if (found.has(imported)) continue;
      found.add(imported);
      walk(imported);
    }
  };
  walk(entry);
  return [...found];
}

async function writePack(page: string, files: readonly BuiltFile[]): Promise<void> {
  const copies = await Promise.all(
    files.map(async ({ name, bytes }) => ({
      name,
      brotli: await compressBrotli(bytes, {
        params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
      }),
      gzip: await compressGzip(bytes, { level: 9 }),
    })),
  );
  const parts: Uint8Array[] = [];
  let end = 0;
  const place = (bytes: Uint8Array): [number, number] => {
    parts.push(bytes);
    end += bytes.length;
    return [end - bytes.length, end];
  };
  const index: PackIndex = {
    page,
    files: Object.fromEntries(
      copies.map(({ name, brotli, gzip: gzipped }): [string, PackedFile] => [
        name,
        {
          mediaType: MEDIA_TYPES[extname(name)] ?? "application/octet-stream",
          brotli: place(brotli),
          gzip: place(gzipped),
        },
      ]),
    ),
  };
  const written = new TextEncoder().encode(JSON.stringify(index));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, written.length);
  await writeInPlace(PACK, new Blob([length, written, ...parts] as BlobPart[]));
}

/** Of all that the pack is made of. */
async function digestOfSources(): Promise<string> {
  const sources = await Array.fromAsync(new Glob("src/web/**/*").scan({ cwd: ROOT, onlyFiles: true }));
  const hasher = new Bun.CryptoHasher("sha256");
  for (const path of ["package-lock.json", "scripts/pack-web.ts", ...sources.toSorted()]) {
    hasher.update(`${path}\n`).update(await Bun.file(join(ROOT, path)).bytes());
  }
  return hasher.digest("hex");
}

/** Renamed into place, since the tests may build while somebody builds by hand. */
async function writeInPlace(path: string, contents: string | Blob): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await Bun.write(unfinished, contents);
  await rename(unfinished, path);
}
