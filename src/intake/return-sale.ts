import { wasDecidedMeanwhile } from "#intake/lane/batch.ts";
import type { PriorDecision } from "#leads/candidate.ts";
import type { LeadReturn } from "#leads/return.ts";
import { type RecoverParts, readWithBuyers, reopenStored } from "./recover.ts";

/** What became of a sale that its buyer gives back. */
export type ReturnedSale = "returned" | "no_such_lead" | "being_decided" | "not_standing";

/** How often a lead is read again that was decided meanwhile, as when two returns of it are accepted at once. */
const MOST_TRIES = 10;

/**
 * Undoes one sale of a lead, without another buyer for it, in the lane's transaction, which accepts the sale's return with it if it is
 * still to be decided, and puts that in the history. `keeps`: of payout and caps, what stays as if it were sold; `by`: who accepts it.
 */
export async function returnSale(
  { id: returnId, leadId, saleId }: Pick<LeadReturn, "id" | "leadId" | "saleId">,
  keeps: PriorDecision["keeps"],
  by: string,
  parts: RecoverParts,
): Promise<ReturnedSale> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const [stored, without] = await readWithBuyers(leadId, parts);
    if (stored === undefined) return "no_such_lead";
    if (stored.status === "PENDING") return "being_decided";
    const undone = stored.sales.filter((sale) => sale.id === saleId);
    if (undone.length === 0) return "not_standing";
    const lead = reopenStored(stored, "returned", without, { by, undone, keeps, returnId });
    const outcome = await parts.lanes.takeIn(lead, null);
    if (!wasDecidedMeanwhile(outcome)) return "returned";
  }
  return "being_decided";
}
