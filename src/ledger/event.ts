import type { Amount } from "#money/amount.ts";

/** What can happen to money. Sales have rows of their own; refusals and returns undo them. */
export type EventKind = (typeof EVENT_KINDS)[number];

export const EVENT_KINDS = [
  "sale",
  "refusal",
  "return",
  "payment",
  "adjustment",
  "cost",
  "payout",
  "invoice",
] as const;

/** An event of money that is of no sale, as it is written. What it adds to balances sums to zero with the operator's part. */
export interface PartyEvent {
  /** A UUID. */
  id: string;
  kind: Exclude<EventKind, "sale" | "refusal" | "return">;
  /** Null: of no campaign. */
  campaignId: string | null;
  buyerId: string | null;
  supplierId: string | null;
  buyerAmount: Amount;
  supplierAmount: Amount;
  /** Null: of a party that is in no campaign yet. */
  currency: string | null;
  /** What the operator knows a payment by. */
  reference: string | null;
  note: string | null;
  by: string;
}
