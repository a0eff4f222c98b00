import { add } from "#money/amount.ts";
import type { Known } from "./known.ts";
import type { Again, Lead } from "./lead.ts";
import type { Ending, TraceLine } from "./outcome.ts";
import { withOneLess } from "./usage.ts";

/**
 * Leads that are decided once more: held for a buyer that has answered now, or sent round again by an operator. The decision
 * is the same as the first time; what is here is what comes before it.
 */

/** How a lead ends by its buyer's answer alone; undefined when it has to be decided anew. */
export function endingOfAnswer(again: Again): { ending: Ending; trace: TraceLine[] } | undefined {
  const { sale, duplicateOf } = again.was;
  switch (again.because) {
    case "confirmed":
      return sale === null
        ? undefined
        : { ending: { kind: "accepted", sale, further: [], duplicateOf }, trace: linesOf(again) };
    case "unclear":
      return { ending: { kind: "unconfirmed" }, trace: linesOf(again) };
    case "refused":
    case "by_hand":
      return undefined;
  }
}

/** What the trace says of why the lead is decided once more. */
export function linesOf({ because, was }: Again): TraceLine[] {
  if (was.sale === null) return [];
  const result = because === "confirmed" ? "passed" : "ended";
  return [{ check: "confirmation", result, buyer_id: was.sale.buyerId, answer: because }];
}

/** Takes a lead out of what is known, as if it had never been decided: its caps and money are given back, its keys forgotten. */
export function takeBack(known: Known, lead: Lead): void {
  const { again } = lead;
  if (again === undefined || again.because === "confirmed") return;
  for (const seen of [known.earlier, known.receivedByBuyer]) {
    for (const [key, counted] of seen) if (counted.leadId === lead.id) seen.delete(key);
  }
  const { sale, isTest, decidedAt } = again.was;
  if (sale === null || isTest) return;
  const contract = known.contracts.get(sale.buyerId);
  if (contract !== undefined) contract.usage = withOneLess(contract.usage, sale.price, decidedAt);
  const link = known.links.get(lead.supplierId);
  if (link !== undefined) known.links.set(lead.supplierId, withOneLess(link, sale.payout, decidedAt));
  const buyer = known.buyers.get(sale.buyerId);
  if (buyer !== undefined) {
    known.buyers.set(sale.buyerId, {
      ...buyer,
      usage: withOneLess(buyer.usage, sale.price, decidedAt),
      balance: buyer.pays ? add(buyer.balance, sale.price) : buyer.balance,
    });
  }
}
