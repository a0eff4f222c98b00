import { listOf, money, objectOf, textOrNull } from "#http/schema.ts";
import { inCurrency } from "#money/amount.ts";
import type { Balance } from "./balance-records.ts";

/** What everybody is told of a party's balances: one number where there is one currency, and one for each. */
export function balancesShown(balances: readonly Balance[]) {
  const only = onlyBalance(balances);
  const currency = only?.currency ?? null;
  return {
    balance: only === undefined ? null : inCurrency(only.balance, currency),
    currency,
    balances: balances.map((each) => ({
      currency: each.currency,
      balance: inCurrency(each.balance, each.currency),
    })),
  };
}

/** Undefined where there are several currencies, which are never added up. */
export function onlyBalance(balances: readonly Balance[]): Balance | undefined {
  return balances.length === 1 ? balances[0] : undefined;
}

export const BALANCES = listOf(
  objectOf({ currency: textOrNull, balance: money }),
  "One for each currency; two are never added up.",
);
