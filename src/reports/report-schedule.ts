/** When a report is made, on the clock of its time zone. */
export interface ReportSchedule {
  /** Days; weeks, on Mondays; or months, on the first. */
  every: "day" | "week" | "month";
  /** HH:MM. */
  at: string;
  timezone: string;
}

/** A report that was to be made at a moment, of what came before; all in ms since 1970, `to` the first moment that is not in it. */
export interface DueReport {
  dueAt: number;
  from: number;
  to: number;
}

/**
 * The last one that was due at or before `now`: of the whole day, week or month before. Where the clock skips its time of day it is due as
 * much later as the clock was put on; where that comes twice, the first time.
 */
export function lastDue(schedule: ReportSchedule, now: number): DueReport {
  const { every, at, timezone } = schedule;
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(timezone).toPlainDate();
  const first = firstDay(every, today);
  const day = momentOf(first, at, timezone) <= now ? first : first.subtract(STEP[every]);
  return {
    dueAt: momentOf(day, at, timezone),
    from: momentOf(day.subtract(STEP[every]), "00:00", timezone),
    to: momentOf(day, "00:00", timezone),
  };
}

const STEP = { day: { days: 1 }, week: { weeks: 1 }, month: { months: 1 } } as const;

function firstDay(every: ReportSchedule["every"], day: Temporal.PlainDate): Temporal.PlainDate {
  switch (every) {
    case "day":
      return day;
    case "week":
      return day.subtract({ days: day.dayOfWeek - 1 });
    case "month":
      return day.with({ day: 1 });
  }
}

function momentOf(day: Temporal.PlainDate, at: string, timezone: string): number {
  return day.toZonedDateTime({ timeZone: timezone, plainTime: Temporal.PlainTime.from(at) })
    .epochMilliseconds;
}
