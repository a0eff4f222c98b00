import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { commandNamed } from "#cli/command-table.ts";
import { readDocument } from "#configuration/document-text.ts";
import { problemsIn } from "#configuration/problems.ts";
import { SETTINGS } from "#runtime/settings.ts";
import { scripts } from "../package.json" with { type: "json" };

const root = join(import.meta.dir, "..");
const readme = await Bun.file(join(root, "README.md")).text();

describe.each([
  ["README.md", root],
  ["src/README.md", join(root, "src")],
])("%s", (name, folder) => {
  test("links only to what exists", async () => {
    const targets = all(/\]\(([^)#]+)\)/g, await Bun.file(join(root, name)).text());
    expect(targets.length).toBeGreaterThan(4);
    expect(targets.filter((target) => !existsSync(join(folder, target)))).toEqual([]);
  });
});

describe("README.md", () => {
  test("lists every setting with its default and meaning, in order", () => {
    const rows = all(/^(\| `[A-Z_]+`.*)$/gm, readme);
    expect(rows).toEqual(
      SETTINGS.map(
        ({ name, default: otherwise, meaning }) =>
          `| \`${name}\` | ${otherwise === "" ? "–" : `\`${otherwise}\``} | ${meaning} |`,
      ),
    );
  });

  test("shows configurations that would be applied", () => {
    const examples = all(/```yaml\n(version:[^]*?)```/g, readme);
    expect(examples).toHaveLength(2);
    for (const example of examples) {
      const read = readDocument(example, "yaml");
      expect(read).toMatchObject({ ok: true });
      if (read.ok) expect(problemsIn(read.document)).toEqual([]);
    }
  });

  test("names only files that exist", () => {
    const files = all(/`((?:src|tests|bench|scripts)\/[\w./-]+)`/g, readme);
    expect(files.length).toBeGreaterThan(10);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  test("names only commands and scripts that exist", () => {
    const commands = all(/^leadgate ([a-z-]+)/gm, readme);
    expect(commands.length).toBeGreaterThan(3);
    expect(commands.filter((command) => commandNamed(command) === undefined)).toEqual([]);

    const named = all(/npm (?:run )?(start|test|(?<=run )[a-z-]+)/g, readme);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

function all(pattern: RegExp, text: string): string[] {
  return Array.from(text.matchAll(pattern), ([, found = ""]) => found);
}
