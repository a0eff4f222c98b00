import { type FieldValue, isMoment } from "./comparison.ts";
import type { FilterOperator, RuleValue } from "./operators.ts";

const MAX_LISTED = 10;
const MAX_QUOTED_LENGTH = 60;

/**
 * What a rule asks of a field, in the operator's words: "roof_age must be at least 5"; `forbidden` says the opposite, as
 * it stands under a `not`. Where a rule forbids a value or a text, that is not repeated: it would be what was submitted.
 */
export function ruleInWords(field: string, op: FilterOperator, value: RuleValue, forbidden: boolean): string {
  if (isDenial(op)) return ruleInWords(field, denied[op], value, !forbidden);
  return `${field} must ${forbidden ? "not " : ""}${predicate(op, value, forbidden)}`;
}

const denied = { ne: "eq", not_in: "in", not_contains: "contains", is_not_empty: "is_empty" } as const;
type Denial = keyof typeof denied;

function isDenial(op: FilterOperator): op is Denial {
  return Object.hasOwn(denied, op);
}

function predicate(op: Exclude<FilterOperator, Denial>, value: RuleValue, forbidden: boolean): string {
  switch (op) {
    case "eq":
      return forbidden ? "be the excluded value" : `be ${inWords(value)}`;
    case "in":
      return forbidden ? "be one of the excluded values" : `be ${oneOf(value)}`;
    case "gt":
      return `be ${isDate(value) ? "after" : "more than"} ${inWords(value)}`;
    case "gte":
      return `be ${isDate(value) ? "on or after" : "at least"} ${inWords(value)}`;
    case "lt":
      return `be ${isDate(value) ? "before" : "less than"} ${inWords(value)}`;
    case "lte":
      return `be ${isDate(value) ? "on or before" : "at most"} ${inWords(value)}`;
    case "between":
      return `be between ${listed(value).join(" and ")}`;
    case "contains":
      return `contain ${forbidden ? "the excluded text" : inWords(value)}`;
    case "starts_with":
      return `start with ${forbidden ? "the excluded text" : inWords(value)}`;
    case "ends_with":
      return `end with ${forbidden ? "the excluded text" : inWords(value)}`;
    case "matches":
      return "match the pattern of this rule";
    case "is_empty":
      return "be empty";
    case "within_days":
      return value === 0 ? "be today" : `be within the last ${days(value)}`;
    case "older_than_days":
      return value === 0 ? "be before today" : `be more than ${days(value)} ago`;
  }
}

function oneOf(value: RuleValue): string {
  const words = listed(value);
  if (words.length === 1) return words.join();
  const shown = words.slice(0, MAX_LISTED);
  const more = words.length - shown.length;
  return `one of ${shown.join(", ")}${more > 0 ? ` or ${more} more` : ""}`;
}

function days(value: RuleValue): string {
  return `${inWords(value)} ${value === 1 ? "day" : "days"}`;
}

function isDate(value: RuleValue): boolean {
  return typeof value === "string" && isMoment(value);
}

function listed(value: RuleValue): string[] {
  return typeof value === "object" ? value.map((entry) => quoted(entry)) : [inWords(value)];
}

function inWords(value: RuleValue): string {
  if (value === undefined) return "";
  return typeof value === "object" ? listed(value).join(", ") : quoted(value);
}

/** Words that stand on their own go unquoted, as an operator would write them. */
function quoted(value: FieldValue): string {
  const text = String(value);
  if (/^[\w.+:@/-]+$/.test(text) && text.length <= MAX_QUOTED_LENGTH) return text;
  const characters = Array.from(text);
  const cut = characters.length > MAX_QUOTED_LENGTH;
  return JSON.stringify(cut ? `${characters.slice(0, MAX_QUOTED_LENGTH).join("")}…` : text);
}
