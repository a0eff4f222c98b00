import type { Campaign } from "#campaigns/campaign.ts";
import { type ErrorKind, errorBody, fieldsNotValid, statusOf as httpStatusOf } from "#http/reply.ts";
import { type Ending, type Final, recordStatusOf, type SuppressionHit } from "#intake/decide/decision.ts";
import type { Reading } from "#intake/decide/reading.ts";
import type { Candidate } from "#leads/candidate.ts";
import type { SaleTerms } from "#leads/sale.ts";
import type { RecordStatus } from "#leads/status.ts";
import { formatAmount, sum } from "#money/amount.ts";
import { leadIdOf } from "#text/ids.ts";

/** What a supplier is told of a lead; `body` is JSON text. */
export interface SupplierReply {
  httpStatus: number;
  body: string;
  /** It is the first answer to the same request, given again. */
  replayed: boolean;
  /** Seconds after which to come back. */
  retryAfter?: number;
}

/**
 * The first answer to an idempotency key; `createdAt` in ms since 1970. While there is none, `httpStatus` is 0 and `answer` the UUID of the
 * pending lead.
 */
export interface StoredReply {
  requestHash: string;
  httpStatus: number;
  answer: string;
  createdAt: number;
  /**
   * How the pending lead stands now: the server that asked its buyer may have died before it remembered an answer. Null: it is not on
   * record any more.
   */
  standing?: StandingLead | null;
}

export interface StandingLead {
  status: RecordStatus;
  reason: string | null;
  buyerId: string | null;
  isTest: boolean;
  isDuplicate: boolean;
}

export const UNAUTHORIZED = "The API key is missing or not valid.";

type SentLead = Pick<Candidate, "id" | "requestId" | "campaignId">;
type ReadLead = Pick<Reading, "campaign" | "isTest">;

/** What the supplier is told of how its lead ended. */
export function replyTo(ending: Final, lead: SentLead, reading: ReadLead): SupplierReply {
  switch (ending.kind) {
    case "accepted":
      return leadReply(201, lead, reading, ending);
    case "unmatched":
    case "unconfirmed":
    case "refused":
    case "returned":
    case "duplicate":
      return leadReply(200, lead, reading, ending);
    case "held":
      return leadReply(202, lead, reading, ending);
    case "filtered":
      return supplierError("filtered", REFUSALS.filtered, lead, {
        filter_errors: ending.failures.map(({ rule, field, code, message }) => ({
          rule: `${ending.by}.${rule}`,
          field,
          code,
          message,
        })),
        data: leadData(lead, reading, ending),
      });
    case "suppressed":
      return supplierError("suppressed", REFUSALS.suppressed, lead, {
        filter_errors: ending.hits.map(suppressionError),
        data: leadData(lead, reading, ending),
      });
    case "unchecked":
      return unavailable({ message: "The lead cannot be checked just now.", retryAfter: 1 }, lead);
    case "invalid":
      return supplierError("validation_failed", fieldsNotValid(ending.errors.length), lead, {
        field_errors: ending.errors,
      });
    case "unauthorized":
      return supplierError("unauthorized", UNAUTHORIZED, lead);
    case "not_linked":
      return supplierError("forbidden", "The supplier is not linked to this campaign.", lead);
    case "campaign_gone":
      return noSuchCampaign(lead);
    case "inactive":
      return supplierError("inactive", INACTIVE[ending.who], lead);
  }
}

const INACTIVE = {
  campaign: "The campaign is paused.",
  supplier: "The supplier is paused.",
  link: "The supplier is paused on this campaign.",
};

function suppressionError({ list, field }: SuppressionHit) {
  return {
    rule: `suppression_lists.${list}`,
    field,
    code: "suppressed",
    message: `${field} is on a suppression list`,
  };
}

/** `status` in the contract's words; fields that say nothing are left out. */
interface LeadData {
  id: string;
  status: RecordStatus | null;
  buyer_id: string | null;
  campaign_id: string;
  duplicate?: true;
  is_test?: true;
  /** What the supplier is paid: in a ping-post campaign, what its ping was promised. */
  price?: string;
  currency?: string;
  /** Where a lead may be sold to several buyers. */
  sales?: readonly { buyer_id: string; price: string }[];
}

function leadData(
  lead: SentLead,
  { campaign, isTest }: ReadLead,
  ending: Ending,
): LeadData & Record<string, unknown> {
  return {
    id: leadIdOf(lead.id),
    status: recordStatusOf(ending),
    buyer_id:
      ending.kind === "accepted" && campaign.showBuyers ? (soldIn(ending).at(0)?.buyerId ?? null) : null,
    campaign_id: campaign.id,
    ...(ending.kind === "accepted" && ending.duplicateOf !== null && { duplicate: true }),
    ...(isTest && { is_test: true }),
    ...(ending.kind === "accepted" && soldFor(soldIn(ending), campaign)),
  };
}

function soldIn({ standing, sales }: Extract<Ending, { kind: "accepted" }>): readonly SaleTerms[] {
  return standing.length === 0 ? sales : [...standing, ...sales];
}

/** Prices as suppliers see them, which are their payouts: of all together where they are not told to whom and how often it is sold. */
function soldFor(sales: readonly SaleTerms[], campaign: Campaign): Partial<LeadData> {
  const { mode, maxSells, currency, showBuyers } = campaign;
  if (mode === "direct" && maxSells === 1) return {};
  const total = sum(sales.map(({ payout }) => payout));
  return {
    ...((mode === "ping_post" || !showBuyers) && { price: formatAmount(total, currency), currency }),
    ...(maxSells > 1 &&
      showBuyers && {
        sales: sales.map(({ buyerId, payout }) => ({
          buyer_id: buyerId,
          price: formatAmount(payout, currency),
        })),
      }),
  };
}

function leadReply(httpStatus: number, lead: SentLead, reading: ReadLead, ending: Ending): SupplierReply {
  return { httpStatus, body: JSON.stringify({ data: leadData(lead, reading, ending) }), replayed: false };
}

/** What the supplier is told of a lead (a UUID) by its record alone; undefined while it is pending. */
export function replyOnRecord(
  leadId: string,
  stands: StandingLead,
  lead: SentLead,
  showBuyers: boolean,
): SupplierReply | undefined {
  const data = {
    id: leadIdOf(leadId),
    status: stands.status,
    buyer_id: showBuyers ? stands.buyerId : null,
    campaign_id: lead.campaignId,
    ...(stands.status === "ACCEPTED" && stands.isDuplicate && { duplicate: true }),
    ...(stands.isTest && { is_test: true }),
  };
  switch (stands.status) {
    case "PENDING":
      return undefined;
    case "HELD":
      return { httpStatus: 202, body: JSON.stringify({ data }), replayed: true };
    case "ACCEPTED":
      return { httpStatus: 201, body: JSON.stringify({ data }), replayed: true };
    case "UNMATCHED":
    case "DUPLICATE":
    case "RETURNED":
      return { httpStatus: 200, body: JSON.stringify({ data }), replayed: true };
    case "REJECTED": {
      const kind = stands.reason === "suppressed" ? "suppressed" : "filtered";
      return { ...supplierError(kind, REFUSALS[kind], lead, { data }), replayed: true };
    }
  }
}

export const REFUSALS = {
  filtered: "The lead does not pass the campaign's filters.",
  suppressed: "The person is on a suppression list of the campaign.",
};

export function noSuchCampaign(lead: { requestId: string }): SupplierReply {
  return supplierError("campaign_not_found", "There is no such campaign.", lead);
}

/** Nothing was taken in, and the supplier should try again in `retryAfter` seconds. */
export function unavailable(
  { message, retryAfter }: { message: string; retryAfter: number },
  lead: { requestId: string },
): SupplierReply {
  return supplierError("unavailable", message, lead, { retry_after: retryAfter });
}

/** An answer that refuses. */
export function supplierError(
  kind: ErrorKind,
  message: string,
  lead: { requestId: string },
  details: Parameters<typeof errorBody>[3] = {},
): SupplierReply {
  const body = JSON.stringify(errorBody(kind, message, lead.requestId, details));
  const answer: SupplierReply = { httpStatus: httpStatusOf(kind), body, replayed: false };
  return details.retry_after === undefined ? answer : { ...answer, retryAfter: details.retry_after };
}
