import { Elysia } from "elysia";
import { listDeliveriesOf } from "#delivery/outbox/delivery-records.ts";
import { type Listing, listReply, readPage } from "#http/listing.ts";
import type { ListQuery } from "#http/query.ts";
import { errorReply, jsonResponse, requestIdOf } from "#http/reply.ts";
import type { Feedback } from "#leads/feedback.ts";
import { listFeedbackOf } from "#leads/feedback-records.ts";
import {
  findLead,
  type LeadFilter,
  listLeads,
  type RecordedLead,
  type WholeLead,
} from "#leads/lead-records.ts";
import { RECORD_STATUSES } from "#leads/status.ts";
import { formatAmount } from "#money/amount.ts";
import { personInQuery, type SoughtPerson, seek } from "#people/person-key.ts";
import { leadIdOf, updateIdOf, uuidOfLead } from "#text/ids.ts";
import { deliverySummary } from "./deliveries.ts";
import { describedAs } from "./described.ts";
import { exportFormatOf, exportLeads } from "./lead-export.ts";
import { leadRow } from "./lead-row.ts";
import { tailing } from "./lead-tail.ts";
import type { AdminContext } from "./operator.ts";

/** The leads on record: newest first, and each with the trace of how it was decided and what was sent of it. */
export function leadRoutes(context: AdminContext) {
  const tail = tailing(context);
  return new Elysia({ prefix: "/api/v1/admin/leads" })
    .get(
      "",
      ({ request }) => listOrExport(request, context),
      describedAs("listLeads", "The leads on record, newest first", "read"),
    )
    .get(
      "/tail",
      ({ request }) => tail(request),
      describedAs("tailLeads", "Leads as they are decided", "read"),
    )
    .get(
      "/:lead",
      ({ request, params }) => show(request, params.lead, context),
      describedAs("getLeadOnRecord", "One lead, with its trace and deliveries", "read"),
    )
    .post("/:lead/redistribute", ({ request, params }) => redistributeOne(request, params.lead, context), {
      parse: "none",
      ...describedAs("redistributeLead", "Send a lead round again", "operate"),
    })
    .post("/redistribute", ({ request }) => redistributeMany(request, context), {
      parse: "none",
      ...describedAs("redistributeLeads", "Send the leads of a query round again", "operate"),
    });
}

function listOrExport(request: Request, context: AdminContext): Promise<Response> | Response {
  const leads = leadsBy(context);
  const format = exportFormatOf(request);
  return format === undefined
    ? listReply(request, leads, leadRow, context.database)
    : exportLeads(request, format, leads, context);
}

async function show(request: Request, id: string, { database }: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const uuid = uuidOfLead(id);
  const found =
    uuid === undefined
      ? undefined
      : await database.read((db) =>
          Promise.all([findLead(db, uuid), listDeliveriesOf(db, uuid), listFeedbackOf(db, uuid)]),
        );
  const [lead, deliveries = [], updates = []] = found ?? [];
  if (lead === undefined) return errorReply("not_found", "There is no such lead.", requestId);
  const data = {
    ...whole(lead),
    deliveries: deliveries.map(deliverySummary),
    updates: updates.map((update) => updateAnswer(update, lead.currency)),
  };
  return jsonResponse(200, { data }, { "x-request-id": requestId });
}

/** What its supplier reported of it. */
function updateAnswer(update: Feedback, currency: string) {
  return {
    id: updateIdOf(update.id),
    outcome: update.outcome,
    revenue: update.revenue === null ? null : formatAmount(update.revenue, currency),
    sales_rep: update.salesRep,
    speed_to_lead_seconds: update.speedToLeadSeconds,
    call_duration_seconds: update.callDurationSeconds,
    note: update.note,
    created_at: new Date(update.createdAt).toISOString(),
  };
}

/** Sends one lead round again; answers as its supplier would be answered. */
async function redistributeOne(request: Request, id: string, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const uuid = uuidOfLead(id);
  const outcome = uuid === undefined ? "no_such_lead" : await context.redistribute(uuid);
  if (outcome === "no_such_lead") return errorReply("not_found", "There is no such lead.", requestId);
  if (outcome === "not_open") return errorReply("conflict", NOT_OPEN, requestId);
  if (outcome === "erased") return errorReply("conflict", ERASED, requestId);
  return jsonResponse(outcome.httpStatus, JSON.parse(outcome.body), { "x-request-id": requestId });
}

const ERASED = "This lead's personal data was erased: there is nothing left to send.";

const NOT_OPEN =
  "Only a lead of the last 60 days that found no buyer, or that its buyer did not get or take, can be sent round again.";

/** Sends the leads of a query round again, the newest first; answers how many ended in which way. */
async function redistributeMany(request: Request, context: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const page = await readPage(request, leadsBy(context), context.database);
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

/** `pepper` keys the hashes by which people are found. */
function leadsBy({ pepper }: Pick<AdminContext, "pepper">): Listing<LeadFilter, RecordedLead> {
  return {
    settings: [...PERSON, "id", "campaign", "supplier", "buyer", "status", "test", "since", "until"],
    filterFrom(query) {
      const test = query.oneOf("test", ["true", "false"]);
      return {
        id: query.parsed("id", uuidOfLead, "a lead's id"),
        person: personIn(query, pepper),
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
}

const PERSON = ["phone", "email", "country"];

/** Whom the query asks for; null when it asks for nobody. */
function personIn(query: ListQuery, pepper: Uint8Array): SoughtPerson | null {
  const read = seek(personInQuery(query.params), pepper);
  if (!read.ok) query.errors.push(...read.errors);
  return read.ok && (read.sought.phone ?? read.sought.email) !== null ? read.sought : null;
}

function whole(lead: WholeLead) {
  return {
    ...leadRow(lead),
    revision: lead.revision,
    request_id: lead.requestId,
    fields: JSON.parse(lead.fields) as unknown,
    sent: lead.sent === null ? {} : (JSON.parse(lead.sent) as unknown),
    trace: JSON.parse(lead.trace) as unknown,
  };
}
