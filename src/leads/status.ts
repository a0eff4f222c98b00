import type { PassedOver } from "./trace.ts";

/** How a lead that was taken in ended; the contract's words. */
export type LeadStatus = (typeof LEAD_STATUSES)[number];

export const LEAD_STATUSES = ["ACCEPTED", "UNMATCHED", "DUPLICATE", "REJECTED"] as const;

/**
 * As the lead stands on record. RETURNED: its last buyer gave it back. PENDING: reserved for a buyer that is being asked; its supplier has
 * no answer yet. HELD: put aside until a person decides, or its time is over.
 */
export type RecordStatus = LeadStatus | "RETURNED" | "PENDING" | "HELD";

export const RECORD_STATUSES: readonly RecordStatus[] = [...LEAD_STATUSES, "RETURNED", "PENDING", "HELD"];

/** The one word for why a lead on record ended as it did; one that was simply accepted has none. */
export type LeadReason =
  | "routed_to_original"
  | "rejects_duplicates"
  /** Why the buyer of the first lead did not get a duplicate. */
  | PassedOver["reason"]
  | "no_buyer"
  | "unconfirmed"
  | "refused"
  | "returned"
  | "filtered"
  | "check_failed"
  | "suppressed";

const WORDS: Readonly<Record<LeadReason, true>> = {
  routed_to_original: true,
  rejects_duplicates: true,
  no_buyer: true,
  unconfirmed: true,
  refused: true,
  returned: true,
  filtered: true,
  check_failed: true,
  suppressed: true,
  contract_paused: true,
  buyer_paused: true,
  overdue: true,
  refused_lead: true,
  has_lead: true,
  sold_to_others: true,
  no_time_to_ask: true,
  endpoint_down: true,
  outside_schedule: true,
  state_not_listed: true,
  state_excluded: true,
  buyer_duplicate: true,
  contract_cap: true,
  buyer_cap: true,
  supplier_cap: true,
  insufficient_funds: true,
  no_bid: true,
  below_min_price: true,
  below_payout: true,
  outranked: true,
  not_the_original_buyer: true,
  no_original_buyer: true,
  no_contract: true,
};

export const LEAD_REASONS: readonly LeadReason[] = Object.keys(WORDS) as LeadReason[];
