import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { FieldValue } from "#rules/comparison.ts";
import { compileFilter, type FilterValues } from "#rules/filter.ts";
import { type FilterDefinition, refusingPart } from "#rules/filter-definition.ts";
import type { FilterOperator, RuleValue } from "#rules/operators.ts";
import { runs } from "../support/runs.ts";
import { anyDefinition, anyValues } from "./filters.ts";

// A Wednesday, 07:00 in Chicago.
const now = new Date("2026-06-03T12:00:00Z");
const chicago = "America/Chicago";

function passes(definition: FilterDefinition, values: FilterValues, at = now, zone = chicago): boolean {
  return compileFilter(definition, zone).check(values, at).length === 0;
}

function rule(op: FilterOperator, value?: RuleValue): FilterDefinition {
  if (value === undefined) return { field: "it", op };
  return { field: "it", op, value: typeof value === "object" ? [...value] : value };
}

function failures(definition: FilterDefinition, values: FilterValues) {
  return compileFilter(definition, chicago).check(values, now);
}

describe("the operator of a rule", () => {
  test.each<[FieldValue, FilterOperator, RuleValue, boolean]>([
    ["Texas", "eq", "tEXAS", true],
    ["Texas", "eq", "Texa", false],
    ["STRASSE", "eq", "straße", true],
    [5, "eq", 5, true],
    ["5", "eq", 5, true],
    ["5.0", "eq", 5, true],
    [5, "eq", "5.00", true],
    ["01234", "eq", 1234, true],
    ["5.0", "eq", "5", false],
    ["five", "eq", 5, false],
    ["", "eq", 0, false],
    [0, "eq", -0, true],
    ["9007199254740993", "eq", 9007199254740992, false],
    [true, "eq", true, true],
    [true, "eq", "TRUE", true],
    ["true", "eq", true, true],
    [false, "eq", true, false],
    [1, "eq", true, false],
    ["2026-05-01", "eq", "2026-05-01", true],
    ["2026-05-01T12:00:00Z", "eq", "2026-05-01T07:00:00-05:00", true],
    ["2026-05-02T04:59:00Z", "eq", "2026-05-01", true],
    ["2026-05-02T05:00:00Z", "eq", "2026-05-01", false],
    ["2026-05-01", "eq", "2026-05-02T04:59:00Z", true],
    ["TX", "ne", "tx", false],
    ["OK", "ne", "tx", true],
    ["tx", "in", ["OK", "TX"], true],
    ["LA", "in", ["OK", "TX"], false],
    ["75001", "in", [75001, 75002], true],
    [75001, "in", ["75001"], true],
    [75001, "in", [75001], true],
    [75003, "in", ["75001", 75002], false],
    [true, "in", ["true"], true],
    [true, "in", [false], false],
    ["2026-05-01T12:00:00Z", "in", ["2026-05-01"], true],
    ["2026-05-03T12:00:00Z", "in", ["2026-05-01", "x"], false],
    ["tx", "not_in", ["OK", "TX"], false],
    ["LA", "not_in", ["OK", "TX"], true],
    [5, "gt", 5, false],
    [5.5, "gt", 5, true],
    ["10", "gt", 9, true],
    [10, "gt", "9", true],
    ["10", "gt", "9", true],
    ["ten", "gt", 9, false],
    [true, "gt", 0, false],
    [5, "gte", 5, true],
    [4, "gte", 5, false],
    [4, "lt", 5, true],
    [5, "lt", 5, false],
    [5, "lte", 5, true],
    [6, "lte", 5, false],
    ["ten", "lte", 99, false],
    ["2026-05-02", "gt", "2026-05-01", true],
    ["2026-05-01", "gt", "2026-05-01", false],
    ["2026-05-01", "lte", "2026-05-01", true],
    ["2026-05-02T04:59:59Z", "gt", "2026-05-01", false],
    ["2026-05-02T05:00:00Z", "gt", "2026-05-01", true],
    ["2026-05-02T05:00:00.001Z", "gt", "2026-05-02T00:00:00-05:00", true],
    ["2026-02-30", "gt", "2026-01-01", false],
    ["2026-02-30T10:00:00Z", "gt", "2026-01-01", false],
    ["2026-05-01T25:00:00Z", "gt", "2026-01-01", false],
    [20260502, "gt", "2026-05-01", false],
    [3, "between", [3, 7], true],
    [7, "between", [3, 7], true],
    [7.01, "between", [3, 7], false],
    [2.99, "between", [3, 7], false],
    ["2026-05-15", "between", ["2026-05-01", "2026-05-31"], true],
    ["2026-06-01", "between", ["2026-05-01", "2026-05-31"], false],
    ["Solar Roof", "contains", "LAR R", true],
    ["Solar Roof", "contains", "wind", false],
    [78701, "contains", "870", true],
    ["Solar Roof", "not_contains", "roof", false],
    ["Solar Roof", "not_contains", "wind", true],
    ["+15125550100", "starts_with", "+1512", true],
    ["+15125550100", "starts_with", "512", false],
    ["someone@Gmail.com", "ends_with", "@gmail.COM", true],
    ["someone@gmail.com.example", "ends_with", "@gmail.com", false],
    ["Someone@GMAIL.com", "matches", "^[a-z]+@(gmail|yahoo)\\.com$", true],
    ["x Someone@GMAIL.com", "matches", "^[a-z]+@(gmail|yahoo)\\.com$", false],
    ["a roof of tin", "matches", "roof", true],
    ["Roof", "matches", "(?-i)roof", false],
    [78701, "matches", "^787\\d{2}$", true],
    ["x", "is_empty", undefined, false],
    ["  ", "is_empty", undefined, true],
    [0, "is_empty", undefined, false],
    [false, "is_empty", undefined, false],
    ["x", "is_not_empty", undefined, true],
    ["", "is_not_empty", undefined, false],
  ])("%p %s %p is %p", (value, op, expected, holds) => {
    expect(passes(rule(op, expected), { it: value })).toBe(holds);
  });

  test.each<[FilterOperator, RuleValue, boolean]>([
    ["eq", "x", false],
    ["ne", "x", true],
    ["in", ["x"], false],
    ["not_in", ["x"], true],
    ["gt", 0, false],
    ["gte", 0, false],
    ["lt", 0, false],
    ["lte", 0, false],
    ["between", [0, 1], false],
    ["contains", "x", false],
    ["not_contains", "x", true],
    ["starts_with", "x", false],
    ["ends_with", "x", false],
    ["matches", ".*", false],
    ["is_empty", undefined, true],
    ["is_not_empty", undefined, false],
    ["within_days", 30, false],
    ["older_than_days", 30, false],
  ])("%s %p on a lead without the field is %p", (op, value, holds) => {
    expect(passes(rule(op, value), {})).toBe(holds);
    expect(passes(rule(op, value), { it: "" })).toBe(holds);
  });

  test("what every object carries is no value of a lead", () => {
    expect(passes({ field: "constructor", op: "is_empty" }, {})).toBe(true);
  });

  test("text compares without case, in any script", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (text) => {
        fc.pre(text.trim() !== "");
        for (const spelling of [text.toUpperCase(), text.toLowerCase()]) {
          expect(passes(rule("eq", text), { it: spelling })).toBe(true);
          expect(passes(rule("in", [text, "other"]), { it: spelling })).toBe(true);
          expect(passes(rule("contains", text), { it: `<${spelling}>` })).toBe(true);
          expect(passes(rule("starts_with", text), { it: `${spelling}>` })).toBe(true);
          expect(passes(rule("ends_with", text), { it: `<${spelling}` })).toBe(true);
        }
      }),
      { numRuns: runs(500) },
    );
  });

  test("text compares whether an accent comes with its letter or behind it", () => {
    const [composed, apart] = ["Caf\u00e9 X", "cafe\u0301 x"];
    for (const [asked, sent] of [
      [composed, apart],
      [apart, composed],
    ] as const) {
      expect(passes(rule("eq", asked), { it: sent })).toBe(true);
      expect(passes(rule("not_in", [asked]), { it: sent })).toBe(false);
      expect(passes(rule("not_contains", asked.slice(0, -2)), { it: sent })).toBe(false);
    }
  });

  test("a list holds what eq holds of one of its entries", () => {
    const entry = fc.oneof(
      fc.constantFrom("TX", "tx", "5", "5.0", "05", "true", "2026-05-01", "2026-05-01T12:00:00Z"),
      fc.integer({ min: 4, max: 6 }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(entry, fc.array(entry, { minLength: 1, maxLength: 4 }), (value, entries) => {
        const one = entries.some((expected) => passes(rule("eq", expected), { it: value }));
        expect(passes(rule("in", entries), { it: value })).toBe(one);
        expect(passes(rule("not_in", entries), { it: value })).toBe(!one);
      }),
      { numRuns: runs(500) },
    );
  });

  test("numbers are in order with their texts, whichever side is text", () => {
    const number = fc.integer({ min: -500, max: 500 }).map((hundredths) => hundredths / 100);
    const either = number.chain((value) => fc.constantFrom<FieldValue[]>(value, String(value)));
    fc.assert(
      fc.property(either, either, (value, bound) => {
        const [left, right] = [Number(value), Number(bound)];
        expect(passes(rule("gt", bound), { it: value })).toBe(left > right);
        expect(passes(rule("gte", bound), { it: value })).toBe(left >= right);
        expect(passes(rule("lt", bound), { it: value })).toBe(left < right);
        expect(passes(rule("lte", bound), { it: value })).toBe(left <= right);
        expect(passes(rule("between", [bound, 5]), { it: value })).toBe(left >= right && left <= 5);
      }),
    );
  });
});

describe("a rule about days", () => {
  test.each<[string, FilterOperator, number, boolean]>([
    ["2026-06-03", "within_days", 0, true],
    ["2026-06-02", "within_days", 0, false],
    ["2026-06-02", "within_days", 1, true],
    ["2026-05-04", "within_days", 30, true],
    ["2026-05-03", "within_days", 30, false],
    ["2026-06-04", "within_days", 30, false],
    ["2026-05-03", "older_than_days", 30, true],
    ["2026-05-04", "older_than_days", 30, false],
    ["2026-06-04", "older_than_days", 0, false],
    ["2026-06-03T05:00:00Z", "within_days", 0, true],
    ["2026-06-03T04:59:59Z", "within_days", 0, false],
    ["2026-06-03T04:59:59Z", "older_than_days", 0, true],
    ["2026-02-30", "older_than_days", 0, false],
    ["yesterday", "within_days", 30, false],
  ])("on 3 June, %s %s %p is %p", (value, op, days, holds) => {
    expect(passes(rule(op, days), { it: value })).toBe(holds);
  });

  test("today is the day in the zone of the campaign", () => {
    const lateEvening = new Date("2026-06-04T03:00:00Z");
    expect(passes(rule("within_days", 0), { it: "2026-06-03" }, lateEvening, chicago)).toBe(true);
    expect(passes(rule("within_days", 0), { it: "2026-06-03" }, lateEvening, "UTC")).toBe(false);
  });

  test("the days across a change of clocks are whole days", () => {
    const afterTheChange = new Date("2026-03-09T05:30:00Z");
    expect(passes(rule("within_days", 1), { it: "2026-03-08" }, afterTheChange)).toBe(true);
    expect(passes(rule("within_days", 1), { it: "2026-03-07" }, afterTheChange)).toBe(false);
  });

  test("a date that is past is either within the days or older", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 5000 }), (age, days) => {
        const it = Temporal.PlainDate.from("2026-06-03").subtract({ days: age }).toString();
        expect(passes(rule("within_days", days), { it })).toBe(age <= days);
        expect(passes(rule("older_than_days", days), { it })).toBe(age > days);
      }),
    );
  });
});

describe("patterns run in linear time", () => {
  // Each of these takes a backtracking engine longer than a test may last: 2 to the power of the length of its input.
  const input = `${"a".repeat(5000)}!`;
  test.each([
    "(a+)+$",
    "(a|a)*$",
    "(a|aa)+$",
    "(.*a){20}b",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(x+x+)+y",
    "([a-z]+)*$",
  ])("%s", (pattern) => {
    expect(passes(rule("matches", pattern), { it: `${input}${input}` })).toBeBoolean();
  });

  test("patterns look at no more than the first 4,096 characters", () => {
    expect(passes(rule("matches", "b"), { it: `${"a".repeat(4095)}b` })).toBe(true);
    expect(passes(rule("matches", "b"), { it: `${"a".repeat(4096)}b` })).toBe(false);
  });
});

describe("a group of rules", () => {
  const yes: FilterDefinition = { field: "yes", op: "eq", value: "x" };
  const no: FilterDefinition = { field: "no", op: "eq", value: "x" };
  const values = { yes: "x" };

  test.each<[FilterDefinition, boolean]>([
    [{ all: [yes, yes] }, true],
    [{ all: [yes, no] }, false],
    [{ any: [no, yes] }, true],
    [{ any: [no, no] }, false],
    [{ not: no }, true],
    [{ not: yes }, false],
    [{ all: [yes, { any: [no, { not: no }] }] }, true],
  ])("%j is %p", (definition, passed) => {
    expect(passes(definition, values)).toBe(passed);
  });

  test("two nots cancel out", () => {
    fc.assert(
      fc.property(anyDefinition, anyValues, (definition, lead) => {
        expect(passes({ not: { not: definition } }, lead)).toBe(passes(definition, lead));
      }),
      { numRuns: runs(500) },
    );
  });

  test("not all is any not, and not any is all not", () => {
    fc.assert(
      fc.property(fc.array(anyDefinition, { minLength: 1, maxLength: 4 }), anyValues, (parts, lead) => {
        const nots = parts.map((part) => ({ not: part }));
        expect(passes({ not: { all: parts } }, lead)).toBe(passes({ any: nots }, lead));
        expect(passes({ not: { any: parts } }, lead)).toBe(passes({ all: nots }, lead));
      }),
      { numRuns: runs(500) },
    );
  });

  test("the order of rules does not matter", () => {
    fc.assert(
      fc.property(fc.array(anyDefinition, { minLength: 1, maxLength: 4 }), anyValues, (parts, lead) => {
        expect(passes({ all: parts }, lead)).toBe(passes({ all: parts.toReversed() }, lead));
        expect(passes({ any: parts }, lead)).toBe(passes({ any: parts.toReversed() }, lead));
      }),
    );
  });
});

describe("a rule outside its schedule", () => {
  const sleeping: FilterDefinition = {
    field: "it",
    op: "eq",
    value: "x",
    schedule: { sun: ["00:00-24:00"] },
  };
  const awake: FilterDefinition = { field: "it", op: "eq", value: "x", schedule: { wed: ["07:00-08:00"] } };
  const failing: FilterDefinition = { field: "it", op: "eq", value: "x" };

  test("a rule with a schedule counts within it", () => {
    expect(passes(awake, {})).toBe(false);
    expect(passes(awake, { it: "x" })).toBe(true);
  });

  test.each<[string, FilterDefinition, boolean]>([
    ["lets a lead pass when it is the whole filter", sleeping, true],
    ["leaves all to the other rules", { all: [sleeping, failing] }, false],
    ["does not open an any that its other rules keep shut", { any: [sleeping, failing] }, false],
    ["lets a lead pass an any of which nothing is left", { any: [sleeping, sleeping] }, true],
    ["does not shut a not", { not: sleeping }, true],
    ["does not shut a not around a group of which nothing is left", { not: { all: [sleeping] } }, true],
    [
      "does not open an any through a group of which nothing is left",
      { any: [{ all: [sleeping] }, failing] },
      false,
    ],
    ["nor through a not of such a group", { any: [{ not: { any: [sleeping] } }, failing] }, false],
    ["is missing from a group inside a not", { not: { any: [sleeping, failing] } }, true],
  ])("%s", (_title, definition, passed) => {
    expect(passes(definition, {})).toBe(passed);
  });

  test("a rule outside its schedule changes nothing wherever it is added to an all or an any", () => {
    fc.assert(
      fc.property(fc.array(anyDefinition, { minLength: 1, maxLength: 3 }), anyValues, (parts, lead) => {
        expect(passes({ all: [...parts, sleeping] }, lead)).toBe(passes({ all: parts }, lead));
        expect(passes({ any: [sleeping, ...parts] }, lead)).toBe(passes({ any: parts }, lead));
        for (const gone of [{ all: [sleeping] }, { any: [sleeping] }, { not: sleeping }]) {
          expect(passes({ any: [gone, ...parts] }, lead)).toBe(passes({ any: parts }, lead));
          expect(passes({ not: { all: [gone, ...parts] } }, lead)).toBe(
            passes({ not: { all: parts } }, lead),
          );
        }
      }),
    );
  });

  test("a rule outside its schedule is not named among what would have passed", () => {
    const [failure] = failures({ any: [sleeping, { field: "state", op: "eq", value: "TX" }] }, {});
    expect(failure?.message).toBe("state must be TX");
    expect(failure?.field).toBe("state");
  });
});

describe("what a filter says of a lead that does not pass", () => {
  const old: FilterDefinition = { field: "roof_age", op: "gte", value: 5 };
  const texas: FilterDefinition = { field: "state", op: "in", value: ["TX", "OK"] };

  test("a filter of one rule calls it filter", () => {
    expect(failures(old, { roof_age: 3 })).toEqual([
      { rule: "filter", field: "roof_age", code: "gte", message: "roof_age must be at least 5" },
    ]);
  });

  test("every rule of an all that failed is named, by its place", () => {
    const named = failures(
      { all: [old, { field: "it", op: "is_empty" }, { all: [texas] }] },
      { state: "LA" },
    );
    expect(named.map(({ rule, code }) => [rule, code])).toEqual([
      ["all[0]", "gte"],
      ["all[2].all[0]", "in"],
    ]);
  });

  test("an any is one failure that names what would have passed", () => {
    expect(failures({ all: [{ any: [old, { all: [texas, { not: old }] }] }] }, { roof_age: 3 })).toEqual([
      {
        rule: "all[0].any",
        field: "roof_age",
        code: "gte",
        message:
          "roof_age must be at least 5 or (state must be one of TX, OK and roof_age must not be at least 5)",
      },
    ]);
  });

  test("an any of many rules names the first five and counts the others", () => {
    const any = Array.from(
      { length: 8 },
      (_, index): FilterDefinition => ({ field: `f${index}`, op: "is_not_empty" }),
    );
    expect(failures({ any }, {})[0]?.message).toEndWith("f4 must not be empty or 3 more");
  });

  test("a not is one failure that says the opposite of what is in it", () => {
    expect(failures({ not: { any: [old, texas] } }, { roof_age: 7 })).toEqual([
      {
        rule: "not",
        field: "roof_age",
        code: "gte",
        message: "roof_age must not be at least 5 and state must not be one of the excluded values",
      },
    ]);
  });

  test.each<[FilterOperator, RuleValue, FieldValue | undefined, string]>([
    ["eq", "Solar Promo", "x", 'must be "Solar Promo"'],
    ["eq", true, false, "must be true"],
    ["ne", "x", "x", "must not be the excluded value"],
    ["in", ["TX"], "x", "must be TX"],
    [
      "in",
      Array.from({ length: 12 }, (_, index) => index),
      "x",
      "must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 or 2 more",
    ],
    ["not_in", ["x", "y"], "x", "must not be one of the excluded values"],
    ["gt", 5, 1, "must be more than 5"],
    ["lt", 5, 9, "must be less than 5"],
    ["lte", 5, 9, "must be at most 5"],
    ["gt", "2026-05-01", "2026-01-01", "must be after 2026-05-01"],
    ["gte", "2026-05-01", "2026-01-01", "must be on or after 2026-05-01"],
    ["lt", "2026-05-01", "2026-06-01", "must be before 2026-05-01"],
    ["lte", "2026-05-01", "2026-06-01", "must be on or before 2026-05-01"],
    ["between", [3, 7], 9, "must be between 3 and 7"],
    ["contains", "roof", "x", "must contain roof"],
    ["not_contains", "roof", "a roof", "must not contain the excluded text"],
    ["starts_with", "+1 512", "x", 'must start with "+1 512"'],
    ["ends_with", ".com", "x", "must end with .com"],
    ["matches", "^a$", "x", "must match the pattern of this rule"],
    ["is_empty", undefined, "x", "must be empty"],
    ["is_not_empty", undefined, undefined, "must not be empty"],
    ["within_days", 1, "2020-01-01", "must be within the last 1 day"],
    ["within_days", 30, "2020-01-01", "must be within the last 30 days"],
    ["within_days", 0, "2020-01-01", "must be today"],
    ["older_than_days", 30, "2026-06-01", "must be more than 30 days ago"],
    ["older_than_days", 0, "2026-06-03", "must be before today"],
  ])("%s %p is put as it %s %s", (op, value, submitted, message) => {
    const [failure] = failures(rule(op, value), submitted === undefined ? {} : { it: submitted });
    expect(failure?.message).toBe(`it ${message}`);
  });

  test("a long text of a rule is cut, between characters", () => {
    const [failure] = failures(rule("eq", "😀".repeat(200)), { it: "x" });
    expect(failure?.message).toBe(`it must be "${"😀".repeat(60)}…"`);
  });

  test("no message repeats what was submitted, even where a rule names it to forbid it", () => {
    const secret = "+15125550100";
    const forbidding: FilterDefinition[] = [
      rule("ne", secret),
      rule("not_in", [secret]),
      rule("not_contains", secret),
      ...(["eq", "contains", "starts_with", "ends_with", "matches"] as const).map((op) => ({
        not: rule(op, op === "matches" ? "5125550100" : secret),
      })),
      { not: rule("in", [secret]) },
      { not: { not: rule("ne", secret) } },
      rule("gt", 7),
      rule("eq", "else"),
      rule("within_days", 7),
    ];
    for (const definition of forbidding) {
      const named = failures(definition, { it: secret });
      expect(named).toHaveLength(1);
      expect(JSON.stringify(named)).not.toContain("5125550100");
    }
  });

  test("there is one failure at least for each lead that does not pass, with a path into the definition", () => {
    fc.assert(
      fc.property(anyDefinition, anyValues, (definition, lead) => {
        for (const failure of failures({ all: [definition] }, lead)) {
          expect(failure.rule).toStartWith("all[0]");
          expect(failure.message).toMatch(new RegExp(`${failure.field} (?:is missing; it )?must `));
        }
        const passed = failures(definition, lead).length === 0;
        expect(failures({ not: definition }, lead).length === 0).toBe(!passed);
      }),
      { numRuns: runs(500) },
    );
  });
});

describe("what a filter demands", () => {
  const demands = (definition: FilterDefinition, at = now) => compileFilter(definition, chicago).demands(at);

  test("what a filter demands is each rule of an all, and the whole of an any or a not", () => {
    const age = { field: "roof_age", op: "gte" as const, value: 5 };
    const state = { field: "state", op: "in" as const, value: ["TX", "OK"] };
    expect(demands(age)).toEqual([
      { rule: "filter", field: "roof_age", code: "gte", message: "roof_age must be at least 5" },
    ]);
    expect(demands({ all: [age, { any: [age, state] }, { not: state }] }).map((each) => each.rule)).toEqual([
      "all[0]",
      "all[1].any",
      "all[2].not",
    ]);
  });

  test("what a filter demands leaves out a rule outside its schedule", () => {
    const schedule = { mon: ["09:00-17:00"] };
    const rule: FilterDefinition = { field: "roof_age", op: "gte", value: 5, schedule };
    expect(demands(rule, new Date("2026-01-12T18:00:00Z"))).toHaveLength(1);
    expect(demands(rule, new Date("2026-01-13T18:00:00Z"))).toEqual([]);
  });

  test("what a filter demands holds whatever it turns a lead away for", () => {
    fc.assert(
      fc.property(anyDefinition, anyValues, (definition, values) => {
        const demanded = demands(definition).map((each) => JSON.stringify(each));
        for (const failure of failures(definition, values)) {
          const message = failure.message.replace(" is missing; it", "");
          expect(demanded).toContain(JSON.stringify({ ...failure, message }));
        }
      }),
    );
  });
});

describe("an outcome of a filter", () => {
  const state: FilterDefinition = { field: "state", op: "eq", value: "TX" };
  const age: FilterDefinition = { field: "roof_age", op: "lte", value: 40, outcome: "hold" };
  const held = (definition: FilterDefinition, values: FilterValues) =>
    failures(definition, values).map(({ rule, holds = false }) => [rule, holds]);

  test("an outcome of a filter is of what fails: a rule, an any or a not, or all of an all but what says otherwise", () => {
    const both = { state: "OK", roof_age: 60 };
    expect(held({ all: [state, age] }, both)).toEqual([
      ["all[0]", false],
      ["all[1]", true],
    ]);
    expect(
      held(
        {
          outcome: "hold",
          all: [
            { ...state, outcome: "reject" },
            { not: { not: { field: "roof_age", op: "lte", value: 40 } } },
          ],
        },
        both,
      ),
    ).toEqual([
      ["all[0]", false],
      ["all[1].not", true],
    ]);
    expect(
      held({ outcome: "hold", any: [state, { field: "roof_age", op: "lte", value: 40 }] }, both),
    ).toEqual([["any", true]]);
  });

  test("an outcome of a filter says whether leads may be put aside at all, and what is left that refuses", () => {
    const mayHold = (definition: FilterDefinition) => compileFilter(definition, chicago).mayHold;
    expect([mayHold({ all: [state, { all: [age] }] }), mayHold(age), mayHold({ all: [state] })]).toEqual([
      true,
      true,
      false,
    ]);
    expect(refusingPart({ all: [state, age] })).toEqual({ all: [state] });
    expect(refusingPart({ outcome: "hold", all: [state, { all: [state] }] })).toBeNull();
  });
});
