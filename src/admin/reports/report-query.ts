import type { RequestContext } from "#http/context.ts";
import {
  anything,
  DAY_OR_TIME,
  dayOrTime,
  type QuerySettings,
  readQuery,
  type SettingValues,
  timeZone,
} from "#http/query.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import { beginningOf, endingOf } from "#time/day-or-time.ts";
import { DAY_MS, HOUR_MS } from "#time/durations.ts";

/** What every report may be asked. Days are begun and ended in the time zone. */
export const RANGE_SETTINGS = {
  from: {
    ...dayOrTime("The first day, or a moment such as 2030-01-31T00:00:00Z. Required."),
    example: "2026-01-01",
  },
  to: {
    ...dayOrTime("The last day, or the moment before which it ends; otherwise now"),
    example: "2026-01-31",
  },
  timezone: timeZone("In which hours and days are counted, IANA; otherwise UTC"),
  campaign: anything("Only of this campaign"),
  supplier: anything("Only of this supplier"),
} satisfies QuerySettings;

/** What a request asks of a report, and all that is wrong with it. */
export function readReportQuery<Asked extends QuerySettings>(
  { request }: RequestContext,
  settings: Asked & typeof RANGE_SETTINGS,
  now: Date,
  mostDays: number,
): { values: SettingValues<Asked & typeof RANGE_SETTINGS>; range: ReportRange; errors: ReplyFieldError[] } {
  const { values, errors } = readQuery(request.url, settings);
  const { from: first, to: last, timezone: zone } = values as SettingValues<typeof RANGE_SETTINGS>;
  const timezone = zone ?? "UTC";
  const to = last === null ? nextHour(now) : endingOf(last, timezone);
  const from = first === null ? to : beginningOf(first, timezone);
  if (!new URL(request.url).searchParams.has("from")) {
    errors.push({ field: "from", code: "required", message: `is required: ${DAY_OR_TIME}` });
  }
  if (to.getTime() - from.getTime() > mostDays * DAY_MS) {
    const message = `must be at most ${mostDays} days after from`;
    errors.push({ field: "to", code: "out_of_range", message });
  }
  return { values, range: { from: from.toISOString(), to: to.toISOString(), timezone }, errors };
}

/** Nothing is decided after now, and whole hours are what figures are kept by. */
function nextHour(now: Date): Date {
  return new Date((Math.floor(now.getTime() / HOUR_MS) + 1) * HOUR_MS);
}

export interface ReportRange {
  /** ISO 8601. */
  from: string;
  to: string;
  timezone: string;
}

/** The names in a text with commas between, each one of `names` and each once; undefined otherwise. */
export function wordsIn<const Name extends string>(text: string, names: readonly Name[]): Name[] | undefined {
  const written = text.split(",").map((each) => each.trim());
  const known = written.flatMap((each) => names.find((name) => name === each) ?? []);
  return known.length === written.length && new Set(known).size === written.length ? known : undefined;
}
