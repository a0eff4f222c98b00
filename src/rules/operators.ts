import { compilePattern } from "#text/pattern.ts";
import { readMoment } from "#time/moment.ts";
import { localDay } from "#time/wall-clock.ts";
import { type FieldValue, folded, orderTo, sameAs, sameAsAny } from "./comparison.ts";

export const filterOperators = [
  "eq",
  "ne",
  "in",
  "not_in",
  "gt",
  "gte",
  "lt",
  "lte",
  "between",
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
  "matches",
  "is_empty",
  "is_not_empty",
  "within_days",
  "older_than_days",
] as const;
export type FilterOperator = (typeof filterOperators)[number];

/** What a rule compares with: one value, a list for `in`, `not_in` and `between`, nothing for `is_empty`. */
export type RuleValue = FieldValue | readonly FieldValue[] | undefined;

/** Whether a rule holds for a lead's value, `undefined` when the lead has none. */
export type Test = (value: FieldValue | undefined, now: Date) => boolean;

/** Which operators ask whether values are the same. */
const SAMENESS: ReadonlySet<FilterOperator> = new Set(["eq", "ne", "in", "not_in"]);

export function asksForSameness(op: FilterOperator): boolean {
  return SAMENESS.has(op);
}

/** Which hold unless the value is found to be what they name. */
const DENIALS: ReadonlySet<FilterOperator> = new Set(["ne", "not_in", "not_contains"]);

export function refusesNamed(op: FilterOperator): boolean {
  return DENIALS.has(op);
}

/**
 * The test that an operator and its value stand for. A lead without the field passes `is_empty`, `ne`, `not_in` and
 * `not_contains`, and no other. The value must be one that `valueProblem` accepts.
 */
export function compileTest(op: FilterOperator, value: RuleValue, zone: string): Test {
  switch (op) {
    case "eq":
      return whenPresent(sameAs(one(value), zone));
    case "ne":
      return unless(sameAs(one(value), zone));
    case "in":
      return whenPresent(sameAsAny(many(value), zone));
    case "not_in":
      return unless(sameAsAny(many(value), zone));
    case "gt":
      return ordered(one(value), zone, (order) => order > 0);
    case "gte":
      return ordered(one(value), zone, (order) => order >= 0);
    case "lt":
      return ordered(one(value), zone, (order) => order < 0);
    case "lte":
      return ordered(one(value), zone, (order) => order <= 0);
    case "between":
      return between(many(value), zone);
    case "contains":
      return whenPresent(containing(one(value)));
    case "not_contains":
      return unless(containing(one(value)));
    case "starts_with":
      return textual(one(value), (text, start) => text.startsWith(start));
    case "ends_with":
      return textual(one(value), (text, end) => text.endsWith(end));
    case "matches":
      return matching(one(value));
    case "is_empty":
      return (actual) => actual === undefined;
    case "is_not_empty":
      return (actual) => actual !== undefined;
    case "within_days":
      return aged(one(value), zone, (age, days) => age >= 0 && age <= days);
    case "older_than_days":
      return aged(one(value), zone, (age, days) => age > days);
  }
}

function whenPresent(holds: (value: FieldValue) => boolean): Test {
  return (actual) => actual !== undefined && holds(actual);
}

function unless(holds: (value: FieldValue) => boolean): Test {
  return (actual) => actual === undefined || !holds(actual);
}

function ordered(bound: FieldValue, zone: string, holds: (order: number) => boolean): Test {
  const order = orderTo(bound, zone);
  return whenPresent((actual) => holds(order(actual)));
}

/** Both ends are inside. */
function between(bounds: readonly FieldValue[], zone: string): Test {
  const orderToLow = orderTo(bounds[0] ?? "", zone);
  const orderToHigh = orderTo(bounds[1] ?? "", zone);
  return whenPresent((actual) => orderToLow(actual) >= 0 && orderToHigh(actual) <= 0);
}

function containing(part: FieldValue): (value: FieldValue) => boolean {
  const sought = folded(String(part));
  return (actual) => folded(String(actual)).includes(sought);
}

function textual(part: FieldValue, holds: (text: string, part: string) => boolean): Test {
  const sought = folded(String(part));
  return whenPresent((actual) => holds(folded(String(actual)), sought));
}

/** In upper or lower case. Of a long text, only the beginning is looked at. */
function matching(source: FieldValue): Test {
  const pattern = compilePattern(String(source), { ignoreCase: true, longestInput: LONGEST_MATCHED });
  return whenPresent((actual) => pattern.isIn(String(actual)));
}

/** In UTF-16 units. */
const LONGEST_MATCHED = 4096;

/**
 * Age in whole days on the zone's calendar, so that "within 30 days" turns at midnight and not at some hour of the
 * day. What lies on a later day than today is neither within the last days nor older.
 */
function aged(days: FieldValue, zone: string, holds: (age: number, days: number) => boolean): Test {
  const limit = Number(days);
  return (actual, now) => {
    const moment = typeof actual === "string" ? readMoment(actual, zone) : undefined;
    return moment !== undefined && holds(localDay(now.getTime(), zone) - moment.day, limit);
  };
}

function one(value: RuleValue): FieldValue {
  const [only] = many(value);
  return only ?? "";
}

function many(value: RuleValue): readonly FieldValue[] {
  if (value === undefined) return [];
  return typeof value === "object" ? value : [value];
}
