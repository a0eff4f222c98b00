// Not quick: it packs the pages.
import { beforeAll, expect, test } from "bun:test";
import { gunzipSync } from "node:zlib";
import { openPack, type Pack } from "#console/pack.ts";
import { packWeb } from "../../scripts/pack-web.ts";

let pack: Pack;

beforeAll(async () => {
  await packWeb();
  pack = (await openPack()) as Pack;
}, 180_000);

/** The files that are loaded with one, itself among them: what it imports, and what that does. */
function loadedWith(name: string, found = new Set<string>()): Set<string> {
  const file = pack.fileNamed(name);
  if (file === undefined || found.has(name)) return found;
  found.add(name);
  const text = gunzipSync(pack.bytesOf(file.gzip)).toString();
  for (const [, imported = ""] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g))
    loadedWith(imported, found);
  return found;
}

/** Of a page's HTML, of what that names, and of the part of the code that shows its first view; as browsers are sent it. */
function bytesUntilShown(page: string, view: string): number {
  const viewed = pack.names.find((name) => name.startsWith(`${view}-`)) ?? "";
  expect(viewed).not.toBe("");
  const named = [...page.matchAll(/assets\/([^"]+)"/g)].map(([, name = ""]) => name);
  const files = new Set([...named, viewed].flatMap((name) => [...loadedWith(name)]));
  const sizes = [...files].map((name) => {
    const [from, to] = pack.fileNamed(name)?.brotli ?? [0, 0];
    return to - from;
  });
  return page.length + sizes.reduce((sum, size) => sum + size, 0);
}

// 220 KB are wanted with what the API answers and what stands before each answer, some 15 KB on a small installation.
test("the board is shown by no more than 200 KB of files, those of the login among them", () => {
  expect(bytesUntilShown(pack.pages.console, "board-page")).toBeWithin(100_000, 200_001);
});

test.each(["buyer-overview-page", "supplier-overview-page"])(
  "the portal's %s is shown by no more than 130 KB of files, those of the login among them",
  (view) => {
    expect(bytesUntilShown(pack.pages.portal, view)).toBeWithin(50_000, 130_001);
  },
);
