// `npm run build:web`: dist/console.pack, the pages of the console and the portal as one file, which the executable has in it and the server from source
// reads. Nothing is done when nothing has changed since; made anew it takes some 15 seconds, nearly all of it compressing.
import { mkdir, rename } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { Glob } from "bun";
import { PAGES, type PackedFile, type PackIndex, type PageName } from "#console/pack.ts";

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
    entrypoints: PAGES.map((page) => join(ROOT, `src/web/${page}.tsx`)),
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
      name: nameOf(output.path),
      bytes: new Uint8Array(await output.arrayBuffer()),
    })),
  );
  const entries = built.outputs.filter(({ kind }) => kind === "entry-point").map(({ path }) => nameOf(path));
  const pages = await Promise.all(
    PAGES.map(async (page) => [page, await pageLoading(page, entries, files)] as const),
  );
  await writePack(Object.fromEntries(pages) as PackIndex["pages"], files);
  await writeInPlace(MADE_OF, sources);
}

function nameOf(path: string): string {
  return path.replace(/^\.?\//, "");
}

interface BuiltFile {
  name: string;
  bytes: Uint8Array;
}

/** The page with the names of the files. What the first script imports is named too, so that all are asked for at once. */
async function pageLoading(
  page: PageName,
  entries: readonly string[],
  files: readonly BuiltFile[],
): Promise<string> {
  const template = await Bun.file(join(ROOT, `src/web/${page}.html`)).text();
  const entry = entries.find((name) => name.startsWith(`${page}-`)) ?? "";
  const style = files.find(({ name }) => name.startsWith(`${page}-`) && name.endsWith(".css"))?.name ?? "";
  const links = [
    `<link rel="stylesheet" href="/${page}/assets/${style}">`,
    ...importedBy(entry, files).map((name) => `<link rel="modulepreload" href="/${page}/assets/${name}">`),
    `<script type="module" src="/${page}/assets/${entry}"></script>`,
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

async function writePack(pages: PackIndex["pages"], files: readonly BuiltFile[]): Promise<void> {
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
    pages,
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
export async function writeInPlace(path: string, contents: string | Blob | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await Bun.write(unfinished, contents);
  await rename(unfinished, path);
}
