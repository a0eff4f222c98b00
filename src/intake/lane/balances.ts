import { newSales, undoneSales } from "#leads/decided-lead.ts";
import { type Amount, add, amountOfTenThousandths, subtract } from "#money/amount.ts";
import type { LeadEntry } from "./entry.ts";

/** What a batch adds to balances that stand with its campaign, by the party's id. */
export interface BalanceChanges {
  /** Of buyers that are billed by hand: less than zero for what they were sold. */
  contracts: ReadonlyMap<string, Amount>;
  suppliers: ReadonlyMap<string, Amount>;
}

/** `pays`: whether a buyer has a wallet or credit, whose balance stands with the buyer and not here. */
export function balanceChanges(
  leads: readonly LeadEntry[],
  pays: (buyerId: string) => boolean,
): BalanceChanges {
  const contracts = new Map<string, Amount>();
  const suppliers = new Map<string, Amount>();
  for (const entry of leads) {
    if (entry.isTest) continue;
    const { supplierId } = entry.lead;
    for (const { buyerId, price, payout } of newSales(entry)) {
      suppliers.set(supplierId, add(suppliers.get(supplierId) ?? NOTHING, payout));
      if (!pays(buyerId)) contracts.set(buyerId, subtract(contracts.get(buyerId) ?? NOTHING, price));
    }
    for (const { buyerId, price, payout } of undoneSales(entry)) {
      suppliers.set(supplierId, subtract(suppliers.get(supplierId) ?? NOTHING, payout));
      if (!pays(buyerId)) contracts.set(buyerId, add(contracts.get(buyerId) ?? NOTHING, price));
    }
  }
  return { contracts, suppliers };
}

const NOTHING = amountOfTenThousandths(0);
