import { newSales, undoneSales } from "#leads/decided-lead.ts";
import { type Amount, add, amountOfTenThousandths, subtract } from "#money/amount.ts";
import type { LeadEntry } from "./entry.ts";

/** What leads add to balances, by the party's id. */
export interface BalanceChanges {
  /** Less than zero for what they were sold. */
  buyers: ReadonlyMap<string, Amount>;
  suppliers: ReadonlyMap<string, Amount>;
}

export function balanceChanges(leads: readonly LeadEntry[]): BalanceChanges {
  const buyers = new Map<string, Amount>();
  const suppliers = new Map<string, Amount>();
  for (const entry of leads) {
    if (entry.isTest) continue;
    const { supplierId } = entry.lead;
    for (const { buyerId, price, payout } of newSales(entry)) {
      suppliers.set(supplierId, add(suppliers.get(supplierId) ?? NOTHING, payout));
      buyers.set(buyerId, subtract(buyers.get(buyerId) ?? NOTHING, price));
    }
    for (const { buyerId, price, payout } of undoneSales(entry)) {
      suppliers.set(supplierId, subtract(suppliers.get(supplierId) ?? NOTHING, payout));
      buyers.set(buyerId, add(buyers.get(buyerId) ?? NOTHING, price));
    }
  }
  return { buyers, suppliers };
}

const NOTHING = amountOfTenThousandths(0);
