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
