import { FormatRegistry, type TSchema, Type } from "@sinclair/typebox";
import { readDay } from "#time/calendar.ts";
import type { FieldDefinition } from "./definition.ts";
import type { FieldType } from "./field-type.ts";
import { narrowed } from "./narrowed.ts";
import { invalidFormat, invalidType, outOfRange } from "./refusal.ts";
import { writtenDay } from "./written-dates.ts";

const FORMAT = "leadgate:date";
FormatRegistry.Set(FORMAT, isDate);

/** Before this a day is a slip of the hand, unless the field's `min` or `max` says otherwise. */
const FIRST_YEAR = "1900";
const EARLIEST = `${FIRST_YEAR}-01-01`;

/**
 * A day of the calendar, stored as YYYY-MM-DD (RFC 3339 full-date). A campaign in the US also reads M/D/YYYY; elsewhere
 * that order is anybody's guess, so it is refused. `min` and `max` are dates; without `min` a day is of 1900 or later.
 */
export const date: FieldType = {
  options: ["min", "max"],
  normaliser: (_, country) => (raw) => {
    if (typeof raw !== "string") return invalidType;
    const day = writtenDay(raw, country);
    return isDate(day) ? day : invalidFormat;
  },
  schema: dateSchema,
  expects: (field, country) =>
    `a date that exists${rangeOfDays(field)}, as YYYY-MM-DD${country === "US" ? " or MM/DD/YYYY" : ""}`,
};

/** True for a full-date of RFC 3339 that exists, from year 1 on (Postgres has no year 0). */
function isDate(value: string): boolean {
  return readDay(value) !== undefined && !value.startsWith("0000");
}

/** The least that a date or date and time may be: what the field says, else 1900, unless the field ends before that. */
export function leastOf({ min, max }: FieldDefinition, earliest: string): string | undefined {
  if (min !== undefined) return String(min);
  return max === undefined || String(max) >= earliest ? earliest : undefined;
}

/** " from 1900 on", " from 1900 to 2010-12-31", or, of what ends before that, " up to 1850-12-31". */
export function rangeOfDays({ min, max }: FieldDefinition): string {
  if (max === undefined) return ` from ${min ?? FIRST_YEAR} on`;
  const isOpen = min === undefined && String(max) < FIRST_YEAR;
  return isOpen ? ` up to ${max}` : ` from ${min ?? FIRST_YEAR} to ${max}`;
}

function dateSchema(field: FieldDefinition): TSchema {
  const base = Type.String({ format: FORMAT });
  const min = leastOf(field, EARLIEST);
  const { max } = field;
  // ISO dates of four-digit years sort as text.
  return narrowed(base, { formatMinimum: min, formatMaximum: max }, (day) =>
    (min !== undefined && day < min) || (max !== undefined && day > String(max)) ? outOfRange : undefined,
  );
}
