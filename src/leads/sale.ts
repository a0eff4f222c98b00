import { type Amount, formatAmount } from "#money/amount.ts";
import { saleIdOf } from "#text/ids.ts";

/** What a buyer gets a lead for. */
export interface SaleTerms {
  buyerId: string;
  price: Amount;
  payout: Amount;
  /** The buyer's own name for the bid that it won with. */
  reference: string | null;
}

/** One buyer's purchase of a lead, or what is reserved for one that is being asked. */
export interface Sale extends SaleTerms {
  /** UUIDv7, made when the sale is decided. */
  id: string;
  /** From 1, in the order in which the buyers of one lead were chosen. */
  place: number;
}

/** The sales of a lead as operators see them; `soldAt` in ms since 1970. */
export function saleSummaries(sales: readonly Sale[], currency: string, soldAt: number) {
  return sales.map(({ id, buyerId, place, price, payout }) => ({
    id: saleIdOf(id),
    buyer_id: buyerId,
    place,
    price: formatAmount(price, currency),
    payout: formatAmount(payout, currency),
    currency,
    status: "sold",
    sold_at: new Date(soldAt).toISOString(),
  }));
}
