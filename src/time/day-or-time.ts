import { readDay, readInstant } from "./calendar.ts";

/** A day (YYYY-MM-DD) of some time zone, or a moment in ms since 1970. */
export type DayOrTime = { day: string } | { at: number };

/** As operators write it: a day, or a time in RFC 3339 with its offset; undefined when it is neither, or does not exist. */
export function readDayOrTime(written: string): DayOrTime | undefined {
  if (readDay(written) !== undefined) return { day: written };
  const instant = readInstant(written);
  return instant && { at: instant.epochMilliseconds };
}

/** The moment, or the one at which the day begins in the time zone. */
export function beginningOf(asked: DayOrTime, timezone: string): Date {
  return new Date("at" in asked ? asked.at : startOf(asked.day, 0, timezone));
}

/** The moment, or the one at which the day is over. */
export function endingOf(asked: DayOrTime, timezone: string): Date {
  return new Date("at" in asked ? asked.at : startOf(asked.day, 1, timezone));
}

function startOf(day: string, daysLater: number, timezone: string): number {
  return Temporal.PlainDate.from(day).add({ days: daysLater }).toZonedDateTime(timezone).epochMilliseconds;
}
