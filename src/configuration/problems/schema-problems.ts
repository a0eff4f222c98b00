import { KindGuard, type TArray, type TObject, type TSchema, type TUnion } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { ReplyFieldCode } from "#http/reply.ts";
import { nearest } from "#text/did-you-mean.ts";
import { isMapping, joinPath } from "#text/problem.ts";

/** One thing that is wrong with a document, and where: `campaigns[0].buyers[1].price`. The message ends a sentence about it. */
export interface DocumentProblem {
  path: string;
  code: ReplyFieldCode;
  message: string;
}

/**
 * Where a value differs from the schema, in words made from the schema's `mustBe`. It says of every value what
 * `Value.Check` says, but names each place once and never repeats what stood there.
 */
export function schemaProblems(schema: TSchema, value: unknown, path: string): DocumentProblem[] {
  if (schema.checkedElsewhere === true) return [];
  if (KindGuard.IsObject(schema)) return objectProblems(schema, value, path);
  if (KindGuard.IsArray(schema)) return listProblems(schema, value, path);
  if (KindGuard.IsUnion(schema)) return unionProblems(schema, value, path);
  if (Value.Check(schema, value)) return [];
  return [{ path, code: codeOf(schema, value), message: `must be ${expectationOf(schema)}` }];
}

function objectProblems(schema: TObject, value: unknown, path: string): DocumentProblem[] {
  if (!isMapping(value))
    return [{ path, code: "invalid_type", message: "must be a mapping of names to values" }];
  const names = Object.keys(schema.properties);
  const unknown = Object.keys(value).filter((name) => !Object.hasOwn(schema.properties, name));
  // A setting that is mistyped is told of once, as that.
  const meant = new Set(unknown.map((name) => nearest(name, names)));
  const required = new Set(schema.required?.filter((name) => !meant.has(name)));
  const known = Object.entries(schema.properties).flatMap(([name, property]) => {
    if (Object.hasOwn(value, name)) return schemaProblems(property, value[name], joinPath(path, name));
    if (!required.has(name)) return [];
    return [{ path: joinPath(path, name), code: "required" as const, message: "is required" }];
  });
  return [...unknown.map((name) => unknownSetting(name, names, path)), ...known];
}

function unknownSetting(name: string, known: readonly string[], path: string): DocumentProblem {
  const meant = nearest(name, known);
  const hint = meant === undefined ? `; known are ${known.join(", ")}` : `; did you mean ${meant}?`;
  return {
    path: joinPath(path, printableName(name)),
    code: "unknown_field",
    message: `is not a known setting${hint}`,
  };
}

function listProblems(schema: TArray, value: unknown, path: string): DocumentProblem[] {
  if (!Array.isArray(value)) return [{ path, code: "invalid_type", message: "must be a list" }];
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    return [{ path, code: "too_long", message: `must have at most ${schema.maxItems} entries` }];
  }
  if (schema.minItems !== undefined && value.length < schema.minItems) {
    return [
      {
        path,
        code: "too_short",
        message:
          schema.minItems === 1 ? "must not be empty" : `must have at least ${schema.minItems} entries`,
      },
    ];
  }
  return value.flatMap((entry: unknown, index) => schemaProblems(schema.items, entry, joinPath(path, index)));
}

/**
 * A union is a choice of words, a choice of mappings told apart by a constant that each has, or anything else that says what it must be.
 */
function unionProblems(schema: TUnion, value: unknown, path: string): DocumentProblem[] {
  const mappings = schema.anyOf.filter((member) => KindGuard.IsObject(member));
  if (mappings.length === 0 || !isMapping(value)) {
    if (Value.Check(schema, value)) return [];
    return [{ path, code: codeOf(schema, value), message: `must be ${expectationOf(schema)}` }];
  }
  const name = distinguishingName(mappings);
  const choices: unknown[] = mappings.map((member) => member.properties[name]?.const);
  const isNamed = Object.hasOwn(value, name);
  const settings = [...new Set(mappings.flatMap((member) => Object.keys(member.properties)))];
  const mistyped = Object.keys(value).find(
    (key) => !settings.includes(key) && nearest(key, settings) === name,
  );
  if (!isNamed && mistyped !== undefined) return [unknownSetting(mistyped, settings, path)];
  const chosen = isNamed ? mappings[choices.indexOf(value[name])] : undefined;
  if (chosen !== undefined) return objectProblems(chosen, value, path);
  return [
    {
      path: joinPath(path, name),
      code: isNamed ? "not_allowed" : "required",
      message: `must be one of ${choices.join(", ")}`,
    },
  ];
}

/** `mode` of a payout, `method` of a delivery. */
function distinguishingName(mappings: readonly TObject[]): string {
  const [first] = mappings;
  const isConstant = (name: string) =>
    mappings.every((member) => KindGuard.IsLiteral(member.properties[name]));
  const name = Object.keys(first?.properties ?? {}).find(isConstant);
  if (name === undefined) throw new Error("the mappings of a union have no constant that tells them apart");
  return name;
}

/** The end of the sentence "price must be …": what the schema says of itself, else what its bounds say. */
export function expectationOf(schema: TSchema): string {
  if (typeof schema.mustBe === "string") return schema.mustBe;
  if (KindGuard.IsUnion(schema)) {
    const choices = schema.anyOf.map(expectationOf);
    return choices.length > 2 ? `one of ${choices.join(", ")}` : choices.join(" or ");
  }
  if (KindGuard.IsLiteral(schema)) return String(schema.const);
  if (KindGuard.IsBoolean(schema)) return "true or false";
  if (KindGuard.IsInteger(schema)) return `a whole number${boundsText(schema.minimum, schema.maximum)}`;
  if (KindGuard.IsNumber(schema)) return `a number${boundsText(schema.minimum, schema.maximum)}`;
  if (KindGuard.IsRecord(schema)) return "a mapping of names to plain values";
  if (KindGuard.IsString(schema)) {
    const length = boundsText(schema.minLength, schema.maxLength).replace("from", "of");
    return `a text${length === "" ? "" : `${length} characters`}${schema.pattern ? ` of the form ${schema.pattern}` : ""}`;
  }
  return "something else";
}

function boundsText(minimum: number | undefined, maximum: number | undefined): string {
  if (maximum === undefined) return minimum === undefined ? "" : ` from ${minimum}`;
  return ` from ${minimum ?? 0} to ${maximum.toLocaleString("en")}`;
}

function codeOf(schema: TSchema, value: unknown): ReplyFieldCode {
  if (KindGuard.IsLiteral(schema)) return "not_allowed";
  if (KindGuard.IsUnion(schema)) {
    return schema.anyOf.every((member) => KindGuard.IsLiteral(member)) ? "not_allowed" : "invalid_format";
  }
  if (KindGuard.IsString(schema) && typeof value === "string") {
    if (schema.minLength !== undefined && value.length < schema.minLength) return "too_short";
    if (schema.maxLength !== undefined && value.length > schema.maxLength) return "too_long";
    return "invalid_format";
  }
  return typeof value === "number" && schema.minimum !== undefined ? "out_of_range" : "invalid_type";
}

/** A name out of a document, fit to be shown: names can hold anything. */
function printableName(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, "?").slice(0, 64);
}
