import { Elysia } from "elysia";
import { leadIdOf, uuidOfLead } from "#ids.ts";
import {
  type LeadFilter,
  listLeads,
  type RecordedLead,
  readLead,
  type WholeLead,
} from "#intake/lead-records.ts";
import { LEAD_STATUSES } from "#intake/outcome.ts";
import { type Amount, formatAmount } from "#money/amount.ts";
import { errorReply, jsonResponse, type ReplyFieldError, requestIdOf } from "#reply.ts";
import { type AdminContext, refusalOfStranger } from "./operator.ts";

/** The leads on record: newest first, and each with the trace of how it was decided. */
export function leadRoutes(context: AdminContext) {
  return new Elysia({ prefix: "/api/v1/admin/leads" })
    .onBeforeHandle(({ request }) => refusalOfStranger(request, context))
    .get("", ({ request }) => list(request, context))
    .get("/:lead", ({ request, params }) => show(request, params.lead, context));
}

async function list(request: Request, { database }: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const asked = readQuery(new URL(request.url).searchParams);
  if ("errors" in asked) {
    return errorReply("validation_failed", "The query is not valid.", requestId, {
      field_errors: asked.errors,
    });
  }
  const leads = await database.read((db) => listLeads(db, asked.filter, asked.before, asked.limit + 1));
  const page = leads.slice(0, asked.limit);
  const last = leads.length > page.length ? page.at(-1) : undefined;
  return jsonResponse(
    200,
    { data: page.map(summary), next_cursor: last === undefined ? null : leadIdOf(last.id) },
    { "x-request-id": requestId },
  );
}

async function show(request: Request, id: string, { database }: AdminContext): Promise<Response> {
  const requestId = requestIdOf(request);
  const uuid = uuidOfLead(id);
  const lead = uuid === undefined ? undefined : await database.read((db) => readLead(db, uuid));
  if (lead === undefined) return errorReply("not_found", "There is no such lead.", requestId);
  return jsonResponse(200, { data: whole(lead) }, { "x-request-id": requestId });
}

interface Asked {
  filter: LeadFilter;
  before: string | null;
  limit: number;
}

const LARGEST_PAGE = 200;
const USUAL_PAGE = 50;
const KNOWN = ["campaign", "supplier", "buyer", "status", "test", "since", "until", "limit", "cursor"];

function readQuery(query: URLSearchParams): Asked | { errors: ReplyFieldError[] } {
  const errors: ReplyFieldError[] = [...query.keys()]
    .filter((name) => !KNOWN.includes(name))
    .map((name) => ({
      field: name.slice(0, 64),
      code: "unknown_field",
      message: `is not known; known are ${KNOWN.join(", ")}`,
    }));
  const read = <T>(name: string, parse: (text: string) => T | undefined, expected: string): T | null => {
    const text = query.get(name);
    if (text === null) return null;
    const value = parse(text);
    if (value === undefined)
      errors.push({ field: name, code: "invalid_format", message: `must be ${expected}` });
    return value ?? null;
  };
  const filter: LeadFilter = {
    campaign: query.get("campaign"),
    supplier: query.get("supplier"),
    buyer: query.get("buyer"),
    status: read(
      "status",
      (text) => LEAD_STATUSES.find((status) => status === text),
      LEAD_STATUSES.join(", "),
    ),
    test: read(
      "test",
      (text) => (text === "true" ? true : text === "false" ? false : undefined),
      "true or false",
    ),
    since: read("since", instantFrom, "a time such as 2030-01-31T00:00:00Z"),
    until: read("until", instantFrom, "a time such as 2030-01-31T00:00:00Z"),
  };
  const limit = read("limit", pageSizeFrom, `a number from 1 to ${LARGEST_PAGE}`) ?? USUAL_PAGE;
  const before = read("cursor", uuidOfLead, "the next_cursor of an earlier answer");
  return errors.length > 0 ? { errors } : { filter, before, limit };
}

function pageSizeFrom(text: string): number | undefined {
  const size = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return size >= 1 && size <= LARGEST_PAGE ? size : undefined;
}

function instantFrom(text: string): string | undefined {
  try {
    return Temporal.Instant.from(text).toString();
  } catch {
    return undefined;
  }
}

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
