import { fieldsNotValid, type ReplyFieldError } from "#http/reply.ts";
import { checkAccess } from "#intake/decide/access.ts";
import { tryOutAll } from "#intake/dry-run.ts";
import type { PreviewParts } from "#intake/preview.ts";
import { readRowKey } from "#intake/reply/idempotency.ts";
import { noSuchCampaign, replyTo, type SupplierReply, supplierError } from "#intake/reply/reply.ts";
import { DISK_LOW, type FrontParts, isFilledIn } from "#intake/supplier-request.ts";
import { type ArrivalParts, idempotencyUnclear, takeInArrived } from "#intake/take-in.ts";
import type { Arrived, Idempotency } from "#leads/candidate.ts";
import type { Log } from "#telemetry/log.ts";
import { newUuid } from "#text/ids.ts";
import { readBatchedLead } from "./batch-body.ts";
import { answerToOneOfMany } from "./one-of-many.ts";

/** Rows of a file, which an operator imports as leads of a supplier. */
export interface LeadsToImport {
  campaignId: string;
  supplierId: string;
  /** A row each: a lead in JSON, with the row's key as `idempotency_key`. */
  texts: readonly string[];
  requestId: string;
  /** Nothing is taken in: each row is told what would become of it if it were the only one. */
  dryRun: boolean;
  /** Rows that were refused before are decided anew, also those that are the same. */
  again: boolean;
}

export type ImportParts = ArrivalParts &
  PreviewParts &
  Pick<FrontParts, "turns" | "isDiskLow"> & {
    /** Keys the hashes of the rows' keys. */
    pepper: Uint8Array;
    log: Log;
  };

/**
 * Takes each row in as if its supplier had sent it alone, in their order; the supplier needs no key for it, and no rate limit counts it.
 * One answer instead of one for each says why none was taken in.
 */
export async function importLeads(
  asked: LeadsToImport,
  parts: ImportParts,
): Promise<SupplierReply[] | SupplierReply> {
  const refusal = await refusalOfAll(asked, parts);
  if (refusal !== undefined) return refusal;
  const rows: (Arrived | SupplierReply)[] = [];
  for (const text of asked.texts) {
    const bytes = Buffer.byteLength(text);
    // No supplier's id has a blank in it: an import has a turn beside its supplier's.
    await parts.turns.take(`import ${asked.supplierId}`, bytes);
    rows.push(readRow(text, bytes, asked, parts.pepper));
  }
  const leads = rows.filter((row) => "kind" in row);
  const answers = asked.dryRun
    ? await tryOutAll(asked.campaignId, leads, parts)
    : await Promise.all(leads.map((lead) => answerToOneOfMany(takeInArrived(lead, parts), lead, parts.log)));
  const ofLeads = new Map(leads.map((lead, place) => [lead, answers[place] ?? noSuchCampaign(lead)]));
  return rows.map((row) => ("kind" in row ? (ofLeads.get(row) ?? noSuchCampaign(row)) : row));
}

/** What no row of any file could pass. */
async function refusalOfAll(
  asked: LeadsToImport,
  { campaignCache, clock, isDiskLow }: ImportParts,
): Promise<SupplierReply | undefined> {
  if (isDiskLow()) return supplierError("unavailable", DISK_LOW, asked, { retry_after: 60 });
  const cached = await campaignCache.find(asked.campaignId);
  const campaign = cached && (await campaignCache.current(cached));
  if (campaign === undefined) return noSuchCampaign(asked);
  const lead = arrivedFrom(asked, {}, null);
  const { ending } = checkAccess({ lead, campaign, now: clock.now() });
  if (ending !== undefined) return replyTo(ending, lead, { campaign, isTest: false });
  return campaign.mode === "ping_post" ? supplierError("conflict", PINGED_FIRST, asked) : undefined;
}

const PINGED_FIRST =
  "Leads of this campaign are pinged first and sold as that promised: rows of a file have no ping, and cannot be imported.";

/** The row as a lead, or the answer to what is none. */
function readRow(
  text: string,
  bytes: number,
  asked: LeadsToImport,
  pepper: Uint8Array,
): Arrived | SupplierReply {
  const { requestId, supplierId } = asked;
  const read = readBatchedLead(text, bytes);
  if (!read.ok) return supplierError(read.error, read.message, asked);
  const { idempotency_key: key, ...body } = read.body;
  const { flo_campaign_id, flo_supplier_id, flo_ping_id: _ping, flo_buyer_id: _buyer, ...fields } = body;
  const errors = [
    ...strayed("flo_campaign_id", flo_campaign_id, asked.campaignId),
    ...strayed("flo_supplier_id", flo_supplier_id, supplierId),
  ];
  if (errors.length > 0) {
    return supplierError("validation_failed", fieldsNotValid(errors.length), asked, { field_errors: errors });
  }
  if (key === undefined || key === null) return arrivedFrom(asked, fields, null);
  const idempotency =
    typeof key === "string" ? readRowKey(key, supplierId, fields, pepper, asked.again) : undefined;
  return idempotency === undefined
    ? idempotencyUnclear("idempotency_key", requestId)
    : arrivedFrom(asked, fields, idempotency);
}

function strayed(field: string, said: unknown, asked: string): ReplyFieldError[] {
  const message = `${field} names another than the one that is imported to`;
  return isFilledIn(said) && said !== asked ? [{ field, code: "not_allowed", message }] : [];
}

function arrivedFrom(
  { campaignId, supplierId, requestId }: LeadsToImport,
  body: Arrived["body"],
  idempotency: Idempotency | null,
): Arrived {
  const id = newUuid();
  return {
    kind: "arrived",
    id,
    requestId,
    campaignId,
    supplierId,
    keyId: null,
    body,
    idempotency,
    ping: null,
  };
}
