import type { FieldDefinition } from "#fields/types/definition.ts";
import { type FieldValue, numberOf } from "#rules/comparison.ts";
import type { FilterDefinition, FilterRule } from "#rules/filter-definition.ts";
import { compileTest } from "#rules/operators.ts";

/** A rule, or the opposite of one, as it stands under a `not`. */
interface Demand {
  readonly rule: FilterRule;
  readonly isOpposite: boolean;
}

/** Filters unfold to at most so many ways of passing; what has more is taken for one that can be passed. */
const MOST_WAYS = 256;

/** Rules about a field's place in an order, and about which value it has: what is decided by trying values. */
const TRIED: readonly FilterRule["op"][] = [
  "eq",
  "ne",
  "in",
  "not_in",
  "gt",
  "gte",
  "lt",
  "lte",
  "between",
  "is_empty",
  "is_not_empty",
];

/** What a field of a closed set of values is asked besides. */
const TRIED_OF_CHOICES: readonly FilterRule["op"][] = [
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
  "matches",
];

/** Of a field whose values compare in ways of their own, only whether there is one. */
const TRIED_OF_ANY: readonly FilterRule["op"][] = ["is_empty", "is_not_empty"];

/**
 * The field because of which no lead passes all of these filters; undefined when one might. It says so only when it is certain: rules
 * about texts and with schedules of their own count as passed, and so does whatever unfolds to too much.
 */
export function impossibleField(
  filters: readonly FilterDefinition[],
  fields: ReadonlyMap<string, FieldDefinition>,
): string | undefined {
  const ways = combined(filters.map((filter) => waysToPass(filter, false)));
  let first: string | undefined;
  for (const demands of ways ?? [[]]) {
    const field = contradictionIn(demands, fields);
    if (field === undefined) return undefined;
    first ??= field;
  }
  return first;
}

/** Each list of demands by which the filter is passed; undefined when they are too many. */
function waysToPass(filter: FilterDefinition, isOpposite: boolean): Demand[][] | undefined {
  if ("not" in filter) return waysToPass(filter.not, !isOpposite);
  if ("field" in filter) return [[{ rule: filter, isOpposite }]];
  const isAll = "all" in filter !== isOpposite;
  const parts = ("all" in filter ? filter.all : filter.any).map((part) => waysToPass(part, isOpposite));
  return isAll
    ? combined(parts)
    : parts.reduce((ways, more) => ways && more && bounded([...ways, ...more]), []);
}

function combined(parts: readonly (Demand[][] | undefined)[]): Demand[][] | undefined {
  return parts.reduce<Demand[][] | undefined>(
    (ways, more) => ways && more && bounded(ways.flatMap((way) => more.map((other) => [...way, ...other]))),
    [[]],
  );
}

function bounded(ways: Demand[][]): Demand[][] | undefined {
  return ways.length > MOST_WAYS ? undefined : ways;
}

function contradictionIn(
  demands: readonly Demand[],
  fields: ReadonlyMap<string, FieldDefinition>,
): string | undefined {
  const byField = Map.groupBy(demands, ({ rule }) => rule.field);
  for (const [name, ofField] of byField) {
    const field = fields.get(name);
    if (field !== undefined && (daysContradict(ofField) || nothingPasses(ofField, field))) return name;
  }
  return undefined;
}

/** Within so many days, and older than as many. */
function daysContradict(demands: readonly Demand[]): boolean {
  const days = (op: FilterRule["op"]) =>
    demands.flatMap(({ rule, isOpposite }) =>
      rule.op === op && !isOpposite && rule.schedule === undefined ? [Number(rule.value)] : [],
    );
  return Math.max(...days("older_than_days")) >= Math.min(...days("within_days"));
}

function nothingPasses(demands: readonly Demand[], field: FieldDefinition): boolean {
  const ops = triedOf(field);
  const tried = demands.filter(({ rule }) => ops.includes(rule.op) && rule.schedule === undefined);
  const values = tried.length === 0 ? undefined : valuesToTry(field, tried);
  if (values === undefined) return false;
  const tests = tried.map(({ rule, isOpposite }) => {
    const test = compileTest(rule.op, rule.value, "UTC");
    return (value: FieldValue | undefined) => test(value, NO_TIME) !== isOpposite;
  });
  return !values.some((value) => tests.every((passes) => passes(value)));
}

function triedOf({ type }: FieldDefinition): readonly FilterRule["op"][] {
  if (type === "enum") return [...TRIED, ...TRIED_OF_CHOICES];
  return type === "zip" ? TRIED_OF_ANY : TRIED;
}

/** None of the rules that are tried asks for the time. */
const NO_TIME = new Date(0);

/**
 * Values of which one passes if any value does: those that the rules name, what lies beside and between them, and none at all;
 * undefined for a type whose values compare in ways of their own.
 */
function valuesToTry(
  field: FieldDefinition,
  demands: readonly Demand[],
): (FieldValue | undefined)[] | undefined {
  const missing = field.required === true ? [] : [undefined];
  const named = demands.flatMap(({ rule }) => [rule.value ?? []].flat());
  switch (field.type) {
    case "enum":
      return [...missing, ...(field.values ?? [])];
    case "boolean":
      return [...missing, true, false];
    case "number":
    case "integer":
      return [...missing, ...numbersBeside(named, field)];
    case "date":
      return withThese(datesBeside(named, field), missing);
    case "datetime":
      return withThese(momentsBeside(named, field), missing);
    case "zip":
      return [...missing, "any"];
    case "text":
    case "state":
    case "email":
    case "phone":
    case "url":
      return hasOrderRule(demands) ? undefined : [...missing, ...named, "\u0001 any other"];
  }
}

function withThese(
  values: readonly string[] | undefined,
  others: readonly undefined[],
): (string | undefined)[] | undefined {
  return values && [...values, ...others];
}

function hasOrderRule(demands: readonly Demand[]): boolean {
  return demands.some(({ rule }) => ["gt", "gte", "lt", "lte", "between"].includes(rule.op));
}

function numbersBeside(named: readonly FieldValue[], { type, min, max }: FieldDefinition): number[] {
  const [low, high] = [numberIn(min) ?? -Infinity, numberIn(max) ?? Infinity];
  const bounds = [...named.map((value) => numberOf(value)), numberIn(min), numberIn(max), 0].filter(
    (value) => value !== undefined,
  );
  const sorted = bounds.toSorted((one, other) => one - other);
  const between = sorted.map((value, place) => (value + (sorted[place + 1] ?? value + 2)) / 2);
  const beside = sorted.flatMap((value) => [
    value - 1,
    value,
    value + 1,
    Math.ceil(value),
    Math.floor(value),
  ]);
  return [...beside, ...between].filter(
    (value) => value >= low && value <= high && (type === "number" || Number.isInteger(value)),
  );
}

function numberIn(bound: FieldDefinition["min"]): number | undefined {
  return bound === undefined ? undefined : numberOf(bound);
}

/** Undefined where a moment stands among the days. */
function datesBeside(named: readonly FieldValue[], { min, max }: FieldDefinition): string[] | undefined {
  const days = [...named, min ?? "2000-01-01", max ?? "2000-01-01"].map(String);
  if (!days.every((day) => /^\d{4}-\d\d-\d\d$/.test(day))) return undefined;
  const beside = days.flatMap((text) => {
    const day = Temporal.PlainDate.from(text);
    return [day.subtract({ days: 1 }), day, day.add({ days: 1 })].map(String);
  });
  return beside.filter((day) => day >= String(min ?? "0000") && day <= String(max ?? "9999"));
}

/** Undefined where a day stands among the moments. */
function momentsBeside(named: readonly FieldValue[], { min, max }: FieldDefinition): string[] | undefined {
  const moments = [...named, min ?? "2000-01-01T00:00:00Z", max ?? "2000-01-01T00:00:00Z"].map(String);
  if (!moments.every((text) => /T.*(?:Z|[+-]\d\d:?\d\d)$/i.test(text))) return undefined;
  const [low, high] = [
    Date.parse(String(min ?? "0000-01-01T00:00:00Z")),
    Date.parse(String(max ?? "9999-01-01T00:00:00Z")),
  ];
  return moments
    .flatMap((text) => [-1, 0, 1].map((ms) => Date.parse(text) + ms))
    .filter((at) => at >= low && at <= high)
    .map((at) => new Date(at).toISOString());
}
