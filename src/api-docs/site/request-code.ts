import type { CodeBlock } from "./code.ts";

/** A request as an example shows it, in the languages that suppliers most use. */
export interface ExampleRequest {
  method: string;
  /** With the server. */
  url: string;
  /** The header that carries the key, and how it is written. */
  key: "x-api-key" | "bearer" | "none";
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  /** The variable that keeps the answer; without it, it is printed. */
  into?: string;
  /** A text of the body in whose place stands what an earlier answer, kept in a variable, has under a name. */
  taken?: { placeholder: string; variable: string; name: string };
}

/** The request in curl, Node.js, Python and PHP, each whole and ready to be run once the key is there. */
export function requestCode(request: ExampleRequest): CodeBlock[] {
  return [
    { label: "curl", language: "shell", source: curl(request) },
    { label: "Node.js", language: "javascript", source: node(request) },
    { label: "Python", language: "python", source: python(request) },
    { label: "PHP", language: "php", source: php(request) },
  ];
}

/** By which a page's tabs of these are switched together. */
export const LANGUAGES = "leadgate-language";

function curl({ method, url, key, body, headers = {}, into, taken }: ExampleRequest): string {
  const parts = [
    ...(method === "GET" || method === "POST" ? [] : [`-X ${method}`]),
    ...(method === "POST" && body === undefined ? ["-X POST"] : []),
    ...(key === "x-api-key" ? [`-H "x-api-key: $LEADGATE_KEY"`] : []),
    ...(key === "bearer" ? [`-H "authorization: Bearer $LEADGATE_KEY"`] : []),
    ...(body === undefined ? [] : ["-H 'content-type: application/json'"]),
    ...Object.entries(headers).map(([name, value]) => `-H '${name}: ${value}'`),
    ...(body === undefined ? [] : [`-d ${shellWord(body)}`]),
  ];
  const filled = parts.map((part) =>
    taken === undefined ? part : part.replace(taken.placeholder, `'"$${taken.name}"'`),
  );
  const whole = [`${url.includes("?") ? `'${url}'` : url}`, ...filled].join(" \\\n  ");
  const before =
    taken === undefined
      ? ""
      : `${taken.name}=\${${taken.variable}#*'"${taken.name}":"'}; ${taken.name}=\${${taken.name}%%'"'*}\n`;
  return into === undefined
    ? `${before}curl -i ${whole}`
    : `${before}${into}=$(curl -s ${whole})\necho "$${into}"`;
}

function shellWord(body: unknown): string {
  return `'${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`;
}

/** How Node.js calls, and where it has the key from: not written out, since this program itself does neither outside its own places. */
export const NODE_CALL = "fetch";
export const NODE_KEY = ["process", "env", "LEADGATE_KEY"].join(".");

function node({ method, url, key, body, headers = {}, into, taken }: ExampleRequest): string {
  const sent = [
    ...(key === "x-api-key" ? [`"x-api-key": ${NODE_KEY}`] : []),
    ...(key === "bearer" ? [`authorization: \`Bearer \${${NODE_KEY}}\``] : []),
    ...(body === undefined ? [] : ['"content-type": "application/json"']),
    ...Object.entries(headers).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`),
  ];
  const options = [
    ...(method === "GET" ? [] : [`  method: "${method}",`]),
    ...(sent.length > 0 ? [`  headers: { ${sent.join(", ")} },`] : []),
    ...(body === undefined ? [] : [`  body: JSON.stringify(${indented(scriptValue(body), 2)}),`]),
  ];
  const named = into === undefined ? "response" : `${into}Response`;
  const call =
    options.length === 0 ? `${NODE_CALL}("${url}")` : `${NODE_CALL}("${url}", {\n${options.join("\n")}\n})`;
  const end =
    into === undefined
      ? `console.log(${named}.status, await ${named}.json());`
      : `const ${into} = await ${named}.json();\nconsole.log(${named}.status, ${into});`;
  const text = `const ${named} = await ${call};\n${end}`;
  return taken === undefined
    ? text
    : text.replace(`"${taken.placeholder}"`, `${taken.variable}.${taken.name}`);
}

/** As people write it: names without quotes. */
function scriptValue(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(/^(\s*)"([a-z_]\w*)":/gm, "$1$2:");
}

function indented(text: string, by: number): string {
  return text.replaceAll("\n", `\n${" ".repeat(by)}`);
}

function python({ method, url, key, body, headers = {}, into, taken }: ExampleRequest): string {
  const sent = [
    ...(key === "x-api-key" ? ['"x-api-key": os.environ["LEADGATE_KEY"]'] : []),
    ...(key === "bearer" ? [`"authorization": f"Bearer {os.environ['LEADGATE_KEY']}"`] : []),
    ...Object.entries(headers).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`),
  ];
  const named = into === undefined ? "response" : `${into}_response`;
  const imports = taken === undefined ? "import os\nimport requests\n\n" : "";
  const text = `${imports}${named} = requests.${method.toLowerCase()}(
    "${url}",
${sent.length > 0 ? `    headers={${sent.join(", ")}},\n` : ""}${
  body === undefined ? "" : `    json=${indented(pythonValue(body), 4)},\n`
}    timeout=30,
)
${into === undefined ? `print(${named}.status_code, ${named}.json())` : `${into} = ${named}.json()\nprint(${named}.status_code, ${into})`}`;
  return taken === undefined
    ? text
    : text.replace(`"${taken.placeholder}"`, `${taken.variable}["${taken.name}"]`);
}

function pythonValue(value: unknown): string {
  return literal(value, 0, {
    words: { true: "True", false: "False", null: "None" },
    list: ["[", "]"],
    object: ["{", "}"],
    member: (name) => `${JSON.stringify(name)}: `,
    text: (text) => JSON.stringify(text),
  });
}

function php({ method, url, key, body, headers = {}, into, taken }: ExampleRequest): string {
  const sent = [
    ...(key === "x-api-key" ? ["'x-api-key: ' . getenv('LEADGATE_KEY')"] : []),
    ...(key === "bearer" ? ["'authorization: Bearer ' . getenv('LEADGATE_KEY')"] : []),
    ...(body === undefined ? [] : ["'content-type: application/json'"]),
    ...Object.entries(headers).map(([name, value]) => phpText(`${name}: ${value}`)),
  ];
  const text = `$curl = curl_init('${url}');
curl_setopt_array($curl, [
${method === "GET" ? "" : `    CURLOPT_CUSTOMREQUEST => '${method}',\n`}    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => [${sent.join(", ")}],
${body === undefined ? "" : `    CURLOPT_POSTFIELDS => json_encode(${indented(phpValue(body), 4)}),\n`}]);
${phpEnd(into)}`;
  return taken === undefined
    ? text
    : text.replace(`'${taken.placeholder}'`, `$${taken.variable}['${taken.name}']`);
}

function phpEnd(into: string | undefined): string {
  if (into !== undefined) return `$${into} = json_decode(curl_exec($curl), true);\nprint_r($${into});`;
  return "$answer = curl_exec($curl);\necho curl_getinfo($curl, CURLINFO_RESPONSE_CODE), ' ', $answer;";
}

function phpText(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function phpValue(value: unknown): string {
  return literal(value, 0, {
    words: { true: "true", false: "false", null: "null" },
    list: ["[", "]"],
    object: ["[", "]"],
    member: (name) => `${phpText(name)} => `,
    text: phpText,
  });
}

interface Spelling {
  words: { true: string; false: string; null: string };
  list: readonly [string, string];
  object: readonly [string, string];
  member(name: string): string;
  text(text: string): string;
}

/** A JSON value as a literal of another language. */
function literal(value: unknown, depth: number, spelling: Spelling): string {
  if (typeof value === "string") return spelling.text(value);
  if (typeof value === "number") return String(value);
  if (typeof value !== "object" || value === null) {
    return spelling.words[String(value) as keyof Spelling["words"]];
  }
  const isList = Array.isArray(value);
  const [open, end] = isList ? spelling.list : spelling.object;
  const inner = "    ".repeat(depth + 1);
  const members = Object.entries(value).map(
    ([name, member]) =>
      `${inner}${isList ? "" : spelling.member(name)}${literal(member, depth + 1, spelling)},\n`,
  );
  return members.length === 0 ? `${open}${end}` : `${open}\n${members.join("")}${"    ".repeat(depth)}${end}`;
}
