import { DECIDED_AGAIN_WITHIN_MS } from "#campaigns/recount.ts";
import { wasDecidedMeanwhile } from "#intake/lane/batch.ts";
import type { SupplierReply } from "#intake/reply/reply.ts";
import type { WholeLead } from "#leads/lead-records.ts";
import type { Sale } from "#leads/sale.ts";
import { timeOfUuid } from "#text/ids.ts";
import { askUntilDecided } from "./confirm.ts";
import { type RecoverParts, readWithBuyers, reopenStored } from "./recover.ts";

/** Why a lead is not sent round again. */
export type NotOpen = "no_such_lead" | "not_open" | "erased";

/**
 * Decides a lead on record once more, by the configuration of now: one that found no buyer, or whose buyer could not be reached or did not
 * take it. Such sales are undone, whatever of it others have, and the buyers that the lead was meant for before are passed over.
 * Resolves with what a supplier would be told. `by`: the operator, whom the ledger names.
 */
export async function redistribute(
  leadId: string,
  by: string,
  parts: RecoverParts,
): Promise<SupplierReply | NotOpen> {
  const { lanes } = parts;
  const [stored, without] = await readWithBuyers(leadId, parts);
  if (stored === undefined) return "no_such_lead";
  if (stored.erasedAt !== null) return "erased";
  const undone = await undeliveredSales(stored, parts);
  const isOpen = stored.status === "UNMATCHED" || (stored.status === "ACCEPTED" && undone.length > 0);
  const isTooOld = timeOfUuid(leadId) < parts.clock.now().getTime() - DECIDED_AGAIN_WITHIN_MS;
  if (!isOpen || isTooOld) return "not_open";
  const round = reopenStored(stored, "by_hand", without, { by, undone });
  const outcome = await lanes.takeIn(round, null);
  return wasDecidedMeanwhile(outcome) ? "not_open" : await askUntilDecided(outcome, parts);
}

/** The sales of a lead whose buyers did not get it, or refused it. */
async function undeliveredSales(
  { id, campaignId, sales }: WholeLead,
  { database, outbox }: RecoverParts,
): Promise<Sale[]> {
  if (sales.length === 0) return [];
  const found = await database.read((db) => outbox.undelivered(db, campaignId, [id]));
  const lost = new Set(found.map(({ buyerId }) => buyerId));
  return sales.filter(({ buyerId }) => lost.has(buyerId));
}
