/** How a lead that was taken in ended; the contract's words. */
export type LeadStatus = (typeof LEAD_STATUSES)[number];

export const LEAD_STATUSES = ["ACCEPTED", "UNMATCHED", "DUPLICATE", "REJECTED"] as const;

/**
 * As the lead stands on record. RETURNED: its last buyer gave it back. PENDING: reserved for a buyer that is being asked; its supplier has
 * no answer yet. HELD: put aside until a person decides, or its time is over.
 */
export type RecordStatus = LeadStatus | "RETURNED" | "PENDING" | "HELD";

export const RECORD_STATUSES: readonly RecordStatus[] = [...LEAD_STATUSES, "RETURNED", "PENDING", "HELD"];
