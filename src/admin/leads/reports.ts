import type { AdminParts } from "#admin/parts.ts";
import type { RequestContext } from "#http/context.ts";
import { invalid } from "#http/field-errors.ts";
import { instantFrom } from "#http/instant.ts";
import { oneWordOf, querySetting, readQuery, yesOrNo } from "#http/query.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import { type Route, route } from "#http/route.ts";
import { count, dataOf, listOf, money, objectOf, text, textOrNull, time } from "#http/schema.ts";
import { exampleCall, reply } from "#http/words.ts";
import { createPnlSums, PNL_GROUPS, type PnlGroup, type PnlRow } from "#reports/pnl.ts";
import { type PnlRange, readPnl } from "#reports/pnl-records.ts";
import { csvLine } from "#text/csv.ts";
import { readDay } from "#time/calendar.ts";
import { isTimeZone } from "#time/wall-clock.ts";
import { exportFormatOf } from "./lead-export.ts";

const LONGEST_SECONDS = 240;
const MOST_DAYS = 400;
const DAY_MS = 86_400_000;
/** Sources are whatever suppliers write there. */
const MOST_ROWS = 20_000;

const FORMATS = ["json", "csv", "ndjson"] as const;
const MOMENT = "a day such as 2030-01-31 or a time such as 2030-01-31T00:00:00Z";
const ZONE = "a time zone such as America/New_York";

/** What can be asked. Days are begun and ended in the time zone, which is read first. */
const SETTINGS = {
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
  timezone: querySetting("In which days are counted, IANA; otherwise UTC", ZONE, (zone) =>
    isTimeZone(zone) ? zone : undefined,
  ),
  group_by: {
    ...querySetting(
      "Any of campaign, supplier, buyer, source and day, with commas between",
      `some of ${PNL_GROUPS.join(", ")}, each once`,
      groupsIn,
    ),
    example: "campaign,day",
  },
  include_test: yesOrNo("Test leads too", false),
  format: { ...oneWordOf(FORMATS, "How it is given", "json"), parse: (named: string) => named },
};

/** What was earned and spent. */
export function reportRoute(parts: AdminParts): Route {
  return route({
    method: "get",
    path: "/api/v1/admin/reports/pnl",
    who: parts.operators.read,
    reads: SETTINGS,
    answer({ context }) {
      context.allowSilence(LONGEST_SECONDS);
      return pnl(context, parts);
    },
    words: {
      operation: "reportPnl",
      section: "Operators",
      summary: "Revenue, payouts and profit",
      description: `Leads, what buyers paid for them and what suppliers got, by when they were decided: at most 400 days
at once, in rows by what it is grouped by and by currency. \`format=csv\` and \`ndjson\`, or \`Accept\`, give the rows
as a file.`,
      calls: {
        none: exampleCall("Nothing was sold yet", undefined, 200, {
          data: { ...JANUARY, rows: [], totals: [] },
        }),
      },
      replies: {
        200: {
          ...reply("The rows, and the sum of all for each currency.", dataOf(REPORT)),
          examples: {
            grouped: {
              summary: "By campaign and day",
              value: {
                data: {
                  ...JANUARY,
                  rows: [{ campaign_id: "solar", day: "2026-01-13", ...EXAMPLE_SUMS }],
                  totals: [EXAMPLE_SUMS],
                },
              },
            },
          },
        },
      },
    },
  });
}

const JANUARY = { from: "2026-01-01T00:00:00.000Z", to: "2026-02-01T00:00:00.000Z", timezone: "UTC" };

const EXAMPLE_SUMS = {
  currency: "USD",
  leads: 120,
  accepted: 96,
  sales: 96,
  revenue: "2880.00",
  payouts: "1728.00",
  profit: "1152.00",
};

const FIGURES = {
  currency: { type: "string", description: "ISO 4217; no two are added up." },
  leads: count,
  accepted: { ...count, description: "Leads that were sold, each once: with its first buyer." },
  sales: { ...count, description: "One for each buyer of a lead." },
  revenue: money,
  payouts: money,
  profit: money,
};

const GROUPS = {
  campaign_id: text,
  supplier_id: text,
  buyer_id: { ...textOrNull, description: "Null: nobody bought." },
  source: textOrNull,
  day: { type: "string", format: "date" },
};

const REPORT = objectOf({
  from: time,
  to: time,
  timezone: text,
  rows: listOf(objectOf(FIGURES, GROUPS)),
  totals: listOf(objectOf(FIGURES)),
});

interface Asked extends PnlRange {
  format: (typeof FORMATS)[number];
}

/** What a request asks for, or all that is wrong with it. */
function askedFor(context: RequestContext, now: Date): Asked | { errors: ReplyFieldError[] } {
  const { values, errors } = readQuery(context.request.url, SETTINGS);
  const timezone = values.timezone ?? "UTC";
  const from = values.from && beginning(values.from, timezone, 0);
  const to = values.to === null ? now : beginning(values.to, timezone, 1);
  const format = FORMATS.find((each) => each === (exportFormatOf(context.request) ?? "json"));
  if (!new URL(context.request.url).searchParams.has("from")) {
    errors.push({ field: "from", code: "required", message: `is required: ${MOMENT}` });
  }
  if (from !== null && to.getTime() - from.getTime() > MOST_DAYS * DAY_MS) {
    errors.push({
      field: "to",
      code: "out_of_range",
      message: `must be at most ${MOST_DAYS} days after from`,
    });
  }
  if (format === undefined) {
    errors.push({ field: "format", code: "invalid_format", message: `must be ${FORMATS.join(", ")}` });
  }
  if (from === null || format === undefined || errors.length > 0) return { errors };
  const groups = values.group_by ?? [];
  const includeTest = values.include_test === true;
  return { from: from.toISOString(), to: to.toISOString(), groups, includeTest, timezone, format };
}

async function pnl(context: RequestContext, { database, now }: AdminParts): Promise<Response> {
  const asked = askedFor(context, now());
  if ("errors" in asked) return invalid(context, asked.errors);
  const { format, ...range } = asked;
  const { groups } = range;
  const [sums, totals] = [createPnlSums(groups), createPnlSums([])];
  for await (const page of readPnl(database, range)) {
    for (const figures of page) {
      sums.add(figures);
      totals.add(figures);
    }
    if (sums.size() > MOST_ROWS) {
      const message = `would make more than ${MOST_ROWS} rows; group by less, or ask for a shorter time`;
      return invalid(context, [{ field: "group_by", code: "out_of_range", message }]);
    }
    // Whoever asked may have gone.
    if (context.request.signal.aborted) break;
  }
  const rows = sums.rows().map((row) => rowAnswer(row, groups));
  switch (format) {
    case "json": {
      const data = {
        from: range.from,
        to: range.to,
        timezone: range.timezone,
        rows,
        totals: totals.rows().map((row) => rowAnswer(row, [])),
      };
      return context.json(200, { data });
    }
    case "ndjson":
      return context.file(
        rows.map((row) => `${JSON.stringify(row)}\n`).join(""),
        "application/x-ndjson; charset=utf-8",
      );
    case "csv":
      return context.file(
        [
          csvLine(Object.keys(rowAnswer(NO_ROW, groups))),
          ...rows.map((row) => csvLine(Object.values(row))),
        ].join(""),
        "text/csv; charset=utf-8",
      );
  }
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

function groupsIn(text: string): PnlGroup[] | undefined {
  const names = text.split(",").map((each) => each.trim());
  const groups = names.flatMap((name) => PNL_GROUPS.find((group) => group === name) ?? []);
  return groups.length === names.length && new Set(groups).size === names.length ? groups : undefined;
}

const COLUMNS = {
  campaign: "campaign_id",
  supplier: "supplier_id",
  buyer: "buyer_id",
  source: "source",
  day: "day",
} as const satisfies Record<PnlGroup, string>;

function rowAnswer({ group, ...figures }: PnlRow, groups: readonly PnlGroup[]) {
  return {
    ...Object.fromEntries(groups.map((name) => [COLUMNS[name], group[name] ?? null])),
    ...figures,
  };
}

/** Shows which columns there are when there is no row. */
const NO_ROW: PnlRow = {
  currency: "",
  group: {},
  leads: 0,
  accepted: 0,
  sales: 0,
  revenue: "",
  payouts: "",
  profit: "",
};
