import type { Amount } from "#money/amount.ts";

/** What a buyer was asked to pay for a month. */
export interface Invoice {
  /** From 1, without a gap over all buyers. */
  number: number;
  buyerId: string;
  /** YYYY-MM, in the buyer's time zone. */
  month: string;
  currency: string;
  sales: number;
  sold: Amount;
  /** Refusals and returns, whenever their sales were. */
  refunded: number;
  refunds: Amount;
  /** What adjustments added to the balance. */
  adjusted: Amount;
  /** Of the sales, less refunds and adjustments; at zero or below it there is nothing to pay. */
  total: Amount;
  /** ms since 1970. */
  issuedAt: number;
  dueAt: number;
  paidAt: number | null;
  /** A UUID. */
  paymentId: string | null;
}

export type InvoiceStatus = "open" | "overdue" | "paid";

export const INVOICE_STATUSES: readonly InvoiceStatus[] = ["open", "overdue", "paid"];

/** In how many days an invoice has to be paid where its buyer's billing says nothing of it. */
export const USUAL_TERMS_DAYS = 14;

export function invoiceStatus({ paidAt, dueAt }: Invoice, now: Date): InvoiceStatus {
  if (paidAt !== null) return "paid";
  return now.getTime() >= dueAt ? "overdue" : "open";
}
