import type { ReplyFieldError } from "#http/reply.ts";
import type { Amount } from "#money/amount.ts";
import type { FilterFailure } from "#rules/filter.ts";
import type { Contender, NoBid } from "./contender.ts";
import type { ReachedCap } from "./usage.ts";

/** How a lead that was taken in ended; the contract's words. */
export type LeadStatus = (typeof LEAD_STATUSES)[number];
export const LEAD_STATUSES = ["ACCEPTED", "UNMATCHED", "DUPLICATE", "REJECTED"] as const;

/** As the lead stands on record. PENDING: held for a buyer that is being asked; its supplier has no answer yet. */
export type RecordStatus = LeadStatus | "PENDING";
export const RECORD_STATUSES: readonly RecordStatus[] = [...LEAD_STATUSES, "PENDING"];

/** The checks in the words of the trace, in the order in which they are made. */
export type CheckName =
  | "access"
  | "fields"
  | "filters"
  | "suppression"
  | "duplicates"
  | "ping"
  | "confirmation"
  | "buyers";

/** Every way in which a check can end a lead. */
export type Ending =
  | { kind: "unauthorized" }
  | { kind: "not_linked" }
  | { kind: "campaign_gone" }
  | { kind: "inactive"; who: "campaign" | "supplier" | "link" }
  | { kind: "invalid"; errors: readonly ReplyFieldError[] }
  | { kind: "filtered"; by: "supplier" | "campaign"; failures: readonly FilterFailure[] }
  | { kind: "suppressed"; hits: readonly SuppressionHit[] }
  | { kind: "duplicate"; of: EarlierLead; why: "rejects_duplicates" | PassedOver }
  /** `further`: to others besides, where a lead may be sold to several buyers. */
  | { kind: "accepted"; sale: Sale; further: readonly Sale[]; duplicateOf: EarlierLead | null }
  /** Reserved for a buyer that wants to be asked first. */
  | { kind: "held"; sale: Sale; duplicateOf: EarlierLead | null }
  /** The buyer that was asked may have taken it, but did not say so: nobody else may get it. */
  | { kind: "unconfirmed" }
  | { kind: "unmatched" };

/** The endings at the door: such a lead was never taken in, and leaves no record. */
export type TurnedAway = Extract<
  Ending,
  { kind: "unauthorized" | "not_linked" | "campaign_gone" | "inactive" | "invalid" }
>;

/** The endings that leave the lead on record. */
export type RecordedEnding = Exclude<Ending, TurnedAway>;

/** The endings that the supplier can be told at once. */
export type Final = Exclude<Ending, { kind: "held" }>;

export interface SuppressionHit {
  list: string;
  field: string;
}

/** The lead that a later one repeats. */
export interface EarlierLead {
  leadId: string;
  buyerId: string | null;
}

export interface Sale {
  buyerId: string;
  price: Amount;
  payout: Amount;
  /** The buyer's own name for the bid that it won with. */
  reference: string | null;
}

/** Why a buyer was passed over. */
export type PassedOver =
  | { reason: "contract_paused" }
  | { reason: "buyer_paused" }
  /** It was asked before, or has had the lead before, and did not take it. */
  | { reason: "refused_lead" }
  /** It wants to be asked, and the time for asking is over. */
  | { reason: "no_time_to_ask" }
  /** Nothing can be sent to it now. */
  | { reason: "endpoint_down" }
  | { reason: "outside_schedule" }
  | { reason: "state_not_listed" }
  | { reason: "state_excluded" }
  | { reason: "filtered"; rules: readonly string[] }
  | { reason: "suppressed"; list: string }
  | { reason: "buyer_duplicate"; of: string }
  | { reason: "contract_cap"; cap: ReachedCap }
  | { reason: "buyer_cap"; cap: ReachedCap }
  | { reason: "supplier_cap"; cap: ReachedCap }
  | { reason: "insufficient_funds" }
  /** The ping that promised the price had no bid of it, or it was asked and made none. */
  | { reason: "no_bid"; why?: NoBid }
  | { reason: "below_min_price" }
  /** Its price would leave less than the operator's margin, or nothing, over the payout. */
  | { reason: "below_payout" }
  /** It could have taken the lead; another's turn came first. */
  | { reason: "outranked" }
  /** The lead goes back to its original buyer or to nobody. */
  | { reason: "not_the_original_buyer" }
  /** The contract with the original buyer has ended. */
  | { reason: "no_contract" };

/** One line of a lead's trace: what a check found. */
export type TraceLine =
  | { check: "confirmation"; result: "passed" | "ended"; buyer_id: string; answer: Answered }
  | { check: Exclude<CheckName, "buyers" | "confirmation">; result: "passed" | "ended"; detail?: TraceDetail }
  | { check: "buyers"; result: "passed" | "ended"; method: string; buyers: readonly BuyerLine[] };

export interface TraceDetail {
  by?: string;
  rules?: readonly string[];
  lists?: readonly string[];
  duplicate_of?: string;
  ping_id?: string;
  reason?: string;
}

export type BuyerLine =
  | { buyer_id: string; chosen: true; price?: string }
  | ({ buyer_id: string } & PassedOver);

/** What was decided of one lead. */
export interface Decision {
  ending: Ending;
  trace: readonly TraceLine[];
  /** For an accepted lead, the contracts that could have taken it: the weights share over them. */
  contenders: readonly Contender[];
}

/** How it came that a lead on record is decided once more. */
export type Answered = "confirmed" | "refused" | "unclear" | "by_hand";

/** What an ending sold, or holds for a sale; of several sales the first. */
export function saleOf(ending: Ending): Sale | null {
  return ending.kind === "accepted" || ending.kind === "held" ? ending.sale : null;
}

/** The sales beside the first. */
export function furtherSalesOf(ending: Ending): readonly Sale[] {
  return ending.kind === "accepted" ? ending.further : [];
}

/** Whether the lead was never taken in. */
export function isTurnedAway(ending: Ending): ending is TurnedAway {
  return statusOf(ending) === null;
}

/** The status under which an ending is on record; null when it leaves no record. */
export function statusOf(ending: RecordedEnding): RecordStatus;
export function statusOf(ending: Ending): RecordStatus | null;
export function statusOf(ending: Ending): RecordStatus | null {
  switch (ending.kind) {
    case "accepted":
      return "ACCEPTED";
    case "held":
      return "PENDING";
    case "unmatched":
    case "unconfirmed":
      return "UNMATCHED";
    case "duplicate":
      return "DUPLICATE";
    case "filtered":
    case "suppressed":
      return "REJECTED";
    case "unauthorized":
    case "not_linked":
    case "campaign_gone":
    case "inactive":
    case "invalid":
      return null;
  }
}

/** The one word for why the lead ended as it did; null for a lead that was simply accepted. */
export function reasonOf(ending: Ending): string | null {
  switch (ending.kind) {
    case "accepted":
    case "held":
      return ending.duplicateOf === null ? null : "routed_to_original";
    case "duplicate":
      return ending.why === "rejects_duplicates" ? ending.why : ending.why.reason;
    case "unmatched":
      return "no_buyer";
    case "unconfirmed":
    case "filtered":
    case "suppressed":
    case "unauthorized":
    case "not_linked":
    case "campaign_gone":
    case "inactive":
    case "invalid":
      return ending.kind;
  }
}
