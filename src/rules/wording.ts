import { type FieldValue, isMoment } from "./comparison.ts";
import type { FilterOperator, RuleValue } from "./operators.ts";

const MAX_LISTED = 10;
const MAX_QUOTED_LENGTH = 60;

/**
 * What a rule asks of a field, in the operator's words: "roof_age must be at least 5"; `forbidden` says the opposite, as
 * it stands under a `not`. Where a rule forbids a value or a text, that is not repeated: it would be what was submitted.
 */
export function describeRule(
  field: string,
  op: FilterOperator,
  value: RuleValue,
  forbidden: boolean,
): string {
  if (isDenial(op)) return describeRule(field, denied[op], value, !forbidden);
  return `${field} must ${forbidden ? "not " : ""}${requirementText(op, value, forbidden)}`;
}

const denied = { ne: "eq", not_in: "in", not_contains: "contains", is_not_empty: "is_empty" } as const;
type Denial = keyof typeof denied;

function isDenial(op: FilterOperator): op is Denial {
  return Object.hasOwn(denied, op);
}

function requirementText(op: Exclude<FilterOperator, Denial>, value: RuleValue, forbidden: boolean): string {
  switch (op) {
    case "eq":
      return forbidden ? "be the excluded value" : `be ${valueText(value)}`;
    case "in":
      return forbidden ? "be one of the excluded values" : `be ${oneOfText(value)}`;
    case "gt":
      return `be ${isDateValue(value) ? "after" : "more than"} ${valueText(value)}`;
    case "gte":
      return `be ${isDateValue(value) ? "on or after" : "at least"} ${valueText(value)}`;
    case "lt":
      return `be ${isDateValue(value) ? "before" : "less than"} ${valueText(value)}`;
    case "lte":
      return `be ${isDateValue(value) ? "on or before" : "at most"} ${valueText(value)}`;
    case "between":
      return `be between ${listWords(value).join(" and ")}`;
    case "contains":
      return `contain ${forbidden ? "the excluded text" : valueText(value)}`;
    case "starts_with":
      return `start with ${forbidden ? "the excluded text" : valueText(value)}`;
    case "ends_with":
      return `end with ${forbidden ? "the excluded text" : valueText(value)}`;
    case "matches":
      return "match the pattern of this rule";
    case "is_empty":
      return "be empty";
    case "within_days":
      return value === 0 ? "be today" : `be within the last ${daysText(value)}`;
    case "older_than_days":
      return value === 0 ? "be before today" : `be more than ${daysText(value)} ago`;
  }
}

function oneOfText(value: RuleValue): string {
  const words = listWords(value);
  if (words.length === 1) return words.join();
  const shown = words.slice(0, MAX_LISTED);
  const more = words.length - shown.length;
  return `one of ${shown.join(", ")}${more > 0 ? ` or ${more} more` : ""}`;
}

function daysText(value: RuleValue): string {
  return `${valueText(value)} ${value === 1 ? "day" : "days"}`;
}

function isDateValue(value: RuleValue): boolean {
  return typeof value === "string" && isMoment(value);
}

function listWords(value: RuleValue): string[] {
  return typeof value === "object" ? value.map((entry) => quote(entry)) : [valueText(value)];
}

function valueText(value: RuleValue): string {
  if (value === undefined) return "";
  return typeof value === "object" ? listWords(value).join(", ") : quote(value);
}

/** Words that stand on their own go unquoted, as an operator would write them. */
function quote(value: FieldValue): string {
  const text = String(value);
  if (/^[\w.+:@/-]+$/.test(text) && text.length <= MAX_QUOTED_LENGTH) return text;
  const characters = Array.from(text);
  const cut = characters.length > MAX_QUOTED_LENGTH;
  return JSON.stringify(cut ? `${characters.slice(0, MAX_QUOTED_LENGTH).join("")}…` : text);
}
