import { beginningOf, type DayOrTime, endingOf } from "#time/day-or-time.ts";
import { dayOrTime } from "./query.ts";
import type { ReplyFieldError } from "./reply.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const USUAL_DAYS = 30;

/** What a report may be asked that is of days on the clock of whoever asks. */
export const DAY_RANGE = {
  from: {
    ...dayOrTime("The first day, or a moment; otherwise 30 days before the end"),
    example: "2026-01-01",
  },
  to: {
    ...dayOrTime("The last day, or the moment before which it ends; otherwise now"),
    example: "2026-01-31",
  },
};

/** From when until when is asked, ISO 8601; days begin in the time zone. It may be `mostDays` long. */
export function readDayRange(
  asked: { from: DayOrTime | null; to: DayOrTime | null },
  { timezone, now, mostDays }: { timezone: string; now: Date; mostDays: number },
): { from: string; to: string } | { errors: ReplyFieldError[] } {
  const to = asked.to === null ? nextHour(now) : endingOf(asked.to, timezone);
  const usual = new Date(to.getTime() - Math.min(mostDays, USUAL_DAYS) * DAY_MS);
  const from = asked.from === null ? usual : beginningOf(asked.from, timezone);
  if (to.getTime() - from.getTime() > (mostDays + 1) * DAY_MS) {
    const message = `must be at most ${mostDays} days after from`;
    return { errors: [{ field: "to", code: "out_of_range", message }] };
  }
  return { from: from.toISOString(), to: to.toISOString() };
}

/** Nothing is decided after now, and whole hours are what figures are kept by. */
function nextHour(now: Date): Date {
  return new Date((Math.floor(now.getTime() / HOUR_MS) + 1) * HOUR_MS);
}
