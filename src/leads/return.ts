import type { Amount } from "#money/amount.ts";

export type ReturnStatus = (typeof RETURN_STATUSES)[number];
export const RETURN_STATUSES = ["pending", "accepted", "rejected"] as const;

/** A lead that its buyer gives back. Ids are UUIDs, times in ms since 1970. */
export interface LeadReturn {
  id: string;
  campaignId: string;
  leadId: string;
  saleId: string;
  buyerId: string;
  reason: string;
  note: string | null;
  status: ReturnStatus;
  /** What the buyer gets back. */
  amount: Amount;
  currency: string;
  askedAt: number;
  /** An operator's name, or `buyer:<id>`. */
  askedBy: string;
  /** When it is accepted if nobody decides it; null: never. */
  acceptAt: number | null;
  decidedAt: number | null;
  decidedBy: string | null;
  decisionNote: string | null;
}
