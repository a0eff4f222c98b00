import { type DecidedLead, soldSales, undoneSales, undoneStatus } from "#leads/decided-lead.ts";
import type { Sale } from "#leads/sale.ts";
import type { RecordStatus } from "#leads/status.ts";
import { HOUR_MS } from "#time/durations.ts";

/** By what leads and money are counted: the beginning of the hour in s since 1970, the supplier, and the buyer; empty: of no buyer. */
export interface FigureKey {
  hour: number;
  supplier: string;
  buyer: string;
}

/** What is counted; money in ten-thousandths. */
export type Figures = Record<(typeof FIGURES)[number], number>;

/** Leads by what they are, and sales by what became of them. */
export const COUNTED = [
  "accepted",
  "unmatched",
  "rejected",
  "duplicates",
  "sales",
  "refused",
  "returned",
] as const;

/** Money of sales; refunds are the prices of those that were undone. */
export const SUMMED = ["sold", "refunds", "payouts"] as const;

export const FIGURES = [...COUNTED, ...SUMMED] as const;

/** What the leads of a batch, decided at `now` (ms since 1970), change of the figures of their campaign; nothing that changes nothing. */
export function figureChanges(leads: readonly DecidedLead[], now: number): (FigureKey & Figures)[] {
  const changes = new Map<string, FigureKey & Figures>();
  const at = (ms: number, supplier: string, buyer: string): Figures => {
    const hour = Math.floor(ms / HOUR_MS) * HOUR_S;
    const key = `${hour} ${supplier} ${buyer}`;
    const known = changes.get(key);
    if (known !== undefined) return known;
    const made = { hour, supplier, buyer, ...NOTHING };
    changes.set(key, made);
    return made;
  };
  for (const decided of leads) if (!decided.isTest) count(decided, now, at);
  return [...changes.values()].filter((each) => FIGURES.some((name) => each[name] !== 0));
}

type At = (ms: number, supplier: string, buyer: string) => Figures;

function count(decided: DecidedLead, now: number, at: At): void {
  const { lead, status, sales, prior, firstDecidedAt } = decided;
  const supplier = lead.supplierId;
  const isCounted = (as: RecordStatus, of: readonly Sale[], by: 1 | -1) => {
    const name = COUNTED_AS[as];
    if (name !== null) at(firstDecidedAt, supplier, firstBuyer(as, of))[name] += by;
  };
  if (prior !== null) isCounted(prior.status, prior.sales, -1);
  isCounted(status, sales, 1);
  for (const { buyerId, price, payout, soldAt } of soldSales(decided)) {
    const sold = at(soldAt, supplier, buyerId);
    sold.sales += 1;
    sold.sold += price;
    sold.payouts += payout;
  }
  const undone = prior === null ? "declined" : undoneStatus(prior);
  if (undone === "declined") return;
  for (const { buyerId, price, payout } of undoneSales(decided)) {
    const given = at(now, supplier, buyerId);
    given[undone] += 1;
    given.refunds += price;
    given.payouts -= payout;
  }
}

/** A pending lead is counted when it is settled, and so is one that was put aside. */
const COUNTED_AS: Record<RecordStatus, keyof Figures | null> = {
  ACCEPTED: "accepted",
  UNMATCHED: "unmatched",
  REJECTED: "rejected",
  DUPLICATE: "duplicates",
  RETURNED: "accepted",
  PENDING: null,
  HELD: null,
};

function firstBuyer(status: RecordStatus, sales: readonly Sale[]): string {
  return status === "ACCEPTED" ? (sales.at(0)?.buyerId ?? "") : "";
}

const HOUR_S = 3600;

const NOTHING = Object.fromEntries(FIGURES.map((name) => [name, 0])) as Figures;
