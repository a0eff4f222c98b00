import { type Amount, formatAmount } from "#money/amount.ts";
import { saleIdOf } from "#text/ids.ts";

/** What a buyer gets a lead for. */
export interface SaleTerms {
  buyerId: string;
  price: Amount;
  payout: Amount;
  /** The payout is for the lead, and carried by its first sale: it stands while any sale of the lead does. */
  paysForLead: boolean;
  /** The buyer's own name for the bid that it won with. */
  reference: string | null;
}

/** One buyer's purchase of a lead, or what is reserved for one that is being asked. */
export interface Sale extends SaleTerms {
  /** UUIDv7, made when the sale is decided. */
  id: string;
  /** From 1, in the order in which the buyers of one lead were chosen. */
  place: number;
  status: SaleStatus;
  /** When it was decided, in ms since 1970. */
  soldAt: number;
  /** It was undone, and its payout or what it took of caps was not given back. */
  keepsPayout: boolean;
  keepsCap: boolean;
}

/** `declined`: reserved for a buyer that did not want it, and never sold. `refused` and `returned`: sold, and undone. */
export type SaleStatus = (typeof SALE_STATUSES)[number] | "reserved" | "declined";

/** Those that operators see. */
export const SALE_STATUSES = ["sold", "refused", "returned"] as const;

/** Whether the buyer has the lead, or it is held for the buyer. */
export function stands({ status }: Pick<Sale, "status">): boolean {
  return status === "sold" || status === "reserved";
}

/** Whether its supplier is paid for it. */
export function isPayoutDue(sale: Sale): boolean {
  return stands(sale) || sale.keepsPayout || (sale.paysForLead && sale.status !== "declined");
}

/** Whether it counts against the caps of its buyer, its contract and its supplier. */
function takesOfCaps(sale: Sale): boolean {
  return stands(sale) || sale.keepsCap;
}

/** When the lead of these sales was counted against its supplier's caps, in ms since 1970: with the first that counts. */
export function countedFirst(sales: readonly Sale[]): number | undefined {
  const counted = sales.filter(takesOfCaps).map(({ soldAt }) => soldAt);
  return counted.length === 0 ? undefined : Math.min(...counted);
}

/** The sales of a lead as operators see them, undone ones included. */
export function saleSummaries(sales: readonly Sale[], currency: string) {
  return sales
    .filter(({ status }) => SALE_STATUSES.some((each) => each === status))
    .toSorted((one, other) => one.place - other.place)
    .map(({ id, buyerId, place, price, payout, status, soldAt }) => ({
      id: saleIdOf(id),
      buyer_id: buyerId,
      place,
      price: formatAmount(price, currency),
      payout: formatAmount(payout, currency),
      currency,
      status,
      sold_at: new Date(soldAt).toISOString(),
    }));
}
