import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");

describe.each([
  ["README.md", root],
  ["src/README.md", join(root, "src")],
  ["CHANGELOG.md", root],
])("%s", (name, folder) => {
  test("links only to what exists", async () => {
    const text = await Bun.file(join(root, name)).text();
    const targets = Array.from(
      text.matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g),
      ([, target = ""]) => target,
    );
    if (name !== "CHANGELOG.md") expect(targets.length).toBeGreaterThan(4);
    expect(targets.filter((target) => !existsSync(join(folder, target)))).toEqual([]);
  });

  test("names only files of the source that exist", async () => {
    const text = await Bun.file(join(root, name)).text();
    const files = Array.from(
      text.matchAll(/`((?:src|tests|bench|scripts)\/[\w./-]+)`/g),
      ([, file = ""]) => file,
    );
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

describe("the map of the code", () => {
  test("has a line for every folder of src", async () => {
    const text = await map();
    const folders = await Array.fromAsync(
      new Bun.Glob("*/").scan({ cwd: join(root, "src"), onlyFiles: false }),
    );
    expect(folders.length).toBeGreaterThan(15);
    expect(folders.filter((folder) => !text.includes(`](${folder.replace(/\/$/, "")})`))).toEqual([]);
  });

  test("draws the rooms so that every import goes down", async () => {
    const [, drawn = ""] = /```\n(main\n[^]*?)```/.exec(await map()) ?? [];
    const floors = drawn.split("\n").map((line) => line.replace(/ {8}.*/, "").split(/ +/));
    const floorOf = (room: string) => floors.findIndex((rooms) => rooms.includes(room));
    const arrows = (await imports()).filter(([from, to]) => from !== to);
    expect(arrows.length).toBeGreaterThan(50);
    expect(arrows.filter(([from, to]) => floorOf(from) < 0 || floorOf(from) >= floorOf(to))).toEqual([]);
  });

  test("has no line over 140 characters", async () => {
    expect((await map()).split("\n").filter((line) => line.length > 140)).toEqual([]);
  });
});

function map(): Promise<string> {
  return Bun.file(join(root, "src/README.md")).text();
}

/** Which room of src uses which, by the imports of its files. */
async function imports(): Promise<[from: string, to: string][]> {
  const files = await Array.fromAsync(new Bun.Glob("**/*.ts").scan({ cwd: join(root, "src") }));
  const found = await Promise.all(
    files.map(async (path) => {
      const room = (path.split("/")[0] ?? "").replace(/\.ts$/, "");
      const text = await Bun.file(join(root, "src", path)).text();
      return Array.from(text.matchAll(/from "#([\w-]+)\//g), ([, used = ""]): [string, string] => [
        room,
        used,
      ]);
    }),
  );
  return found.flat();
}
