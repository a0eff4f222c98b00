import type { RequestContext } from "#http/context.ts";
import { instantFrom } from "#http/instant.ts";
import { anything, type QuerySettings, querySetting, readQuery, type SettingValues } from "#http/query.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import { nearest } from "#text/did-you-mean.ts";
import { readDay } from "#time/calendar.ts";
import { isTimeZone } from "#time/wall-clock.ts";

const MOMENT = "a day such as 2030-01-31 or a time such as 2030-01-31T00:00:00Z";
const ZONE = "a time zone such as America/New_York";
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** What every report may be asked. Days are begun and ended in the time zone. */
export const RANGE_SETTINGS = {
  from: {
    ...querySetting(
      "The first day, or a moment such as 2030-01-31T00:00:00Z. Required.",
      MOMENT,
      momentWritten,
    ),
    example: "2026-01-01",
  },
  to: {
    ...querySetting("The last day, or the moment before which it ends; otherwise now", MOMENT, momentWritten),
    example: "2026-01-31",
  },
  timezone: querySetting("In which hours and days are counted, IANA; otherwise UTC", ZONE, (zone) =>
    isTimeZone(zone) ? zone : undefined,
  ),
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
  const to = last === null ? nextHour(now) : beginning(last, timezone, 1);
  const from = first === null ? to : beginning(first, timezone, 0);
  if (!new URL(request.url).searchParams.has("from")) {
    errors.push({ field: "from", code: "required", message: `is required: ${MOMENT}` });
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

/** What is wrong with settings that name a campaign, supplier or buyer that never was. */
export function unknownParties(
  asked: Readonly<Record<string, string | null>>,
  known: ReadonlyMap<string, readonly string[]>,
): ReplyFieldError[] {
  return Object.entries(asked).flatMap(([field, id]) => {
    const ids = known.get(field);
    if (id === null || ids === undefined || ids.includes(id)) return [];
    const meant = nearest(id, ids);
    const message = `there is no such ${field}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
    return [{ field, code: "not_allowed", message }];
  });
}

/** A day or a time, as it is written. */
function momentWritten(written: string): { day: string } | { at: Date } | undefined {
  if (readDay(written) !== undefined) return { day: written };
  const at = instantFrom(written);
  return at && { at };
}

/** A time, or the start of a day in a time zone, so many days later. */
function beginning(moment: { day: string } | { at: Date }, timezone: string, daysLater: number): Date {
  if ("at" in moment) return moment.at;
  const day = Temporal.PlainDate.from(moment.day).add({ days: daysLater });
  return new Date(day.toZonedDateTime(timezone).epochMilliseconds);
}
