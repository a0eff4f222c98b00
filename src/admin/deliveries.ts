import { BEING_SETTLED, NOTHING_LEFT_TO_SEND, redeliverOne } from "#delivery/by-hand.ts";
import {
  type Attempted,
  type ListedDelivery,
  listDeliveries,
  readDelivery,
  type WholeDelivery,
} from "#delivery/outbox/delivery-records.ts";
import { CONVERSION_DELIVERIES } from "#endpoints/conversion/conversion-event.ts";
import { parseRecipient, type Recipient } from "#endpoints/recipient.ts";
import { WEBHOOK_EVENTS } from "#endpoints/webhook-endpoint.ts";
import type { Listing } from "#http/listing.ts";
import { anything, moment, oneWordOf, querySetting } from "#http/query.ts";
import { listRoute, type Route, route, singleRoute } from "#http/route.ts";
import {
  count,
  dataOf,
  listOf,
  named,
  objectOf,
  pageOf,
  text,
  textOrNull,
  time,
  timeOrNull,
  wordOf,
} from "#http/schema.ts";
import { exampleCall, missingCall, notFound, pathParameter, refusalWords, reply } from "#http/words.ts";
import { DELIVERY_STATES } from "#leads/delivery-state.ts";
import { amountOfTenThousandths, formatAmount } from "#money/amount.ts";
import { deliveryIdOf, leadIdOf, uuidOfDelivery, uuidOfLead } from "#text/ids.ts";
import { isoOf } from "#time/iso.ts";
import type { AdminParts } from "./parts.ts";

const PATH = "/api/v1/admin/deliveries";
const NO_DELIVERY = "There is no such delivery.";
const DELIVERY = pathParameter("The delivery's id", "delivery_01k6a1npq7f9gtqf2hs6zkdsn4");

/** What was sent and is to be sent: newest first, each with its attempts, and once more by hand. */
export function deliveryRoutes(parts: AdminParts): Route[] {
  const { database, operators } = parts;
  return [
    listRoute({
      path: PATH,
      who: operators.read,
      listing: deliveryListing(parts),
      shown: deliverySummary,
      words: {
        operation: "listDeliveries",
        section: "Operators",
        summary: "What was and is to be sent, newest first",
        description: "What was sent and is to be sent, newest first.",
        calls: { none: exampleCall("None yet", undefined, 200, { data: [], next_cursor: null }) },
        replies: { 200: reply("A page of them.", pageOf(DELIVERY_SUMMARY)) },
      },
    }),
    singleRoute({
      path: `${PATH}/:delivery`,
      who: operators.read,
      missing: NO_DELIVERY,
      async read({ delivery }) {
        const uuid = uuidOfDelivery(delivery);
        const found = uuid === undefined ? undefined : await database.read((db) => readDelivery(db, uuid));
        return found && deliveryAnswer(found.delivery, found.attempts);
      },
      words: {
        operation: "getDelivery",
        section: "Operators",
        summary: "One delivery, with its body and attempts",
        description: "A delivery with the bytes that are sent and every attempt.",
        params: { delivery: DELIVERY },
        calls: { no_such_delivery: missingCall("No such delivery", NO_DELIVERY) },
        replies: { 200: reply("The delivery.", dataOf(DELIVERY_ON_RECORD)), 404: notFound("delivery") },
      },
    }),
    route({
      method: "post",
      path: `${PATH}/:delivery/redeliver`,
      who: operators.operate,
      async answer({ context, params }) {
        const uuid = uuidOfDelivery(params.delivery);
        if (uuid === undefined) return context.refuse("not_found", NO_DELIVERY);
        const due = await redeliverOne(uuid, null, parts);
        if (due === "no_such_delivery") return context.refuse("not_found", NO_DELIVERY);
        if (due === "not_its_lead") return context.refuse("conflict", NOT_ITS_LEAD);
        if (due === "refused") return context.refuse("conflict", BEING_SETTLED);
        if (due === "erased") return context.refuse("conflict", NOTHING_LEFT_TO_SEND);
        const data = { id: deliveryIdOf(uuid), state: "pending", next_try_at: due.toISOString() };
        return context.json(202, { data });
      },
      words: {
        operation: "redeliver",
        section: "Operators",
        summary: "Send a delivery again",
        description:
          "Tries a delivery at once, whatever became of it and however its endpoint stands: one that is paused is resumed. " +
          "Its receiver sees the same webhook-id.",
        params: { delivery: DELIVERY },
        calls: { no_such_delivery: missingCall("No such delivery", NO_DELIVERY) },
        replies: {
          202: reply(
            "It is due.",
            dataOf(objectOf({ id: text, state: { const: "pending" }, next_try_at: time })),
          ),
          404: notFound("delivery"),
          409: refusalWords("The lead is not this buyer's any more."),
        },
      },
    }),
  ];
}

const NOT_ITS_LEAD = "The lead is not this buyer's now. It can be sent round again instead.";

const SETTINGS = {
  buyer: anything("Only to this buyer"),
  webhook: anything("Only to this webhook"),
  conversion: anything("Only to this conversion"),
  campaign: anything("Only of this campaign"),
  lead: querySetting("Only of this lead", "the id of a lead", uuidOfLead),
  state: oneWordOf(DELIVERY_STATES, "Only in this state"),
  event: {
    ...oneWordOf(
      [...WEBHOOK_EVENTS, ...CONVERSION_DELIVERIES, "webhook.test", "report.pnl"],
      "Only of this event",
    ),
    schema: text,
  },
  since: moment("Written at or after"),
  until: moment("Written before"),
};

function deliveryListing({ database }: AdminParts): Listing<typeof SETTINGS, ListedDelivery> {
  return {
    settings: SETTINGS,
    check: ({ buyer, webhook, conversion }) => {
      const asked = Object.entries({ buyer, webhook, conversion }).filter(([, id]) => id !== null);
      return asked.slice(1).map(([field]) => ({
        field,
        code: "not_allowed",
        message: `must not be asked beside ${asked[0]?.[0]}`,
      }));
    },
    read: ({ buyer, webhook, conversion, ...others }, before, limit) => {
      const recipients = Object.entries({ buyer, webhook, conversion }).flatMap(([kind, id]) =>
        id === null ? [] : `${kind}:${id}`,
      );
      const recipient = (recipients[0] ?? null) as Recipient | null;
      return database.survey((db) => listDeliveries(db, { ...others, recipient }, before, limit));
    },
    idOf: deliveryIdOf,
    uuidOf: uuidOfDelivery,
  };
}

const SUMMARY = {
  id: { type: "string", description: "Also the webhook-id that the receiver sees." },
  event: text,
  state: wordOf(DELIVERY_STATES),
  buyer_id: textOrNull,
  webhook_id: textOrNull,
  conversion_id: textOrNull,
  alert_to: { ...textOrNull, description: "Of an e-mail to operators: the address." },
  campaign_id: textOrNull,
  lead_id: textOrNull,
  attempt_count: count,
  next_attempt_at: timeOrNull,
  give_up_at: time,
  created_at: time,
  ended_at: timeOrNull,
  verdict: textOrNull,
  answered_price: { ...textOrNull, description: "The price that the receiver's answer named." },
  reference: { ...textOrNull, description: "The receiver's own, read from its answer." },
  reason: textOrNull,
  last_failure: textOrNull,
  erased_at: { ...timeOrNull, description: "When its body was emptied." },
};

export const DELIVERY_SUMMARY = named("DeliverySummary", objectOf(SUMMARY));

const ATTEMPT = named(
  "DeliveryAttempt",
  objectOf({
    number: { type: "integer", minimum: 1 },
    trigger: wordOf(["schedule", "hand"]),
    started_at: time,
    duration_ms: count,
    http_status: { type: ["integer", "null"] },
    failure: textOrNull,
    excerpt: { ...textOrNull, description: "The beginning of the receiver's answer." },
  }),
);

const DELIVERY_ON_RECORD = named(
  "DeliveryOnRecord",
  objectOf({
    ...SUMMARY,
    content_type: text,
    body: { type: "string", description: "The very bytes that are sent." },
    attempts: listOf(ATTEMPT),
  }),
);

/** A delivery as it is listed, also with its lead. */
export function deliverySummary(delivery: ListedDelivery) {
  const { kind, id } = parseRecipient(delivery.recipient);
  return {
    id: deliveryIdOf(delivery.id),
    event: delivery.event,
    state: delivery.state,
    buyer_id: kind === "buyer" ? id : null,
    webhook_id: kind === "webhook" ? id : null,
    conversion_id: kind === "conversion" ? id : null,
    alert_to: kind === "alert" ? id : null,
    // A test is of no campaign.
    campaign_id: delivery.campaignId === "" ? null : delivery.campaignId,
    lead_id: delivery.leadId === null ? null : leadIdOf(delivery.leadId),
    attempt_count: delivery.attempts,
    next_attempt_at: delivery.state === "pending" ? isoOf(delivery.nextAt) : null,
    give_up_at: isoOf(delivery.giveUpAt),
    created_at: isoOf(delivery.createdAt),
    ended_at: isoOf(delivery.endedAt),
    verdict: delivery.verdict,
    answered_price: delivery.answeredPrice === null ? null : priceInText(delivery.answeredPrice),
    reference: delivery.reference,
    reason: delivery.reason,
    last_failure: delivery.lastFailure,
    erased_at: delivery.erasedAt === null ? null : isoOf(delivery.erasedAt),
  };
}

/** What a buyer names says no currency: it is written with two decimals, or as many as it has. */
function priceInText(stored: number): string {
  return formatAmount(amountOfTenThousandths(stored), "USD");
}

function deliveryAnswer(delivery: WholeDelivery, attempts: readonly Attempted[]) {
  return {
    ...deliverySummary(delivery),
    content_type: delivery.contentType,
    body: delivery.body,
    attempts: attempts.map((attempt) => ({
      number: attempt.number,
      trigger: attempt.trigger,
      started_at: isoOf(attempt.startedAt),
      duration_ms: attempt.durationMs,
      http_status: attempt.httpStatus,
      failure: attempt.failure,
      excerpt: attempt.excerpt,
    })),
  };
}
