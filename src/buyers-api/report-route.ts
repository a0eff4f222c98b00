import { readAccount } from "#campaigns/account-records.ts";
import { invalid } from "#http/field-errors.ts";
import { DAY_RANGE, oneWordOf, tooManyDays } from "#http/query.ts";
import { type Route, route } from "#http/route.ts";
import { count, currency, dataOf, listOf, money, named, objectOf, text, time } from "#http/schema.ts";
import { reply } from "#http/words.ts";
import type { PnlRow } from "#reports/pnl.ts";
import { reportPnl } from "#reports/pnl-report.ts";
import { GROUP_COLUMNS } from "#reports/pnl-table.ts";
import { dayRange } from "#time/day-range.ts";
import type { BuyerParts } from "./parts.ts";

const MOST_DAYS = 400;
const TOO_LARGE = "This would be too many rows: ask for fewer days.";

const SETTINGS = {
  ...DAY_RANGE,
  group_by: oneWordOf(["day", "month", "campaign"], "What a row is about", "day"),
};

/** What a buyer bought, gave back and spent. */
export function ownReportRoute({ database, buyers, now }: BuyerParts): Route {
  return route({
    method: "get",
    path: "/api/v1/buyer/report",
    who: buyers,
    query: SETTINGS,
    async answer({ context, caller: { buyerId }, query }) {
      const account = await database.read((db) => readAccount(db, "buyer", buyerId));
      const timezone = account?.timezone ?? "UTC";
      const range = dayRange(query, { timezone, now: now(), mostDays: MOST_DAYS });
      if (range === undefined) return invalid(context, [tooManyDays(MOST_DAYS)]);
      const group = query.group_by ?? "day";
      const only = { campaign: null, supplier: null, buyer: buyerId, source: null };
      const asked = { ...range, timezone, groups: [group], includeTest: false, only };
      const made = await reportPnl(database, [asked]);
      if (made === undefined) return context.refuse("validation_failed", TOO_LARGE);
      const rows = made.rows.map((row) => ({
        [GROUP_COLUMNS[group]]: row.group[group] ?? null,
        ...figuresOf(row),
      }));
      return context.json(200, { data: { ...range, timezone, rows, totals: made.totals.map(figuresOf) } });
    },
    words: {
      operation: "reportOwnPurchases",
      section: "Buyers",
      summary: "What you bought and spent",
      description: `Sales to this buyer, what it refused and gave back, and what that came to: by day, month or campaign, for 400 days at
most. A refusal or return counts on the day it happened. Days begin in the buyer's time zone; tests are not counted.`,
      replies: { 200: reply("The rows, and the sum of all for each currency.", dataOf(OWN_REPORT)) },
    },
  });
}

const FIGURES = {
  currency,
  sales: count,
  refused: count,
  returned: count,
  sold: { ...money, description: "The prices of the sales." },
  refunds: { ...money, description: "What this buyer was given back." },
  spent: { ...money, description: "`sold` less `refunds`." },
};

const OWN_REPORT = named(
  "OwnReport",
  objectOf({
    from: time,
    to: time,
    timezone: text,
    rows: listOf(objectOf(FIGURES, { day: text, month: text, campaign_id: text })),
    totals: listOf(objectOf(FIGURES)),
  }),
);

/** Of a report, what is the buyer's to know. */
function figuresOf({ currency: of, sales, refused, returned, sold, refunds, revenue }: PnlRow) {
  return { currency: of, sales, refused, returned, sold, refunds, spent: revenue };
}
