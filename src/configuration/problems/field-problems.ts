import { Value } from "@sinclair/typebox/value";
import { countryProblem } from "#fields/country.ts";
import { problemsOf } from "#fields/problems.ts";
import { withSystemFields } from "#fields/system.ts";
import {
  type FieldDefinition,
  FieldDefinition as FieldDefinitionSchema,
  type FieldTypeName,
} from "#fields/types/definition.ts";
import { fieldTypes } from "#fields/types.ts";
import { filterProblems } from "#rules/filter-definition.ts";
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
      : [problem(joinPath(path, index), "not_allowed", `must be ${what}${hint(field, names)}`)];
  });
}

export function filtersProblems(
  { entry, path }: PlacedEntry,
  name: string,
  names: ReadonlyMap<string, FieldDefinition["type"]>,
): DocumentProblem[] {
  if (entry[name] === undefined) return [];
  const place = joinPath(path, name);
  const found = filterProblems(entry[name], names);
  if (found.length > 0) return found.map((each) => foundWithin(place, each));
  return namedFields(entry[name], place).flatMap(({ field, path: fieldPath }) =>
    names.has(field)
      ? []
      : [problem(fieldPath, "not_allowed", `must be a field of this campaign${hint(field, names)}`)],
  );
}

/** The fields that a filter without problems looks at, and where. */
function namedFields(filter: unknown, path: string): { field: string; path: string }[] {
  if (!isMapping(filter)) return [];
  if (typeof filter.field === "string") return [{ field: filter.field, path: joinPath(path, "field") }];
  if (filter.not !== undefined) return namedFields(filter.not, joinPath(path, "not"));
  return (["all", "any"] as const).flatMap((group) => {
    const parts = filter[group];
    if (!Array.isArray(parts)) return [];
    return parts.flatMap((part: unknown, index) => namedFields(part, joinPath(joinPath(path, group), index)));
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
