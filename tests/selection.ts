import { dirname, join } from "node:path";

/** What opens a database or starts a server: a test file that imports any of it, by whatever way, is not quick. */
const SLOW = /^tests\/support\/(database|postgres|process|executable)\.ts$/;

/** What a test file begins with that takes seconds although it needs neither. */
const NOT_QUICK = "// Not quick: ";

/** Every test file, as `bun test` takes them. */
export async function testFiles(): Promise<string[]> {
  const files = await Array.fromAsync(new Bun.Glob("**/*.test.ts").scan(import.meta.dir));
  return files
    .filter((file) => !file.includes("node_modules"))
    .sort()
    .map((file) => `./${join("tests", file)}`);
}

/** Those of the files that need neither a database nor a server, and do not say of themselves that they take long. */
export async function quickFiles(files: readonly string[]): Promise<string[]> {
  const seen = new Map<string, Promise<boolean>>();
  const isSlow = (file: string): Promise<boolean> => {
    const known = seen.get(file) ?? imports(file, isSlow);
    seen.set(file, known);
    return known;
  };
  const slow = await Promise.all(files.map((file) => isSlow(join(file))));
  return files.filter((_, index) => slow[index] === false);
}

async function imports(file: string, isSlow: (file: string) => Promise<boolean>): Promise<boolean> {
  if (SLOW.test(file)) return true;
  const text = await Bun.file(join(import.meta.dir, "..", file)).text();
  if (text.startsWith(NOT_QUICK)) return true;
  const named = new Bun.Transpiler({ loader: "ts" }).scanImports(text).map(({ path }) => path);
  const within = named.filter((path) => path.startsWith(".") && path.endsWith(".ts"));
  for (const path of within) if (await isSlow(join(dirname(file), path))) return true;
  return false;
}
