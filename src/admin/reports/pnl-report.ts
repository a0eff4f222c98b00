import { exportFormatOf } from "#admin/leads/lead-export.ts";
import type { AdminParts } from "#admin/parts.ts";
import { unknownParties } from "#admin/unknown-parties.ts";
import { REPORT_GROUPS } from "#campaigns/document.ts";
import type { RequestContext } from "#http/context.ts";
import { invalid } from "#http/field-errors.ts";
import { anything, oneWordOf, querySetting, yesOrNo } from "#http/query.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import { type Route, route } from "#http/route.ts";
import {
  count,
  dataOf,
  type JsonSchema,
  listOf,
  money,
  objectOf,
  text,
  textOrNull,
  time,
} from "#http/schema.ts";
import { exampleCall, reply } from "#http/words.ts";
import { leadsMissingBefore } from "#reports/leads-missing.ts";
import { type PnlGroup, type PnlRow } from "#reports/pnl.ts";
import type { PnlRange } from "#reports/pnl-range.ts";
import { MOST_PNL_ROWS, type PnlReport, reportPnl } from "#reports/pnl-report.ts";
import { type FIGURE_COLUMNS, GROUP_COLUMNS, pnlCsv, pnlTable } from "#reports/pnl-table.ts";
import { isoOf } from "#time/iso.ts";
import { RANGE_SETTINGS, readReportQuery, wordsIn } from "./report-query.ts";

const LONGEST_SECONDS = 240;
const MOST_DAYS = 400;

const FORMATS = ["json", "csv", "ndjson"] as const;

const SETTINGS = {
  ...RANGE_SETTINGS,
  buyer: anything("Only of this buyer"),
  source: anything("Only of leads and costs with this source"),
  group_by: {
    ...querySetting(
      "Any of campaign, supplier, buyer, source, sub_id, state, hour, day, week and month, with commas between",
      `some of ${REPORT_GROUPS.join(", ")}, each once`,
      (names) => wordsIn(names, REPORT_GROUPS),
    ),
    example: "campaign,day",
  },
  include_test: yesOrNo("Test leads too, with what they would have been sold for", false),
  format: { ...oneWordOf(FORMATS, "How it is given", "json"), parse: (named: string) => named },
};

/** What was earned and spent. */
export function pnlRoute(parts: AdminParts): Route {
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
      summary: "Revenue, payouts, costs and profit",
      description: `Leads by when they were first decided, what buyers paid and suppliers got by when it was sold or given back,
costs by their day: at most 400 days at once, in rows by what it is grouped by and by currency. By source, sub_id or state, with test
leads, or in a time zone that is no whole hours from UTC it begins where leads are on record. \`format=csv\` and \`ndjson\`, or
\`Accept\`, give the rows as a file; the CSV ends with a row for the total of each currency.`,
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
  unmatched: 14,
  rejected: 6,
  duplicates: 4,
  sales: 98,
  refused: 1,
  returned: 1,
  sold: "2940.00",
  refunds: "60.00",
  revenue: "2880.00",
  payouts: "1728.00",
  costs: "120.00",
  profit: "1032.00",
  margin_percent: 35.83,
};

const FIGURES = {
  currency: { type: "string", description: "ISO 4217; no two are added up." },
  leads: { ...count, description: "Leads that were decided." },
  accepted: { ...count, description: "Leads that were sold, each once: with its first buyer." },
  unmatched: count,
  rejected: count,
  duplicates: count,
  sales: { ...count, description: "One for each buyer of a lead, also when it was undone afterwards." },
  refused: { ...count, description: "Sales that were undone because the buyer refused the lead." },
  returned: { ...count, description: "Sales that were undone because the lead was returned." },
  sold: { ...money, description: "The prices of the sales." },
  refunds: { ...money, description: "What buyers were given back." },
  revenue: { ...money, description: "`sold` less `refunds`." },
  payouts: { ...money, description: "What suppliers got, less what they gave back." },
  costs: { ...money, description: "What suppliers cost beside that." },
  profit: { ...money, description: "Revenue less payouts and costs." },
  margin_percent: {
    type: ["number", "null"],
    description: "Profit in percent of the revenue; null without any.",
  },
} satisfies Record<(typeof FIGURE_COLUMNS)[number], JsonSchema>;

const GROUPS = {
  campaign_id: { ...textOrNull, description: "Null: costs of no campaign." },
  supplier_id: text,
  buyer_id: { ...textOrNull, description: "Null: nobody bought." },
  source: textOrNull,
  sub_id: textOrNull,
  state: textOrNull,
  hour: { ...text, description: "When it began, such as 2030-01-31T09:00-05:00." },
  day: { type: "string", format: "date" },
  week: { ...text, description: "ISO 8601, such as 2030-W05; it begins on Monday." },
  month: { ...text, description: "Such as 2030-01." },
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
async function askedFor(
  context: RequestContext,
  { database, now }: AdminParts,
): Promise<Asked | { errors: ReplyFieldError[] }> {
  const { values, range, errors } = readReportQuery(context, SETTINGS, now(), MOST_DAYS);
  const { campaign, supplier, buyer, source } = values;
  const format = FORMATS.find((each) => each === (exportFormatOf(context.request) ?? "json"));
  if (format === undefined) {
    errors.push({ field: "format", code: "invalid_format", message: `must be ${FORMATS.join(", ")}` });
  }
  errors.push(...(await unknownParties({ campaign, supplier, buyer }, database)));
  if (format === undefined || errors.length > 0) return { errors };
  const groups = values.group_by ?? [];
  const includeTest = values.include_test === true;
  return { ...range, groups, includeTest, only: { campaign, supplier, buyer, source }, format };
}

async function pnl(context: RequestContext, parts: AdminParts): Promise<Response> {
  const asked = await askedFor(context, parts);
  if ("errors" in asked) return invalid(context, asked.errors);
  const { format, ...range } = asked;
  const begin = await parts.database.survey((db) => leadsMissingBefore(db, range, parts.now()));
  if (begin !== undefined) {
    return invalid(context, [{ field: "from", code: "out_of_range", message: missing(begin) }]);
  }
  // Whoever asked may have gone.
  const report = await reportPnl(parts.database, [range], () => context.request.signal.aborted);
  if (report === undefined) {
    const message = `would make more than ${MOST_PNL_ROWS} rows; group by less, or ask for a shorter time`;
    return invalid(context, [{ field: "group_by", code: "out_of_range", message }]);
  }
  return written(context, report, range, format);
}

function missing(begin: number): string {
  return (
    `must not be before ${isoOf(begin)}: earlier leads are no longer on record, as records_days says, and source, sub_id, state, test ` +
    "leads and what is no whole hour in UTC is known by them alone"
  );
}

function written(
  context: RequestContext,
  { rows, totals }: PnlReport,
  { from, to, timezone, groups }: PnlRange,
  format: Asked["format"],
) {
  const shown = rows.map((row) => rowAnswer(row, groups));
  switch (format) {
    case "json":
      return context.json(200, {
        data: { from, to, timezone, rows: shown, totals: totals.map((row) => rowAnswer(row, [])) },
      });
    case "ndjson":
      return context.file(
        shown.map((row) => `${JSON.stringify(row)}\n`).join(""),
        "application/x-ndjson; charset=utf-8",
      );
    case "csv":
      return context.file(pnlCsv(pnlTable({ rows, totals }, groups)), "text/csv; charset=utf-8");
  }
}

function rowAnswer({ group, ...figures }: PnlRow, groups: readonly PnlGroup[]) {
  return {
    ...Object.fromEntries(groups.map((name) => [GROUP_COLUMNS[name], group[name] ?? null])),
    ...figures,
  };
}
