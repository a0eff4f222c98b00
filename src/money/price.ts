import { type Amount, percentOf } from "./amount.ts";

/** What a supplier is paid for a lead: a fixed amount, or a share (0 to 100 percent) of the buyer's price. */
export type Payout =
  | { readonly mode: "fixed"; readonly amount: Amount }
  | { readonly mode: "revenue_share"; readonly percent: string | number };

/**
 * The supplier's payout for a lead that a buyer takes at `price`. A share is rounded half up to the currency's minor
 * unit; a fixed payout is owed in full, even where it exceeds the price.
 * Throws a RangeError for a percentage outside 0 to 100, or a code that is no currency.
 */
export function payoutFor(payout: Payout, price: Amount, currency: string): Amount {
  switch (payout.mode) {
    case "fixed":
      return payout.amount;
    case "revenue_share":
      return percentOf(price, payout.percent, currency);
  }
}
