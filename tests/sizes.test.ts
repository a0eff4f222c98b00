// Not quick: it reads the whole source with TypeScript.
import { expect, test } from "bun:test";
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const LONGEST_FUNCTION = 100;
/** Of a hundred functions all but one are as short as this. */
const USUAL_FUNCTION = 50;

/** As much of TypeScript's parser as is asked here: of the one that can be called, which the client of the tests has. */
interface Parser {
  createSourceFile(name: string, text: string, options: object): SourceFile;
  forEachChild(node: Node, visit: (child: Node) => void): void;
  isFunctionLike(node: Node): boolean;
  ScriptTarget: { Latest: number };
  JSDocParsingMode: { ParseNone: number };
}
interface Node {
  readonly end: number;
  readonly body?: Node;
  getStart(file: SourceFile): number;
}
interface SourceFile extends Node {
  getLineAndCharacterOfPosition(position: number): { line: number };
}

const ROOT = join(import.meta.dir, "..");
// Beside our packages, also where those are a link to another checkout's.
const client = join(realpathSync(join(ROOT, "node_modules")), "../tests/api-docs/client/package.json");
const parser = createRequire(client)("typescript") as Parser;

test("no function is longer than a page, and of a hundred all but one are half as long", async () => {
  const sizes = (await Promise.all(sourceFiles().map(sizesIn))).flat();
  expect(sizes.length).toBeGreaterThan(5_000);
  expect(sizes.filter(({ lines }) => lines > LONGEST_FUNCTION)).toEqual([]);
  const long = sizes.filter(({ lines }) => lines > USUAL_FUNCTION);
  const most = Math.floor(sizes.length / 100);
  expect(long.length, `over ${USUAL_FUNCTION} lines: ${JSON.stringify(long)}`).toBeLessThanOrEqual(most);
});

function sourceFiles(): string[] {
  const paths = [...new Bun.Glob("**/*.{ts,tsx}").scanSync(join(ROOT, "src"))];
  return paths.filter((path) => !path.endsWith(".d.ts")).toSorted();
}

async function sizesIn(path: string): Promise<{ at: string; lines: number }[]> {
  const text = await Bun.file(join(ROOT, "src", path)).text();
  const options = {
    languageVersion: parser.ScriptTarget.Latest,
    jsDocParsingMode: parser.JSDocParsingMode.ParseNone,
  };
  const file = parser.createSourceFile(path, text, options);
  const lineOf = (position: number) => file.getLineAndCharacterOfPosition(position).line + 1;
  const sizes: { at: string; lines: number }[] = [];
  const visit = (node: Node): void => {
    if (parser.isFunctionLike(node) && node.body !== undefined) {
      const first = lineOf(node.getStart(file));
      sizes.push({ at: `${path}:${first}`, lines: lineOf(node.end) - first + 1 });
    }
    parser.forEachChild(node, visit);
  };
  visit(file);
  return sizes;
}
