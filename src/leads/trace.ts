import type { CapPeriod } from "#time/period.ts";
import type { NoBid } from "./bid.ts";

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

/** One line of a lead's trace: what a check found. */
export type TraceLine =
  | { check: "confirmation"; result: "passed" | "ended"; buyer_id: string; answer: ReopenCause }
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

export interface ReachedCap {
  period: CapPeriod;
  unit: "leads" | "amount";
}

/** How it came that a lead on record is decided once more. */
export type ReopenCause = "confirmed" | "refused" | "unclear" | "by_hand";
