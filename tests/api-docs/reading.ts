import type { ValidateFunction } from "ajv";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

/** As much of an OpenAPI operation as the tests read. */
interface ReadOperation {
  operationId: string;
  security?: Record<string, unknown>[];
  parameters?: { name: string; in: string; example?: string | number | boolean; schema?: unknown }[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string | number, { headers?: object; content?: Record<string, Content> }>;
}

interface Content {
  schema?: Record<string, unknown>;
  examples?: Record<string, { value: unknown }>;
}

/** The operation of that id, and where it is. */
export function operationOf(
  document: { paths: Record<string, Record<string, unknown>> },
  id: string,
): { path: string; method: string; operation: ReadOperation } {
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods as Record<string, ReadOperation>)) {
      if (operation.operationId === id) return { path, method, operation };
    }
  }
  throw new Error(`the document has no operation ${id}`);
}

export function requestExample(operation: ReadOperation, name: string): unknown {
  return operation.requestBody?.content["application/json"]?.examples?.[name]?.value;
}

/** What a value does not satisfy of a schema of the document; formats included. */
export function schemaProblems(
  document: { components: unknown },
  schema: Record<string, unknown>,
  value: unknown,
): string[] {
  const validatorOf = validators.get(document) ?? validatorsOver(document.components);
  validators.set(document, validatorOf);
  const validate = validatorOf(schema);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Compiling a schema takes longer than asking it, and the same ones are asked again and again. */
const validators = new WeakMap<object, (schema: object) => ValidateFunction>();

/** What schemas refer to is compiled once: given along with each of them, it took most of the time. */
function validatorsOver(components: unknown): (schema: object) => ValidateFunction {
  const ajv = addFormats(new Ajv({ strict: false, allErrors: true }));
  ajv.addSchema({ $id: "document", components });
  const made = new Map<string, ValidateFunction>();
  return (schema) => {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/');
    const validate = made.get(text) ?? ajv.compile(JSON.parse(text));
    made.set(text, validate);
    return validate;
  };
}

const CHANCE: readonly [RegExp, string][] = [
  [/\b(lead|update|erasure|delivery|deposit|event|key|url|opkey|change|link|person)_[0-9a-z]{26}\b/g, "$1_…"],
  [/\blg_(sup|buyer|url|read|operate|admin|link)_[0-9A-Za-z]+/g, "lg_$1_…"],
  [/\bv1\.[0-9a-f]{8}\.[\w-]+\.[\w-]{43}/g, "v1.…"],
  [/\bwhsec_[0-9A-Za-z+/=]+/g, "whsec_…"],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "(uuid)"],
  [/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z/g, "(time)"],
];

/** A body without what is different each time: ids, keys, times. */
export function withoutChance(body: unknown): unknown {
  if (body === undefined) return undefined;
  let text = JSON.stringify(body);
  for (const [pattern, instead] of CHANCE) text = text.replaceAll(pattern, instead);
  return JSON.parse(text);
}

/** The text that a piece of HTML shows. */
export function unescaped(html: string): string {
  return html
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}

/** What a page shows, without its marks. */
export function shownText(html: string): string {
  return unescaped(html.replaceAll(/<[^>]+>/g, ""));
}
