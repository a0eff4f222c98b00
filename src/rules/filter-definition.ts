import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { isMapping, joinPath, type Mapping, type Problem, prefixed, unknownKeys } from "#text/problem.ts";
import { type FilterOperator, filterOperators } from "./operators.ts";
import { ScheduleDefinition, scheduleProblems } from "./schedule.ts";
import { type FilterFieldType, valueProblem } from "./value-problem.ts";

const MAX_DEPTH = 8;
const MAX_RULES = 200;
/** A field of the lead, or what a check found: `check.<id>.<value>`. */
const FIELD_NAME = /^(?:check\.[a-z][a-z0-9_]{0,31}\.)?[a-z][a-z0-9_]{0,63}$/;

const Single = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

/**
 * What becomes of a lead that fails, where leads are turned away by it: refused unless `hold` says that a person is to decide. It stands
 * where something fails by itself: at the top, and on what stands in an `all` there.
 */
const Ends = { outcome: Type.Optional(Type.Union([Type.Literal("reject"), Type.Literal("hold")])) };

/** One rule: what a field of a lead must be. Outside its schedule (in the campaign's time zone) it does not count. */
const FilterRule = Type.Object(
  {
    ...Ends,
    field: Type.String({ pattern: FIELD_NAME.source }),
    op: Type.Union(filterOperators.map((op) => Type.Literal(op))),
    value: Type.Optional(Type.Union([Single, Type.Array(Single)])),
    schedule: Type.Optional(ScheduleDefinition),
  },
  { additionalProperties: false },
);
export type FilterRule = Static<typeof FilterRule>;

/**
 * A filter: one rule, or rules joined by `all`, `any` and `not`. The schema is the shape for documents and docs; its
 * unions give poor errors, so ask `filterProblems`, which also knows what a schema can't say.
 */
export const FilterDefinition = Type.Recursive(
  (This: TSchema) =>
    Type.Union([
      Type.Object({ ...Ends, all: Type.Array(This, { minItems: 1 }) }, { additionalProperties: false }),
      Type.Object({ ...Ends, any: Type.Array(This, { minItems: 1 }) }, { additionalProperties: false }),
      Type.Object({ ...Ends, not: This }, { additionalProperties: false }),
      FilterRule,
    ]),
  { description: "One rule, or rules joined by all, any and not." },
);
/** At most 200 rules, in groups at most 8 deep. */
export type FilterDefinition =
  | { all: FilterDefinition[]; outcome?: FilterOutcome }
  | { any: FilterDefinition[]; outcome?: FilterOutcome }
  | { not: FilterDefinition; outcome?: FilterOutcome }
  | FilterRule;

export type FilterOutcome = "reject" | "hold";

/**
 * Everything that is wrong with a filter, whatever it is, by path. `knownFields` says which fields have which type; a
 * field that it doesn't name is judged by the rule's value alone, since a campaign may keep fields that it doesn't map. `use`: what it is
 * for; where it chooses buyers or prices nothing has an outcome.
 */
export function filterProblems(
  definition: unknown,
  knownFields?: ReadonlyMap<string, FilterFieldType>,
  use: FilterUse = "turns_away",
): Problem[] {
  const problems: Problem[] = [];
  const walked = walk(definition, knownFields, problems);
  if (!walked) return [{ path: "", message: `must have at most ${MAX_RULES} rules` }];
  return [...problems, ...outcomeProblems(definition, "", use === "turns_away", 1)];
}

export type FilterUse = "turns_away" | "chooses";

function outcomeProblems(part: unknown, path: string, failsAlone: boolean, depth: number): Problem[] {
  if (!isMapping(part) || depth > MAX_DEPTH + 1) return [];
  const message = outcomeProblem(part.outcome, failsAlone);
  const own: Problem[] = message === undefined ? [] : [{ path: joinPath(path, "outcome"), message }];
  const group = groupOf(part);
  const within = group === undefined ? undefined : part[group];
  const parts = group === "not" ? [within] : Array.isArray(within) ? within.slice(0, MAX_RULES) : [];
  return [
    ...own,
    ...parts.flatMap((each: unknown, index) => {
      const inner = group === "not" ? joinPath(path, "not") : joinPath(joinPath(path, group ?? ""), index);
      return outcomeProblems(each, inner, failsAlone && group === "all", depth + 1);
    }),
  ];
}

function outcomeProblem(outcome: unknown, failsAlone: boolean): string | undefined {
  if (outcome === undefined) return undefined;
  if (!failsAlone) return NO_OUTCOME;
  return outcome === "reject" || outcome === "hold" ? undefined : "must be one of reject, hold";
}

const NO_OUTCOME =
  "stands only where a lead is turned away by it: in the filters of a campaign or a supplier, at the top or in an all there";

/** False when it gave up because the rules are too many, so that no document can make it walk for long. */
function walk(
  definition: unknown,
  knownFields: ReadonlyMap<string, FilterFieldType> | undefined,
  problems: Problem[],
): boolean {
  let rules = 0;
  function visit(part: unknown, path: string, depth: number): void {
    const group = isMapping(part) ? groupOf(part) : undefined;
    if (group === undefined || !isMapping(part)) {
      rules += 1;
      problems.push(...filterRuleProblems(part, path, knownFields));
      return;
    }
    problems.push(...unknownKeys(part, [group, "outcome"], path));
    if (depth > MAX_DEPTH) {
      rules += 1;
      problems.push({ path, message: `is nested more than ${MAX_DEPTH} groups deep` });
    } else if (group === "not") {
      visit(part[group], joinPath(path, group), depth + 1);
    } else {
      visitEach(part[group], joinPath(path, group), depth);
    }
  }
  function visitEach(parts: unknown, path: string, depth: number): void {
    if (!Array.isArray(parts) || parts.length === 0) {
      rules += 1;
      problems.push({ path, message: "must be a list of at least one rule" });
      return;
    }
    for (const [index, part] of parts.entries()) {
      if (rules > MAX_RULES) return;
      visit(part, joinPath(path, index), depth + 1);
    }
  }
  visit(definition, "", 1);
  return rules <= MAX_RULES;
}

function groupOf(part: Mapping): "all" | "any" | "not" | undefined {
  return (["all", "any", "not"] as const).find((key) => Object.hasOwn(part, key));
}

const ruleKeys = ["field", "op", "value", "schedule", "outcome"];

function filterRuleProblems(
  rule: unknown,
  path: string,
  knownFields: ReadonlyMap<string, FilterFieldType> | undefined,
): Problem[] {
  if (!isMapping(rule)) return [{ path, message: "must be a rule { field, op, value }, or all, any or not" }];
  const { field, op, value, schedule } = rule;
  const problems = unknownKeys(rule, ruleKeys, path);
  const fieldIsNamed = typeof field === "string" && FIELD_NAME.test(field);
  if (!fieldIsNamed) {
    const message = "must name a field: a small letter, then at most 63 small letters, digits or _";
    problems.push({ path: joinPath(path, "field"), message });
  }
  if (isOperator(op)) {
    const message = valueProblem(op, value, fieldIsNamed ? knownFields?.get(field) : undefined);
    if (message !== undefined) problems.push({ path: joinPath(path, "value"), message });
  } else {
    problems.push({ path: joinPath(path, "op"), message: `must be one of ${filterOperators.join(", ")}` });
  }
  if (schedule !== undefined) {
    problems.push(
      ...scheduleProblems(schedule).map((problem) => prefixed(joinPath(path, "schedule"), problem)),
    );
  }
  return problems;
}

/** What of a filter refuses leads; null: nothing does. */
export function refusingPart(definition: FilterDefinition): FilterDefinition | null {
  if (definition.outcome === "hold" && !("all" in definition)) return null;
  if (!("all" in definition)) return definition;
  const parts = definition.all.flatMap((part) => {
    const refusing = refusingPart(
      part.outcome === undefined && definition.outcome !== undefined
        ? { ...part, outcome: definition.outcome }
        : part,
    );
    return refusing === null ? [] : [refusing];
  });
  return parts.length === 0 ? null : { all: parts };
}

function isOperator(op: unknown): op is FilterOperator {
  return filterOperators.some((known) => known === op);
}
