import type { DailyBytes } from "#access/daily-bytes.ts";
import type { Keyring } from "#access/keyring.ts";
import { createSharedLimits, type Limiter, type Limits, weightOf } from "#access/limit.ts";
import type { Count, SharedCounts } from "#access/shared-counts.ts";
import type { KeyHolder, SupplierHolder } from "#campaigns/campaign-records.ts";
import { compileMapping, type FieldError } from "#fields/mapping.ts";
import { LEAD_LIMITS, type ReadBody, readBody } from "#http/body.ts";
import type { RequestContext } from "#http/context.ts";
import { fieldsNotValid, UNCACHED } from "#http/reply.ts";
import type { Gate } from "#http/route.ts";
import { type SupplierReply, supplierError, UNAUTHORIZED } from "#intake/reply/reply.ts";
import type { Pinged } from "#leads/candidate.ts";
import type { Observer } from "#telemetry/observer.ts";
import type { Clock } from "#time/clock.ts";
import type { Turns } from "./turns.ts";

export type Supplier = SupplierHolder["supplier"];

/** Whose request was let in, and what counts that supplier's requests. */
export type AdmittedSupplier = SupplierHolder & { readonly limiter: Limiter };

export interface FrontParts {
  keyring: Keyring;
  clock: Clock;
  observer: Observer;
  turns: Turns;
  dailyBytes: DailyBytes;
  sharedCounts: SharedCounts;
  /** Nothing is taken in then. */
  isDiskLow(): boolean;
}

/** Lets in who has a supplier's key, as often as that supplier may call such routes: each gate counts by its own limits. */
export function supplierGate(
  what: "ingest" | "ping" | "lookup",
  parts: FrontParts,
  limits: Limits = limitsOfSuppliers(what, parts),
): Gate<AdmittedSupplier> {
  const find = ({ request }: RequestContext) => parts.keyring.holderOf(request);
  return { asks: "supplier", ...limitedGate(what, parts, { limits, find, unknown: UNAUTHORIZED }) };
}

/** Limits of suppliers, which all copies of the server count by. */
export function limitsOfSuppliers(
  of: Count["of"],
  { sharedCounts, clock }: Pick<FrontParts, "sharedCounts" | "clock">,
): Limits {
  return createSharedLimits({ of, counts: sharedCounts, elapsedMs: () => clock.elapsedMs() });
}

/** Lets in who posts to an address with a good key in it; counts with the supplier's other leads. */
export function postingGate(parts: FrontParts, limits: Limits): Gate<AdmittedSupplier> {
  const find = ({ request }: RequestContext, { token = "" }: Readonly<Record<string, string>>) =>
    parts.keyring.holderOfPosting(token, request);
  const unknown = "This posting URL is not known, or it was revoked or has expired.";
  return { asks: "anybody", ...limitedGate("ingest", parts, { limits, find, unknown }) };
}

/** A supplier that sends many leads at once: the first is counted before the body is read. */
export type BatchSupplier = AdmittedSupplier & { readonly remaining: string };

/** Lets in who has a supplier's key while one lead more may come from it; what else it sends is counted as it is read. */
export function batchGate(parts: FrontParts, limits: Limits): Gate<BatchSupplier> {
  const find = ({ request }: RequestContext) => parts.keyring.holderOf(request);
  const { admit } = limitedGate("ingest", parts, { limits, find, unknown: UNAUTHORIZED, weigh: () => 1 });
  return {
    asks: "supplier",
    async admit(context, params) {
      const admission = await admit(context, params);
      if (admission.refusal !== undefined) return admission;
      const { caller, headers } = admission;
      return { caller: { ...caller, remaining: headers?.["ratelimit"] ?? "" } };
    },
  };
}

function limitedGate(
  what: "ingest" | "ping" | "lookup",
  { clock, observer, isDiskLow }: FrontParts,
  {
    limits,
    find,
    unknown,
    weigh = (request) => weightOf(declaredLength(request)),
  }: {
    limits: Limits;
    find(context: RequestContext, params: Readonly<Record<string, string>>): Promise<KeyHolder | undefined>;
    unknown: string;
    weigh?(request: Request): number;
  },
): Pick<Gate<AdmittedSupplier>, "admit"> {
  return {
    async admit(context, params) {
      const holder = await find(context, params);
      if (holder === undefined) {
        const isElsewhere = unknown === UNAUTHORIZED && isSentAsBearer(context);
        return { refusal: context.refuse("unauthorized", isElsewhere ? KEY_ELSEWHERE : unknown) };
      }
      if (holder.kind !== "supplier") return { refusal: context.refuse("forbidden", NOT_A_SUPPLIERS) };
      if (what !== "lookup" && isDiskLow()) {
        return { refusal: context.refuse("unavailable", DISK_LOW, { retry_after: 60 }) };
      }
      const { id, rateLimits } = holder.supplier;
      const { limiter, policy } = limits.of(id, rateLimits[what]);
      const { admitted, retryAfter, remaining } = limiter.admit(clock.elapsedMs(), weigh(context.request));
      const headers = { "ratelimit-policy": policy, ratelimit: remaining };
      if (admitted) return { caller: { ...holder, limiter }, headers };
      if (what !== "lookup") observer.rateLimited(id);
      return {
        refusal: context.refuse("rate_limited", OVER_ITS_LIMIT, { retry_after: retryAfter }),
        headers,
      };
    },
  };
}

/** Whether a key came where operators send theirs, and none where it belongs. Which key it is does not matter. */
function isSentAsBearer(context: RequestContext): boolean {
  return context.header("x-api-key") === null && context.header("authorization") !== null;
}

const KEY_ELSEWHERE = "The API key is missing: send it in the header x-api-key, not as Authorization.";

export const OVER_ITS_LIMIT = "The supplier is over its rate limit.";

const NOT_A_SUPPLIERS = "This is a buyer's key; what suppliers do needs a supplier's.";

export const DISK_LOW =
  "The server's disk is nearly full: it takes nothing in until there is room. Nothing was taken in.";

/** A body that comes in chunks does not say, and is weighed when it is there; one that is too long is not read. */
function declaredLength({ headers }: Request): number {
  const length = Number(headers.get("content-length") ?? "");
  return Number.isSafeInteger(length) && length <= LEAD_LIMITS.maxBytes ? length : 0;
}

/** Weighs a body that did not say how long it is. */
function weighUndeclared(request: Request, bytes: number, limiter: Limiter): void {
  if (!request.headers.has("content-length")) limiter.charge(weightOf(bytes) - 1);
}

/** What became of a lead or ping, as the answer to its request. */
export function replyOf(
  { body, httpStatus, retryAfter, replayed }: SupplierReply,
  { id }: RequestContext,
): Response {
  const headers: Record<string, string> = {
    ...UNCACHED,
    "content-type": "application/json; charset=utf-8",
    "x-request-id": id,
  };
  if (retryAfter !== undefined) headers["retry-after"] = String(retryAfter);
  if (replayed) headers["idempotent-replayed"] = "true";
  return new Response(body, { status: httpStatus, headers });
}

/** A form sends every field, the empty ones too. */
export function isFilledIn(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

/** A list of one value, or of one value several times, is that value. */
function itself(value: unknown): unknown {
  return Array.isArray(value) && new Set(value).size === 1 ? value[0] : value;
}

function isId(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= LONGEST_ID;
}

const LONGEST_ID = 128;

/** What every campaign asks for, for leads that do not say which campaign they are for. */
const systemFieldsOnly = compileMapping([], { country: "US", unknownFields: "keep" });

/** A body that says which campaign it is for. `fields` are its own, without the `flo_*` fields that are known. */
type Addressed = ({ ok: true } & AddressedLead) | { ok: false; answer: SupplierReply };

export interface AddressedLead {
  body: Body;
  fields: Body;
  campaignId: string;
}

type Body = Readonly<Record<string, unknown>>;

/** Whom a body is for where it need not say so itself, and what is in it that is no part of the lead. */
export interface Assumed {
  supplierId?: string;
  campaignId?: string | null;
  notKept?: readonly string[];
}

/**
 * Reads the body, in the supplier's turn, and whom it is for: a campaign, which must be the key's where that has one, and the key's own
 * supplier. `storage` counts what is to be stored.
 */
export async function readAddressed(
  { request, id: requestId }: RequestContext,
  holder: AdmittedSupplier,
  { turns, storage }: { turns: Turns; storage?: (bytes: number) => number },
  assumed: Assumed = {},
): Promise<Addressed> {
  let sent = 0;
  const read = await readBody(request, LEAD_LIMITS, (bytes) => {
    sent = bytes;
    weighUndeclared(request, bytes, holder.limiter);
    return turns.take(holder.supplier.id, bytes);
  });
  return addressLead(read, holder, requestId, () => storage?.(sent) ?? 0, assumed);
}

/** The same of a body that was read. `storage` counts it, and says how many seconds it would have to wait for room. */
export function addressLead(
  read: ReadBody,
  holder: SupplierHolder,
  requestId: string,
  storage: () => number,
  assumed: Assumed = {},
): Addressed {
  const refused = (answer: SupplierReply): Addressed => ({ ok: false, answer });
  if (!read.ok) return refused(supplierError(read.error, read.message, { requestId }));
  const wait = storage();
  if (wait > 0) {
    return refused(supplierError("rate_limited", OVER_A_DAY, { requestId }, { retry_after: wait }));
  }
  const {
    flo_campaign_id: campaign,
    flo_supplier_id: supplier,
    flo_ping_id: _ping,
    flo_buyer_id: _bid,
    ...rest
  } = read.body;
  const fields: Record<string, unknown> = rest;
  for (const name of assumed.notKept ?? []) delete fields[name];
  const flo_campaign_id = isFilledIn(campaign) ? itself(campaign) : (assumed.campaignId ?? campaign);
  const flo_supplier_id = isFilledIn(supplier) ? itself(supplier) : (assumed.supplierId ?? supplier);
  if (!isId(flo_campaign_id) || !isId(flo_supplier_id)) {
    return refused(unaddressed(fields, { flo_campaign_id, flo_supplier_id }, requestId));
  }
  const message = notForThisKey(holder, flo_supplier_id, flo_campaign_id);
  if (message !== undefined) return refused(supplierError("forbidden", message, { requestId }));
  return { ok: true, body: read.body, fields, campaignId: flo_campaign_id };
}

const OVER_A_DAY =
  "The supplier has sent as many bytes as may be stored of it in a day; there is more room as time passes.";

/** Why this key is not good for such a lead; undefined when it is. */
function notForThisKey(
  { supplier, campaignId }: SupplierHolder,
  forSupplier: string,
  forCampaign: string,
): string | undefined {
  if (forSupplier !== supplier.id) return "The API key belongs to another supplier than flo_supplier_id.";
  return campaignId !== null && forCampaign !== campaignId
    ? "This posting URL is for another campaign than flo_campaign_id."
    : undefined;
}

/** What arrived, as a lead whose UUID is `id`: without what only a post or a ping has. */
export function submissionFrom(
  { id, requestId }: { id: string; requestId: string },
  holder: SupplierHolder,
  { campaignId, fields }: { campaignId: string; fields: Body },
): Omit<Pinged, "kind"> {
  return {
    id,
    requestId,
    campaignId,
    supplierId: holder.supplier.id,
    keyId: holder.keyId,
    body: fields,
  };
}

function unaddressed(
  fields: Readonly<Record<string, unknown>>,
  ids: Readonly<Record<string, unknown>>,
  requestId: string,
): SupplierReply {
  const read = systemFieldsOnly.read(fields, "post");
  const errors = [...Object.entries(ids).flatMap(idErrors), ...(read.ok ? [] : read.errors)];
  return supplierError(
    "validation_failed",
    fieldsNotValid(errors.length),
    { requestId },
    { field_errors: errors },
  );
}

function idErrors([field, value]: [string, unknown]): FieldError[] {
  if (isId(value)) return [];
  if (value === undefined || value === null || value === "") {
    return [{ field, code: "required", message: `${field} is required` }];
  }
  if (typeof value === "string") return [{ field, code: "too_long", message: `${field} is too long` }];
  return [{ field, code: "invalid_type", message: `${field} must be text` }];
}

/** `?dry_run=true`; undefined when it says something else than true or false. */
export function isDryRun(url: string): boolean | undefined {
  if (!url.includes("dry_run")) return false;
  const said = new URL(url).searchParams.get("dry_run") ?? "false";
  return said === "true" ? true : said === "false" ? false : undefined;
}

/** Whoever means to try must not be taken at their word by a misspelling. */
export function dryRunUnclear(requestId: string): SupplierReply {
  const error: FieldError = {
    field: "dry_run",
    code: "not_allowed",
    message: "dry_run must be true or false",
  };
  return supplierError("validation_failed", fieldsNotValid(1), { requestId }, { field_errors: [error] });
}
