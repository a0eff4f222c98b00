import { OnAnotherNode } from "#intake/lane/lane.ts";
import type { SettlerParts } from "#intake/recover.ts";
import { type HeldLead, selectHeldTooLong } from "#leads/lead-records.ts";
import { leadIdOf } from "#text/ids.ts";
import { goThrough } from "#time/go-through.ts";
import { lookEvery } from "#time/look-every.ts";
import type { Running } from "#time/running.ts";
import { rejectHeld } from "./release.ts";

/** How often leads are looked for about which nobody decided in time, in ms. */
const LOOK_EVERY_MS = 60_000;

/** Refuses the leads about which nobody decided within their campaign's `hold_hours`. */
export function openHoldLimit(parts: SettlerParts): Running {
  return lookEvery({
    clock: parts.clock,
    who: parts.jobs,
    everyMs: LOOK_EVERY_MS,
    look: (isStopped) => rejectOverdue(parts, isStopped),
    failed: (error) => parts.log.warn("leads that were put aside cannot be looked for", { error }),
  });
}

async function rejectOverdue(parts: SettlerParts, isStopped: () => boolean): Promise<void> {
  const now = parts.clock.now();
  await goThrough<HeldLead>({
    read: (after, limit) => parts.database.read((db) => selectHeldTooLong(db, now, after, limit)),
    deal: async ({ id }) => {
      await rejectHeld(id, { by: null, note: "hold_hours are over" }, parts);
    },
    failed({ id }, error) {
      // A server of that node does it.
      if (error instanceof OnAnotherNode) return;
      parts.log.warn("a lead that was put aside too long is not refused yet", {
        lead_id: leadIdOf(id),
        error,
      });
    },
    isStopped,
  });
}
