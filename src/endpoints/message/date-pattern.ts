import { readDay, readInstant } from "#time/calendar.ts";
import { DAY_MS } from "#time/durations.ts";
import { zonedAt } from "#time/wall-clock.ts";

/** A time as patterns write it: of a moment in a zone, or midnight UTC of a day. */
type ZonedTime = Temporal.ZonedDateTime;

/** What the tokens of a pattern write. */
const TOKENS: Readonly<Record<string, (time: ZonedTime) => string>> = {
  YYYY: ({ year }) => digits(year, 4),
  YY: ({ year }) => digits(year % 100, 2),
  MM: ({ month }) => digits(month, 2),
  M: ({ month }) => String(month),
  DD: ({ day }) => digits(day, 2),
  D: ({ day }) => String(day),
  HH: ({ hour }) => digits(hour, 2),
  hh: ({ hour }) => digits(hour % 12 || 12, 2),
  mm: ({ minute }) => digits(minute, 2),
  ss: ({ second }) => digits(second, 2),
  A: ({ hour }) => (hour < 12 ? "AM" : "PM"),
  Z: ({ offset }) => offset,
  // Stands for itself, between a day and a time.
  T: () => "T",
};
const OF_A_DAY = ["YYYY", "YY", "MM", "M", "DD", "D"];
/** A letter, as often as it is repeated. */
const RUN = /([A-Za-z])\1*/g;

/** A date or a moment as the pattern says; undefined for a text that is neither. */
export function dateText(text: string, pattern: string, timezone: string): string | undefined {
  const time = timeOf(text, timezone);
  return time && pattern.replace(RUN, (run) => TOKENS[run]?.(time) ?? run);
}

/** Seconds since 1970; a day begins at midnight UTC. Undefined for a text that is neither a date nor a moment. */
export function unixSeconds(text: string): number | undefined {
  const time = timeOf(text, "UTC");
  return time && Math.floor(time.epochMilliseconds / 1000);
}

/** Why this is no pattern, as the end of a sentence; undefined when it is one. */
export function datePatternProblem(pattern: string, isDay: boolean): string | undefined {
  const tokens = isDay ? OF_A_DAY : Object.keys(TOKENS);
  const runs = pattern.match(RUN) ?? [];
  const wrong = runs.find((run) => !tokens.includes(run));
  if (runs.length > 0 && wrong === undefined) return undefined;
  const what = isDay ? "for a date " : "";
  const found = wrong === undefined ? "" : `, not ${wrong.slice(0, 10)}`;
  return `needs a pattern ${what}of ${tokens.join(" ")}${found}, as in date:MM/DD/YYYY`;
}

function timeOf(text: string, timezone: string): ZonedTime | undefined {
  const day = readDay(text);
  if (day !== undefined) return zonedAt(day * DAY_MS, "UTC");
  const instant = readInstant(text);
  return instant && zonedAt(instant.epochMilliseconds, timezone);
}

function digits(number: number, length: number): string {
  return String(number).padStart(length, "0");
}
