import { invalid } from "#http/field-errors.ts";
import { DAY_RANGE, oneWordOf, tooManyDays } from "#http/query.ts";
import { type Route, route } from "#http/route.ts";
import {
  count,
  currency,
  dataOf,
  listOf,
  money,
  named,
  objectOf,
  text,
  textOrNull,
  time,
} from "#http/schema.ts";
import { reply } from "#http/words.ts";
import { LIMITED, OVER_LOOKUP_LIMIT } from "#intake/supplier-words.ts";
import { reportOwn, TOO_MANY_ROWS } from "#reports/own-report.ts";
import type { PnlRow } from "#reports/pnl.ts";
import type { SupplierParts } from "./parts.ts";

/** By source each lead is looked at; all else is kept counted. */
const MOST_DAYS = { day: 400, campaign: 400, source: 31 } as const;

const SETTINGS = {
  ...DAY_RANGE,
  group_by: oneWordOf(["day", "campaign", "source"], "What a row is about", "day"),
};

/** How a supplier's leads ended, and what they brought it. */
export function leadReportRoute({ database, suppliers, now }: SupplierParts): Route {
  return route({
    method: "get",
    path: "/api/v1/report",
    who: suppliers,
    query: SETTINGS,
    async answer({ context, caller: { supplier }, query }) {
      const group = query.group_by ?? "day";
      const mostDays = MOST_DAYS[group];
      const asked = {
        party: { kind: "supplier" as const, id: supplier.id },
        range: query,
        group,
        mostDays,
        now: now(),
      };
      const made = await reportOwn(database, asked, figuresOf);
      if (made === "too_many_days") return invalid(context, [tooManyDays(mostDays)]);
      if (made === "too_many_rows") return context.refuse("validation_failed", TOO_MANY_ROWS);
      return context.json(200, { data: made });
    },
    words: {
      operation: "reportOwnLeads",
      section: "Suppliers",
      summary: "How your leads ended, and what they brought",
      description: `Leads of this supplier by when they were decided, and what was paid for them less what was taken back: by day or
campaign for 400 days at most, by source for 31. Days begin in its time zone, or else in UTC; tests are not counted.`,
      replies: {
        200: reply("The rows, and the sum of all for each currency.", dataOf(LEAD_REPORT), LIMITED),
        429: OVER_LOOKUP_LIMIT,
      },
    },
  });
}

const FIGURES = {
  currency,
  leads: count,
  accepted: count,
  unmatched: count,
  rejected: count,
  duplicates: count,
  payouts: { ...money, description: "What this supplier got, less what it gave back." },
};

const LEAD_REPORT = named(
  "OwnLeadReport",
  objectOf({
    from: time,
    to: time,
    timezone: text,
    rows: listOf(objectOf(FIGURES, { day: text, campaign_id: text, source: textOrNull })),
    totals: listOf(objectOf(FIGURES)),
  }),
);

/** Of a report, what is the supplier's to know. */
function figuresOf({ currency: of, leads, accepted, unmatched, rejected, duplicates, payouts }: PnlRow) {
  return { currency: of, leads, accepted, unmatched, rejected, duplicates, payouts };
}
