import { askUntilDecided } from "#intake/confirm.ts";
import { wasDecidedMeanwhile } from "#intake/lane/batch.ts";
import { type RecoverParts, readWithBuyers, reopenStored } from "#intake/recover.ts";
import type { SupplierReply } from "#intake/reply/reply.ts";
import type { HoldEnd } from "#leads/trace.ts";

/** Why nothing was decided about a lead. */
export type NotHeld = "no_such_lead" | "not_held" | "erased";

/**
 * Decides a lead (a UUID) that was put aside as if it came now, by the caps, duplicates and configuration of now, but is not put aside
 * again. Resolves with what a supplier would be told. `by`: the operator.
 */
export async function releaseHeld(
  leadId: string,
  by: string,
  parts: RecoverParts,
): Promise<SupplierReply | NotHeld> {
  return await endHold(leadId, "released", { by }, parts);
}

/** Refuses a lead (a UUID) that was put aside. `by`: the operator; null: its time is over. `note`: why, in a few words. */
export async function rejectHeld(
  leadId: string,
  how: { by: string | null; note: string | undefined },
  parts: RecoverParts,
): Promise<SupplierReply | NotHeld> {
  return await endHold(leadId, "rejected", how, parts);
}

async function endHold(
  leadId: string,
  cause: HoldEnd,
  how: { by: string | null; note?: string | undefined },
  parts: RecoverParts,
): Promise<SupplierReply | NotHeld> {
  const [stored, without] = await readWithBuyers(leadId, parts);
  if (stored === undefined) return "no_such_lead";
  if (stored.status !== "HELD") return "not_held";
  // There is nothing left of it to sell; it can be refused.
  if (stored.erasedAt !== null && cause === "released") return "erased";
  const outcome = await parts.lanes.takeIn(reopenStored(stored, cause, without, how), null);
  return wasDecidedMeanwhile(outcome) ? "not_held" : await askUntilDecided(outcome, parts);
}
