import { readDay, readInstant } from "./calendar.ts";
import { localDay } from "./wall-clock.ts";

/** A day, or an instant and the local day on which it falls. Days count from 1970-01-01. */
export interface Moment {
  readonly day: number;
  /** Milliseconds since 1970 UTC; absent for a plain date. */
  readonly instantMs?: number;
}

/**
 * Reads a date (`YYYY-MM-DD`) or a date and time with its offset (RFC 3339). The zone tells on which day an instant
 * falls. Undefined for any other text, and for a day that does not exist.
 */
export function readMoment(text: string, zone: string): Moment | undefined {
  const day = readDay(text);
  if (day !== undefined) return { day };
  const instantMs = readInstant(text)?.epochMilliseconds;
  return instantMs === undefined ? undefined : { day: localDay(instantMs, zone), instantMs };
}

/** Negative when `one` is earlier. Two instants compare to the millisecond; where either is a plain date, by day. */
export function compareMoments(one: Moment, other: Moment): number {
  if (one.instantMs !== undefined && other.instantMs !== undefined) return one.instantMs - other.instantMs;
  return one.day - other.day;
}
