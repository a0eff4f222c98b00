import type { ErrorKind } from "#http/reply.ts";
import type { JsonSchema } from "#http/schema.ts";

/** What is to be said of an operation beside what its route says itself. */
export interface OperationDescription {
  description: string;
  /** Whose key it asks for. */
  caller: "supplier" | "operator" | "anybody";
  parameters?: readonly Parameter[];
  body?: Body;
  /** By status. Those that every operation of the same caller may give are added. */
  replies: Readonly<Record<number, Reply>>;
  /** Requests that can be sent as they stand to the demo set-up, each with the answer that it gets, by name. */
  calls?: Readonly<Record<string, Call>>;
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  description: string;
  schema?: JsonSchema;
  example?: string | number | boolean;
}

export interface Body {
  schema: JsonSchema;
  optional?: true;
  description?: string;
  /** Default: JSON. */
  mediaTypes?: readonly string[];
  /** What may come instead, in another form, by media type. */
  instead?: Readonly<Record<string, { schema: JsonSchema; example?: string }>>;
}

export interface Reply {
  description: string;
  schema?: JsonSchema;
  headers?: readonly string[];
  /** Answers that no single request to the demo set-up gets, by name. */
  examples?: Readonly<Record<string, Example>>;
}

export interface Example {
  summary: string;
  value: unknown;
}

export interface Call {
  summary: string;
  body?: unknown;
  answer: { status: number; body?: unknown };
}

/** A schema among the components of the document. */
export function schemaNamed(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

/** `{ "data": … }`. */
export function dataOf(schema: JsonSchema): JsonSchema {
  return objectOf({ data: schema });
}

/** `{ "data": […], "next_cursor": … }`. */
export function pageOf(item: JsonSchema): JsonSchema {
  const cursor = {
    type: ["string", "null"],
    description: "Send it as cursor to get what follows; null at the end.",
  };
  return objectOf({ data: { type: "array", items: item }, next_cursor: cursor });
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

/** An error's body as it is shown in examples. */
export function errorExample(
  error: ErrorKind,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
) {
  return { error, message, request_id: EXAMPLE_REQUEST_ID, ...details };
}

const EXAMPLE_REQUEST_ID = "01993a52-5c1e-7c2b-a1d7-0f1d3f2b9c11";
