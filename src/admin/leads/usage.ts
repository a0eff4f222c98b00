import type { AdminParts } from "#admin/parts.ts";
import { invalid } from "#http/field-errors.ts";
import { anything } from "#http/query.ts";
import { type Route, route } from "#http/route.ts";
import { count, dataOf, listOf, money, objectOf, textOrNull, timeOrNull, wordOf } from "#http/schema.ts";
import { exampleCall, refusalWords, reply } from "#http/words.ts";
import { type CapUse, readCapUse } from "#intake/usage/cap-usage.ts";
import { CAP_PERIODS } from "#time/period.ts";

const SETTINGS = {
  campaign: anything(
    "Of this campaign: the caps of its contracts, its suppliers and its buyers",
    "auto-accident",
  ),
  buyer: anything("Of this buyer: its own caps, and those of its contracts"),
  supplier: anything("Of this supplier: its caps in each campaign"),
};
const KINDS = ["campaign", "buyer", "supplier"] as const;
const EXACTLY_ONE = "say exactly one of campaign, buyer and supplier";

/** How much of each cap is used. */
export function usageRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "get",
    path: "/api/v1/admin/usage",
    who: operators.read,
    query: SETTINGS,
    async answer({ context, query }) {
      const [involved, ...others] = KINDS.flatMap((kind) => {
        const id = query[kind];
        return id === null ? [] : [{ kind, id }];
      });
      if (involved === undefined || others.length > 0) {
        const [excess] = others;
        const code = excess === undefined ? "required" : "not_allowed";
        return invalid(context, [{ field: excess?.kind ?? "campaign", code, message: EXACTLY_ONE }]);
      }
      const uses = await database.read((db) => readCapUse(db, involved, now()));
      if (uses === undefined) return context.refuse("not_found", `There is no such ${involved.kind}.`);
      return context.json(200, { data: uses.map(useAnswer) });
    },
    words: {
      operation: "getUsage",
      section: "Operators",
      summary: "How much of each cap is used",
      description: `Every cap with what is \`used\` of its \`limit\` now, as the next lead would find it, and when it begins anew
(\`resets_at\`; null: never), in the time zone that it counts by. A cap of leads and money is two entries. Ask for exactly one of
\`campaign\`, \`buyer\` and \`supplier\`.`,
      calls: {
        campaign: exampleCall("A campaign in which one supplier is capped", undefined, 200, {
          data: [
            {
              party: "supplier",
              campaign_id: "auto-accident",
              buyer_id: null,
              supplier_id: "brightside-leads",
              period: "day",
              unit: "leads",
              used: 0,
              limit: 100,
              resets_at: "2026-01-14T05:00:00.000Z",
            },
          ],
        }),
      },
      replies: {
        200: reply("The caps.", dataOf(listOf(CAP_USE))),
        404: refusalWords("There is no such campaign, buyer or supplier."),
      },
    },
  });
}

const QUANTITY = { anyOf: [count, money] };

const CAP_USE = objectOf({
  party: wordOf(
    ["contract", "supplier", "buyer"],
    "Whose cap it is: a contract's or a supplier's in one campaign, or a buyer's in all its campaigns together.",
  ),
  campaign_id: textOrNull,
  buyer_id: textOrNull,
  supplier_id: textOrNull,
  period: wordOf(CAP_PERIODS),
  unit: wordOf(["leads", "amount"]),
  used: QUANTITY,
  limit: { ...QUANTITY, description: "A number of leads, or an amount as decimal text." },
  resets_at: timeOrNull,
});

function useAnswer({ campaignId, buyerId, supplierId, resetsAt, ...use }: CapUse) {
  return {
    party: use.party,
    campaign_id: campaignId,
    buyer_id: buyerId,
    supplier_id: supplierId,
    period: use.period,
    unit: use.unit,
    used: use.used,
    limit: use.limit,
    resets_at: resetsAt,
  };
}
