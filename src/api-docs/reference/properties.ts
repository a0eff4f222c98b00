import { escapeHtml, withCode } from "#api-docs/site/html.ts";
import { type JsonSchema, REFERRED } from "#http/schema.ts";
import type { Parameter } from "#http/words.ts";

/** One member of a body, or one parameter, as it is listed. */
interface Listed {
  name: string;
  type: string;
  required: boolean;
  says: string;
}

/** The parameters of a request in one place (path, query, headers). */
export function parameterList(parameters: Readonly<Record<string, Parameter>>, required = false): string {
  return list(
    Object.entries(parameters).map(([name, { description, schema = { type: "string" } }]) => ({
      name,
      type: typeInWords(schema),
      required,
      says: [description, usualInWords(schema)].filter((part) => part !== "").join(" "),
    })),
  );
}

/** The members of an object; of one that is in a list or under `data`, those. Empty where the schema tells of none. */
export function propertyList(schema: JsonSchema): string {
  const { properties = {}, required = [] } = plain(schema) as {
    properties?: Readonly<Record<string, JsonSchema>>;
    required?: readonly string[];
  };
  return list(
    Object.entries(properties).map(([name, property]) => ({
      name,
      type: typeInWords(property),
      required: required.includes(name),
      says: [descriptionOf(property), usualInWords(property)].filter((part) => part !== "").join(" "),
    })),
  );
}

function list(all: readonly Listed[]): string {
  if (all.length === 0) return "";
  const rows = all.map(
    ({ name, type, required, says }) =>
      `<div><dt><code>${escapeHtml(name)}</code> <span class="type">${escapeHtml(type)}</span>${
        required ? ' <span class="required">required</span>' : ""
      }</dt>${says === "" ? "" : `<dd>${withCode(says)}</dd>`}</div>`,
  );
  return `<dl class="properties">\n${rows.join("\n")}\n</dl>\n`;
}

/** What a reference refers to; all parts of an `allOf` as one. */
function plain(schema: JsonSchema): JsonSchema {
  const referred = (schema as { [REFERRED]?: { schema: JsonSchema } })[REFERRED];
  if (referred !== undefined) return plain(referred.schema);
  if (!Array.isArray(schema["allOf"])) return schema;
  const parts = (schema["allOf"] as JsonSchema[]).map(plain);
  return {
    ...schema,
    properties: Object.assign({}, ...parts.map((part) => part["properties"])),
    required: parts.flatMap((part) => (part["required"] as string[] | undefined) ?? []),
  };
}

function descriptionOf(schema: JsonSchema): string {
  const { description } = plain(schema);
  return typeof description === "string" ? description.replaceAll("\n", " ") : "";
}

/** `string`, `integer or null`, `list of objects`, `ACCEPTED, UNMATCHED or …` */
function typeInWords(schema: JsonSchema): string {
  const {
    type,
    enum: words,
    const: only,
    items,
    anyOf,
    oneOf,
    format,
  } = plain(schema) as {
    type?: string | string[];
    enum?: readonly unknown[];
    const?: unknown;
    items?: JsonSchema;
    anyOf?: readonly JsonSchema[];
    oneOf?: readonly JsonSchema[];
    format?: string;
  };
  if (words !== undefined) return joined(words.map(String));
  if (only !== undefined) return JSON.stringify(only);
  const choices = anyOf ?? oneOf;
  if (choices !== undefined) return joined([...new Set(choices.map(typeInWords))]);
  if (type === "array") return items === undefined ? "list" : `list of ${typeInWords(items)}`;
  const types = Array.isArray(type) ? type : [type ?? "anything"];
  const named = types.map((each) => (each === "string" && format !== undefined ? format : each));
  return joined(named);
}

function joined(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}

function usualInWords(schema: JsonSchema): string {
  const { default: usual } = plain(schema);
  return usual === undefined
    ? ""
    : `Usually \`${typeof usual === "string" ? usual : JSON.stringify(usual)}\`.`;
}
