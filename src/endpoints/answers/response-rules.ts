import { type Amount, parseAmount } from "#money/amount.ts";
import { oneLine } from "#text/one-line.ts";
import { compilePattern } from "#text/pattern.ts";
import type { AnswerFailure } from "./answer-failure.ts";
import {
  compileReader,
  type OpenedAnswer,
  openAnswer,
  READERS,
  type Reader,
  type ReaderDefinition,
  type RuledAnswer,
} from "./answer-reader.ts";

/**
 * How a buyer's answers are read. Rules are asked in order and the first that fits decides; one fits when all that its
 * `when` says is so. Texts compare without case.
 */
export interface ResponseRule {
  when: ConditionDefinition | ConditionDefinition[];
  outcome: Outcome;
}

export type Outcome = (typeof OUTCOMES)[number];
export const OUTCOMES = ["accepted", "rejected", "duplicate", "error"] as const;

/** A status, something in the body, or both. What is in the body must be there, or fit the one comparison that is given. */
export interface ConditionDefinition extends ReaderDefinition {
  /** 200, [200, 201] or "2xx". */
  status?: StatusDefinition;
  equals?: Scalar;
  in?: Scalar[];
  matches?: string;
  exists?: boolean;
}
export type StatusDefinition = number | number[] | "2xx" | "3xx" | "4xx" | "5xx";
type Scalar = string | number | boolean;

/** Where an answer tells a price, the buyer's reference for the lead, and why it was refused; read whatever the outcome. */
export interface ResponseValues {
  price?: ReaderDefinition;
  reference?: ReaderDefinition;
  reason?: ReaderDefinition;
}

export type AnswerVerdict = Judgement & {
  readonly price?: Amount;
  /** At most 200 characters, in one line. */
  readonly reference?: string;
  /** At most 200 characters, in one line. */
  readonly reason?: string;
};

const MAX_TEXT_LENGTH = 200;

/** Of a text that `matches` looks at, in UTF-16 units. */
const LONGEST_MATCHED = 4096;

/**
 * Makes of rules the function that judges an answer, which never throws. Where no rule fits, an answer that is no 2xx is an error
 * by its status; a 2xx is an acceptance only if there are no rules at all. Buyers answer 200 to refuse, so once an operator has
 * said how a yes looks, what looks otherwise is none.
 * Throws a RangeError for rules that `responseRuleProblems` or `responseValueProblems` find fault with.
 */
export function compileResponseRules(
  rules: readonly ResponseRule[],
  values: ResponseValues = {},
): (answer: RuledAnswer) => AnswerVerdict {
  const judge = compileJudgement(rules);
  const readValues = compileValues(values);
  return (given) => {
    const answer = openAnswer(given);
    return { ...judge(answer), ...readValues(answer) };
  };
}

/** The rules' decision about an answer, without the values that stand in it. */
export type Judgement =
  | { readonly outcome: "accepted" | "rejected" | "duplicate" }
  | { readonly outcome: "error"; readonly failure: AnswerFailure };

/** The part of `compileResponseRules` that decides. */
export function compileJudgement(rules: readonly ResponseRule[]): (answer: OpenedAnswer) => Judgement {
  const compiled = rules.map(({ when, outcome }) => {
    const conditions = [when].flat().map(compileCondition);
    const fits = (answer: OpenedAnswer) => conditions.every((holds) => holds(answer));
    return { fits, outcome };
  });
  return (answer) => {
    const outcome = compiled.find(({ fits }) => fits(answer))?.outcome;
    return judgement(outcome, answer.status, rules.length > 0);
  };
}

function judgement(outcome: Outcome | undefined, status: number, hasRules: boolean): Judgement {
  switch (outcome) {
    case "accepted":
    case "rejected":
    case "duplicate":
      return { outcome };
    case "error":
      return { outcome, failure: { kind: "error_by_rule", status } };
    case undefined:
      if (status < 200 || status > 299) return { outcome: "error", failure: { kind: "http_status", status } };
      if (hasRules) return { outcome: "error", failure: { kind: "no_rule_matched", status } };
      return { outcome: "accepted" };
  }
}

type Condition = (answer: OpenedAnswer) => boolean;

function compileCondition(definition: ConditionDefinition): Condition {
  const statusFits = compileStatus(definition.status);
  if (READERS.every((reader) => definition[reader] === undefined)) return statusFits;
  const read = compileReader(definition);
  const found = compileComparison(definition);
  return (answer) => statusFits(answer) && found(read(answer));
}

function compileStatus(status: StatusDefinition | undefined): Condition {
  if (status === undefined) return () => true;
  if (typeof status === "string") {
    const hundreds = Number(status.slice(0, 1));
    return (answer) => Math.floor(answer.status / 100) === hundreds;
  }
  const wanted = new Set([status].flat());
  return (answer) => wanted.has(answer.status);
}

function compileComparison(definition: ConditionDefinition): (found: ReturnType<Reader>) => boolean {
  const { equals, in: among, matches, exists = true } = definition;
  if (matches !== undefined) {
    const pattern = compilePattern(matches, { ignoreCase: true, longestInput: LONGEST_MATCHED });
    return (found) => found.some((text) => text !== undefined && pattern.isIn(text));
  }
  if (equals !== undefined || among !== undefined) {
    const wanted = new Set((among ?? [equals]).map((scalar) => String(scalar).trim().toLowerCase()));
    return (found) => found.some((text) => text !== undefined && wanted.has(text.toLowerCase()));
  }
  return (found) => found.length > 0 === exists;
}

function compileValues(values: ResponseValues) {
  const price = compileValue(values.price);
  const reference = compileValue(values.reference);
  const reason = compileValue(values.reason);
  return (answer: OpenedAnswer): Pick<AnswerVerdict, "price" | "reference" | "reason"> => {
    const amount = parseAmount(price(answer) ?? "");
    const referenceText = shortText(reference(answer));
    const reasonText = shortText(reason(answer));
    return {
      ...(amount === undefined ? {} : { price: amount }),
      ...(referenceText === "" ? {} : { reference: referenceText }),
      ...(reasonText === "" ? {} : { reason: reasonText }),
    };
  };
}

/** At most 200 characters of a buyer's own text, in one line; empty when there is none. */
export function shortText(text: string | undefined): string {
  return oneLine(text ?? "", MAX_TEXT_LENGTH);
}

/** The first text that is found where the definition says. Throws a RangeError for a definition that is wrong. */
export function compileValue(
  definition: ReaderDefinition | undefined,
): (answer: OpenedAnswer) => string | undefined {
  if (definition === undefined) return () => undefined;
  const read = compileReader(definition);
  return (answer) => read(answer).find((text) => text !== undefined);
}
