import type { PriorDecision } from "#leads/candidate.ts";
import type { TraceLine } from "#leads/trace.ts";
import { add, sum } from "#money/amount.ts";
import type { Known } from "./known.ts";
import type { Lead } from "./lead.ts";
import type { Ending } from "./outcome.ts";
import { withOneLess } from "./usage.ts";

/**
 * Leads that are decided once more: held for a buyer that has answered now, or sent round again by an operator. The decision
 * is the same as the first time; what is here is what comes before it.
 */

/** How a lead ends by its buyer's answer alone; undefined when it has to be decided anew. */
export function endingOfAnswer(prior: PriorDecision): { ending: Ending; trace: TraceLine[] } | undefined {
  const { sales, duplicateOf } = prior;
  switch (prior.cause) {
    case "confirmed":
      return sales.length === 0
        ? undefined
        : { ending: { kind: "accepted", sales, duplicateOf }, trace: linesOf(prior) };
    case "unclear":
      return { ending: { kind: "unconfirmed" }, trace: linesOf(prior) };
    case "refused":
    case "by_hand":
      return undefined;
  }
}

/** What the trace says of why the lead is decided once more. */
export function linesOf({ cause, sales }: PriorDecision): TraceLine[] {
  const result = cause === "confirmed" ? "passed" : "ended";
  return sales.map(({ buyerId }) => ({ check: "confirmation", result, buyer_id: buyerId, answer: cause }));
}

/** Takes a lead out of what is known, as if it had never been decided: its caps and money are given back, its keys forgotten. */
export function takeBack(known: Known, lead: Lead): void {
  const { prior } = lead;
  if (prior === undefined || prior.cause === "confirmed") return;
  for (const seen of [known.earlier, known.receivedByBuyer]) {
    for (const [key, counted] of seen) if (counted.leadId === lead.id) seen.delete(key);
  }
  const { sales, isTest, decidedAt } = prior;
  if (isTest || sales.length === 0) return;
  const link = known.links.get(lead.supplierId);
  const payout = sum(sales.map((sale) => sale.payout));
  if (link !== undefined) known.links.set(lead.supplierId, withOneLess(link, payout, decidedAt));
  for (const sale of sales) {
    const contract = known.contracts.get(sale.buyerId);
    if (contract !== undefined) contract.usage = withOneLess(contract.usage, sale.price, decidedAt);
    const buyer = known.buyers.get(sale.buyerId);
    if (buyer !== undefined) {
      known.buyers.set(sale.buyerId, {
        ...buyer,
        usage: withOneLess(buyer.usage, sale.price, decidedAt),
        balance: buyer.pays ? add(buyer.balance, sale.price) : buyer.balance,
      });
    }
  }
}
