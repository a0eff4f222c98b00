import { describe, expect, test } from "bun:test";
import { TypeCompiler } from "@sinclair/typebox/compiler";
import fc from "fast-check";
import { compileFilter } from "#rules/filter.ts";
import { FilterDefinition, filterProblems } from "#rules/filter-definition.ts";
import { filterOperators } from "#rules/operators.ts";
import type { FilterFieldType } from "#rules/value-problem.ts";
import { least, runs } from "../support/runs.ts";
import { anyDefinition, anyValues } from "./filters.ts";

const now = new Date("2026-06-03T12:00:00Z");
const checked = TypeCompiler.Compile(FilterDefinition);

const knownFields = new Map<string, FilterFieldType>([
  ["roof_age", "integer"],
  ["owner", "boolean"],
  ["incident_date", "date"],
  ["called_at", "datetime"],
  ["email", "email"],
  ["zip_code", "zip"],
  ["source", "text"],
]);

function nested(groups: number): unknown {
  let definition: unknown = { field: "it", op: "is_empty" };
  for (let depth = 0; depth < groups; depth += 1)
    definition = depth % 2 ? { all: [definition] } : { not: definition };
  return definition;
}

function rules(count: number): unknown[] {
  return Array.from({ length: count }, () => ({ field: "it", op: "is_empty" }));
}

describe("filterProblems", () => {
  test.each<[unknown]>([
    [{ field: "roof_age", op: "gte", value: 5 }],
    [{ field: "roof_age", op: "eq", value: "5" }],
    [{ field: "owner", op: "eq", value: true }],
    [{ field: "owner", op: "in", value: ["true", false] }],
    [{ field: "incident_date", op: "between", value: ["2026-01-01", "2026-12-31"] }],
    [{ field: "incident_date", op: "within_days", value: 0 }],
    [{ field: "called_at", op: "gt", value: "2026-01-01T00:00:00-06:00" }],
    [{ field: "email", op: "ends_with", value: "@gmail.com" }],
    [{ field: "zip_code", op: "in", value: [75001, "01234"] }],
    [{ field: "zip_code", op: "between", value: ["75000", 75999] }],
    [{ field: "not_mapped", op: "older_than_days", value: 30 }],
    [{ field: "not_mapped", op: "gt", value: "2026-01-01" }],
    [{ field: "source", op: "matches", value: "^(fb|google)-\\d+$" }],
    [{ field: "source", op: "is_not_empty", schedule: { mon: ["09:00-17:00"] } }],
    [nested(8)],
    [{ all: rules(200) }],
  ])("has nothing against %j", (definition) => {
    expect(filterProblems(definition, knownFields)).toEqual([]);
    expect(checked.Check(definition)).toBe(true);
    expect(() => compileFilter(definition as FilterDefinition, "UTC")).not.toThrow();
  });

  test.each<[unknown, string, string]>([
    [null, "", "must be a rule"],
    [[], "", "must be a rule"],
    ["x", "", "must be a rule"],
    [{ all: [] }, "all", "must be a list of at least one rule"],
    [{ any: {} }, "any", "must be a list of at least one rule"],
    [{ not: [] }, "not", "must be a rule"],
    [{ not: { all: [{ any: [3] }] } }, "not.all[0].any[0]", "must be a rule"],
    [{ all: rules(1), any: rules(1) }, "any", "is not known here"],
    [{ field: "it", op: "is_empty", valeu: 1 }, "valeu", "is not known here"],
    [{ field: "it", op: "like", value: "x" }, "op", "must be one of eq, ne"],
    [{ field: "it" }, "op", "must be one of"],
    [{ op: "is_empty" }, "field", "must name a field"],
    [{ field: "Roof Age", op: "is_empty" }, "field", "must name a field"],
    [{ field: "__proto__", op: "is_empty" }, "field", "must name a field"],
    [{ field: "it", op: "eq" }, "value", "must be one text"],
    [{ field: "it", op: "eq", value: null }, "value", "must be one text"],
    [{ field: "it", op: "eq", value: ["x"] }, "value", "must be one text"],
    [{ field: "it", op: "eq", value: " " }, "value", "must not be empty"],
    [{ field: "it", op: "eq", value: Number.NaN }, "value", "must be one text"],
    [{ field: "it", op: "eq", value: "x".repeat(1001) }, "value", "must be at most 1000 characters"],
    [{ field: "it", op: "in", value: "x" }, "value", "must be a list"],
    [{ field: "it", op: "in", value: [] }, "value", "must be a list"],
    [{ field: "it", op: "in", value: ["x", null] }, "value", "is not valid at place 1: it must be one text"],
    [
      { field: "it", op: "in", value: Array.from({ length: 10_001 }, () => 1) },
      "value",
      "must be a list of at most",
    ],
    [{ field: "it", op: "gt", value: "many" }, "value", "must be a number, a date"],
    [{ field: "it", op: "gt", value: true }, "value", "must be a number, a date"],
    [{ field: "it", op: "gt", value: "2026-02-30" }, "value", "must be a number, a date"],
    [{ field: "it", op: "between", value: 5 }, "value", "must be a list of two values"],
    [{ field: "it", op: "between", value: [1, 2, 3] }, "value", "must be a list of two values"],
    [{ field: "it", op: "between", value: [7, 3] }, "value", "must have the lower value first"],
    [
      { field: "it", op: "between", value: ["2026-02-01", "2026-01-01"] },
      "value",
      "must have the lower value first",
    ],
    [{ field: "it", op: "between", value: [3, "2026-01-01"] }, "value", "must have the lower value first"],
    [{ field: "it", op: "contains", value: "" }, "value", "must be text"],
    [{ field: "it", op: "starts_with", value: 787 }, "value", "must be text, in quotes"],
    [{ field: "it", op: "matches", value: "(" }, "value", "must be a pattern in RE2 syntax"],
    [{ field: "it", op: "matches", value: "(?=a)b" }, "value", "must be a pattern in RE2 syntax"],
    [{ field: "it", op: "matches", value: "(a)\\1" }, "value", "must be a pattern in RE2 syntax"],
    [
      { field: "it", op: "matches", value: "((a{100}){100}){100}" },
      "value",
      "must be a pattern in RE2 syntax",
    ],
    [{ field: "it", op: "matches", value: "((a?){30}){30}" }, "value", "must be a simpler pattern"],
    [
      { field: "it", op: "matches", value: "a".repeat(501) },
      "value",
      "must be a pattern of at most 500 characters",
    ],
    [{ field: "it", op: "is_empty", value: true }, "value", "must be left out"],
    [{ field: "it", op: "within_days", value: -1 }, "value", "must be a whole number of days"],
    [{ field: "it", op: "within_days", value: 1.5 }, "value", "must be a whole number of days"],
    [{ field: "it", op: "older_than_days", value: "30" }, "value", "must be a whole number of days"],
    [{ field: "it", op: "is_empty", schedule: { mon: ["9-5"] } }, "schedule.mon[0]", "must be a window"],
    [{ field: "it", op: "is_empty", schedule: [] }, "schedule", "must be a mapping"],
    [{ field: "roof_age", op: "gte", value: "2026-01-01" }, "value", "must be a number, as the field is"],
    [{ field: "roof_age", op: "eq", value: "old" }, "value", "must be a number, as the field is"],
    [{ field: "roof_age", op: "within_days", value: 3 }, "value", "can't be used: a field of type integer"],
    [{ field: "owner", op: "eq", value: "yes" }, "value", "must be true or false"],
    [{ field: "owner", op: "gt", value: 0 }, "value", "can't be used: a field of type boolean"],
    [{ field: "owner", op: "contains", value: "t" }, "value", "can't be used: a field of type boolean"],
    [{ field: "incident_date", op: "gt", value: 5 }, "value", "must be a date"],
    [{ field: "incident_date", op: "eq", value: "05/01/2026" }, "value", "must be a date"],
    [{ field: "email", op: "gt", value: 5 }, "value", "can't be used: a field of type email"],
    [nested(9), "not.all[0].not.all[0].not.all[0].not.all[0]", "is nested more than 8 groups deep"],
    [{ any: rules(201) }, "", "must have at most 200 rules"],
    [{ all: [{ any: rules(150) }, { any: rules(51) }] }, "", "must have at most 200 rules"],
  ])("says of %j, at %j, that it %s", (definition, path, message) => {
    const problems = filterProblems(definition, knownFields);
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0]?.message).toStartWith(message);
  });

  test("filterProblems names every problem at once", () => {
    const definition = { all: [{ field: "X", op: "no" }, { any: [{ field: "it", op: "eq" }] }] };
    const paths = filterProblems(definition).map((problem) => problem.path);
    expect(paths).toEqual(["all[0].field", "all[0].op", "all[1].any[0].value"]);
  });

  test("filterProblems stays short for a document that names one part over and over", () => {
    let part: unknown = { all: rules(100) };
    for (let depth = 0; depth < 7; depth += 1) part = { all: Array.from({ length: 1000 }, () => part) };
    expect(filterProblems(part)).toEqual([{ path: "", message: "must have at most 200 rules" }]);
  });

  test("filterProblems finds none in any filter made by the rules", () => {
    fc.assert(
      fc.property(anyDefinition, (definition) => {
        expect(filterProblems(definition)).toEqual([]);
      }),
    );
  });
});

describe("an outcome", () => {
  const rule = { field: "roof_age", op: "gte", value: 5 };
  const held = { ...rule, outcome: "hold" };
  const placesOf = (definition: unknown, use?: "chooses") =>
    filterProblems(definition, knownFields, use).map(({ path }) => path);

  test("an outcome stands where something fails by itself, and nowhere that chooses buyers or prices", () => {
    expect(
      placesOf({ outcome: "reject", all: [held, { all: [held] }, { ...held, outcome: "reject" }] }),
    ).toEqual([]);
    expect(placesOf({ outcome: "hold", any: [rule, held] })).toEqual(["any[1].outcome"]);
    expect(placesOf({ all: [{ not: { all: [held] } }] })).toEqual(["all[0].not.all[0].outcome"]);
    expect(placesOf({ ...rule, outcome: "drop" })).toEqual(["outcome"]);
    expect(placesOf(held, "chooses")).toEqual(["outcome"]);
  });
});

describe("any definition at all", () => {
  const nearlyARule = fc.record(
    {
      field: fc.oneof(fc.constantFrom("one", "two"), fc.string()),
      op: fc.oneof(fc.constantFrom(...filterOperators), fc.string()),
      value: fc.oneof(fc.jsonValue(), fc.constantFrom(5, "5", "2026-05-01", [1, 2], ["a", "b"], "^a+$", "(")),
      schedule: fc.oneof(fc.jsonValue(), fc.constant({ wed: ["00:00-24:00"] })),
    },
    { requiredKeys: ["field", "op"] },
  );
  const nearlyAFilter = fc.letrec<{ part: unknown }>((tie) => ({
    part: fc.oneof(
      { maxDepth: 4 },
      nearlyARule,
      fc.jsonValue(),
      fc.record({ all: fc.array(tie("part"), { maxLength: 3 }) }),
      fc.record({ any: fc.array(tie("part"), { maxLength: 3 }) }),
      fc.record({ not: tie("part") }),
    ),
  })).part;

  test("any definition at all either has problems, or fits the schema, compiles and can be asked", () => {
    let compiled = 0;
    fc.assert(
      fc.property(fc.oneof(nearlyAFilter, anyDefinition), anyValues, (definition, values) => {
        if (filterProblems(definition).length > 0) {
          expect(() => compileFilter(definition as FilterDefinition, "UTC")).toThrow(RangeError);
          return;
        }
        compiled += 1;
        expect(checked.Check(definition)).toBe(true);
        compileFilter(definition as FilterDefinition, "America/Chicago").check(values, now);
      }),
      { numRuns: runs(2000) },
    );
    expect(compiled).toBeGreaterThan(least(500));
  });
});
