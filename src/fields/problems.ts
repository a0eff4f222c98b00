import { Value } from "@sinclair/typebox/value";
import type { FieldDefinition, FieldOption } from "#fields/types/definition.ts";
import { comparedWord } from "#fields/types/enum.ts";
import type { Stored } from "#fields/types/field-type.ts";
import { LONGEST_MATCHED } from "#fields/types/pattern.ts";
import { type PatternRefused, patternProblem } from "#text/pattern.ts";
import type { Problem } from "#text/problem.ts";
import { aliasPath } from "./alias-path.ts";
import { readerOf } from "./reader.ts";
import { isReservedName, narrowerTypes, systemFields, typesOfSystemField } from "./system.ts";
import { fieldTypes } from "./types.ts";

/**
 * All that the schema of a definition cannot say, by path into the list (`[2].aliases[0]`). A list without problems compiles.
 * `country` (ISO 3166-1 alpha-2) matters to examples and value maps of phones, states, postal codes and dates.
 */
export function problemsOf(fields: readonly FieldDefinition[], country = "US"): Problem[] {
  return [
    ...fields.flatMap((field, index) => fieldNameProblems(field, index, fields)),
    ...aliasProblems(fields),
    ...fields.flatMap((field, index) =>
      definitionProblems(field, country).map(({ path, message }) => ({ path: `[${index}]${path}`, message })),
    ),
  ];
}

/** Each kind of problem is looked for only in a definition that is whole up to there. */
function definitionProblems(field: FieldDefinition, country: string): Problem[] {
  const wrongOptions = [...systemProblems(field), ...optionProblems(field)];
  if (wrongOptions.length > 0) return wrongOptions;
  const wrongBounds = boundProblems(field, country);
  return wrongBounds.length > 0 ? wrongBounds : allowedValueProblems(field, country);
}

function fieldNameProblems(
  { name }: FieldDefinition,
  index: number,
  fields: readonly FieldDefinition[],
): Problem[] {
  const path = `[${index}].name`;
  if (isReservedName(name)) return [{ path, message: "is a reserved name" }];
  const first = fields.findIndex((field) => field.name === name);
  return first < index ? [{ path, message: `is the name of field ${first} too` }] : [];
}

function aliasProblems(fields: readonly FieldDefinition[]): Problem[] {
  const owners = new Map(systemFields.map(({ name }) => [name, "a system field"]));
  for (const { name } of fields) owners.set(name, "a field");
  return fields.flatMap(({ name, aliases = [] }, index) =>
    aliases.flatMap((alias, position) => {
      const owner = owners.get(alias);
      owners.set(alias, `an alias of ${name}`);
      const path = `[${index}].aliases[${position}]`;
      const { begins = alias } = aliasPath(alias) ?? {};
      if (isReservedName(alias)) return [{ path, message: "is a reserved name" }];
      if (isReservedName(begins)) return [{ path, message: `begins with the reserved name ${begins}` }];
      return owner === undefined ? [] : [{ path, message: `is taken: it is ${owner}` }];
    }),
  );
}

function systemProblems({ name, type, required }: FieldDefinition): Problem[] {
  const types = typesOfSystemField(name);
  if (types === undefined) return [];
  if (!types.includes(type)) {
    return [{ path: ".type", message: `is ${types.join(" or ")} for the system field ${name}` }];
  }
  const always = systemFields.some((system) => system.name === name && system.required === true);
  return always && required === false
    ? [{ path: ".required", message: `cannot be false: ${name} is always required` }]
    : [];
}

const TYPED_OPTIONS: readonly FieldOption[] = [
  "min",
  "max",
  "min_length",
  "max_length",
  "pattern",
  "values",
  "strict",
];

function optionProblems(field: FieldDefinition): Problem[] {
  const problems: Problem[] = [];
  const { options } = fieldTypes[field.type];
  for (const option of TYPED_OPTIONS) {
    if (field[option] !== undefined && !options.includes(option)) {
      problems.push({ path: `.${option}`, message: `is not an option of type ${field.type}` });
    }
  }
  if (field.type === "enum") problems.push(...enumProblems(field.values));
  if (field.pattern !== undefined) problems.push(...patternProblems(field, field.pattern));
  return problems;
}

function enumProblems(values: readonly string[] | undefined): Problem[] {
  if (values === undefined) return [{ path: ".values", message: "is required for type enum" }];
  const seen = new Set<string>();
  return values.flatMap((value, position) => {
    const path = `.values[${position}]`;
    if (value !== value.trim() || value === "") return [{ path, message: "begins or ends with a blank" }];
    const folded = comparedWord(value);
    if (seen.has(folded)) return [{ path, message: "is listed twice (values are matched in any case)" }];
    seen.add(folded);
    return [];
  });
}

function patternProblems(field: FieldDefinition, pattern: string): Problem[] {
  if ((field.max_length ?? 0) > LONGEST_MATCHED) {
    return [{ path: ".max_length", message: `is at most ${LONGEST_MATCHED} for a field with a pattern` }];
  }
  const problem = patternProblem(pattern);
  return problem === undefined ? [] : [{ path: ".pattern", message: patternMessage(problem) }];
}

function patternMessage({ why, message, cause }: PatternRefused): string {
  switch (why) {
    case "no_re2": {
      const reason = cause instanceof Error ? `: ${cause.message}` : "";
      return `is not a pattern of RE2 (no look-around, no back-references)${reason}`;
    }
    case "too_costly":
      return "is too costly: use smaller repeat counts";
    case "empty":
    case "too_long":
      return message;
  }
}

function boundProblems(field: FieldDefinition, country: string): Problem[] {
  if ((field.min_length ?? 0) > (field.max_length ?? Number.POSITIVE_INFINITY)) {
    return [{ path: ".min_length", message: "is greater than max_length" }];
  }
  const plainField: FieldDefinition = { name: field.name, type: field.type, values: [] };
  const plain = readerOf(plainField, fieldTypes[field.type], country);
  const problems = (["min", "max"] as const).flatMap((bound) => {
    const value = field[bound];
    if (value === undefined) return [];
    // Checked under itself as a bound: a first day may lie before those that are taken when nothing is said.
    const isStoredForm =
      plain.read(value) === value &&
      Value.Check(fieldTypes[field.type].schema({ ...plainField, [bound]: value }, country), value);
    if (isStoredForm) return [];
    return [{ path: `.${bound}`, message: `is not written as a ${field.type} is stored` }];
  });
  return problems.length > 0 || !isAbove(field.min, field.max)
    ? problems
    : [{ path: ".min", message: "is greater than max" }];
}

function isAbove(min: FieldDefinition["min"], max: FieldDefinition["max"]): boolean {
  if (typeof min === "number" && typeof max === "number") return min > max;
  return typeof min === "string" && typeof max === "string" && Date.parse(min) > Date.parse(max);
}

function allowedValueProblems(field: FieldDefinition, country: string): Problem[] {
  const { map } = field;
  const accepts = acceptanceOf(field, country);
  const problems: Problem[] = [];
  if (field.example !== undefined && !accepts(field.example)) {
    problems.push({ path: ".example", message: "is refused by the field's own definition" });
  }
  const seen = new Set<string>();
  for (const [said, meaning] of Object.entries(map ?? {})) {
    const path = `.map[${JSON.stringify(said)}]`;
    const folded = comparedWord(said);
    if (folded === "") problems.push({ path, message: "is empty: blanks mean that nothing was sent" });
    if (seen.has(folded)) problems.push({ path, message: "is mapped twice (words are matched in any case)" });
    if (!accepts(meaning)) {
      problems.push({ path, message: "is mapped to a value that the field refuses" });
    }
    seen.add(folded);
  }
  return problems;
}

/** Whether a lead may have a value in this field, by its definition but for its map. The bounds and the pattern have no problems. */
export function acceptanceOf(
  { map: _, ...field }: FieldDefinition,
  country: string,
): (raw: Stored) => boolean {
  const reader = readerOf(field, narrowerTypes.get(field.name) ?? fieldTypes[field.type], country);
  return (raw) => {
    const stored = reader.read(raw);
    return stored !== undefined && typeof stored !== "object" && Value.Check(reader.schema, stored);
  };
}
