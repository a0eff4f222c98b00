import { FormatRegistry, type Static, Type } from "@sinclair/typebox";
import type { CampaignCache } from "#campaigns/campaign-cache.ts";
import { schemaProblems } from "#configuration/problems/schema-problems.ts";
import type { Database, Queryable } from "#database/database.ts";
import { isStorable } from "#fields/reader.ts";
import type { Outbox } from "#handover/outbox.ts";
import { LEAD_LIMITS, mediaTypeOf, readBody } from "#http/body.ts";
import { readByRoute } from "#http/body-form.ts";
import type { RequestContext } from "#http/context.ts";
import { fieldsNotValid, type ReplyFieldError } from "#http/reply.ts";
import { type Route, route } from "#http/route.ts";
import { dataOf, type JsonSchema, named, objectOf, text, textOrNull, time } from "#http/schema.ts";
import { invalidCall, missingCall, refusalWords, reply } from "#http/words.ts";
import { REMEMBERED_MS, readIdempotency } from "#intake/reply/idempotency.ts";
import { insertAnswer, readAnswerTo } from "#intake/reply/idempotency-records.ts";
import { UNAUTHORIZED } from "#intake/reply/reply.ts";
import type { Idempotency } from "#leads/candidate.ts";
import type { Feedback, ReportedLead } from "#leads/feedback.ts";
import { insertFeedback, lockReportedLead } from "#leads/feedback-records.ts";
import { isOfDollars, parseAmount } from "#money/amount.ts";
import { leadIdOf, newUuid, updateIdOf, uuidOfLead } from "#text/ids.ts";
import { strict } from "#text/typebox.ts";
import { isWholeNumber } from "#text/whole-number.ts";
import { type FrontParts, limitsOfSuppliers, type Supplier, supplierGate } from "./supplier-request.ts";
import { LIMITED, OVER_LOOKUP_LIMIT } from "./supplier-words.ts";

interface Updates extends FrontParts {
  database: Database;
  campaignCache: CampaignCache;
  outbox: Pick<Outbox, "report">;
  /** Keys the hashes of idempotency keys. */
  pepper: Uint8Array;
}

/** `POST /api/v1/lead-update`: what became of a lead, as its supplier knows it. */
export function feedbackRoute(parts: Updates): Route {
  return route({
    method: "post",
    path: "/api/v1/lead-update",
    who: supplierGate("lookup", parts, limitsOfSuppliers("feedback", parts)),
    body: readByRoute({
      schema: LEAD_REPORT,
      mediaTypes: ["application/json", FORM],
      description: "At most 256 KiB. Of a form, what is empty was not said.",
    }),
    answer: ({ context, caller }) => receive(context, caller.supplier, parts),
    words: {
      operation: "updateLead",
      section: "Suppliers",
      summary: "Report what became of a lead",
      description: `Reports what became of a lead. Every report is kept, shown to the operator, and sent as
\`lead.updated\` to the operator's webhooks and to the lead's buyers that asked for it. Of a lead whose personal data
was erased, neither note nor sales_rep is kept.`,
      headers: {
        "idempotency-key": {
          description:
            "The same key and body within 24 hours are recorded once, and get the first answer again.",
          schema: { type: "string", minLength: 1, maxLength: 257 },
        },
      },
      calls: {
        not_yours: missingCall("No lead of this supplier", "There is no such lead.", {
          lead_id: "lead_01k6a1npq7f9gtqf2hs6zkdsn4",
          outcome: "sold",
          revenue: "120.50",
        }),
        not_valid: invalidCall(
          "Values that cannot be",
          { outcome: "sold", speed_to_lead_seconds: -1 },
          ["lead_id", "required", "lead_id is required"],
          [
            "speed_to_lead_seconds",
            "out_of_range",
            "speed_to_lead_seconds must be a whole number from 0 to 31,536,000",
          ],
        ),
      },
      replies: {
        201: {
          ...reply("Recorded.", dataOf(RECORDED_REPORT), [...LIMITED, "idempotent-replayed"]),
          examples: { recorded: { summary: "A sale", value: { data: EXAMPLE_REPORT } } },
        },
        404: refusalWords("No lead of this supplier.", LIMITED),
        422: refusalWords("The Idempotency-Key came with another body before.", LIMITED),
        429: OVER_LOOKUP_LIMIT,
      },
    },
  });
}

const EXAMPLE_REPORT = {
  id: "update_01k6a1npq7f9gtqf2hs6zkdsn4",
  lead_id: "lead_01k6a1npq7f9gtqf2hs6zkdsn4",
  outcome: "sold",
  created_at: "2026-01-13T18:00:00.000Z",
};

const RECORDED_REPORT = named(
  "RecordedReport",
  objectOf({ id: text, lead_id: text, outcome: text, created_at: time }),
);

const seconds: JsonSchema = { type: ["integer", "null"], minimum: 0 };

const LEAD_REPORT = named("LeadReport", {
  ...objectOf(
    {
      lead_id: text,
      outcome: {
        type: "string",
        pattern: "^[A-Za-z][A-Za-z0-9 _-]{0,63}$",
        description: "What became of it, in a word or a few of your own",
        examples: ["sold"],
      },
    },
    {
      revenue: {
        type: ["string", "number", "null"],
        description: "What it earned, in the campaign's currency, with 4 decimals at most",
        examples: ["120.50"],
      },
      sales_rep: { ...textOrNull, maxLength: 200 },
      speed_to_lead_seconds: { ...seconds, description: "From the lead to the first call" },
      call_duration_seconds: seconds,
      note: { ...textOrNull, maxLength: 4_000 },
    },
  ),
  additionalProperties: false,
});

FormatRegistry.Set("leadgate:storable", isStorable);

const FORM = "application/x-www-form-urlencoded";

const LONGEST_S = 31_536_000;

const Report = strict({
  lead_id: Type.String({ maxLength: 64, mustBe: "a lead's id" }),
  outcome: Type.String({
    pattern: "^[A-Za-z][A-Za-z0-9 _-]{0,63}$",
    mustBe: "a word or a few, at most 64 letters, digits, spaces, _ or -",
  }),
  revenue: Type.Optional(
    Type.String({ pattern: "^\\d{1,9}(\\.\\d{1,4})?$", mustBe: 'an amount such as "12.50"' }),
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

async function receive(context: RequestContext, supplier: Supplier, parts: Updates): Promise<Response> {
  const { request } = context;
  const read = await readBody(request, LEAD_LIMITS);
  if (!read.ok && read.error === "unsupported_media_type") {
    return context.refuse(read.error, `Send the report as application/json or ${FORM}, not compressed.`);
  }
  if (!read.ok) return context.refuse(read.error, read.message);
  // The body may come long after the key, which was good then.
  const holder = await parts.keyring.holderOf(request);
  if (holder === undefined) return context.refuse("unauthorized", UNAUTHORIZED);
  const body = said(read.body, mediaTypeOf(request) === FORM);
  const errors = errorsIn(body);
  const idempotency = readIdempotency(
    request.headers.get("idempotency-key"),
    // No supplier's id has a colon: keys of reports and of leads never meet.
    `lead-update:${supplier.id}`,
    read.body,
    parts.pepper,
  );
  if (idempotency === undefined) {
    const message = "Idempotency-Key must be 1 to 255 printable ASCII characters.";
    errors.push({ field: "Idempotency-Key", code: "invalid_format", message });
  }
  if (errors.length > 0 || idempotency === undefined) {
    return context.refuse("validation_failed", fieldsNotValid(errors.length), { field_errors: errors });
  }
  const outcome = await record(
    body as Static<typeof Report>,
    read.body["revenue"],
    supplier,
    idempotency,
    parts,
  );
  switch (outcome.kind) {
    case "not_found":
      return context.refuse("not_found", "There is no such lead.");
    case "other_currency":
      return context.refuse("validation_failed", fieldsNotValid(1), { field_errors: [OTHER_CURRENCY] });
    case "key_reused":
      return context.refuse("idempotency_key_reused", "This Idempotency-Key came with another body before.");
    case "recorded":
      return new Response(outcome.answer, {
        status: 201,
        headers: {
          "content-type": "application/json; charset=utf-8",
          "x-request-id": context.id,
          ...(outcome.replayed && { "idempotent-replayed": "true" }),
        },
      });
  }
}

/** What is null was not said, nor what is empty in a form; an amount may come as a number or with $, seconds as text. */
function said(body: Readonly<Record<string, unknown>>, isForm: boolean): Record<string, unknown> {
  const values = Object.entries(body).filter(([, value]) => value !== null && !(isForm && value === ""));
  return Object.fromEntries(values.map(([name, value]) => [name, READERS.get(name)?.(value) ?? value]));
}

const READERS: ReadonlyMap<string, (value: unknown) => unknown> = new Map([
  ["revenue", plainAmount],
  ["speed_to_lead_seconds", wholeSeconds],
  ["call_duration_seconds", wholeSeconds],
]);

/** `$1,200.50`: commas only behind the sign of a currency that has them at its thousands. */
const DOLLARS = /^\$ ?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?$/;

function plainAmount(value: unknown): unknown {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return value;
  const [, whole, rest = ""] = DOLLARS.exec(value.trim()) ?? [];
  return whole === undefined ? value.trim() : whole.replaceAll(",", "") + rest;
}

function wholeSeconds(value: unknown): unknown {
  return typeof value === "string" && isWholeNumber(value.trim()) ? Number(value) : value;
}

/** False where a dollar sign stands before an amount in a currency that has another sign. */
function hasSignOf(currency: string, revenue: unknown): boolean {
  return typeof revenue !== "string" || !DOLLARS.test(revenue.trim()) || isOfDollars(currency);
}

function errorsIn(body: Readonly<Record<string, unknown>>): ReplyFieldError[] {
  return schemaProblems(Report, body, "").map(({ path, code, message }) => ({
    field: path,
    code,
    message: `${path} ${message}`,
  }));
}

const OTHER_CURRENCY: ReplyFieldError = {
  field: "revenue",
  code: "not_allowed",
  message: "revenue must be in the campaign's currency, which is none of dollars; leave the sign out",
};

type Recorded =
  | { kind: "not_found" }
  | { kind: "other_currency" }
  | { kind: "key_reused" }
  | { kind: "recorded"; answer: string; replayed: boolean };

/** One transaction: the report, what has to be sent because of it, and the answer for when it comes again. */
async function record(
  report: Static<typeof Report>,
  revenueAsSent: unknown,
  supplier: Supplier,
  idempotency: Idempotency | null,
  { database, campaignCache, outbox, clock }: Updates,
): Promise<Recorded> {
  const leadId = uuidOfLead(report.lead_id);
  if (leadId === undefined) return { kind: "not_found" };
  const now = clock.now();
  const { recorded, committed } = await database.write(async (tx) => {
    const lead = await lockReportedLead(tx, leadId);
    if (lead?.supplierId !== supplier.id) return { recorded: { kind: "not_found" } as const };
    if (!hasSignOf(lead.currency, revenueAsSent)) return { recorded: { kind: "other_currency" } as const };
    const earlier = idempotency === null ? undefined : await earlierAnswer(tx, idempotency, now);
    if (earlier !== undefined) return { recorded: earlier };
    const update = updateFrom(report, lead, now);
    const campaign = await campaignCache.load(tx, lead.campaignId);
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
