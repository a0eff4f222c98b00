import { Elysia } from "elysia";
import { LEAD_LIMITS, readBody } from "#body.ts";
import type { KeyHolder } from "#catalog/campaign-records.ts";
import type { Catalog } from "#catalog/catalog.ts";
import type { Clock } from "#clock.ts";
import type { Database } from "#database/database.ts";
import { compileMapping, type FieldError } from "#fields/mapping.ts";
import { newUuid } from "#ids.ts";
import { errorReply, fieldsNotValid, requestIdOf } from "#reply.ts";
import { type Answer, answerTo, failed, noSuchCampaign, UNAUTHORIZED } from "./answer.ts";
import type { Keyring } from "./authenticate.ts";
import { takeInAndConfirm } from "./confirm.ts";
import { tryOut } from "./dry-run.ts";
import type { Outbox } from "./hand-over.ts";
import { readIdempotency } from "./idempotency.ts";
import { turnedAway } from "./intake.ts";
import { type Lanes, NotTakenIn } from "./lane.ts";
import type { Lead } from "./lead.ts";
import { createLimits } from "./limit.ts";

export interface Intake {
  database: Database;
  keyring: Keyring;
  catalog: Catalog;
  lanes: Lanes;
  outbox: Outbox;
  clock: Clock;
  /** Keys the hashes of idempotency keys. */
  pepper: Uint8Array;
}

/** `POST /api/v1/ingest`. The body is read by hand: a request without a good key is answered before its body is looked at. */
export function ingestRoutes(intake: Intake) {
  const receive = receiver(intake);
  return new Elysia({ name: "ingest" }).post("/api/v1/ingest", ({ request }) => receive(request), {
    parse: "none",
    detail: { operationId: "ingestLead", tags: ["Suppliers"], summary: "Send a lead" },
  });
}

const OVER_LIMIT = "The supplier is over its rate limit.";

function receiver(intake: Intake): (request: Request) => Promise<Response> {
  const limits = createLimits();

  return async function receive(request) {
    const requestId = requestIdOf(request);
    const holder = await intake.keyring.holderOf(request.headers.get("x-api-key"));
    if (holder === undefined) return errorReply("unauthorized", UNAUTHORIZED, requestId);
    const { limiter, policy } = limits.of(holder.supplier.id, holder.supplier.rateLimits.ingest);
    const { admitted, retryAfter, remaining } = limiter.admit(intake.clock.elapsedMs());
    const headers: Record<string, string> = {
      "content-type": "application/json; charset=utf-8",
      "x-request-id": requestId,
      "ratelimit-policy": policy,
      ratelimit: remaining,
    };
    const answer = admitted
      ? await takeIn(intake, request, requestId, holder)
      : failed("rate_limited", OVER_LIMIT, { requestId }, { retry_after: retryAfter });
    if (answer.retryAfter !== undefined) headers["retry-after"] = String(answer.retryAfter);
    if (answer.replayed) headers["idempotent-replayed"] = "true";
    return new Response(answer.body, { status: answer.httpStatus, headers });
  };
}

async function takeIn(
  intake: Intake,
  request: Request,
  requestId: string,
  holder: KeyHolder,
): Promise<Answer> {
  const read = await readBody(request, LEAD_LIMITS);
  if (!read.ok) return failed(read.error, read.message, { requestId });
  const { flo_campaign_id, flo_supplier_id, flo_ping_id: _ping, flo_buyer_id: _bid, ...fields } = read.body;
  if (!isId(flo_campaign_id) || !isId(flo_supplier_id)) {
    return unaddressed(fields, { flo_campaign_id, flo_supplier_id }, requestId);
  }
  if (flo_supplier_id !== holder.supplier.id) {
    return failed("forbidden", "The API key belongs to another supplier than flo_supplier_id.", {
      requestId,
    });
  }
  const dryRun = isDryRun(request.url);
  if (dryRun === undefined) return dryRunUnclear(requestId);
  const idempotency = readIdempotency(
    request.headers.get("idempotency-key"),
    holder.supplier.id,
    read.body,
    intake.pepper,
  );
  if (idempotency === undefined) {
    const message = "Idempotency-Key must be 1 to 255 printable ASCII characters.";
    return failed(
      "validation_failed",
      message,
      { requestId },
      {
        field_errors: [{ field: "Idempotency-Key", code: "invalid_format", message }],
      },
    );
  }
  try {
    const lead: Lead = {
      id: newUuid(),
      requestId,
      campaignId: flo_campaign_id,
      supplierId: holder.supplier.id,
      keyId: holder.keyId,
      body: fields,
      idempotency,
    };
    return dryRun ? await tryOut(lead, intake) : await decided(intake, lead);
  } catch (error) {
    if (!(error instanceof NotTakenIn)) throw error;
    return failed("unavailable", error.message, { requestId }, { retry_after: error.retryAfter });
  }
}

/** `?dry_run=true`; undefined when it says something else than true or false. */
function isDryRun(url: string): boolean | undefined {
  if (!url.includes("dry_run")) return false;
  const said = new URL(url).searchParams.get("dry_run") ?? "false";
  return said === "true" ? true : said === "false" ? false : undefined;
}

/** Whoever means to try must not be taken at their word by a misspelling. */
function dryRunUnclear(requestId: string): Answer {
  const error: FieldError = {
    field: "dry_run",
    code: "not_allowed",
    message: "dry_run must be true or false",
  };
  return failed("validation_failed", fieldsNotValid(1), { requestId }, { field_errors: [error] });
}

/** At the door when the campaign alone turns the lead away, else in the lane. */
async function decided(intake: Intake, lead: Lead): Promise<Answer> {
  const held = await intake.catalog.campaign(lead.campaignId);
  if (held === undefined) return noSuchCampaign(lead);
  const goesToTheLane = lead.idempotency !== null || turnedAway(lead, held, intake.clock.now()) === undefined;
  if (goesToTheLane) return await takeInAndConfirm(lead, intake);
  // The campaign that this process holds may be old, and a lead must not be turned away by a rule that is gone.
  const current = await intake.catalog.current(held);
  if (current === undefined) return noSuchCampaign(lead);
  const ending = turnedAway(lead, current, intake.clock.now());
  return ending === undefined ? await takeInAndConfirm(lead, intake) : answerTo(ending, lead, current);
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= LONGEST_ID;
}

const LONGEST_ID = 128;

/** What every campaign asks for, for leads that do not say which campaign they are for. */
const systemFieldsOnly = compileMapping([], { country: "US", unknownFields: "keep" });

function unaddressed(
  fields: Readonly<Record<string, unknown>>,
  ids: Readonly<Record<string, unknown>>,
  requestId: string,
): Answer {
  const read = systemFieldsOnly.read(fields, "post");
  const errors = [...Object.entries(ids).flatMap(idErrors), ...(read.ok ? [] : read.errors)];
  return failed("validation_failed", fieldsNotValid(errors.length), { requestId }, { field_errors: errors });
}

function idErrors([field, value]: [string, unknown]): FieldError[] {
  if (isId(value)) return [];
  if (value === undefined || value === null || value === "") {
    return [{ field, code: "required", message: `${field} is required` }];
  }
  if (typeof value === "string") return [{ field, code: "too_long", message: `${field} is too long` }];
  return [{ field, code: "invalid_type", message: `${field} must be text` }];
}
