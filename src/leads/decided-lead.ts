import type { Arrived, EarlierLead, PriorDecision, Reopened } from "./candidate.ts";
import type { Sale } from "./sale.ts";
import type { RecordStatus } from "./status.ts";

/** A lead that was decided and goes on record, and what was sold of it. */
export interface DecidedLead {
  lead: Arrived | Reopened;
  status: RecordStatus;
  /** The buyers in the order in which they were chosen; of a pending lead, the one that is to be asked. */
  sales: readonly Sale[];
  isTest: boolean;
  duplicateOf: EarlierLead | null;
  /** ms since 1970. */
  decidedAt: number;
  /** The same as `decidedAt` for a lead that was never decided once more. */
  firstDecidedAt: number;
  /** What was understood of it, unmapped values included. */
  fields: Readonly<Record<string, unknown>>;
  /** How it was decided before; null for a lead that has just come. */
  prior: PriorDecision | null;
  /** UUID of the ping that it was posted after. */
  pingId: string | null;
}

/** The sales that a decision undoes: their caps, money and payouts are given back. Of a pending lead, what was reserved. */
export function undoneSales({ prior }: Pick<DecidedLead, "prior">): readonly Sale[] {
  return prior === null || prior.cause === "confirmed" ? [] : prior.sales;
}

/** The sales that a decision makes, or reserves. What a buyer confirms was reserved by the decision before. */
export function newSales({ prior, sales }: Pick<DecidedLead, "prior" | "sales">): readonly Sale[] {
  return prior?.cause === "confirmed" ? [] : sales;
}

/** The sales that are sold by a decision: the new ones, and those that their buyer has confirmed. */
export function soldSales({ status, sales }: Pick<DecidedLead, "status" | "sales">): readonly Sale[] {
  return status === "ACCEPTED" ? sales : [];
}

/** What became of the sales that a decision undoes. Declined: they were reserved and never sold, so no ledger tells of them. */
export function undoneStatus({ status, cause }: PriorDecision): "declined" | "refused" | "returned" {
  if (status === "PENDING") return "declined";
  return cause === "by_hand" ? "returned" : "refused";
}
