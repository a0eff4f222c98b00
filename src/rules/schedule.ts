import { type Static, Type } from "@sinclair/typebox";
import { isMapping, joinPath, type Problem } from "#text/problem.ts";
import { MINUTE_MS } from "#time/durations.ts";
import { wallClockMs } from "#time/wall-clock.ts";

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const DAY_MINUTES = 1440;
const WEEK_MINUTES = 7 * DAY_MINUTES;
const WINDOW = /^([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;

const Windows = Type.Optional(
  Type.Array(Type.String({ pattern: WINDOW.source, examples: ["09:00-17:00"] }), { maxItems: 48 }),
);

/**
 * A weekly schedule on the wall clock: `{ mon: ["09:00-17:00"], fri: ["22:00-06:00"] }`. A day that is left out is
 * closed. The end of a window is outside it. A window that ends at or before its start runs past midnight and
 * belongs to the day on which it starts.
 */
export const ScheduleDefinition = Type.Object(
  { mon: Windows, tue: Windows, wed: Windows, thu: Windows, fri: Windows, sat: Windows, sun: Windows },
  {
    additionalProperties: false,
    description: "Opening times by day of the week; a day that is left out is closed.",
  },
);
export type ScheduleDefinition = Static<typeof ScheduleDefinition>;

export interface Schedule {
  isOpen(now: Date): boolean;
}

/**
 * A schedule ready to be asked. It goes by the wall clock of the zone: where the clock skips a time, a window within
 * that time does not come that day; where an hour comes twice, a window over it is open both times.
 * Throws a RangeError for a definition that has problems.
 */
export function compileSchedule(definition: ScheduleDefinition, zone: string): Schedule {
  const [problem] = scheduleProblems(definition);
  if (problem) throw new RangeError(`schedule ${problem.path}: ${problem.message}`);
  const windows = days.flatMap((day, index) => windowsOfWeek(definition[day] ?? [], index * DAY_MINUTES));
  // A batch asks for each of its leads, all at one time, and the zone's clock took most of that.
  let asked = { minute: Number.NaN, isOpen: false };
  return {
    isOpen(now) {
      const minute = Math.floor(now.getTime() / MINUTE_MS);
      if (minute !== asked.minute) asked = { minute, isOpen: isWithin(windows, minuteOfWeek(now, zone)) };
      return asked.isOpen;
    },
  };
}

function isWithin(windows: readonly Window[], minute: number): boolean {
  return windows.some(({ start, end }) => start <= minute && minute < end);
}

/** Everything that is wrong with a schedule, whatever it is. Windows of one day may touch but not overlap. */
export function scheduleProblems(definition: unknown): Problem[] {
  if (!isMapping(definition))
    return [{ path: "", message: "must be a mapping from days (mon … sun) to windows" }];
  const problems = Object.entries(definition).flatMap(([day, windows]) => dayProblems(day, windows));
  if (problems.length > 0) return problems;
  if (Object.values(definition).every((windows) => Array.isArray(windows) && windows.length === 0)) {
    return [{ path: "", message: "is never open; leave the schedule out to be always open" }];
  }
  return [];
}

function dayProblems(day: string, windows: unknown): Problem[] {
  if (!days.some((known) => known === day)) {
    return [{ path: day, message: `is not a day; days are ${days.join(", ")}` }];
  }
  if (!Array.isArray(windows))
    return [{ path: day, message: 'must be a list of windows such as ["09:00-17:00"]' }];
  if (windows.length > 48) return [{ path: day, message: "must have at most 48 windows" }];
  return windows.flatMap((text: unknown, index) => {
    const message = windowProblem(text, windows.slice(0, index));
    return message === undefined ? [] : [{ path: joinPath(day, index), message }];
  });
}

function windowProblem(text: unknown, earlier: readonly unknown[]): string | undefined {
  const window = typeof text === "string" ? readWindow(text) : undefined;
  if (!window) return 'must be a window such as "09:00-17:00", from 00:00 to 24:00';
  if (window.start === window.end) return 'starts when it ends; the whole day is "00:00-24:00"';
  const overlaps = earlier.some((other) => {
    const read = typeof other === "string" ? readWindow(other) : undefined;
    return read !== undefined && read.start < window.end && window.start < read.end;
  });
  return overlaps ? "overlaps an earlier window of the same day" : undefined;
}

interface Window {
  readonly start: number;
  /** Exclusive; past 1440 where the window runs into the next day. */
  readonly end: number;
}

/** Minutes since the midnight on which the day began. */
function readWindow(text: string): Window | undefined {
  const match = WINDOW.exec(text);
  if (!match) return undefined;
  const start = Number(match[1]) * 60 + Number(match[2]);
  const end = match[3] === undefined ? DAY_MINUTES : Number(match[3]) * 60 + Number(match[4]);
  return { start, end: end < start ? end + DAY_MINUTES : end };
}

/** The windows in minutes since Monday 00:00; the one that runs past the end of Sunday is cut in two. */
function windowsOfWeek(texts: readonly string[], dayStart: number): Window[] {
  return texts.flatMap((text) => {
    const window = readWindow(text);
    if (!window) return [];
    const start = dayStart + window.start;
    const end = dayStart + window.end;
    if (end <= WEEK_MINUTES) return [{ start, end }];
    return [
      { start, end: WEEK_MINUTES },
      { start: 0, end: end - WEEK_MINUTES },
    ];
  });
}

/** Minutes since Monday 00:00 on the wall clock. 1970-01-01 was a Thursday, three days after a Monday. */
function minuteOfWeek(now: Date, zone: string): number {
  const minutes = Math.floor(wallClockMs(now.getTime(), zone) / MINUTE_MS) + 3 * DAY_MINUTES;
  return ((minutes % WEEK_MINUTES) + WEEK_MINUTES) % WEEK_MINUTES;
}
