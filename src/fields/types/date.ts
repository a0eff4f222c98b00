import { FormatRegistry, type TSchema, Type } from "@sinclair/typebox";
import { readDay } from "#time/calendar.ts";
import type { FieldDefinition } from "./definition.ts";
import type { FieldType } from "./field-type.ts";
import { narrowed } from "./narrowed.ts";
import { rangeOf } from "./number.ts";
import { invalidFormat, invalidType, outOfRange } from "./refusal.ts";

const FORMAT = "leadgate:date";
FormatRegistry.Set(FORMAT, isDate);

/**
 * A day of the calendar, stored as YYYY-MM-DD (RFC 3339 full-date). A campaign in the US also reads M/D/YYYY; elsewhere
 * that order is anybody's guess, so it is refused. `min` and `max` are dates.
 */
export const date: FieldType = {
  options: ["min", "max"],
  normaliser: (_, country) => (raw) => {
    if (typeof raw !== "string") return invalidType;
    const day = country === "US" ? isoFromUsDate(raw) : raw;
    return isDate(day) ? day : invalidFormat;
  },
  schema: dateSchema,
  expects: (field, country) =>
    `a date that exists${rangeOf(field)}, as YYYY-MM-DD${country === "US" ? " or MM/DD/YYYY" : ""}`,
};

/** True for a full-date of RFC 3339 that exists, from year 1 on (Postgres has no year 0). */
function isDate(value: string): boolean {
  return readDay(value) !== undefined && !value.startsWith("0000");
}

function isoFromUsDate(raw: string): string {
  const [, month, day, year] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(raw) ?? [];
  if (month === undefined || day === undefined) return raw;
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
}

function dateSchema({ min, max }: FieldDefinition): TSchema {
  const base = Type.String({ format: FORMAT });
  if (min === undefined && max === undefined) return base;
  // ISO dates of four-digit years sort as text.
  return narrowed(base, { formatMinimum: min, formatMaximum: max }, (day) =>
    (min !== undefined && day < String(min)) || (max !== undefined && day > String(max))
      ? outOfRange
      : undefined,
  );
}
