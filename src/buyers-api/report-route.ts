import { invalid } from "#http/field-errors.ts";
import { DAY_RANGE, oneWordOf, tooManyDays } from "#http/query.ts";
import { type Route, route } from "#http/route.ts";
import { count, currency, dataOf, listOf, money, named, objectOf, text, time } from "#http/schema.ts";
import { reply } from "#http/words.ts";
import { reportOwn, TOO_MANY_ROWS } from "#reports/own-report.ts";
import type { PnlRow } from "#reports/pnl.ts";
import type { BuyerParts } from "./parts.ts";

const MOST_DAYS = 400;

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
      const group = query.group_by ?? "day";
      const asked = {
        party: { kind: "buyer" as const, id: buyerId },
        range: query,
        group,
        mostDays: MOST_DAYS,
        now: now(),
      };
      const made = await reportOwn(database, asked, figuresOf);
      if (made === "too_many_days") return invalid(context, [tooManyDays(MOST_DAYS)]);
      if (made === "too_many_rows") return context.refuse("validation_failed", TOO_MANY_ROWS);
      return context.json(200, { data: made });
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
