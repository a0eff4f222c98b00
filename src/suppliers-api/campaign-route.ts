import { type Route, route } from "#http/route.ts";
import { currency, dataOf, listOf, moneyOrNull, named, objectOf, text, wordOf } from "#http/schema.ts";
import { reply } from "#http/words.ts";
import { LIMITED, OVER_LOOKUP_LIMIT } from "#intake/supplier-words.ts";
import { readOwnCampaigns } from "./own-campaign-records.ts";
import type { SupplierParts } from "./parts.ts";

/** Where a supplier may send leads, and where it reads how. */
export function campaignsRoute({ database, suppliers }: SupplierParts): Route {
  return route({
    method: "get",
    path: "/api/v1/campaigns",
    who: suppliers,
    async answer({ context, caller: { supplier } }) {
      const found = await database.read((db) => readOwnCampaigns(db, supplier.id));
      const data = found.map((each) => ({ ...each, docs: `/docs/campaigns/${encodeURIComponent(each.id)}` }));
      return context.json(200, { data });
    },
    words: {
      operation: "listOwnCampaigns",
      section: "Suppliers",
      summary: "Your campaigns",
      description: `The campaigns that this supplier sends leads to: whether they take any now, what a lead is paid where that is fixed, and
where the page is that says how leads are sent.`,
      replies: {
        200: reply("The campaigns.", dataOf(listOf(OWN_CAMPAIGN)), LIMITED),
        429: OVER_LOOKUP_LIMIT,
      },
    },
  });
}

const OWN_CAMPAIGN = named(
  "OwnCampaign",
  objectOf({
    id: text,
    name: text,
    mode: wordOf(["direct", "ping_post"]),
    status: wordOf(["active", "paused"]),
    payout: moneyOrNull,
    currency,
    docs: { type: "string", description: "The path of its page on this server." },
  }),
);
