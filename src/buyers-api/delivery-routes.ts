import { BEING_SETTLED, NOTHING_LEFT_TO_SEND, redeliverOne } from "#delivery/by-hand.ts";
import { type ListedDelivery, listDeliveries } from "#delivery/outbox/delivery-records.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import { moment, oneWordOf, querySetting } from "#http/query.ts";
import { listRoute, type Route, route } from "#http/route.ts";
import {
  count,
  dataOf,
  named,
  objectOf,
  pageOf,
  text,
  textOrNull,
  time,
  timeOrNull,
  wordOf,
} from "#http/schema.ts";
import { notFound, pathParameter, refusalWords, reply } from "#http/words.ts";
import { DELIVERY_STATES } from "#leads/delivery-state.ts";
import { deliveryIdOf, leadIdOf, uuidOfDelivery, uuidOfLead } from "#text/ids.ts";
import { isoOf } from "#time/iso.ts";
import type { BuyerParts } from "./parts.ts";

const PATH = "/api/v1/buyer/deliveries";
const NO_DELIVERY = "There is no such delivery.";

const SETTINGS = {
  lead: querySetting("Only of this lead", "the id of a lead", uuidOfLead),
  state: oneWordOf(DELIVERY_STATES, "Only in this state"),
  since: moment("Written at or after"),
  until: moment("Written before"),
};

/** What was and is to be sent to a buyer, and once more when it asks for it. */
export function ownDeliveryRoutes(parts: BuyerParts): Route[] {
  return [listDeliveriesRoute(parts), redeliverRoute(parts)];
}

function listDeliveriesRoute({ database, buyers }: BuyerParts): Route {
  return listRoute({
    path: PATH,
    who: buyers,
    listing: {
      settings: SETTINGS,
      read: (asked, before, limit, caller) => {
        const filter = { ...asked, recipient: recipientOf(caller), campaign: null, event: null };
        return database.survey((db) => listDeliveries(db, filter, before, limit));
      },
      idOf: deliveryIdOf,
      uuidOf: uuidOfDelivery,
    },
    shown: deliveryAnswer,
    words: {
      operation: "listOwnDeliveries",
      section: "Buyers",
      summary: "What was and is to be sent to you, newest first",
      description: "What was sent to this buyer and is to be sent, newest first, and what became of it.",
      replies: { 200: reply("A page of them.", pageOf(OWN_DELIVERY)) },
    },
  });
}

function redeliverRoute(parts: BuyerParts): Route {
  return route({
    method: "post",
    path: `${PATH}/:delivery/redeliver`,
    who: parts.buyers,
    /** Another's delivery is as if there were none. */
    async answer({ context, caller, params }) {
      const uuid = uuidOfDelivery(params.delivery);
      if (uuid === undefined) return context.refuse("not_found", NO_DELIVERY);
      const due = await redeliverOne(uuid, recipientOf(caller), parts);
      if (due === "no_such_delivery") return context.refuse("not_found", NO_DELIVERY);
      if (due === "not_its_lead") return context.refuse("conflict", NOT_YOUR_LEAD);
      if (due === "refused") return context.refuse("conflict", BEING_SETTLED);
      if (due === "erased") return context.refuse("conflict", NOTHING_LEFT_TO_SEND);
      const data = { id: deliveryIdOf(uuid), state: "pending", next_try_at: due.toISOString() };
      return context.json(202, { data });
    },
    words: {
      operation: "redeliverOwn",
      section: "Buyers",
      summary: "Have a delivery sent again",
      description: "Tries a delivery at once, whatever became of it; it comes with the same webhook-id.",
      params: {
        delivery: pathParameter("The delivery's id", "delivery_01k6a1npq7f9gtqf2hs6zkdsn4"),
      },
      replies: {
        202: reply(
          "It is due.",
          dataOf(objectOf({ id: text, state: { const: "pending" }, next_try_at: time })),
        ),
        404: notFound("delivery"),
        409: refusalWords("The lead is not this buyer's any more, or was erased."),
      },
    },
  });
}

const NOT_YOUR_LEAD = "The lead is not yours any more.";

function recipientOf({ buyerId }: { buyerId: string }): Recipient {
  return `buyer:${buyerId}`;
}

const OWN_DELIVERY = named(
  "OwnDelivery",
  objectOf({
    id: { type: "string", description: "Also the webhook-id that it came with." },
    event: text,
    state: wordOf(DELIVERY_STATES),
    campaign_id: textOrNull,
    lead_id: textOrNull,
    attempt_count: count,
    next_attempt_at: timeOrNull,
    give_up_at: time,
    created_at: time,
    ended_at: timeOrNull,
    verdict: { ...textOrNull, description: "What your answer meant." },
    reference: { ...textOrNull, description: "Your own, read from your answer." },
    reason: { ...textOrNull, description: "Why you did not want it, read from your answer." },
    last_failure: textOrNull,
  }),
);

function deliveryAnswer(delivery: ListedDelivery) {
  const { state, endedAt, campaignId, leadId } = delivery;
  return {
    id: deliveryIdOf(delivery.id),
    event: delivery.event,
    state,
    // A test is of no campaign.
    campaign_id: campaignId === "" ? null : campaignId,
    lead_id: leadId === null ? null : leadIdOf(leadId),
    attempt_count: delivery.attempts,
    next_attempt_at: state === "pending" ? isoOf(delivery.nextAt) : null,
    give_up_at: isoOf(delivery.giveUpAt),
    created_at: isoOf(delivery.createdAt),
    ended_at: endedAt === null ? null : isoOf(endedAt),
    verdict: delivery.verdict,
    reference: delivery.reference,
    reason: delivery.reason,
    last_failure: delivery.lastFailure,
  };
}
