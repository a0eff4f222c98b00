import type { Static, TObject } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Mapping } from "#text/problem.ts";
import type { RequestContext } from "./context.ts";
import { invalid, unknownNames } from "./field-errors.ts";
import { type Read, readMergePatch, readObject, readOptionalObject } from "./json-body.ts";
import { type ReplyFieldCode, type ReplyFieldError } from "./reply.ts";
import type { JsonSchema } from "./schema.ts";

/** What a route takes as its body: the schema that is documented, and how the body is read by it. */
export interface BodyForm<Sent> {
  schema: JsonSchema;
  optional?: true;
  description?: string;
  /** Default: JSON. */
  mediaTypes?: readonly string[];
  /** What may come instead, in another form, by media type. */
  instead?: Readonly<Record<string, { schema: JsonSchema; example?: string }>>;
  /** The body, or the answer that says what is wrong with it, all of it at once. */
  read(context: RequestContext): Promise<Read<Sent>>;
}

/**
 * What a property of a body is called when it does not fit: `mustBe` ends the sentence about it, `code` is what is wrong with a value;
 * `whenMissing` what is said of one that is not there.
 */
export interface PropertyWords {
  mustBe: string;
  code?: ReplyFieldCode | ((value: unknown) => ReplyFieldCode);
  whenMissing?: string;
}

type Check<Sent> = (body: Sent) => readonly ReplyFieldError[];

/** A JSON object of this shape. `check` finds what a schema cannot say; it is asked of whatever shape the body has. */
export function json<Shape extends TObject>(
  schema: Shape,
  check?: Check<Partial<Static<Shape>>>,
): BodyForm<Static<Shape>> {
  return { schema, read: async (context) => checkBody(context, await readObject(context), schema, check) };
}

/** The same where nothing need be said: no body at all is an empty object. */
export function optionalJson<Shape extends TObject>(
  schema: Shape,
  check?: Check<Partial<Static<Shape>>>,
): BodyForm<Static<Shape>> {
  return {
    schema,
    optional: true,
    read: async (context) => checkBody(context, await readOptionalObject(context), schema, check),
  };
}

/** A JSON merge patch (RFC 7396). */
export function mergePatch(schema: JsonSchema): BodyForm<Mapping> {
  return {
    schema,
    mediaTypes: ["application/json", "application/merge-patch+json"],
    read: readMergePatch,
  };
}

/** A JSON object that the route checks by itself. */
export function jsonAsItIs(schema: JsonSchema): BodyForm<Mapping> {
  return { schema, read: readObject };
}

/** The same where nothing need be said. */
export function optionalJsonAsItIs(schema: JsonSchema): BodyForm<Mapping> {
  return { schema, optional: true, read: readOptionalObject };
}

/** A body that the route reads by itself: it is only documented here. */
export function readByRoute(form: Omit<BodyForm<unknown>, "read">): BodyForm<undefined> {
  return { ...form, read: async () => ({ ok: true, value: undefined }) };
}

function checkBody<Shape extends TObject>(
  context: RequestContext,
  read: Read<Mapping>,
  schema: Shape,
  check?: Check<Partial<Static<Shape>>>,
): Read<Static<Shape>> {
  if (!read.ok) return read;
  const errors = [...shapeErrors(schema, read.value), ...(check?.(read.value) ?? [])];
  if (errors.length > 0) return { ok: false, reply: invalid(context, errors) };
  return { ok: true, value: Value.Default(schema, { ...read.value }) as Static<Shape> };
}

/** All that is wrong with an object by its schema; nothing that it holds is repeated. */
function shapeErrors(schema: TObject, body: Mapping): ReplyFieldError[] {
  const names = Object.keys(schema.properties);
  const required = new Set(schema.required ?? []);
  const others = Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)));
  return [
    ...unknownNames(others, names),
    ...Object.entries(schema.properties).flatMap(([field, property]) => {
      const { mustBe, code = "invalid_format", whenMissing } = property as unknown as PropertyWords;
      const value = body[field];
      if (value === undefined) {
        if (!required.has(field)) return [];
        return [{ field, code: "required" as const, message: whenMissing ?? "is required" }];
      }
      if (Value.Check(property, value)) return [];
      const what = typeof code === "function" ? code(value) : code;
      return [{ field, code: what, message: `must be ${mustBe}` }];
    }),
  ];
}
