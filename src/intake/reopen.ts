import { DECIDED_AGAIN_WITHIN_MS } from "#campaigns/recount.ts";
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
  const { outbox, lanes } = parts;
  const [stored, without] = await readWithBuyers(leadId, parts);
  if (stored === undefined) return "no_such_lead";
  if (stored.erasedAt !== null) return "erased";
  const undone = await undelivered(stored, outbox);
  const isOpen = stored.status === "UNMATCHED" || (stored.status === "ACCEPTED" && undone.length > 0);
  const isTooOld = timeOfUuid(leadId) < parts.clock.now().getTime() - DECIDED_AGAIN_WITHIN_MS;
  if (!isOpen || isTooOld) return "not_open";
  return askUntilDecided(
    await lanes.takeIn(reopenStored(stored, "by_hand", without, { by, undone }), null),
    parts,
  );
}

/** The sales of a lead whose buyers did not get it, or refused it. */
async function undelivered({ id, sales }: WholeLead, outbox: RecoverParts["outbox"]): Promise<Sale[]> {
  const asked = sales.map(async (sale) => ((await outbox.isUndelivered(id, sale.buyerId)) ? [sale] : []));
  return (await Promise.all(asked)).flat();
}
