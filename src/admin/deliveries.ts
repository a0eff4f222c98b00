import { Elysia } from "elysia";
import {
  type Attempted,
  type DeliveryFilter,
  type ListedDelivery,
  listDeliveries,
  readDelivery,
  redeliver,
  type WholeDelivery,
} from "#delivery/outbox/delivery-records.ts";
import { parseRecipient } from "#endpoints/recipient.ts";
import { WEBHOOK_EVENTS } from "#endpoints/webhook-endpoint.ts";
import { type Listing, listReply } from "#http/listing.ts";
import { errorReply, jsonResponse, requestIdOf } from "#http/reply.ts";
import { DELIVERY_STATES } from "#leads/delivery-state.ts";
import { amountOfTenThousandths, formatAmount } from "#money/amount.ts";
import { deliveryIdOf, leadIdOf, uuidOfDelivery, uuidOfLead } from "#text/ids.ts";
import { describedAs } from "./described.ts";
import type { AdminContext } from "./operator.ts";

/** What was sent and is to be sent: newest first, each with its attempts, and once more by hand. */
export function deliveryRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/deliveries" })
    .get(
      "",
      ({ request }) => listReply(request, DELIVERIES, deliverySummary, context.database),
      describedAs("listDeliveries", "What was and is to be sent, newest first", "read"),
    )
    .get(
      "/:delivery",
      ({ request, params }) => show(request, params.delivery, context),
      describedAs("getDelivery", "One delivery, with its body and attempts", "read"),
    )
    .post("/:delivery/redeliver", ({ request, params }) => sendAgain(request, params.delivery, context), {
      parse: "none",
      ...describedAs("redeliver", "Send a delivery again", "operate"),
    });
}

async function show(request: Request, id: string, { database }: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const uuid = uuidOfDelivery(id);
  const found = uuid === undefined ? undefined : await database.read((db) => readDelivery(db, uuid));
  if (found === undefined) return noSuchDelivery(requestId);
  return jsonResponse(200, { data: whole(found.delivery, found.attempts) }, { "x-request-id": requestId });
}

async function sendAgain(request: Request, id: string, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const uuid = uuidOfDelivery(id);
  if (uuid === undefined) return noSuchDelivery(requestId);
  const at = context.now().toISOString();
  const due = await context.database.write((tx) => redeliver(tx, uuid, at));
  if (due === "no_such_delivery") return noSuchDelivery(requestId);
  if (due === "not_its_lead") return errorReply("conflict", NOT_ITS_LEAD, requestId);
  if (due === "erased") return errorReply("conflict", ERASED, requestId);
  context.wake(due.campaignId, [due.recipient]);
  return jsonResponse(
    202,
    { data: { id: deliveryIdOf(uuid), state: "pending" } },
    { "x-request-id": requestId },
  );
}

const ERASED = "What was sent told who the person is, and was erased: there is nothing left to send.";

const NOT_ITS_LEAD = "The lead is not this buyer's now. It can be sent round again instead.";

const EVENTS = [...WEBHOOK_EVENTS, "webhook.test"] as const;

const DELIVERIES: Listing<DeliveryFilter, ListedDelivery> = {
  settings: ["buyer", "webhook", "campaign", "lead", "state", "event", "since", "until"],
  filterFrom(query) {
    const [buyer, webhook] = [query.text("buyer"), query.text("webhook")];
    if (buyer !== null && webhook !== null) {
      query.errors.push({ field: "webhook", code: "not_allowed", message: "must not be asked beside buyer" });
    }
    return {
      recipient: buyer !== null ? `buyer:${buyer}` : webhook !== null ? `webhook:${webhook}` : null,
      campaign: query.text("campaign"),
      lead: query.parsed("lead", uuidOfLead, "the id of a lead"),
      state: query.oneOf("state", DELIVERY_STATES),
      event: query.oneOf("event", EVENTS),
      since: query.instant("since"),
      until: query.instant("until"),
    };
  },
  read: listDeliveries,
  idOf: deliveryIdOf,
  uuidOf: uuidOfDelivery,
};

/** A delivery as it is listed, also with its lead. */
export function deliverySummary(delivery: ListedDelivery) {
  const { kind, id } = parseRecipient(delivery.recipient);
  return {
    id: deliveryIdOf(delivery.id),
    event: delivery.event,
    state: delivery.state,
    buyer_id: kind === "buyer" ? id : null,
    webhook_id: kind === "webhook" ? id : null,
    // A test is of no campaign.
    campaign_id: delivery.campaignId === "" ? null : delivery.campaignId,
    lead_id: delivery.leadId === null ? null : leadIdOf(delivery.leadId),
    attempt_count: delivery.attempts,
    next_attempt_at: delivery.state === "pending" ? timeOf(delivery.nextAt) : null,
    give_up_at: timeOf(delivery.giveUpAt),
    created_at: timeOf(delivery.createdAt),
    ended_at: delivery.endedAt === null ? null : timeOf(delivery.endedAt),
    verdict: delivery.verdict,
    answered_price: delivery.answeredPrice === null ? null : priceInText(delivery.answeredPrice),
    reference: delivery.reference,
    reason: delivery.reason,
    last_failure: delivery.lastFailure,
    erased_at: delivery.erasedAt === null ? null : timeOf(delivery.erasedAt),
  };
}

/** What a buyer names says no currency: it is written with two decimals, or as many as it has. */
function priceInText(stored: number): string {
  return formatAmount(amountOfTenThousandths(stored), "USD");
}

function whole(delivery: WholeDelivery, attempts: readonly Attempted[]) {
  return {
    ...deliverySummary(delivery),
    content_type: delivery.contentType,
    body: delivery.body,
    attempts: attempts.map((attempt) => ({
      number: attempt.number,
      trigger: attempt.trigger,
      started_at: timeOf(attempt.startedAt),
      duration_ms: attempt.durationMs,
      http_status: attempt.httpStatus,
      failure: attempt.failure,
      excerpt: attempt.excerpt,
    })),
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

function noSuchDelivery(requestId: string): Response {
  return errorReply("not_found", "There is no such delivery.", requestId);
}
