import type { RefusedLead } from "#handover/outbox.ts";
import { wasDecidedMeanwhile } from "#intake/lane/batch.ts";
import { OnAnotherNode } from "#intake/lane/lane.ts";
import { leadIdOf } from "#text/ids.ts";
import { lookEvery } from "#time/look-every.ts";
import type { Running } from "#time/running.ts";
import { askUntilDecided } from "./confirm.ts";
import { type RecoverParts, readWithBuyers, reopenStored, type SettlerParts } from "./recover.ts";

/** How often refusals are looked for that other servers recorded, or could not be settled at once, in ms. */
const LOOK_EVERY_MS = 15_000;
/** Refusals that are settled at the same time: leads that wait come first. */
const AT_ONCE = 32;

/**
 * Settles what buyers refused after it had been sold to them: the sale is undone and the lead decided once more, in one transaction that
 * takes the mark off the refusal. So what a server leaves behind is found by the next one that looks, and nothing is undone twice.
 */
export function openSettlement(parts: SettlerParts): Running {
  const { outbox, clock, log, jobs } = parts;
  const settling = new Map<string, Promise<void>>();
  /** Leads that another buyer has refused as well, which is settled next. */
  const again = new Set<string>();
  /** When settling them failed, by the clock that never runs backwards. */
  const failedAt = new Map<string, number>();

  /** Goes through all that are marked. One that cannot be settled holds up no other. */
  async function look(isStopped: () => boolean): Promise<void> {
    forgetFailures();
    let last: RefusedLead | undefined;
    do {
      const found = await outbox.unsettledRefusals(last?.deliveryId, AT_ONCE);
      for (const refused of found) {
        if (settling.has(refused.leadId)) again.add(refused.leadId);
        else if (!failedAt.has(refused.leadId)) await begin(refused, isStopped);
        if (isStopped()) return;
      }
      last = found.at(AT_ONCE - 1);
    } while (last !== undefined);
  }

  /** What has just failed is left until the next look by the clock, however often others wake this. */
  function forgetFailures(): void {
    const before = clock.elapsedMs() - LOOK_EVERY_MS;
    for (const [leadId, at] of failedAt) if (at <= before) failedAt.delete(leadId);
  }

  async function begin(refused: RefusedLead, isStopped: () => boolean): Promise<void> {
    while (settling.size >= AT_ONCE) await Promise.race(settling.values());
    if (!isStopped()) settling.set(refused.leadId, settleNext(refused, isStopped));
  }

  async function settleNext(refused: RefusedLead, isStopped: () => boolean): Promise<void> {
    const { leadId } = refused;
    let isSettled = false;
    try {
      isSettled = await settle(refused, parts);
    } catch (error) {
      failedAt.set(leadId, clock.elapsedMs());
      // A server of that node does it.
      if (!isStopped() && !(error instanceof OnAnotherNode))
        log.warn("a refusal of a buyer cannot be settled", { lead_id: leadIdOf(leadId), error });
    }
    settling.delete(leadId);
    if (again.delete(leadId) && isSettled) looking.wake();
  }

  const looking = lookEvery({
    clock,
    who: jobs,
    everyMs: LOOK_EVERY_MS,
    look,
    failed: (error) => log.warn("refusals of buyers cannot be looked for", { error }),
  });
  return {
    start() {
      outbox.onRefusal(looking.wake);
      looking.start();
    },
    async stop() {
      await looking.stop();
      await Promise.all(settling.values());
    },
  };
}

/** Undoes the one sale, if it still stands. False: not now, since the lead's next buyer is being asked or it was decided meanwhile. */
async function settle(refused: RefusedLead, parts: RecoverParts): Promise<boolean> {
  const { leadId, buyerId, verdict } = refused;
  const [stored, without] = await readWithBuyers(leadId, parts);
  if (stored?.status === "PENDING") return false;
  const undone = stored?.sales.filter((sale) => sale.buyerId === buyerId) ?? [];
  if (stored === undefined || undone.length === 0) {
    await parts.outbox.dismissRefusal(refused);
    return true;
  }
  const refusal = { buyerId, verdict, course: null };
  const lead = reopenStored(stored, "refused", without, { undone, refusal });
  const outcome = await parts.lanes.takeIn(lead, null);
  await askUntilDecided(outcome, parts);
  return !wasDecidedMeanwhile(outcome);
}
