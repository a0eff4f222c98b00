import { type Amount, add, percentOf, subtract } from "./amount.ts";

/**
 * What a supplier is paid for a lead: a fixed amount, a share (0 to 100 percent) of the buyer's price, or the price less
 * the operator's margin.
 */
export type Payout =
  | { readonly mode: "fixed"; readonly amount: Amount }
  | { readonly mode: "revenue_share"; readonly percent: string | number }
  | { readonly mode: "margin" };

/** What the operator keeps of a price: an amount, a part (0 to 100 percent), or the sum of both. */
export interface Margin {
  readonly flat: Amount;
  readonly percent: string | number;
}

const NOTHING = 0 as Amount;

/**
 * The supplier's payout for a lead that a buyer takes at `price`. A share is rounded half to even to the currency's minor
 * unit; a fixed payout is owed in full, even where it exceeds the price; a margin that exceeds the price leaves nothing.
 * Throws a RangeError for a percentage outside 0 to 100, or a code that is no currency.
 */
export function payoutFor(payout: Payout, price: Amount, margin: Margin | null, currency: string): Amount {
  switch (payout.mode) {
    case "fixed":
      return payout.amount;
    case "revenue_share":
      return percentOf(price, payout.percent, currency);
    case "margin": {
      const kept = marginOf(price, margin, currency);
      return kept > price ? NOTHING : subtract(price, kept);
    }
  }
}

/** Whether a price leaves the operator its margin after the payout; without a margin, whether it covers the payout. */
export function isWorthwhile(
  price: Amount,
  payout: Amount,
  margin: Margin | null,
  currency: string,
): boolean {
  return subtract(price, payout) >= marginOf(price, margin, currency);
}

/** Rounded half to even to the currency's minor unit. */
function marginOf(price: Amount, margin: Margin | null, currency: string): Amount {
  return margin === null ? NOTHING : add(margin.flat, percentOf(price, margin.percent, currency));
}
