import { joinPath } from "#text/problem.ts";
import type { FieldValue } from "./comparison.ts";
import { type FilterDefinition, type FilterRule, filterProblems } from "./filter-definition.ts";
import {
  asksForSameness,
  compileTest,
  type FilterOperator,
  type RuleValue,
  refusesNamed,
  type Test,
} from "./operators.ts";
import { compileSchedule } from "./schedule.ts";
import { describeRule } from "./wording.ts";

export type { FilterDefinition };

/** The values of a lead by field name; a field without a value is left out (an empty text counts as left out). */
export type FilterValues = Readonly<Record<string, FieldValue>>;

/** What the fields of a campaign know of their values. */
export interface FieldSpellings {
  /** A value as a lead's would be stored; as it is where the field can't read it. */
  stored(field: string, value: FieldValue): FieldValue;
  /** What a stored value is part of, such as the five digits of a ZIP code with four more; else the value itself. */
  whole(field: string, value: FieldValue): FieldValue;
  /** How the campaign calls it in a sentence. */
  title(field: string): string;
}

const AS_WRITTEN: FieldSpellings = {
  stored: (_, value) => value,
  whole: (_, value) => value,
  title: (field) => field,
};

/** A rule that turned a lead away. */
export interface FilterFailure {
  /** Where the rule stands: `all[0].any`, or `filter` for a filter of one rule. */
  readonly rule: string;
  readonly field: string;
  readonly code: FilterOperator;
  /** What was asked, never what was submitted: "Roof age must be at least 5". */
  readonly message: string;
  /** A person is to decide about such a lead. */
  readonly holds?: true;
}

/** Whether the values are all that there will be, or only part of them: a ping's, whose other values come with the post. */
export type Extent = "whole" | "partial";

export interface Filter {
  /** What it was compiled from. */
  readonly definition: FilterDefinition;
  /** Whether there are leads that a person is to decide about. */
  readonly mayHold: boolean;
  /**
   * What turns the lead away; empty when it passes. Of `all`, each rule that failed is one failure. An `any` or a `not`
   * is one failure for the whole of it, with the field and operator of its first rule, and names what would have passed.
   * Of partial values, only what fails whatever else may come (Kleene's three-valued logic: a rule about a missing value is unknown).
   */
  check(values: FilterValues, now: Date, extent?: Extent): readonly FilterFailure[];
  /** Whether the values are certain to pass, also when what is missing comes later. */
  isSureOf(values: FilterValues, now: Date, extent: Extent): boolean;
  /** Whether the values pass, or may when what is missing comes later. */
  mayPass(values: FilterValues, now: Date, extent: Extent): boolean;
  /** Everything for which it would turn a lead away now, as it would say it. */
  demands(now: Date): readonly FilterFailure[];
}

const none: readonly FilterFailure[] = Object.freeze([]);

/**
 * A filter ready to be asked, with patterns, lists and dates worked out beforehand. `zone` is the time zone of its
 * days and schedules. What a rule asks to be the same is read as `spellings` read a lead's value.
 *
 * A rule outside its schedule counts as if it were not written: `all` and `any` go by their other rules, and a group of
 * which nothing is left, like a `not` of such, is itself as if not written. A filter of which nothing is left passes.
 * (Had a skipped rule simply passed, it would have opened every `any` around it and failed every `not`.)
 *
 * Throws a RangeError for a definition that has problems.
 */
export function compileFilter(
  definition: FilterDefinition,
  zone: string,
  spellings: FieldSpellings = AS_WRITTEN,
): Filter {
  const [problem] = filterProblems(definition);
  if (problem) throw new RangeError(`filter ${problem.path}: ${problem.message}`);
  const root = compilePart(definition, "", { zone, spellings, holds: false });
  return {
    definition,
    mayHold: mayHold(definition),
    check(values, now, extent = "whole") {
      return root.verdict(values, now, extent) === "failed" ? root.failures(values, now, extent) : none;
    },
    isSureOf(values, now, extent) {
      const verdict = root.verdict(values, now, extent);
      return verdict === "passed" || verdict === "skipped";
    },
    mayPass: (values, now, extent) => root.verdict(values, now, extent) !== "failed",
    demands: (now) => root.demands(now),
  };
}

function mayHold(definition: FilterDefinition): boolean {
  return definition.outcome === "hold" || ("all" in definition && definition.all.some(mayHold));
}

type FilterVerdict = "passed" | "failed" | "skipped" | "unknown";

interface FilterPart {
  verdict(values: FilterValues, now: Date, extent: Extent): FilterVerdict;
  /** Asked only of a part that failed. */
  failures(values: FilterValues, now: Date, extent: Extent): FilterFailure[];
  /** The failures that there can be. */
  demands(now: Date): FilterFailure[];
  /** The rules that are not skipped now, in words; `forbidden` under an odd number of `not`s. */
  words(now: Date, forbidden: boolean): Wording | undefined;
}

interface Wording {
  readonly first: FilterRule;
  readonly text: string;
  /** Whether it joins several rules and needs brackets inside another sentence. */
  readonly joined: boolean;
}

/** By what values are compared, and what becomes of who fails. */
interface Comparing {
  readonly zone: string;
  readonly spellings: FieldSpellings;
  readonly holds: boolean;
}

function compilePart(definition: FilterDefinition, path: string, around: Comparing): FilterPart {
  const { outcome } = definition;
  const by = outcome === undefined ? around : { ...around, holds: outcome === "hold" };
  if ("all" in definition) return compileAll(definition.all, joinPath(path, "all"), by);
  if ("any" in definition) return compileAny(definition.any, joinPath(path, "any"), by);
  if ("not" in definition) return compileNot(definition.not, joinPath(path, "not"), by);
  return compileRule(definition, path === "" ? "filter" : path, by);
}

function compileAll(definitions: readonly FilterDefinition[], path: string, by: Comparing): FilterPart {
  const parts = definitions.map((definition, index) => compilePart(definition, joinPath(path, index), by));
  return {
    verdict: (values, now, extent) => joinVerdicts(parts, "failed", "passed", { values, now, extent }),
    failures: (...asked) =>
      parts.filter((part) => part.verdict(...asked) === "failed").flatMap((part) => part.failures(...asked)),
    demands: (now) => parts.flatMap((part) => part.demands(now)),
    words: (now, forbidden) => joinWordings(parts, forbidden ? "or" : "and", now, forbidden),
  };
}

function compileAny(definitions: readonly FilterDefinition[], path: string, by: Comparing): FilterPart {
  const parts = definitions.map((definition, index) => compilePart(definition, joinPath(path, index), by));
  const words = (now: Date, forbidden: boolean) =>
    joinWordings(parts, forbidden ? "and" : "or", now, forbidden);
  return {
    verdict: (values, now, extent) => joinVerdicts(parts, "passed", "failed", { values, now, extent }),
    failures: (_values, now) => asFailure(path, words(now, false), by),
    demands: (now) => asFailure(path, words(now, false), by),
    words,
  };
}

function compileNot(definition: FilterDefinition, path: string, by: Comparing): FilterPart {
  const part = compilePart(definition, path, by);
  return {
    verdict: (values, now, extent) => opposite(part.verdict(values, now, extent)),
    failures: (_values, now) => asFailure(path, part.words(now, true), by),
    demands: (now) => asFailure(path, part.words(now, true), by),
    words: (now, forbidden) => part.words(now, !forbidden),
  };
}

function compileRule(rule: FilterRule, path: string, by: Comparing): FilterPart {
  const test = compileComparison(rule, by);
  const schedule = rule.schedule && compileSchedule(rule.schedule, by.zone);
  const title = by.spellings.title(rule.field);
  const words = (now: Date, forbidden: boolean): Wording | undefined =>
    schedule?.isOpen(now) === false
      ? undefined
      : { first: rule, text: describeRule(title, rule.op, rule.value, forbidden), joined: false };
  return {
    verdict(values, now, extent) {
      if (schedule?.isOpen(now) === false) return "skipped";
      const value = submittedValue(values, rule.field);
      if (value === undefined && extent === "partial") return "unknown";
      return test(value, now) ? "passed" : "failed";
    },
    failures: (values, now) =>
      asFailure(path, words(now, false), by).map((failure) =>
        rule.op !== "is_not_empty" && submittedValue(values, rule.field) === undefined
          ? { ...failure, message: ofMissing(failure.message, title) }
          : failure,
      ),
    demands: (now) => asFailure(path, words(now, false), by),
    words,
  };
}

/** "Roof age is missing; it must be at least 5" */
function ofMissing(message: string, title: string): string {
  return `${title} is missing; it${message.slice(title.length)}`;
}

/** What a value is part of is looked at too: rules of five digits are about every ZIP code that begins with such. */
function compileComparison({ field, op, value }: FilterRule, { zone, spellings }: Comparing): Test {
  const test = compileTest(op, asksForSameness(op) ? asStored(field, value, spellings) : value, zone);
  const refuses = refusesNamed(op);
  return (actual, now) => {
    const asSent = test(actual, now);
    if (actual === undefined || asSent !== refuses) return asSent;
    const whole = spellings.whole(field, actual);
    return whole === actual ? asSent : test(whole, now);
  };
}

function asStored(field: string, value: RuleValue, spellings: FieldSpellings): RuleValue {
  if (value === undefined) return value;
  return typeof value === "object"
    ? value.map((each) => spellings.stored(field, each))
    : spellings.stored(field, value);
}

/**
 * The first part with the verdict `decisive` decides the group; else it is unknown when a part is, and `otherwise` when none is, unless
 * all were skipped.
 */
function joinVerdicts(
  parts: readonly FilterPart[],
  decisive: FilterVerdict,
  otherwise: FilterVerdict,
  { values, now, extent }: { values: FilterValues; now: Date; extent: Extent },
): FilterVerdict {
  let verdict: FilterVerdict = "skipped";
  for (const part of parts) {
    const one = part.verdict(values, now, extent);
    if (one === decisive) return decisive;
    if (one === "unknown" || (one === otherwise && verdict === "skipped")) verdict = one;
  }
  return verdict;
}

function opposite(verdict: FilterVerdict): FilterVerdict {
  switch (verdict) {
    case "passed":
      return "failed";
    case "failed":
      return "passed";
    case "skipped":
    case "unknown":
      return verdict;
  }
}

const MAX_ALTERNATIVES_NAMED = 5;

function joinWordings(
  parts: readonly FilterPart[],
  word: "and" | "or",
  now: Date,
  forbidden: boolean,
): Wording | undefined {
  const wordings = parts.map((part) => part.words(now, forbidden)).filter((wording) => wording !== undefined);
  const [only, ...others] = wordings;
  if (only === undefined || others.length === 0) return only;
  const named = wordings.slice(0, MAX_ALTERNATIVES_NAMED);
  const more = wordings.length - named.length;
  const texts = named.map((wording) => (wording.joined ? `(${wording.text})` : wording.text));
  if (more > 0) texts.push(`${more} more`);
  return { first: only.first, text: texts.join(` ${word} `), joined: true };
}

function asFailure(path: string, wording: Wording | undefined, { holds }: Comparing): FilterFailure[] {
  if (wording === undefined) return [];
  const { first, text } = wording;
  const failure = { rule: path, field: first.field, code: first.op, message: text };
  return [holds ? { ...failure, holds } : failure];
}

/** Asks for the type because a field may be called `constructor`, which every ordinary object has. */
function submittedValue(values: FilterValues, field: string): FieldValue | undefined {
  const value: unknown = values[field];
  if (typeof value === "string") return value.trim() === "" ? undefined : value;
  return typeof value === "number" || typeof value === "boolean" ? value : undefined;
}
