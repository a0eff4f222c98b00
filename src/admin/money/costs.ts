import { FormatRegistry, Type } from "@sinclair/typebox";
import { type AdminParts, authorOf } from "#admin/parts.ts";
import { setCost } from "#changes/cost.ts";
import { json } from "#http/body-form.ts";
import { invalid } from "#http/field-errors.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, money, named, objectOf, text, textOrNull } from "#http/schema.ts";
import { exampleCall, notFound, refusalWords, reply } from "#http/words.ts";
import { inCurrency } from "#money/amount.ts";
import { readDay } from "#time/calendar.ts";
import { CURRENCY, note, PARTY_PARAMS, PARTY_PATHS, refuseMoney, sentAmount } from "./money-schemas.ts";

FormatRegistry.Set("leadgate:day", (written) => readDay(written) !== undefined);

const COST = Type.Object({
  day: Type.String({ format: "leadgate:day", mustBe: "a day such as 2030-01-31" }),
  campaign: Type.Optional(
    Type.Union([note(128), Type.Null()], { mustBe: "the id of a campaign that the supplier is linked to" }),
  ),
  amount: Type.String({
    format: "leadgate:amount",
    description: 'Decimal text, such as "310.55"; "0": there is no such cost',
    mustBe: 'an amount in quotes, such as "310.55"',
  }),
  source: Type.Optional(Type.Union([note(200), Type.Null()], { mustBe: "a text of 1 to 200 characters" })),
  currency: CURRENCY,
});

const NOT_LINKED =
  "must be the id of a campaign that the supplier is linked to, or has earned or cost something in";

/** What a supplier costs beside the payouts of its leads, such as what was spent on advertising there. */
export function costRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "post",
    path: `${PARTY_PATHS.supplier}/costs`,
    who: operators.operate,
    body: json(COST),
    async answer({ context, caller, params: { supplier: id }, body }) {
      const { day, campaign = null, amount, source = null, currency = null } = body;
      const wanted = {
        supplierId: id,
        day,
        campaignId: campaign,
        source,
        amount: sentAmount(amount),
        currency,
      };
      const set = await setCost(wanted, database, authorOf(caller, { now }));
      if ("refused" in set) {
        if (set.refused !== "no_such_campaign") return refuseMoney(context, "supplier", set);
        return invalid(context, [{ field: "campaign", code: "not_allowed", message: NOT_LINKED }]);
      }
      const data = {
        supplier_id: id,
        day,
        campaign_id: campaign,
        source,
        amount: inCurrency(wanted.amount, set.currency),
        replaced: set.replaced === 0 ? null : inCurrency(set.replaced, set.currency),
        currency: set.currency,
      };
      return context.json(200, { data });
    },
    words: {
      operation: "setSupplierCost",
      section: "Operators",
      summary: "Set what a supplier costs for a day",
      description: `What a supplier costs beside the payouts of its leads, such as what was spent on advertising there. One amount for each
day, campaign and source: sent again, it replaces the one before, which is taken back by an event of its own. It adds to what the supplier
is owed.`,
      params: PARTY_PARAMS.supplier,
      calls: {
        set: exampleCall(
          "A day's advertising",
          { day: "2026-01-12", amount: "310.55", source: "search ads" },
          200,
          {
            data: {
              supplier_id: "acme-media",
              day: "2026-01-12",
              campaign_id: null,
              source: "search ads",
              amount: "310.55",
              replaced: null,
              currency: "USD",
            },
          },
        ),
      },
      replies: {
        200: reply("As it stands now.", dataOf(COST_SET)),
        404: notFound("supplier"),
        409: refusalWords("A currency has to be named."),
      },
    },
  });
}

const COST_SET = named(
  "Cost",
  objectOf({
    supplier_id: text,
    day: { type: "string", format: "date" },
    campaign_id: textOrNull,
    source: textOrNull,
    amount: money,
    replaced: { ...money, type: ["string", "null"], description: "What stood there before." },
    currency: textOrNull,
  }),
);
