import { localDay } from "./wall-clock.ts";

/** A day, or an instant and the local day on which it falls. Days count from 1970-01-01. */
export interface Moment {
  readonly day: number;
  /** Milliseconds since 1970 UTC; absent for a plain date. */
  readonly instantMs?: number;
}

const DATE_LENGTH = "2024-05-01".length;
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/i;

/**
 * Reads a date (`YYYY-MM-DD`) or a date and time with its offset (RFC 3339). The zone tells on which day an instant
 * falls. Undefined for any other text, and for a day that does not exist.
 */
export function readMoment(text: string, zone: string): Moment | undefined {
  if (text.length === DATE_LENGTH) {
    if (!DATE.test(text)) return undefined;
    const day = dayOf(text);
    return day === undefined ? undefined : { day };
  }
  // Refused before Temporal is asked: an exception costs more than everything else here.
  if (!DATE_TIME.test(text) || dayOf(text.slice(0, DATE_LENGTH)) === undefined) return undefined;
  try {
    const instantMs = Temporal.Instant.from(text).epochMilliseconds;
    return { day: localDay(instantMs, zone), instantMs };
  } catch {
    return undefined;
  }
}

/** Negative when `one` is earlier. Two instants compare to the millisecond; where either is a plain date, by day. */
export function compareMoments(one: Moment, other: Moment): number {
  if (one.instantMs !== undefined && other.instantMs !== undefined) return one.instantMs - other.instantMs;
  return one.day - other.day;
}

function dayOf(date: string): number | undefined {
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  const instant = new Date(0);
  // Not Date.UTC, which takes the years 0 to 99 for 1900 to 1999.
  instant.setUTCFullYear(year, month - 1, day);
  const exists = instant.getUTCMonth() === month - 1 && instant.getUTCDate() === day;
  return exists ? instant.getTime() / 86_400_000 : undefined;
}
