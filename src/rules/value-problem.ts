import { patternProblem } from "#text/pattern.ts";
import { type FieldValue, hasOrder, isMoment, numberOf, orderTo } from "./comparison.ts";
import type { FilterOperator } from "./operators.ts";

const MAX_LIST_LENGTH = 10_000;
const MAX_TEXT_LENGTH = 1000;
const MAX_DAYS = 36_500;

/** The types of field, as far as a filter treats them differently. */
export type FilterFieldType =
  | "text"
  | "number"
  | "integer"
  | "boolean"
  | "date"
  | "datetime"
  | "email"
  | "phone"
  | "state"
  | "zip"
  | "url"
  | "enum";

/**
 * Why an operator can't be used on a field of this type, or with this value, as the end of a sentence: "must be …".
 * Undefined when it can. Without a type only the value is looked at.
 */
export function valueProblem(
  op: FilterOperator,
  value: unknown,
  type: FilterFieldType | undefined,
): string | undefined {
  switch (op) {
    case "eq":
    case "ne":
      return equalProblem(value, type);
    case "in":
    case "not_in":
      return listProblem(value, type);
    case "gt":
    case "gte":
    case "lt":
    case "lte":
      return orderProblem(value, type);
    case "between":
      return betweenProblem(value, type);
    case "contains":
    case "not_contains":
    case "starts_with":
    case "ends_with":
      return textProblem(value, type);
    case "matches":
      return textProblem(value, type) ?? patternProblem(String(value))?.message;
    case "is_empty":
    case "is_not_empty":
      return value === undefined ? undefined : `must be left out: ${op} takes no value`;
    case "within_days":
    case "older_than_days":
      return daysProblem(value, type);
  }
}

function equalProblem(value: unknown, type: FilterFieldType | undefined): string | undefined {
  if (!isFieldValue(value)) return "must be one text, number, or true or false";
  if (typeof value === "string" && value.trim() === "")
    return "must not be empty; there is is_empty for that";
  if (typeof value === "string" && value.length > MAX_TEXT_LENGTH) return tooLong;
  switch (type) {
    case "number":
    case "integer":
      return numberOf(value) === undefined ? "must be a number, as the field is" : undefined;
    case "boolean":
      return /^(true|false)$/i.test(String(value)) ? undefined : "must be true or false, as the field is";
    case "date":
    case "datetime":
      return isDateText(value) ? undefined : mustBeDate;
    case "text":
    case "email":
    case "phone":
    case "state":
    case "zip":
    case "url":
    case "enum":
    case undefined:
      return undefined;
  }
}

function listProblem(value: unknown, type: FilterFieldType | undefined): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return "must be a list of at least one value";
  if (value.length > MAX_LIST_LENGTH) return `must be a list of at most ${MAX_LIST_LENGTH} values`;
  for (const [index, entry] of value.entries()) {
    const problem = equalProblem(entry, type);
    if (problem !== undefined) return `is not valid at place ${index}: it ${problem}`;
  }
  return undefined;
}

function orderProblem(value: unknown, type: FilterFieldType | undefined): string | undefined {
  switch (type) {
    case "number":
    case "integer":
      return isFieldValue(value) && numberOf(value) !== undefined
        ? undefined
        : "must be a number, as the field is";
    case "date":
    case "datetime":
      return isDateText(value) ? undefined : mustBeDate;
    case "boolean":
    case "email":
    case "phone":
    case "state":
    case "url":
      return `can't be used: a field of type ${type} has no order`;
    case "text":
    case "zip":
    case "enum":
    case undefined:
      return isFieldValue(value) && hasOrder(value)
        ? undefined
        : "must be a number, a date, or a date and time";
  }
}

function betweenProblem(value: unknown, type: FilterFieldType | undefined): string | undefined {
  if (!Array.isArray(value) || value.length !== 2) return "must be a list of two values, the lower one first";
  const [low, high]: unknown[] = value;
  const problem = orderProblem(low, type) ?? orderProblem(high, type);
  if (problem !== undefined) return problem;
  return isInOrder(low, high) ? undefined : "must have the lower value first, and both of one kind";
}

/** Dates are ordered by their UTC day here; whether a date and a date-time on its very edge are, the zone decides. */
function isInOrder(low: unknown, high: unknown): boolean {
  if (!isFieldValue(low) || !isFieldValue(high)) return false;
  return orderTo(high, "UTC")(low) <= 0;
}

function textProblem(value: unknown, type: FilterFieldType | undefined): string | undefined {
  if (type === "boolean") return "can't be used: a field of type boolean has no text to look into";
  // A number is refused because YAML has already eaten the zeros of an unquoted 07.
  if (typeof value !== "string" || value === "")
    return "must be text, in quotes where it looks like a number";
  return value.length > MAX_TEXT_LENGTH ? tooLong : undefined;
}

function daysProblem(value: unknown, type: FilterFieldType | undefined): string | undefined {
  if (type !== undefined && type !== "date" && type !== "datetime" && type !== "text") {
    return `can't be used: a field of type ${type} is no date`;
  }
  const valid = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_DAYS;
  return valid ? undefined : `must be a whole number of days from 0 to ${MAX_DAYS}`;
}

const tooLong = `must be at most ${MAX_TEXT_LENGTH} characters long`;
const mustBeDate = "must be a date (YYYY-MM-DD) or a date and time with its offset, as the field is";

function isFieldValue(value: unknown): value is FieldValue {
  return typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

function isDateText(value: unknown): boolean {
  return typeof value === "string" && isMoment(value);
}
