import { anything, oneWordOf } from "#http/query.ts";
import { listRoute, type Route, route } from "#http/route.ts";
import { dataOf, pageOf } from "#http/schema.ts";
import { notFound, refusalWords, reply } from "#http/words.ts";
import { RETURN_STATUSES } from "#leads/return.ts";
import { listReturns } from "#leads/return-records.ts";
import { askReturn } from "#returns/ask-return.ts";
import { ASKED_BY_BUYER, OWN_RETURN, ownReturnAnswer } from "#returns/return-words.ts";
import { returnIdOf, uuidOfLead, uuidOfReturn } from "#text/ids.ts";
import type { BuyerParts } from "./parts.ts";

const PATH = "/api/v1/buyer/returns";
const NO_LEAD = "There is no such lead.";

const SETTINGS = {
  status: oneWordOf(RETURN_STATUSES, "Only with this status"),
  campaign: anything("Only of this campaign"),
};

/** The leads that a buyer gives back. */
export function ownReturnRoutes(parts: BuyerParts): Route[] {
  return [askOwnReturnRoute(parts), listOwnReturnsRoute(parts)];
}

function askOwnReturnRoute({ database, buyers, now }: BuyerParts): Route {
  return route({
    method: "post",
    path: PATH,
    who: buyers,
    body: ASKED_BY_BUYER,
    /** A lead that it never bought is as if there were none. */
    async answer({ context, caller: { buyerId }, body }) {
      const leadId = uuidOfLead(body.lead_id);
      if (leadId === undefined) return context.refuse("not_found", NO_LEAD);
      const wanted = { leadId, buyerId, reason: body.reason, note: body.note ?? null };
      const made = await askReturn({ ...wanted, by: `buyer:${buyerId}` }, database, now());
      if (!("refused" in made)) return context.json(201, { data: ownReturnAnswer(made) });
      return made.refused === "conflict"
        ? context.refuse("conflict", made.why)
        : context.refuse("not_found", NO_LEAD);
    },
    words: {
      operation: "returnLead",
      section: "Buyers",
      summary: "Give a lead back",
      description:
        "Asks that a lead be taken back, within the days, the share and the reasons that were agreed.",
      replies: {
        201: reply("It is on record, to be decided.", dataOf(OWN_RETURN)),
        404: notFound("lead"),
        409: refusalWords("What was agreed does not let it; the message says why."),
      },
    },
  });
}

function listOwnReturnsRoute({ database, buyers }: BuyerParts): Route {
  return listRoute({
    path: PATH,
    who: buyers,
    listing: {
      settings: SETTINGS,
      read: (asked, before, limit, { buyerId }) =>
        database.read((db) => listReturns(db, { ...asked, buyer: buyerId }, before, limit)),
      idOf: returnIdOf,
      uuidOf: uuidOfReturn,
    },
    shown: ownReturnAnswer,
    words: {
      operation: "listOwnReturns",
      section: "Buyers",
      summary: "The leads you gave back, newest first",
      description: "What this buyer asked to give back, and what was decided.",
      replies: { 200: reply("A page of them.", pageOf(OWN_RETURN)) },
    },
  });
}
