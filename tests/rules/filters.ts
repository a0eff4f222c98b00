import fc from "fast-check";
import type { FieldValue } from "#rules/comparison.ts";
import type { FilterDefinition } from "#rules/filter-definition.ts";

/** Few fields and few values, so that rules and leads often meet. */
const fieldNames = ["one", "two", "three"];
const anyText = fc.constantFrom(
  "TX",
  "tx",
  "5",
  "05",
  "7.5",
  "a roof",
  "true",
  "2026-05-30",
  "2026-05-30T10:00:00Z",
);
const anyNumber = fc.constantFrom(-1, 0, 5, 7.5, 1e15, 1e300);
const anyValue: fc.Arbitrary<FieldValue> = fc.oneof(
  anyText,
  anyNumber,
  fc.boolean(),
  fc.string({ minLength: 1 }),
);

/** The values of some lead. */
export const anyValues = fc.dictionary(fc.constantFrom(...fieldNames), anyValue, { noNullPrototype: false });

const present = fc.oneof(anyText, anyNumber, fc.boolean());
const anyBound = fc.oneof(
  fc.constantFrom(-1, 0, 5, 7.5, "5"),
  fc.constantFrom("2026-05-30", "2026-05-30T10:00:00Z"),
);
const anyField = fc.constantFrom(...fieldNames);

const anyRule: fc.Arbitrary<FilterDefinition> = fc.oneof(
  fc.record({ field: anyField, op: fc.constantFrom("eq", "ne"), value: present }),
  fc.record({
    field: anyField,
    op: fc.constantFrom("in", "not_in"),
    value: fc.array(present, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({ field: anyField, op: fc.constantFrom("gt", "gte", "lt", "lte"), value: anyBound }),
  fc.record({
    field: anyField,
    op: fc.constant("between"),
    value: fc.constantFrom<(string | number)[]>([0, 5], ["2026-05-01", "2026-06-01"]),
  }),
  fc.record({
    field: anyField,
    op: fc.constantFrom("contains", "not_contains", "starts_with", "ends_with"),
    value: fc.oneof(anyText, fc.string({ minLength: 1 })),
  }),
  fc.record({
    field: anyField,
    op: fc.constant("matches"),
    value: fc.constantFrom("^t", "\\d+$", "(a|b)*", "."),
  }),
  fc.record({ field: anyField, op: fc.constantFrom("is_empty", "is_not_empty") }),
  fc.record({
    field: anyField,
    op: fc.constantFrom("within_days", "older_than_days"),
    value: fc.integer({ min: 0, max: 36_500 }),
  }),
);

/** Some filter without problems, at most four groups deep. */
export const anyDefinition: fc.Arbitrary<FilterDefinition> = fc.letrec<{ part: FilterDefinition }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    anyRule,
    fc.record({ all: fc.array(tie("part"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie("part"), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie("part") }),
  ),
})).part;
