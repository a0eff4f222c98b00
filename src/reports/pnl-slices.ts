import { DAY_MS, HOUR_MS } from "#time/durations.ts";
import { minuteWritten, zonedAt } from "#time/wall-clock.ts";
import type { PnlGroup } from "./pnl.ts";
import type { PnlRange } from "./pnl-range.ts";

/** Groups that are stretches of time. */
export type TimeGroup = (typeof TIME_GROUPS)[number];
export const TIME_GROUPS = ["hour", "day", "week", "month"] as const satisfies readonly PnlGroup[];

/** A stretch of whole hours, ms since 1970, `to` excluded, and what it is called in each group of time that is asked for. */
export interface PnlPeriod {
  from: number;
  to: number;
  names: TimeNames;
}

export type TimeNames = Readonly<Record<TimeGroup, string | null>>;

/**
 * The periods of a range in slices of at most so many days, so that what reads a slice ends soon. Hours where hours are asked for, else
 * days by the zone's calendar; neighbours that are called the same are one.
 */
export function* pnlSlices(range: PnlRange, days: number): Generator<PnlPeriod[]> {
  let slice: PnlPeriod[] = [];
  let count = 0;
  for (const day of daysOf(range)) {
    for (const period of range.groups.includes("hour") ? hoursOf(day) : [day]) {
      addPeriod(slice, { ...period, names: namesOf(period.from, range) });
    }
    count += 1;
    if (count % days !== 0) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}

interface Span {
  from: number;
  to: number;
}

function* daysOf({ from, to, timezone }: PnlRange): Generator<Span> {
  const end = Date.parse(to);
  for (let start = Date.parse(from); start < end; ) {
    const next = zonedAt(start, timezone).add({ days: 1 }).startOfDay().epochMilliseconds;
    yield { from: start, to: Math.min(next, end) };
    start = next;
  }
}

function* hoursOf({ from, to }: Span): Generator<Span> {
  for (let start = from; start < to; start += HOUR_MS) yield { from: start, to: start + HOUR_MS };
}

function namesOf(at: number, { groups, timezone }: PnlRange): TimeNames {
  const day = zonedAt(at, timezone).toPlainDate();
  const week = `${day.yearOfWeek}-W${String(day.weekOfYear).padStart(2, "0")}`;
  const names = {
    hour: minuteWritten(at, timezone),
    day: day.toString(),
    week,
    month: day.toPlainYearMonth().toString(),
  };
  const asked = TIME_GROUPS.map((name) => [name, groups.includes(name) ? names[name] : null]);
  return Object.fromEntries(asked) as TimeNames;
}

function addPeriod(slice: PnlPeriod[], period: PnlPeriod): void {
  const last = slice.at(-1);
  if (last !== undefined && TIME_GROUPS.every((name) => last.names[name] === period.names[name])) {
    last.to = period.to;
  } else {
    slice.push(period);
  }
}

/** A stretch of the period `n` of a slice. */
export interface PnlPart {
  n: number;
  from: number;
  to: number;
}

/** Of each period of a slice the whole days in UTC that are summed up, which end at or before `summedUntil`, and the hours around them. */
export function partsOf(
  slice: readonly Pick<PnlPeriod, "from" | "to">[],
  summedUntil: number,
): { days: PnlPart[]; hours: PnlPart[] } {
  const parts = slice.map(({ from, to }, n) => {
    const first = Math.ceil(from / DAY_MS) * DAY_MS;
    const last = Math.floor(Math.min(to, summedUntil) / DAY_MS) * DAY_MS;
    if (first >= last) return { days: [], hours: [{ n, from, to }] };
    const around = [
      { n, from, to: first },
      { n, from: last, to },
    ];
    return { days: [{ n, from: first, to: last }], hours: around.filter((part) => part.from < part.to) };
  });
  return { days: parts.flatMap(({ days }) => days), hours: parts.flatMap(({ hours }) => hours) };
}

/** Stretches put together, at most so many hours at once; what is longer is parted. */
export function* packParts(parts: readonly PnlPart[], mostHours: number): Generator<PnlPart[]> {
  let [some, left]: [PnlPart[], number] = [[], mostHours * HOUR_MS];
  for (const part of parts) {
    for (let from = part.from; from < part.to; ) {
      const to = Math.min(part.to, from + left);
      some.push({ ...part, from, to });
      left -= to - from;
      from = to;
      if (left > 0) continue;
      yield some;
      [some, left] = [[], mostHours * HOUR_MS];
    }
  }
  if (some.length > 0) yield some;
}
