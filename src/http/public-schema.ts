import { type JsonSchema, named, REFERRED } from "./schema.ts";

/**
 * A schema of ours as others can use it: without what only we understand, a choice of constants as an `enum`, our formats under the names
 * of the standard. Whatever refers to itself (`$id`) is referred to by a name.
 */
export function publicSchema(schema: object): JsonSchema {
  return published(schema, {});
}

type Names = Readonly<Record<string, string>>;

function published(schema: object, names: Names): JsonSchema {
  if (REFERRED in schema) return schema;
  const { $id, ...rest } = schema as Record<string, unknown>;
  if (typeof $id !== "string") return simplified(rest, names);
  return named(SELF_REFERRING, simplified(rest, { ...names, [$id]: SELF_REFERRING }));
}

/** The filter is the one schema that refers to itself. */
const SELF_REFERRING = "Filter";

function simplified(schema: Readonly<Record<string, unknown>>, names: Names): JsonSchema {
  const {
    mustBe,
    code: _code,
    whenMissing: _missing,
    checkedElsewhere: _,
    $ref,
    format,
    allOf,
    anyOf,
    pattern,
    ...rest
  } = schema;
  if (typeof $ref === "string") return { $ref: `#/components/schemas/${names[$ref] ?? $ref}` };
  if (Array.isArray(allOf)) return withNarrowings(allOf.filter(isObject), rest, names);
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(rest)) result[key] = member(key, value, names);
  if (typeof format === "string") Object.assign(result, standardFormat(format));
  if (typeof pattern === "string") Object.assign(result, standardPattern(pattern));
  if (Array.isArray(anyOf)) Object.assign(result, choice(anyOf, names));
  if (typeof mustBe === "string") result.description ??= `Must be ${mustBe}.`;
  return describedRange(result);
}

/** A base and what narrows it further: the shorter of the lengths, and all patterns. */
function withNarrowings(parts: readonly JsonSchema[], rest: JsonSchema, names: Names): JsonSchema {
  const lengths = parts.flatMap(({ maxLength }) => (typeof maxLength === "number" ? maxLength : []));
  const [pattern, ...others] = parts.flatMap((part) =>
    typeof part.pattern === "string" ? part.pattern : [],
  );
  const joined = Object.assign({}, ...parts, rest, {
    ...(lengths.length > 0 && { maxLength: Math.min(...lengths) }),
    ...(pattern !== undefined && { pattern }),
  });
  const one = simplified(joined, names);
  return others.length === 0 ? one : { ...one, allOf: others.map(standardPattern) };
}

function member(key: string, value: unknown, names: Names): unknown {
  if (key === "properties" || key === "patternProperties") {
    return Object.fromEntries(
      Object.entries(isObject(value) ? value : {}).map(([name, property]) => [
        name,
        published(property as object, names),
      ]),
    );
  }
  if ((key === "items" || key === "additionalProperties") && isObject(value)) {
    return published(value, names);
  }
  return value;
}

function choice(members: readonly unknown[], names: Names): JsonSchema {
  const constants = members.map((each) => (isObject(each) ? each.const : undefined));
  if (constants.every((each) => typeof each === "string")) return { type: "string", enum: constants };
  const [one, other] = members;
  if (members.length === 2 && isObject(one) && isObject(other) && other.type === "null") {
    return { ...published(one, names), type: [one.type, "null"] };
  }
  return { anyOf: members.filter(isObject).map((each) => published(each, names)) };
}

/** Where the standard has no name for it, the description says what is meant. */
function standardFormat(format: string): JsonSchema {
  switch (format) {
    case "leadgate:date":
      return { format: "date" };
    case "leadgate:datetime":
    case "leadgate:instant":
      return { format: "date-time" };
    case "leadgate:email":
    case "leadgate:mail-address":
      return { format: "email" };
    case "leadgate:url":
    case "leadgate:https-url":
    case "leadgate:web-address":
      return { format: "uri" };
    default:
      return format.startsWith("leadgate:") ? {} : { format };
  }
}

/** Patterns are RE2's; one that other engines would not read is kept under a name of our own. */
function standardPattern(pattern: string): JsonSchema {
  try {
    new RegExp(pattern, "u");
    return { pattern };
  } catch {
    return { "x-pattern-re2": pattern };
  }
}

/** JSON Schema has no bounds for dates: a sentence says them. */
function describedRange({ formatMinimum, formatMaximum, ...schema }: Record<string, unknown>): JsonSchema {
  const bounds = [
    ...(typeof formatMinimum === "string" ? [`not before ${formatMinimum}`] : []),
    ...(typeof formatMaximum === "string" ? [`not after ${formatMaximum}`] : []),
  ];
  if (bounds.length === 0) return schema;
  const sentence = `${bounds.join(", ").replace(/^./, (first) => first.toUpperCase())}.`;
  const description = typeof schema.description === "string" ? `${schema.description} ${sentence}` : sentence;
  return { ...schema, description };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
