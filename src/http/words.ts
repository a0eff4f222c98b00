import type { ErrorKind, ReplyFieldCode } from "./reply.ts";
import { ERROR, type JsonSchema } from "./schema.ts";

/** What the API's document says of a route beside what the route says itself. */
export interface Words {
  /** Its id: generated clients name their functions so. */
  operation: string;
  /** The section of the document that it stands in. */
  section: string;
  summary: string;
  description: string;
  /** The names in its path. */
  params?: Readonly<Record<string, Parameter>>;
  headers?: Readonly<Record<string, Parameter>>;
  /** By status. Those that every route with such a gate, query or body may give are added. */
  replies: Readonly<Record<number, Reply>>;
  /** Requests that can be sent as they stand to the demo set-up, each with the answer that it gets, by name. */
  calls?: Readonly<Record<string, ExampleCall>>;
}

export interface Parameter {
  description: string;
  schema?: JsonSchema;
  example?: string | number | boolean | undefined;
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

export interface ExampleCall {
  summary: string;
  body?: unknown;
  answer: { status: number; body?: unknown };
}

export function pathParameter(description: string, example?: string | number): Parameter {
  return { description, example };
}

/** A reply that has a body of this shape. */
export function reply(description: string, schema?: JsonSchema, headers?: readonly string[]): Reply {
  return { description, ...(schema && { schema }), ...(headers && { headers }) };
}

/** A reply that says why nothing was done. */
export function refusalWords(description: string, headers?: readonly string[]): Reply {
  return reply(description, ERROR, headers);
}

export function notFound(what: string): Reply {
  return refusalWords(`There is no such ${what}.`);
}

/** A request with this body, and what it is answered. */
export function exampleCall(summary: string, sent: unknown, status: number, body?: unknown): ExampleCall {
  return {
    summary,
    ...(sent !== undefined && { body: sent }),
    answer: { status, ...(body !== undefined && { body }) },
  };
}

/** A request for what is not there. */
export function missingCall(summary: string, message: string, sent?: unknown): ExampleCall {
  return exampleCall(summary, sent, 404, errorExample("not_found", message));
}

/** A request with fields that are not valid. */
export function invalidCall(summary: string, sent: unknown, ...errors: FieldErrorExample[]): ExampleCall {
  return exampleCall(summary, sent, 400, invalidExample(...errors));
}

type FieldErrorExample = readonly [field: string, code: ReplyFieldCode, message: string];

export function invalidExample(...errors: FieldErrorExample[]) {
  const message = errors.length === 1 ? "1 field is not valid" : `${errors.length} fields are not valid`;
  return errorExample("validation_failed", message, {
    field_errors: errors.map(([field, code, says]) => ({ field, code, message: says })),
  });
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
