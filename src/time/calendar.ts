import { DAY_MS } from "./durations.ts";

/** Days and moments as RFC 3339 writes them, read as strictly; whatever else Temporal would read is none. */

const DAY_LENGTH = "2024-05-01".length;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/i;

/** The day that a full-date (`YYYY-MM-DD`) names, in days since 1970-01-01. Undefined for other text and for a day that does not exist. */
export function readDay(text: string): number | undefined {
  return DAY.test(text) ? dayOf(text) : undefined;
}

/**
 * The moment that a date-time with its offset names (`2024-05-01T13:30:00Z`). Undefined for other text, and for a day or a time that
 * does not exist; a leap second is second 59.
 */
export function readInstant(text: string): Temporal.Instant | undefined {
  // Refused before Temporal is asked: an exception costs more than everything else here.
  if (!INSTANT.test(text) || dayOf(text.slice(0, DAY_LENGTH)) === undefined) return undefined;
  try {
    return Temporal.Instant.from(text);
  } catch {
    return undefined;
  }
}

function dayOf(date: string): number | undefined {
  const [year, month, day] = [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10))];
  const instant = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  instant.setUTCFullYear(year, month - 1, day);
  const exists = instant.getUTCMonth() === month - 1 && instant.getUTCDate() === day;
  return exists ? instant.getTime() / DAY_MS : undefined;
}
