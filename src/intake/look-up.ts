import { Elysia } from "elysia";
import type { Clock } from "#clock.ts";
import { type Database } from "#database/database.ts";
import { leadIdOf, uuidOfLead } from "#ids.ts";
import { formatAmount } from "#money/amount.ts";
import { errorReply, jsonResponse, requestIdOf } from "#reply.ts";
import { UNAUTHORIZED } from "./answer.ts";
import type { Keyring } from "./authenticate.ts";
import { readLead, type WholeLead } from "./lead-records.ts";
import { createLimits } from "./limit.ts";

/** `GET /api/v1/leads/{id}`: what a supplier may know of a lead that it sent. */
export function lookUpRoutes(context: { keyring: Keyring; database: Database; clock: Clock }) {
  const limits = createLimits();

  async function lookUp(request: Request, id: string): Promise<Response> {
    const requestId = requestIdOf(request);
    const holder = await context.keyring.holderOf(request.headers.get("x-api-key"));
    if (holder === undefined) return errorReply("unauthorized", UNAUTHORIZED, requestId);
    const { supplier } = holder;
    const { limiter, policy } = limits.of(supplier.id, supplier.rateLimits.lookup);
    const { admitted, retryAfter, remaining } = limiter.admit(context.clock.elapsedMs());
    const uuid = uuidOfLead(id);
    const found =
      admitted && uuid !== undefined ? await context.database.read((db) => readLead(db, uuid)) : undefined;
    const reply = !admitted
      ? errorReply("rate_limited", "The supplier is over its rate limit.", requestId, {
          retry_after: retryAfter,
        })
      : found === undefined || found.supplierId !== supplier.id
        ? errorReply("not_found", "There is no such lead.", requestId)
        : jsonResponse(200, { data: forSupplier(found) }, { "x-request-id": requestId });
    reply.headers.set("ratelimit-policy", policy);
    reply.headers.set("ratelimit", remaining);
    return reply;
  }

  return new Elysia({ name: "look-up" }).get(
    "/api/v1/leads/:id",
    ({ request, params }) => lookUp(request, params.id),
    {
      detail: { operationId: "getLead", tags: ["Suppliers"], summary: "Look up a lead of yours" },
    },
  );
}

/** A supplier sees its payout, never the buyer's price. */
function forSupplier(lead: WholeLead) {
  return {
    id: leadIdOf(lead.id),
    status: lead.status,
    campaign_id: lead.campaignId,
    buyer_id: lead.buyerId,
    payout: lead.payout === null ? null : formatAmount(lead.payout, lead.currency),
    currency: lead.currency,
    is_test: lead.isTest,
    created_at: new Date(lead.decidedAt).toISOString(),
  };
}
