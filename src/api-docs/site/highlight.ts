/** What the pages show code in. A library for this is larger than all pages together, and these few need a line each. */
export type CodeLanguage =
  | "go"
  | "http"
  | "java"
  | "javascript"
  | "json"
  | "php"
  | "python"
  | "shell"
  | "text"
  | "xml"
  | "yaml";

const STRINGS = String.raw`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'`;
const C_COMMENTS = String.raw`\/\/[^\n]*|\/\*[^]*?\*\/`;
const HASH_COMMENTS = String.raw`(?<=^|\s)#[^\n]*`;
const C_WORDS =
  "const let function return if for of while new await async import from export class static throws try catch int long byte boolean " +
  "void package func range var nil true false null default public private this";
const PYTHON_WORDS =
  "import from def return if not in is for while try except with as or and True False None lambda raise";
const PHP_WORDS =
  "function return if foreach as string array bool int echo true false null new try catch const";

const GRAMMARS: Readonly<Record<CodeLanguage, RegExp | null>> = {
  json: /(?<p>"(?:[^"\\\n]|\\.)*"(?=\s*:))|(?<s>"(?:[^"\\\n]|\\.)*")|(?<n>-?\b\d[\d.eE+-]*|\b(?:true|false|null)\b)/g,
  yaml: tokens({
    c: HASH_COMMENTS,
    p: String.raw`[\w$.-]+(?=:(?:\s|$))`,
    s: STRINGS,
    n: String.raw`\b\d[\d.]*\b|\b(?:true|false|null)\b`,
  }),
  http: /(?<p>^[\w-]+(?=: ))|(?<k>^(?:GET|POST|PUT|PATCH|DELETE|HTTP\/1\.1)\b)/gm,
  xml: /(?<c><!--[^]*?-->)|(?<p><\/?[\w:-]+|\/?>)|(?<s>"[^"\n]*")/g,
  shell: tokens({
    c: HASH_COMMENTS,
    s: String.raw`"(?:[^"\\]|\\.)*"|'[^']*'`,
    k: String.raw`^(?:curl|export|echo|leadgate)\b|(?<=\$\()curl\b`,
  }),
  javascript: grammar(C_COMMENTS, `${STRINGS}|\`[^\`]*\``, C_WORDS),
  java: grammar(C_COMMENTS, STRINGS, C_WORDS),
  go: grammar(C_COMMENTS, `${STRINGS}|\`[^\`]*\``, C_WORDS),
  php: grammar(`${C_COMMENTS}|${HASH_COMMENTS}`, STRINGS, PHP_WORDS),
  python: grammar(HASH_COMMENTS, `"""[^]*?"""|f?(?:${STRINGS})`, PYTHON_WORDS),
  text: null,
};

/** A pattern of all kinds of tokens, by the letter of their class; what could be of several kinds is of the first. */
function tokens(kinds: Readonly<Record<string, string>>): RegExp {
  const named = Object.entries(kinds).map(([kind, pattern]) => `(?<${kind}>${pattern})`);
  return new RegExp(named.join("|"), "gm");
}

function grammar(comments: string, strings: string, words: string): RegExp {
  return tokens({
    c: comments,
    s: strings,
    n: String.raw`(?<![\w.])\d[\d._]*\b`,
    k: String.raw`(?<![\w$.-])(?:${words.split(" ").join("|")})(?![\w-])`,
  });
}

/** Code as HTML: comments, strings, numbers, keywords and names of members are marked by a class each (`t-c`, `t-s` …). */
export function highlighted(source: string, language: CodeLanguage): string {
  const pattern = GRAMMARS[language];
  if (pattern === null) return Bun.escapeHTML(source);
  let html = "";
  let end = 0;
  for (const match of source.matchAll(pattern)) {
    const [kind] = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined) ?? [];
    html += `${Bun.escapeHTML(source.slice(end, match.index))}<span class="t-${kind}">${Bun.escapeHTML(match[0])}</span>`;
    end = match.index + match[0].length;
  }
  return html + Bun.escapeHTML(source.slice(end));
}

/** The language that a fence of Markdown names. */
export function languageNamed(name: string): CodeLanguage {
  const [first = ""] = name.split(/\s/);
  const known = FENCES[first];
  return known ?? "text";
}

const FENCES: Readonly<Record<string, CodeLanguage>> = {
  sh: "shell",
  shell: "shell",
  json: "json",
  yaml: "yaml",
  js: "javascript",
  javascript: "javascript",
  xml: "xml",
  http: "http",
  php: "php",
  python: "python",
};
