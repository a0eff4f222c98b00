import { anything, moment, oneWordOf } from "#http/query.ts";
import { listRoute, type Route, route } from "#http/route.ts";
import {
  currency,
  dataOf,
  flag,
  money,
  named,
  objectOf,
  pageOf,
  text,
  textOrNull,
  time,
  timeOrNull,
  wordOf,
} from "#http/schema.ts";
import { notFound, pathParameter, reply } from "#http/words.ts";
import { ANY_LEAD, listLeads } from "#leads/lead-records.ts";
import { amountOfTenThousandths, formatAmount } from "#money/amount.ts";
import { personAsked } from "#people/person-key.ts";
import { readReturnOffer } from "#returns/return-offer.ts";
import { RETURN_OFFER, returnOfferAnswer } from "#returns/return-words.ts";
import { leadIdOf, saleIdOf, uuidOfLead } from "#text/ids.ts";
import type { Mapping } from "#text/problem.ts";
import { isoOf } from "#time/iso.ts";
import type { BuyerParts } from "./parts.ts";
import { findPurchase, listPurchases, type Purchase } from "./purchase-records.ts";
import { fieldsAsSent } from "./sent-fields.ts";

const PATH = "/api/v1/buyer/leads";
const NO_LEAD = "There is no such lead.";
const STATUSES = ["sold", "refused", "returned"] as const;

const SETTINGS = {
  phone: anything("Only of the person with this phone, in any usual spelling"),
  email: anything("Only of the person with this e-mail"),
  country: anything("By which a phone without a country code is understood; US unless said otherwise"),
  campaign: anything("Only of this campaign"),
  status: oneWordOf(STATUSES, "Only as they stand now"),
  since: moment("Sold at or after"),
  until: moment("Sold before"),
};

/** The leads that a buyer bought, the newest first, and each of them. */
export function purchaseRoutes(parts: BuyerParts): Route[] {
  return [listPurchasesRoute(parts), showPurchaseRoute(parts)];
}

/** Leads of one person that are looked through; nobody comes to be sold so often. */
const MOST_OF_PERSON = 500;

function listPurchasesRoute({ database, buyers, pepper }: BuyerParts): Route {
  return listRoute({
    path: PATH,
    who: buyers,
    listing: {
      settings: SETTINGS,
      check: (asked) => personAsked(asked, pepper).errors,
      read: ({ phone, email, country, ...asked }, before, limit, { buyerId }) =>
        database.survey(async (db) => {
          const { person } = personAsked({ phone, email, country }, pepper);
          const filter = { ...ANY_LEAD, person, bought: buyerId };
          const found = person && (await listLeads(db, filter, null, MOST_OF_PERSON));
          const leads = found && found.map(({ id }) => id);
          return listPurchases(db, buyerId, { ...asked, leads }, before, limit);
        }),
      idOf: leadIdOf,
      uuidOf: uuidOfLead,
    },
    shown: purchaseAnswer,
    words: {
      operation: "listPurchases",
      section: "Buyers",
      summary: "The leads you bought, newest first",
      description: `The leads that this buyer bought, with the fields as it was sent them, its price, and how the sale stands: \`refused\`
and \`returned\` ones cost nothing. Leads that nobody has sold to it are not there.`,
      replies: { 200: reply("A page of them.", pageOf(PURCHASE)) },
    },
  });
}

function showPurchaseRoute({ database, buyers, now }: BuyerParts): Route {
  return route({
    method: "get",
    path: `${PATH}/:id`,
    who: buyers,
    /** A lead that another buyer has is as if there were none. */
    async answer({ context, caller, params }) {
      const uuid = uuidOfLead(params.id);
      const { buyerId } = caller;
      const found =
        uuid === undefined ? undefined : await database.read((db) => findPurchase(db, buyerId, uuid));
      if (found === undefined) return context.refuse("not_found", NO_LEAD);
      const { sent } = found;
      const offer = await database.read((db) => readReturnOffer(db, { ...found, buyerId }, now()));
      const data = {
        ...purchaseAnswer(found),
        sent: sent === null ? null : { content_type: sent.contentType, body: sent.body },
        return: returnOfferAnswer(offer),
      };
      return context.json(200, { data });
    },
    words: {
      operation: "getPurchase",
      section: "Buyers",
      summary: "One lead that you bought",
      description:
        "A lead that this buyer bought, with the very text that it was sent, and whether it may be given back.",
      params: { id: pathParameter("The lead's id, as it was delivered", "lead_01k6a1npq7f9gtqf2hs6zkdsn4") },
      replies: { 200: reply("The lead.", dataOf(PURCHASE_AS_SENT)), 404: notFound("lead") },
    },
  });
}

const SHOWN = {
  lead_id: text,
  sale_id: text,
  campaign_id: text,
  status: wordOf(STATUSES),
  price: {
    ...money,
    description: "What this buyer pays; of a refused or returned sale, what it would have.",
  },
  currency,
  is_test: { ...flag, description: "A test: it is on no bill." },
  sold_at: time,
  erased_at: { ...timeOrNull, description: "When all that told who the person is was taken out of it." },
  fields: {
    type: ["object", "null"],
    description:
      "As they were delivered; null where that was a text of another form: see `sent` of the one lead.",
  },
};

const PURCHASE = named("Purchase", objectOf(SHOWN));

const PURCHASE_AS_SENT = named(
  "PurchaseAsSent",
  objectOf({
    ...SHOWN,
    sent: {
      ...objectOf({ content_type: textOrNull, body: text }),
      type: ["object", "null"],
      description: "The very text that was delivered; null when nothing was.",
    },
    return: RETURN_OFFER,
  }),
);

function purchaseAnswer(purchase: Purchase) {
  const { id, saleId, campaignId, status, price, soldAt, erasedAt, sent } = purchase;
  return {
    lead_id: leadIdOf(id),
    sale_id: saleIdOf(saleId),
    campaign_id: campaignId,
    status,
    price: formatAmount(amountOfTenThousandths(price), purchase.currency),
    currency: purchase.currency,
    is_test: purchase.isTest,
    sold_at: new Date(soldAt).toISOString(),
    erased_at: isoOf(erasedAt),
    fields: fieldsAsSent(sent, JSON.parse(purchase.fields) as Mapping),
  };
}
