import { Elysia } from "elysia";
import type { Keyring } from "#access/supplier-keyring.ts";
import type { Database } from "#database/database.ts";
import { errorReply, fieldsNotValid, jsonResponse, type ReplyFieldError } from "#http/reply.ts";
import { ANY_LEAD, findLead, type LeadFilter, listLeads, type RecordedLead } from "#leads/lead-records.ts";
import { formatAmount } from "#money/amount.ts";
import { personInQuery, seek } from "#people/person-key.ts";
import { leadIdOf, uuidOfLead } from "#text/ids.ts";
import type { Clock } from "#time/clock.ts";
import { admitted, type Supplier } from "./admit.ts";
import { createLimits } from "./limit.ts";

interface LookUp {
  keyring: Keyring;
  database: Database;
  clock: Clock;
  /** Keys the hashes by which people are found. */
  pepper: Uint8Array;
}

/** What a supplier may know of leads that it sent: one by its id, or whatever it sent of a person. */
export function lookUpRoutes(context: LookUp) {
  const limits = createLimits();
  const parts = { ...context, limits };
  return new Elysia({ name: "look-up" })
    .get(
      "/api/v1/leads/lookup",
      ({ request }) =>
        admitted(request, parts, (supplier, requestId) => lookUp(request, supplier, requestId, context)),
      { detail: { operationId: "lookUpLeads", tags: ["Suppliers"], summary: "Find leads of yours" } },
    )
    .get(
      "/api/v1/leads/:id",
      ({ request, params }) =>
        admitted(request, parts, (supplier, requestId) => show(params.id, supplier, requestId, context)),
      { detail: { operationId: "getLead", tags: ["Suppliers"], summary: "Look up a lead of yours" } },
    );
}

/** One lead; another supplier's is as if there were none. */
async function show(
  id: string,
  supplier: Supplier,
  requestId: string,
  { database }: LookUp,
): Promise<Response> {
  const uuid = uuidOfLead(id);
  const found = uuid === undefined ? undefined : await database.read((db) => findLead(db, uuid));
  if (found?.supplierId !== supplier.id) return errorReply("not_found", "There is no such lead.", requestId);
  return jsonResponse(200, { data: forSupplier(found) }, { "x-request-id": requestId });
}

const MOST_FOUND = 50;

/** The leads of the supplier's with this id, phone or e-mail, the newest first. */
async function lookUp(
  request: Request,
  supplier: Supplier,
  requestId: string,
  { database, pepper }: LookUp,
): Promise<Response> {
  const asked = askedFor(new URL(request.url).searchParams, pepper);
  if ("errors" in asked) {
    return errorReply("validation_failed", fieldsNotValid(asked.errors.length), requestId, {
      field_errors: asked.errors,
    });
  }
  const filter = { ...ANY_LEAD, ...asked, supplier: supplier.id };
  const found = await database.read((db) => listLeads(db, filter, null, MOST_FOUND));
  if (found.length === 0) return errorReply("not_found", "There is no such lead.", requestId);
  return jsonResponse(200, { data: found.map(forSupplier) }, { "x-request-id": requestId });
}

const NAMES = ["id", "phone", "email", "country"];

function askedFor(
  query: URLSearchParams,
  pepper: Uint8Array,
): Pick<LeadFilter, "id" | "person"> | { errors: readonly ReplyFieldError[] } {
  const errors: ReplyFieldError[] = [...new Set(query.keys())]
    .filter((name) => !NAMES.includes(name))
    .map((name) => ({
      field: name.slice(0, 64),
      code: "unknown_field",
      message: `is not known; known are ${NAMES.join(", ")}`,
    }));
  if (["id", "phone", "email"].every((name) => !query.has(name))) {
    errors.push({ field: "id", code: "required", message: "One of id, phone and email is required" });
  }
  const said = query.get("id");
  const id = said === null ? null : uuidOfLead(said);
  if (id === undefined)
    errors.push({ field: "id", code: "invalid_format", message: "id must be a lead's id" });
  const person = seek(personInQuery(query), pepper);
  if (!person.ok) errors.push(...person.errors);
  if (errors.length > 0 || id === undefined || !person.ok) return { errors };
  const { phone, email } = person.sought;
  return { id, person: phone === null && email === null ? null : person.sought };
}

/** A supplier sees its payout, never the buyer's price. */
function forSupplier(lead: RecordedLead) {
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
