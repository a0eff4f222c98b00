import { HOUR_MS } from "#time/durations.ts";
import { offsetMs, zonedAt } from "#time/wall-clock.ts";
import type { PnlGroup } from "./pnl.ts";

/** What a report is about: leads by when they were first decided, money by when it moved, costs by their day. */
export interface PnlRange {
  /** From this moment on, ISO 8601. */
  from: string;
  /** Until before this one. */
  to: string;
  groups: readonly PnlGroup[];
  /** Test leads and what they would have been sold for are counted too. */
  includeTest: boolean;
  /** In which hours, days, weeks and months are counted. */
  timezone: string;
  /** Of these alone; null: of all. */
  only: Readonly<Record<PnlFilter, string | null>>;
}

export type PnlFilter = (typeof PNL_FILTERS)[number];
export const PNL_FILTERS = ["campaign", "supplier", "buyer", "source"] as const;

/** What leads say for themselves is in no hourly figures. */
const SAID_BY_LEADS: readonly PnlGroup[] = ["source", "sub_id", "state"];

/** Whether the hourly figures, which are kept by UTC, answer it: of whole hours, also on the clock of its time zone. */
export function isKeptByHour({ from, to, groups, includeTest, timezone, only }: PnlRange): boolean {
  if (includeTest || only.source !== null || groups.some((name) => SAID_BY_LEADS.includes(name)))
    return false;
  const [start, end] = [Date.parse(from), Date.parse(to)];
  return isWholeHour(start) && isWholeHour(end) && offsets(timezone, start, end).every(isWholeHour);
}

function isWholeHour(ms: number): boolean {
  return ms % HOUR_MS === 0;
}

/** How far the zone's clock is ahead of UTC, in ms: at the start, and after each change before the end. */
function offsets(zone: string, start: number, end: number): number[] {
  const found = [offsetMs(start, zone)];
  let next = zonedAt(start, zone).getTimeZoneTransition("next");
  while (next !== null && next.epochMilliseconds < end) {
    found.push(next.offsetNanoseconds / 1e6);
    next = next.getTimeZoneTransition("next");
  }
  return found;
}
