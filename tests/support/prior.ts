import type { PriorDecision } from "#leads/candidate.ts";
import type { Sale } from "#leads/sale.ts";
import type { Amount } from "#money/amount.ts";

/** A sale that stands, at 10.00 of which the supplier gets 5.00. */
export function aSale(buyerId: string, over: Partial<Sale> = {}): Sale {
  return {
    id: `sale to ${buyerId}`,
    place: 1,
    buyerId,
    price: 100_000 as Amount,
    payout: 50_000 as Amount,
    paysForLead: false,
    reference: null,
    status: "sold",
    soldAt: 1_000,
    keepsPayout: false,
    keepsCap: false,
    ...over,
  };
}

/** How a lead was decided before: by default for these sales, all of which are undone unless they are confirmed. */
export function aPrior(
  cause: PriorDecision["cause"],
  sales: readonly Sale[],
  over: Partial<PriorDecision> = {},
): PriorDecision {
  return {
    cause,
    status: "PENDING",
    sales,
    undone: cause === "confirmed" ? [] : sales,
    former: [],
    keeps: { payout: false, cap: false },
    returnId: null,
    refusal: null,
    answers: new Map(
      cause === "confirmed" || cause === "refused" || cause === "unclear"
        ? sales.map(({ buyerId }) => [buyerId, cause] as const)
        : [],
    ),
    mayHave: new Set(cause === "unclear" ? sales.map(({ buyerId }) => buyerId) : []),
    isErased: false,
    duplicateOf: null,
    isTest: false,
    decidedAt: 1_000,
    firstDecidedAt: 1_000,
    by: null,
    refusedBy: new Set(sales.map(({ buyerId }) => buyerId)),
    outOfTime: false,
    ...over,
  };
}
