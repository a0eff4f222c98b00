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

/** An event of money. What it adds to balances sums to zero with the operator's part. */
export interface LedgerEvent {
  /** A UUID; of a sale, the sale's own. */
  id: string;
  kind: EventKind;
  /** Null: of no campaign. */
  campaignId: string | null;
  buyerId: string | null;
  supplierId: string | null;
  /** What it adds to the balance of each. */
  buyerAmount: Amount;
  supplierAmount: Amount;
  /** Null: of a party that is in no campaign yet. */
  currency: string | null;
  /** The sale that it is, or that it undoes, and its lead; UUIDs. */
  saleId: string | null;
  leadId: string | null;
  /** Of a cost: the day that it is of (YYYY-MM-DD), and what for. */
  day: string | null;
  source: string | null;
  /** What the operator knows a payment by. */
  reference: string | null;
  note: string | null;
  /** The operator that wrote it; null: a decision did. */
  by: string | null;
}

/** An event that is of no sale, as it is written. */
export type PartyEvent = Omit<LedgerEvent, "kind" | "saleId" | "leadId"> & {
  kind: Exclude<EventKind, "sale" | "refusal" | "return">;
};

/** One party's part of an event. The operator's is less all others', so that an event sums to zero. */
export interface LedgerEntry {
  party: "buyer" | "supplier" | "operator";
  amount: Amount;
}

/** The entries of an event: one for each party whose balance it moves, or that it is about. */
export function entriesOfEvent({
  buyerId,
  supplierId,
  buyerAmount,
  supplierAmount,
}: LedgerEvent): LedgerEntry[] {
  const operator = (0 - buyerAmount - supplierAmount || 0) as Amount;
  return [
    ...(buyerId !== null ? [{ party: "buyer" as const, amount: buyerAmount }] : []),
    ...(supplierId !== null && (supplierAmount !== 0 || buyerId === null)
      ? [{ party: "supplier" as const, amount: supplierAmount }]
      : []),
    ...(operator !== 0 ? [{ party: "operator" as const, amount: operator }] : []),
  ];
}
