import { join } from "node:path";
import { TOPICS } from "#manual/manual.ts";

/** A text for readers, under the name of its file. */
export interface Page {
  readonly name: string;
  readonly text: string;
}

const readme = await Bun.file(join(import.meta.dir, "../../README.md")).text();

/** The manual and the README. */
export const PAGES: readonly Page[] = [
  { name: "README.md", text: readme },
  ...TOPICS.map(({ name, text }) => ({ name: `${name}.md`, text })),
];

export interface Block {
  readonly page: string;
  /** `sh`, `yaml`, `json`; empty for pictures. */
  readonly language: string;
  readonly text: string;
}

/** What stands between fences, page by page. */
export const BLOCKS: readonly Block[] = PAGES.flatMap(({ name, text }) =>
  Array.from(text.matchAll(/^```(\w*)\n([^]*?)^```$/gm), ([, language = "", inner = ""]) => ({
    page: name,
    language,
    text: inner,
  })),
);

export function blocksIn(language: string): Block[] {
  return BLOCKS.filter((block) => block.language === language);
}

/**
 * The words of a command as a shell hands them to the program: `name` is made a function that prints them, so that nothing runs.
 * Redirections are left out. `files` says what `cat` finds.
 */
export function wordsOf(name: string, line: string, files: Readonly<Record<string, string>> = {}): string[] {
  const cat = Object.entries(files).map(([path, text]) => `${path}) printf %s '${text}';;`);
  const script = `${name}() { [ $# -eq 0 ] || printf '%s\\0' "$@"; }; cat() { case "$1" in ${cat.join(" ")} *) exit 9;; esac; }; ${withoutRedirection(line)}`;
  const shell = Bun.spawnSync(["sh", "-c", script]);
  if (shell.exitCode !== 0) throw new Error(`not a line for a shell: ${line}\n${shell.stderr.toString()}`);
  return shell.stdout.toString().split("\0").slice(0, -1);
}

export function withoutRedirection(line: string): string {
  return line.replaceAll(/ > \S+/g, "");
}

/** A request as a curl line makes it. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

export function requestOf(line: string, files: Readonly<Record<string, string>> = {}): Request {
  const words = wordsOf("curl", line, files);
  const headers: Record<string, string> = {};
  let url = "";
  let body: string | undefined;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "-H") {
      const [name = "", ...value] = (words.shift() ?? "").split(": ");
      headers[name] = value.join(": ");
    } else if (word === "-d") body = words.shift();
    else if (word !== "-i") url = word;
  }
  const { pathname, search } = new URL(url);
  return { method: body === undefined ? "GET" : "POST", path: pathname + search, headers, body };
}

/** An answer with the places elided that an example elides: a text of the example that ends in `…` stands for any that begins so. */
export function elided(answer: unknown, example: unknown): unknown {
  if (typeof example === "string" && example.endsWith("…")) {
    const beginning = example.slice(0, -1).replace(/(?<=_|^v1\.).*$/, "");
    return typeof answer === "string" && answer.startsWith(beginning) ? example : answer;
  }
  if (Array.isArray(example) && Array.isArray(answer)) {
    return answer.map((item, index) => elided(item, example[index]));
  }
  if (isObject(example) && isObject(answer)) {
    return Object.fromEntries(
      Object.entries(answer).map(([name, value]) => [name, elided(value, example[name])]),
    );
  }
  return answer;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
