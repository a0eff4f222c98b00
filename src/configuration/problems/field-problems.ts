import { Value } from "@sinclair/typebox/value";
import { countryProblem } from "#fields/country.ts";
import { problemsOf } from "#fields/problems.ts";
import { withSystemFields } from "#fields/system.ts";
import {
  type FieldDefinition,
  FieldDefinition as FieldDefinitionSchema,
  type FieldTypeName,
} from "#fields/types/definition.ts";
import { comparedWord } from "#fields/types/enum.ts";
import { fieldTypes } from "#fields/types.ts";
import { type FilterRule, type FilterUse, filterProblems } from "#rules/filter-definition.ts";
import { asksForSameness } from "#rules/operators.ts";
import { isMapping, joinPath, type Mapping } from "#text/problem.ts";
import { foundWithin, hint, type PlacedEntry, problem } from "./placed-entry.ts";
import type { DocumentProblem } from "./schema-problems.ts";

/** The campaign's fields with the system's, or null while its own cannot be read. */
export function readableFields(campaign: Mapping): FieldDefinition[] | null {
  const own = campaign.fields ?? [];
  if (!Array.isArray(own) || !own.every(isFieldDefinition)) return null;
  return withSystemFields(own);
}

/** The types that each field has in these campaigns, the system's among them; undefined while one's own cannot be read. */
export function typesOfAll(
  campaigns: readonly PlacedEntry[],
): ReadonlyMap<string, readonly FieldTypeName[]> | undefined {
  const types = new Map(withSystemFields([]).map(({ name, type }) => [name, [type]]));
  for (const campaign of campaigns) {
    const fields = readableFields(campaign.entry);
    if (fields === null) return undefined;
    for (const { name, type } of fields) types.set(name, [...new Set([...(types.get(name) ?? []), type])]);
  }
  return types;
}

export function fieldProblems({ entry, path }: PlacedEntry): DocumentProblem[] {
  const { fields, country } = entry;
  if (!Array.isArray(fields) || !fields.every(isFieldDefinition)) return [];
  return problemsOf(fields, typeof country === "string" ? country : "US").map((found) =>
    foundWithin(joinPath(path, "fields"), found),
  );
}

/** Of a country that is written as one and is none. */
export function countryProblems({ entry: { country }, path }: PlacedEntry): DocumentProblem[] {
  if (typeof country !== "string" || !/^[A-Z]{2}$/.test(country)) return [];
  const message = countryProblem(country);
  return message === undefined ? [] : [problem(joinPath(path, "country"), "not_allowed", message)];
}

function isFieldDefinition(value: unknown): value is FieldDefinition {
  return Value.Check(FieldDefinitionSchema, value);
}

export function duplicateFieldProblems(
  { entry, path }: PlacedEntry,
  names: ReadonlyMap<string, unknown>,
): DocumentProblem[] {
  if (!isMapping(entry.duplicates) || !Array.isArray(entry.duplicates.fields)) return [];
  return unknownFields(
    entry.duplicates.fields,
    names,
    `${path}.duplicates.fields`,
    "a field of this campaign",
  );
}

/** A buyer's own window looks at leads of several campaigns, so a field of any of them will do. */
export function buyerFieldProblems(
  { entry, path }: PlacedEntry,
  campaigns: readonly PlacedEntry[],
): DocumentProblem[] {
  if (!isMapping(entry.duplicates) || !Array.isArray(entry.duplicates.fields)) return [];
  const names = typesOfAll(campaigns);
  if (names === undefined) return [];
  const what = "a field of a campaign that the buyer is linked to";
  return unknownFields(entry.duplicates.fields, names, `${path}.duplicates.fields`, what);
}

function unknownFields(
  fields: readonly unknown[],
  names: ReadonlyMap<string, unknown>,
  path: string,
  what: string,
): DocumentProblem[] {
  return fields.flatMap((field, index) => {
    if (typeof field !== "string") return [];
    if (fields.indexOf(field) < index)
      return [problem(joinPath(path, index), "not_allowed", "is listed twice")];
    return names.has(field)
      ? []
      : [problem(joinPath(path, index), "not_allowed", `must be ${what}${hint(field, names.keys())}`)];
  });
}

export function filtersProblems(
  { entry, path }: PlacedEntry,
  name: string,
  fields: ReadonlyMap<string, FieldDefinition>,
  use: FilterUse,
  checked: readonly string[] = [],
): DocumentProblem[] {
  if (entry[name] === undefined) return [];
  const place = joinPath(path, name);
  const types = new Map(Array.from(fields.values(), (field) => [field.name, field.type] as const));
  const found = filterProblems(entry[name], types, use);
  if (found.length > 0) return found.map((each) => foundWithin(place, each));
  return rulesIn(entry[name], place).flatMap(({ rule, path: rulePath }) => {
    const field = fields.get(rule.field);
    if (checked.includes(rule.field)) return [];
    return field === undefined
      ? [
          problem(
            joinPath(rulePath, "field"),
            "not_allowed",
            `must be a field of this campaign${hint(rule.field, [...fields.keys(), ...checked])}`,
          ),
        ]
      : choiceProblems(rule, rulePath, field);
  });
}

/** The rules of a filter without problems, and where they stand. */
function rulesIn(filter: unknown, path: string): { rule: FilterRule; path: string }[] {
  if (!isMapping(filter)) return [];
  if (filter.field !== undefined) return [{ rule: filter as FilterRule, path }];
  if (filter.not !== undefined) return rulesIn(filter.not, joinPath(path, "not"));
  return (["all", "any"] as const).flatMap((group) => {
    const parts = filter[group];
    if (!Array.isArray(parts)) return [];
    return parts.flatMap((part: unknown, index) => rulesIn(part, joinPath(joinPath(path, group), index)));
  });
}

/** Of a rule that asks for a value which the field can never have. */
function choiceProblems(
  { op, value }: FilterRule,
  path: string,
  { name, type, values = [] }: FieldDefinition,
): DocumentProblem[] {
  if (type !== "enum" || !asksForSameness(op)) return [];
  const declared = new Set(values.map(comparedWord));
  const asked = Array.isArray(value) ? [...value.entries()] : [[undefined, value] as const];
  return asked.flatMap(([index, each]) => {
    const word = String(each);
    if (declared.has(comparedWord(word))) return [];
    const place = joinPath(path, "value");
    const meant = hint(word, values);
    return [
      problem(
        index === undefined ? place : joinPath(place, index),
        "not_allowed",
        `must be one of the values of ${name}${meant}`,
      ),
    ];
  });
}

export function stateProblems({ entry, path }: PlacedEntry, country: string): DocumentProblem[] {
  const normalise = fieldTypes.state.normaliser({ name: "state", type: "state" }, country);
  return ["states", "exclude_states"].flatMap((list) => {
    const states = entry[list];
    if (!Array.isArray(states)) return [];
    return states.flatMap((state: unknown, index) => {
      if (typeof state !== "string" || !/^[A-Za-z0-9]{1,3}$/.test(state)) return [];
      if (typeof normalise(state) === "string") return [];
      return [
        problem(`${path}.${list}[${index}]`, "not_allowed", `must be a state of ${country} such as TX`),
      ];
    });
  });
}
