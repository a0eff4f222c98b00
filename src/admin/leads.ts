import { Elysia } from "elysia";
import { listDeliveriesOf } from "#delivery/delivery-records.ts";
import { leadIdOf, uuidOfLead } from "#ids.ts";
import {
  type LeadFilter,
  listLeads,
  type RecordedLead,
  readLead,
  type WholeLead,
} from "#intake/lead-records.ts";
import { RECORD_STATUSES } from "#intake/outcome.ts";
import { type Amount, formatAmount } from "#money/amount.ts";
import { errorReply, jsonResponse, requestIdOf } from "#reply.ts";
import { deliverySummary } from "./deliveries.ts";
import { describedAs } from "./described.ts";
import { type AdminContext, refusalOfStranger } from "./operator.ts";
import { type Listing, listReply, readPage } from "./page.ts";

/** The leads on record: newest first, and each with the trace of how it was decided and what was sent of it. */
export function leadRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/leads" })
    .onBeforeHandle(({ request }) => refusalOfStranger(request, context))
    .get(
      "",
      ({ request }) => listReply(request, LEADS, summary, context.database),
      describedAs("listLeads", "The leads on record, newest first"),
    )
    .get(
      "/:lead",
      ({ request, params }) => show(request, params.lead, context),
      describedAs("getLeadOnRecord", "One lead, with its trace and deliveries"),
    )
    .post("/:lead/redistribute", ({ request, params }) => redistributeOne(request, params.lead, context), {
      parse: "none",
      ...describedAs("redistributeLead", "Send a lead round again"),
    })
    .post("/redistribute", ({ request }) => redistributeMany(request, context), {
      parse: "none",
      ...describedAs("redistributeLeads", "Send the leads of a query round again"),
    });
}

async function show(request: Request, id: string, { database }: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const uuid = uuidOfLead(id);
  const found =
    uuid === undefined
      ? undefined
      : await database.read((db) => Promise.all([readLead(db, uuid), listDeliveriesOf(db, uuid)]));
  const [lead, deliveries = []] = found ?? [];
  if (lead === undefined) return errorReply("not_found", "There is no such lead.", requestId);
  const data = { ...whole(lead), deliveries: deliveries.map(deliverySummary) };
  return jsonResponse(200, { data }, { "x-request-id": requestId });
}

/** Sends one lead round again; answers as its supplier would be answered. */
async function redistributeOne(request: Request, id: string, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const uuid = uuidOfLead(id);
  const outcome = uuid === undefined ? "no_such_lead" : await context.redistribute(uuid);
  if (outcome === "no_such_lead") return errorReply("not_found", "There is no such lead.", requestId);
  if (outcome === "not_open") return errorReply("conflict", NOT_OPEN, requestId);
  return jsonResponse(outcome.httpStatus, JSON.parse(outcome.body), { "x-request-id": requestId });
}

const NOT_OPEN =
  "Only a lead of the last 60 days that found no buyer, or that its buyer did not get or take, can be sent round again.";

/** Sends the leads of a query round again, the newest first; answers how many ended in which way. */
async function redistributeMany(request: Request, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const page = await readPage(request, LEADS, context.database);
  if (!page.ok) return page.reply;
  const { entries, nextCursor } = page.value;
  const outcomes = await Promise.all(entries.map((lead) => context.redistribute(lead.id)));
  const counts = { accepted: 0, not_accepted: 0, not_open: 0 };
  for (const outcome of outcomes) {
    if (typeof outcome === "string") counts.not_open += 1;
    else if (outcome.httpStatus === 201) counts.accepted += 1;
    else counts.not_accepted += 1;
  }
  return jsonResponse(200, { data: counts, next_cursor: nextCursor }, { "x-request-id": requestId });
}

const LEADS: Listing<LeadFilter, RecordedLead> = {
  settings: ["campaign", "supplier", "buyer", "status", "test", "since", "until"],
  filterFrom(query) {
    const test = query.oneOf("test", ["true", "false"]);
    return {
      campaign: query.text("campaign"),
      supplier: query.text("supplier"),
      buyer: query.text("buyer"),
      status: query.oneOf("status", RECORD_STATUSES),
      test: test === null ? null : test === "true",
      since: query.instant("since"),
      until: query.instant("until"),
    };
  },
  read: listLeads,
  idOf: leadIdOf,
  uuidOf: uuidOfLead,
};

function summary(lead: RecordedLead) {
  const money = (amount: Amount | null) => (amount === null ? null : formatAmount(amount, lead.currency));
  return {
    id: leadIdOf(lead.id),
    status: lead.status,
    reason: lead.reason,
    campaign_id: lead.campaignId,
    supplier_id: lead.supplierId,
    buyer_id: lead.buyerId,
    is_test: lead.isTest,
    duplicate_of: lead.duplicateOf === null ? null : leadIdOf(lead.duplicateOf),
    price: money(lead.price),
    payout: money(lead.payout),
    currency: lead.currency,
    decided_at: new Date(lead.decidedAt).toISOString(),
  };
}

function whole(lead: WholeLead) {
  return {
    ...summary(lead),
    revision: lead.revision,
    request_id: lead.requestId,
    fields: JSON.parse(lead.fields) as unknown,
    sent: lead.sent === null ? {} : (JSON.parse(lead.sent) as unknown),
    trace: JSON.parse(lead.trace) as unknown,
  };
}
