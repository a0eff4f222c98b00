import type { Queryable } from "#database/database.ts";
import type { Outbox } from "#handover/outbox.ts";
import type { Candidate } from "#leads/candidate.ts";
import type { LeadsOfCampaign } from "./rows.ts";

/**
 * The leads (UUIDs) of a batch that are to be taken from buyers who did not get them, and that were sent again since that was read: such a
 * buyer may have its lead by now. Whoever sends again holds the lead meanwhile, so it is asked behind the lock on it.
 */
export async function sentAgain(
  db: Queryable,
  batch: readonly LeadsOfCampaign[],
  outbox: Pick<Outbox, "undelivered">,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { campaign, leads } of batch) {
    const undone = leads.flatMap(({ lead }) => undeliveredOf(lead));
    if (undone.length === 0) continue;
    const known = await outbox.undelivered(db, campaign.id, [...new Set(undone.map(({ leadId }) => leadId))]);
    const stays = new Set(known.map(saleName));
    for (const sale of undone) if (!stays.has(saleName(sale))) found.add(sale.leadId);
  }
  return found;
}

/** What an operator has undone of a lead since it did not arrive. */
function undeliveredOf(lead: Candidate): { leadId: string; buyerId: string }[] {
  if (lead.kind !== "reopened" || lead.prior.cause !== "by_hand") return [];
  return lead.prior.undone.map(({ buyerId }) => ({ leadId: lead.id, buyerId }));
}

function saleName({ leadId, buyerId }: { leadId: string; buyerId: string }): string {
  return `${leadId} ${buyerId}`;
}
