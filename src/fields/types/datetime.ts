import { FormatRegistry, type TSchema, Type } from "@sinclair/typebox";
import { readInstant } from "#time/calendar.ts";
import { leastOf, rangeOfDays } from "./date.ts";
import type { FieldDefinition } from "./definition.ts";
import type { FieldType } from "./field-type.ts";
import { narrowed } from "./narrowed.ts";
import { invalidFormat, invalidType, outOfRange } from "./refusal.ts";
import { writtenMoment } from "./written-dates.ts";

const FORMAT = "leadgate:datetime";
FormatRegistry.Set(FORMAT, (value) => isoInstant(value) === value);

const EARLIEST = "1900-01-01T00:00:00Z";

/**
 * A moment with its offset, stored in UTC (`2024-02-29T05:00:00Z`). `min` and `max` are such moments; without `min` it is of 1900 or
 * later.
 */
export const datetime: FieldType = {
  options: ["min", "max"],
  normaliser: () => (raw) => {
    if (typeof raw !== "string") return invalidType;
    return isoInstant(writtenMoment(raw)) ?? invalidFormat;
  },
  schema: datetimeSchema,
  expects: (field) => `a date and time${rangeOfDays(field)} with its offset, as 2024-05-01T13:30:00Z`,
};

const STORED = /^(?!0000)\d{4}-/;

/** The moment in UTC, or nothing for text that is not RFC 3339, doesn't exist, or lies outside the years 1 to 9999 in UTC. */
function isoInstant(raw: string): string | undefined {
  const utc = readInstant(raw)?.toString();
  return utc !== undefined && STORED.test(utc) ? utc : undefined;
}

function datetimeSchema(field: FieldDefinition): TSchema {
  const base = Type.String({ format: FORMAT });
  const min = leastOf(field, EARLIEST);
  const { max } = field;
  const earliest = min === undefined ? undefined : Temporal.Instant.from(min);
  const latest = max === undefined ? undefined : Temporal.Instant.from(String(max));
  // Compared as moments: as text "…:00.5Z" would sort before "…:00Z".
  return narrowed(base, { formatMinimum: min, formatMaximum: max }, (stored) => {
    const moment = Temporal.Instant.from(stored);
    const early = earliest !== undefined && Temporal.Instant.compare(moment, earliest) < 0;
    const late = latest !== undefined && Temporal.Instant.compare(moment, latest) > 0;
    return early || late ? outOfRange : undefined;
  });
}
