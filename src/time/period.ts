import { HOUR_MS } from "./durations.ts";
import { offsetMs, wallClockMs, zonedAt } from "./wall-clock.ts";

/** The clock periods that a cap can count in. */
export type ClockPeriod = (typeof CLOCK_PERIODS)[number];
export const CLOCK_PERIODS = ["hour", "day", "week", "month"] as const;

/** What a cap can count over; `total`: for ever. */
export type CapPeriod = (typeof CAP_PERIODS)[number];
export const CAP_PERIODS = [...CLOCK_PERIODS, "total"] as const;

/**
 * The instant at which the current clock period began in a time zone. Weeks begin on Monday; days, weeks and months at
 * the first instant of the local day, which is not midnight everywhere.
 */
export function periodStart(period: ClockPeriod, zone: string, now: Date): Date {
  switch (period) {
    case "hour":
      return new Date(hourStart(now.getTime(), zone));
    case "day":
      return startOfDay(zonedAt(now.getTime(), zone));
    case "week": {
      const local = zonedAt(now.getTime(), zone);
      return startOfDay(local.subtract({ days: local.dayOfWeek - 1 }));
    }
    case "month":
      return startOfDay(zonedAt(now.getTime(), zone).with({ day: 1 }));
  }
}

/** The instant at which the clock period after the current one begins in a time zone. */
export function nextPeriodStart(period: ClockPeriod, zone: string, now: Date): Date {
  const local = zonedAt(now.getTime(), zone);
  switch (period) {
    case "hour": {
      const full = now.getTime() - modulo(wallClockMs(now.getTime(), zone), HOUR_MS) + HOUR_MS;
      const transition = local.getTimeZoneTransition("next")?.epochMilliseconds;
      return new Date(Math.min(full, transition ?? full));
    }
    case "day":
      return startOfDay(local.add({ days: 1 }));
    case "week":
      return startOfDay(local.add({ days: 8 - local.dayOfWeek }));
    case "month":
      return startOfDay(local.with({ day: 1 }).add({ months: 1 }));
  }
}

/**
 * Hours are told apart by instant: the hour that comes twice when clocks go back is two hours, each with a cap of its
 * own. Where clocks change in the middle of an hour (Australia/Lord_Howe moves by 30 minutes) the change begins a new one.
 */
function hourStart(now: number, zone: string): number {
  const intoTheHour = modulo(wallClockMs(now, zone), HOUR_MS);
  const start = now - intoTheHour;
  if (offsetMs(start, zone) === offsetMs(now, zone)) return start;
  // The transition sought is strictly before the instant asked about, so ask from just after `now`.
  const transition = zonedAt(now + 1, zone).getTimeZoneTransition("previous");
  return Math.max(start, transition?.epochMilliseconds ?? start);
}

function startOfDay(local: Temporal.ZonedDateTime): Date {
  return new Date(local.startOfDay().epochMilliseconds);
}

/** The remainder that is never negative, so that instants before 1970 work too. */
function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
