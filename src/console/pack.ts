import { fileURLToPath } from "node:url";
import { isCompiled } from "#text/executable.ts";

/** A file of the pack: where in it its compressed copies are, the first byte and the one after the last. */
export interface PackedFile {
  mediaType: string;
  brotli: readonly [number, number];
  gzip: readonly [number, number];
}

/** The pages that others are shown in: one for operators, one for suppliers and buyers. */
export const PAGES = ["console", "portal"] as const;
export type PageName = (typeof PAGES)[number];

/** What stands before the bytes, as scripts/pack-web.ts writes it. */
export interface PackIndex {
  /** The pages, which name the files that they load. */
  pages: Readonly<Record<PageName, string>>;
  files: Readonly<Record<string, PackedFile>>;
}

/** The files of console and portal, all in one: four bytes with the length of the index, the index as JSON, one copy after the other. */
export interface Pack {
  readonly pages: PackIndex["pages"];
  readonly names: readonly string[];
  fileNamed(name: string): PackedFile | undefined;
  /** The bytes of a copy. */
  bytesOf(range: readonly [number, number]): Uint8Array<ArrayBuffer>;
}

/**
 * Reads the pack that is compiled in, or from source the one that was made last; undefined when none was. It is half a megabyte, and stays
 * whole in memory: one that is made anew meanwhile is another file.
 */
export async function openPack(): Promise<Pack | undefined> {
  const file = Bun.file(await pathOfPack());
  if (!(await file.exists())) return undefined;
  const bytes = await file.bytes();
  const start = 4 + new DataView(bytes.buffer).getUint32(0);
  const index = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start))) as PackIndex;
  const files = new Map(Object.entries(index.files));
  return {
    pages: index.pages,
    names: [...files.keys()],
    fileNamed: (name) => files.get(name),
    bytesOf: ([from, to]) => bytes.subarray(start + from, start + to),
  };
}

async function pathOfPack(): Promise<string> {
  if (!isCompiled()) {
    return fileURLToPath(new URL("../../dist/console.pack", import.meta.url));
  }
  const { default: path } = await import("../../dist/console.pack", { with: { type: "file" } });
  return path;
}
