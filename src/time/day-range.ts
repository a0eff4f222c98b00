import { beginningOf, type DayOrTime, endingOf } from "./day-or-time.ts";
import { DAY_MS, HOUR_MS } from "./durations.ts";

const USUAL_DAYS = 30;

/**
 * From when until when is asked, ISO 8601: days begin in the time zone, and what is not said is the last 30 days until now. Undefined when
 * it would be longer than `mostDays`.
 */
export function dayRange(
  asked: { from: DayOrTime | null; to: DayOrTime | null },
  { timezone, now, mostDays }: { timezone: string; now: Date; mostDays: number },
): { from: string; to: string } | undefined {
  const to = asked.to === null ? nextHour(now) : endingOf(asked.to, timezone);
  const usual = new Date(to.getTime() - Math.min(mostDays, USUAL_DAYS) * DAY_MS);
  const from = asked.from === null ? usual : beginningOf(asked.from, timezone);
  if (to.getTime() - from.getTime() > (mostDays + 1) * DAY_MS) return undefined;
  return { from: from.toISOString(), to: to.toISOString() };
}

/** Nothing is decided after now, and whole hours are what figures are kept by. */
function nextHour(now: Date): Date {
  return new Date((Math.floor(now.getTime() / HOUR_MS) + 1) * HOUR_MS);
}
