import { Elysia } from "elysia";
import { invalid } from "#http/field-errors.ts";
import { instantFrom } from "#http/instant.ts";
import { readSettings } from "#http/query.ts";
import { jsonResponse, requestIdOf } from "#http/reply.ts";
import { createPnlSums, PNL_GROUPS, type PnlGroup, type PnlRow } from "#reports/pnl.ts";
import { type PnlRange, readPnl } from "#reports/pnl-records.ts";
import { csvLine } from "#text/csv.ts";
import { readDay } from "#time/calendar.ts";
import { isTimeZone } from "#time/wall-clock.ts";
import { describedAs } from "./described.ts";
import { exportFormatOf } from "./lead-export.ts";
import type { AdminContext } from "./operator.ts";

/** What was earned and spent. */
export function reportRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/reports" }).get(
    "/pnl",
    ({ request, server }) => {
      server?.timeout(request, LONGEST_SECONDS);
      return pnl(request, context);
    },
    describedAs("reportPnl", "Revenue, payouts and profit", "read"),
  );
}

const LONGEST_SECONDS = 240;
const MOST_DAYS = 400;
const DAY_MS = 86_400_000;
/** Sources are whatever suppliers write there. */
const MOST_ROWS = 20_000;

const FORMATS = ["json", "csv", "ndjson"] as const;

async function pnl(request: Request, { database, now }: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const query = readSettings(request.url, SETTINGS);
  const timezone = query.parsed("timezone", (text) => (isTimeZone(text) ? text : undefined), ZONE) ?? "UTC";
  const begins = (text: string) => momentFrom(text, timezone, 0);
  const ends = (text: string) => momentFrom(text, timezone, 1);
  const from = query.parsed("from", begins, MOMENT);
  const to = query.parsed("to", ends, MOMENT) ?? now();
  const groups = query.parsed("group_by", groupsIn, `some of ${PNL_GROUPS.join(", ")}, each once`) ?? [];
  const includeTest = query.oneOf("include_test", ["true", "false"]) === "true";
  const format = FORMATS.find((each) => each === (exportFormatOf(request) ?? "json"));
  if (query.text("from") === null) {
    query.errors.push({ field: "from", code: "required", message: `is required: ${MOMENT}` });
  }
  if (from !== null && to.getTime() - from.getTime() > MOST_DAYS * DAY_MS) {
    const message = `must be at most ${MOST_DAYS} days after from`;
    query.errors.push({ field: "to", code: "out_of_range", message });
  }
  if (format === undefined) {
    query.errors.push({ field: "format", code: "invalid_format", message: `must be ${FORMATS.join(", ")}` });
  }
  if (from === null || format === undefined || query.errors.length > 0) {
    return invalid(query.errors, requestId);
  }
  const range: PnlRange = {
    from: from.toISOString(),
    to: to.toISOString(),
    groups,
    includeTest,
    timezone,
  };
  const [sums, totals] = [createPnlSums(groups), createPnlSums([])];
  for await (const page of readPnl(database, range)) {
    for (const figures of page) {
      sums.add(figures);
      totals.add(figures);
    }
    if (sums.size() > MOST_ROWS) {
      const message = `would make more than ${MOST_ROWS} rows; group by less, or ask for a shorter time`;
      return invalid([{ field: "group_by", code: "out_of_range", message }], requestId);
    }
    // Whoever asked may have gone.
    if (request.signal.aborted) break;
  }
  const rows = sums.rows().map((row) => shown(row, groups));
  const headers = { "x-request-id": requestId };
  switch (format) {
    case "json": {
      const data = {
        from: range.from,
        to: range.to,
        timezone,
        rows,
        totals: totals.rows().map((row) => shown(row, [])),
      };
      return jsonResponse(200, { data }, headers);
    }
    case "ndjson":
      return asFile(
        rows.map((row) => `${JSON.stringify(row)}\n`),
        "application/x-ndjson",
        headers,
      );
    case "csv":
      return asFile(
        [csvLine(Object.keys(shown(NO_ROW, groups))), ...rows.map((row) => csvLine(Object.values(row)))],
        "text/csv",
        headers,
      );
  }
}

const SETTINGS = ["from", "to", "timezone", "group_by", "include_test", "format"];
const MOMENT = "a day such as 2030-01-31 or a time such as 2030-01-31T00:00:00Z";
const ZONE = "a time zone such as America/New_York";

/** A time as it is written, or the start of a day in a time zone, so many days later. */
function momentFrom(text: string, timezone: string, daysLater: number): Date | undefined {
  if (readDay(text) === undefined) return instantFrom(text);
  const day = Temporal.PlainDate.from(text).add({ days: daysLater });
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

function shown({ group, ...figures }: PnlRow, groups: readonly PnlGroup[]) {
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

function asFile(lines: readonly string[], mediaType: string, headers: Record<string, string>): Response {
  return new Response(lines.join(""), {
    headers: { ...headers, "content-type": `${mediaType}; charset=utf-8` },
  });
}
