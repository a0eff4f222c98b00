import type { AdminParts } from "#admin/parts.ts";
import { unknownParties } from "#admin/unknown-parties.ts";
import type { RequestContext } from "#http/context.ts";
import { invalid } from "#http/field-errors.ts";
import { oneWordOf, querySetting } from "#http/query.ts";
import { type Route, route } from "#http/route.ts";
import { count, dataOf, listOf, objectOf, text, textOrNull, time } from "#http/schema.ts";
import { exampleCall, reply } from "#http/words.ts";
import { readRecordsBegin } from "#ledger/dropped-records.ts";
import {
  addCounts,
  BUCKETS,
  type BucketSize,
  LEAD_COUNT_GROUPS,
  type LeadCount,
} from "#reports/lead-counts.ts";
import { readLeadCounts } from "#reports/lead-counts-records.ts";
import { isoOf } from "#time/iso.ts";
import { minuteWritten } from "#time/wall-clock.ts";
import { RANGE_SETTINGS, readReportQuery, wordsIn } from "./report-query.ts";

const LONGEST_SECONDS = 240;
/** So that no answer has more than a few thousand rows of each group. */
const MOST_DAYS: Record<BucketSize, number> = { minute: 2, hour: 62, day: 400 };

const SETTINGS = {
  ...RANGE_SETTINGS,
  bucket: oneWordOf(BUCKETS, "How much time one count is about", "day"),
  group_by: {
    ...querySetting(
      "Any of status, campaign, supplier and reason, with commas between",
      `some of ${LEAD_COUNT_GROUPS.join(", ")}, each once`,
      (names) => wordsIn(names, LEAD_COUNT_GROUPS),
    ),
    example: "status",
  },
};

/** How many leads there were, for charts. */
export function leadCountsRoute(parts: AdminParts): Route {
  return route({
    method: "get",
    path: "/api/v1/admin/reports/leads",
    who: parts.operators.read,
    reads: SETTINGS,
    answer({ context }) {
      context.allowSilence(LONGEST_SECONDS);
      return leadCounts(context, parts);
    },
    words: {
      operation: "reportLeads",
      section: "Operators",
      summary: "Numbers of leads over time",
      description: `How many leads were decided in each minute, hour or day, as they stand now; test leads are not counted. A time
in which there were none has no row. It begins where leads are on record. At most 2 days by the minute, 62 by the hour, 400 by the day.`,
      calls: {
        none: exampleCall("No leads came yet", undefined, 200, { data: { ...EXAMPLE_RANGE, rows: [] } }),
      },
      replies: {
        200: {
          ...reply("The numbers, in the order of time.", dataOf(REPORT)),
          examples: {
            grouped: {
              summary: "By status",
              value: {
                data: {
                  ...EXAMPLE_RANGE,
                  rows: [{ at: "2026-01-13T00:00+00:00", status: "ACCEPTED", leads: 96 }],
                },
              },
            },
          },
        },
      },
    },
  });
}

const EXAMPLE_RANGE = {
  from: "2026-01-01T00:00:00.000Z",
  to: "2026-02-01T00:00:00.000Z",
  timezone: "UTC",
  bucket: "day",
};

const COLUMNS = {
  status: "status",
  campaign: "campaign_id",
  supplier: "supplier_id",
  reason: "reason",
} as const satisfies Record<(typeof LEAD_COUNT_GROUPS)[number], string>;

const REPORT = objectOf({
  from: time,
  to: time,
  timezone: text,
  bucket: text,
  rows: listOf(
    objectOf(
      { at: { ...text, description: "When the time began, such as 2030-01-31T09:00-05:00." }, leads: count },
      { status: text, campaign_id: text, supplier_id: text, reason: textOrNull },
    ),
  ),
});

async function leadCounts(context: RequestContext, { database, now }: AdminParts): Promise<Response> {
  const bucket = bucketOf(context);
  const { values, range: asked, errors } = readReportQuery(context, SETTINGS, now(), MOST_DAYS[bucket]);
  const { campaign, supplier } = values;
  errors.push(...(await unknownParties({ campaign, supplier }, database)));
  if (errors.length > 0) return invalid(context, errors);
  const groups = values.group_by ?? [];
  const begin = await database.survey((db) => readRecordsBegin(db, now()));
  const range = { ...asked, from: isoOf(Math.max(Date.parse(asked.from), begin ?? 0)) };
  let counts: LeadCount[] = [];
  for await (const page of readLeadCounts(database, { ...range, bucket, groups, campaign, supplier })) {
    counts = addCounts([...counts, ...page]);
    if (context.request.signal.aborted) break;
  }
  const rows = counts.map(({ at, leads, ...named }) => ({
    at: minuteWritten(at * 1000, range.timezone),
    ...Object.fromEntries(groups.map((name) => [COLUMNS[name], named[name]])),
    leads,
  }));
  return context.json(200, { data: { ...range, bucket, rows } });
}

/** Read before the rest: it says how many days may be asked for. */
function bucketOf({ request }: RequestContext): BucketSize {
  const named = new URL(request.url).searchParams.get("bucket");
  return BUCKETS.find((each) => each === named) ?? "day";
}
