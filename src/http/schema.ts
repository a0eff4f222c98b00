import { ERROR_KINDS, FIELD_CODES } from "./reply.ts";

/** How the shape of an answer is written down: JSON Schema (2020-12), as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Where a reference keeps what it refers to: found when a document is made, and no part of its JSON. */
export const REFERRED: unique symbol = Symbol("what a schema's name stands for");

/** A schema that documents show once, by its name. */
export function named(name: string, schema: JsonSchema): JsonSchema {
  return { $ref: `#/components/schemas/${name}`, [REFERRED]: { name, schema } };
}

/** `{ "data": … }`. */
export function dataOf(schema: JsonSchema): JsonSchema {
  return objectOf({ data: schema });
}

/** `{ "data": […], "next_cursor": … }`. */
export function pageOf(item: JsonSchema): JsonSchema {
  const description = "Send it as cursor to get what follows; null at the end.";
  return objectOf({ data: listOf(item), next_cursor: { ...textOrNull, description } });
}

export function listOf(items: JsonSchema, description?: string): JsonSchema {
  return { type: "array", items, ...(description !== undefined && { description }) };
}

/** An object that has all of these, and of `optional` whatever applies. */
export function objectOf(
  required: Readonly<Record<string, JsonSchema>>,
  optional: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  return {
    type: "object",
    properties: { ...required, ...optional },
    ...(Object.keys(required).length > 0 && { required: Object.keys(required) }),
  };
}

/** One of these words. */
export function wordOf(words: readonly string[], description?: string): JsonSchema {
  return { type: "string", enum: words, ...(description !== undefined && { description }) };
}

export const text: JsonSchema = { type: "string" };
export const textOrNull: JsonSchema = { type: ["string", "null"] };
export const flag: JsonSchema = { type: "boolean" };
export const count: JsonSchema = { type: "integer", minimum: 0 };
export const time: JsonSchema = { type: "string", format: "date-time", description: "RFC 3339, UTC" };
export const timeOrNull: JsonSchema = { type: ["string", "null"], format: "date-time" };
export const money: JsonSchema = {
  type: "string",
  pattern: "^-?\\d+(\\.\\d+)?$",
  description: "Decimal text",
};
export const moneyOrNull: JsonSchema = { ...money, type: ["string", "null"] };
export const currency: JsonSchema = { type: "string", description: "ISO 4217" };

const place: JsonSchema = {
  type: "integer",
  minimum: 1,
  description: "Of a document in YAML: where it stands.",
};
/** A field that is not valid. */
export const FIELD_ERROR = named(
  "FieldError",
  objectOf({ field: text, code: wordOf(FIELD_CODES), message: text }, { line: place, column: place }),
);

/** A rule that a lead does not pass. */
export const FILTER_ERROR = named("FilterError", {
  ...objectOf({ rule: text, field: text, code: text, message: text }),
  description: "A rule that the lead does not pass, or a suppression list that the person is on.",
});

export const DRY_RUN_TRACE = named(
  "DryRunTrace",
  listOf(
    objectOf({ check: text, result: wordOf(["passed", "ended"]) }, { detail: { type: "object" } }),
    "Of a dry run: what each check found.",
  ),
);

export const UNKNOWN_FIELDS = named(
  "UnknownFields",
  listOf(
    objectOf({ field: text }, { did_you_mean: text }),
    "Of a dry run: names that are no field of the campaign, and what each may have been meant for.",
  ),
);

/** The body of whatever fails. */
export const ERROR = named(
  "Error",
  objectOf(
    {
      error: wordOf(ERROR_KINDS),
      message: { type: "string", description: "For people. It never repeats what was sent." },
      request_id: {
        type: "string",
        description: "As in the header x-request-id; quote it when you ask for help.",
      },
    },
    {
      field_errors: listOf(FIELD_ERROR, "All of them at once."),
      filter_errors: listOf(FILTER_ERROR),
      retry_after: { ...count, description: "Seconds; as in the header Retry-After." },
      data: { type: "object", description: "What was found or recorded all the same." },
      trace: DRY_RUN_TRACE,
      unknown_fields: UNKNOWN_FIELDS,
    },
  ),
);
