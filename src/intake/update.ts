import { FormatRegistry, type Static, Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import type { Keyring } from "#access/supplier-keyring.ts";
import type { Catalog } from "#campaigns/campaign-cache.ts";
import { shapeProblems } from "#configuration/schema-problems.ts";
import type { Database, Queryable } from "#database/database.ts";
import { isStorable } from "#fields/reader.ts";
import type { Outbox } from "#handover/outbox.ts";
import { LEAD_LIMITS, mediaTypeOf, readBodyText, readJsonObject } from "#http/body.ts";
import {
  type ErrorDetails,
  type ErrorKind,
  errorReply,
  fieldsNotValid,
  type ReplyFieldError,
} from "#http/reply.ts";
import { REMEMBERED_MS, readIdempotency } from "#intake/reply/idempotency.ts";
import { insertAnswer, readAnswerTo } from "#intake/reply/idempotency-records.ts";
import type { Idempotency } from "#leads/candidate.ts";
import type { Feedback, ReportedLead } from "#leads/feedback.ts";
import { insertFeedback, lockReportedLead } from "#leads/feedback-records.ts";
import { parseAmount } from "#money/amount.ts";
import { leadIdOf, newUuid, updateIdOf, uuidOfLead } from "#text/ids.ts";
import { strict } from "#text/typebox.ts";
import type { Clock } from "#time/clock.ts";
import { admitted, type Supplier } from "./admit.ts";
import { createLimits } from "./limit.ts";

interface Updates {
  keyring: Keyring;
  database: Database;
  catalog: Catalog;
  outbox: Pick<Outbox, "report">;
  clock: Clock;
  /** Keys the hashes of idempotency keys. */
  pepper: Uint8Array;
}

/** `POST /api/v1/lead-update`: what became of a lead, as its supplier knows it. */
export function updateRoutes(context: Updates) {
  const parts = { ...context, limits: createLimits() };
  return new Elysia({ name: "lead-update" }).post(
    "/api/v1/lead-update",
    ({ request }) =>
      admitted(request, parts, (supplier, requestId) => receive(request, supplier, requestId, context)),
    {
      parse: "none",
      detail: { operationId: "updateLead", tags: ["Suppliers"], summary: "Report what became of a lead" },
    },
  );
}

FormatRegistry.Set("leadgate:storable", isStorable);

const LONGEST_S = 31_536_000;

const Report = strict({
  lead_id: Type.String({ maxLength: 64, mustBe: "a lead's id" }),
  outcome: Type.String({
    pattern: "^[A-Za-z][A-Za-z0-9 _-]{0,63}$",
    mustBe: "a word or a few, at most 64 letters, digits, spaces, _ or -",
  }),
  revenue: Type.Optional(
    Type.String({ pattern: "^\\d{1,12}(\\.\\d{1,4})?$", mustBe: 'an amount such as "12.50"' }),
  ),
  sales_rep: Type.Optional(freeText(200)),
  speed_to_lead_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: LONGEST_S })),
  call_duration_seconds: Type.Optional(Type.Integer({ minimum: 0, maximum: LONGEST_S })),
  note: Type.Optional(freeText(4_000)),
});

function freeText(maxLength: number) {
  const mustBe = `a text of 1 to ${maxLength.toLocaleString("en")} characters`;
  return Type.String({ minLength: 1, maxLength, format: "leadgate:storable", mustBe });
}

async function receive(
  request: Request,
  supplier: Supplier,
  requestId: string,
  context: Updates,
): Promise<Response> {
  const refused = (kind: ErrorKind, message: string, details?: ErrorDetails) =>
    errorReply(kind, message, requestId, details);
  if (mediaTypeOf(request) !== "application/json") {
    return refused("unsupported_media_type", "Send the report as application/json.");
  }
  const text = await readBodyText(request, LEAD_LIMITS.maxBytes);
  if (!text.ok) return refused(text.error, text.message);
  const read = readJsonObject(text.text, LEAD_LIMITS);
  if (!read.ok) return refused(read.error, read.message);
  const body = said(read.body);
  const errors = errorsIn(body);
  const idempotency = readIdempotency(
    request.headers.get("idempotency-key"),
    // No supplier's id has a colon: keys of reports and of leads never meet.
    `lead-update:${supplier.id}`,
    read.body,
    context.pepper,
  );
  if (idempotency === undefined) {
    const message = "Idempotency-Key must be 1 to 255 printable ASCII characters.";
    errors.push({ field: "Idempotency-Key", code: "invalid_format", message });
  }
  if (errors.length > 0 || idempotency === undefined) {
    return refused("validation_failed", fieldsNotValid(errors.length), { field_errors: errors });
  }
  const outcome = await record(body as Static<typeof Report>, supplier, idempotency, context);
  switch (outcome.kind) {
    case "not_found":
      return refused("not_found", "There is no such lead.");
    case "key_reused":
      return refused("idempotency_key_reused", "This Idempotency-Key came with another body before.");
    case "recorded":
      return new Response(outcome.answer, {
        status: 201,
        headers: {
          "content-type": "application/json; charset=utf-8",
          "x-request-id": requestId,
          ...(outcome.replayed && { "idempotent-replayed": "true" }),
        },
      });
  }
}

/** What is null was not said; an amount may come as a number. */
function said(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values = Object.entries(body).filter(([, value]) => value !== null);
  return Object.fromEntries(
    values.map(([name, value]) => [
      name,
      name === "revenue" && typeof value === "number" ? String(value) : value,
    ]),
  );
}

function errorsIn(body: Readonly<Record<string, unknown>>): ReplyFieldError[] {
  return shapeProblems(Report, body, "").map(({ path, code, message }) => ({
    field: path,
    code,
    message: `${path} ${message}`,
  }));
}

type Recorded =
  | { kind: "not_found" }
  | { kind: "key_reused" }
  | { kind: "recorded"; answer: string; replayed: boolean };

/** One transaction: the report, what has to be sent because of it, and the answer for when it comes again. */
async function record(
  report: Static<typeof Report>,
  supplier: Supplier,
  idempotency: Idempotency | null,
  { database, catalog, outbox, clock }: Updates,
): Promise<Recorded> {
  const leadId = uuidOfLead(report.lead_id);
  if (leadId === undefined) return { kind: "not_found" };
  const now = clock.now();
  const { recorded, committed } = await database.write(async (tx) => {
    const lead = await lockReportedLead(tx, leadId);
    if (lead?.supplierId !== supplier.id) return { recorded: { kind: "not_found" } as const };
    const earlier = idempotency === null ? undefined : await earlierAnswer(tx, idempotency, now);
    if (earlier !== undefined) return { recorded: earlier };
    const update = updateFrom(report, lead, now);
    const campaign = await catalog.load(tx, lead.campaignId);
    await insertFeedback(tx, update, lead);
    const answer = JSON.stringify({
      data: {
        id: updateIdOf(update.id),
        lead_id: leadIdOf(leadId),
        outcome: update.outcome,
        created_at: now.toISOString(),
      },
    });
    if (idempotency !== null) {
      const { key, requestHash } = idempotency;
      const stored = { requestHash, httpStatus: 201, answer, createdAt: now.getTime() };
      await insertAnswer(tx, key, lead.campaignId, stored);
    }
    return {
      recorded: { kind: "recorded", answer, replayed: false } as const,
      committed: campaign && (await outbox.report(tx, campaign, lead, update, now)),
    };
  });
  committed?.();
  return recorded;
}

async function earlierAnswer(
  tx: Queryable,
  { key, requestHash }: Idempotency,
  now: Date,
): Promise<Recorded | undefined> {
  const stored = await readAnswerTo(tx, key);
  if (stored === undefined || now.getTime() - stored.createdAt >= REMEMBERED_MS) return undefined;
  if (stored.requestHash !== requestHash) return { kind: "key_reused" };
  return { kind: "recorded", answer: stored.answer, replayed: true };
}

/** Of a lead that was erased no free text is kept: it may say again who the person is. */
function updateFrom(report: Static<typeof Report>, { isErased }: ReportedLead, now: Date): Feedback {
  return {
    id: newUuid(),
    outcome: report.outcome,
    revenue: report.revenue === undefined ? null : (parseAmount(report.revenue) ?? null),
    salesRep: isErased ? null : (report.sales_rep ?? null),
    speedToLeadSeconds: report.speed_to_lead_seconds ?? null,
    callDurationSeconds: report.call_duration_seconds ?? null,
    note: isErased ? null : (report.note ?? null),
    createdAt: now.getTime(),
  };
}
