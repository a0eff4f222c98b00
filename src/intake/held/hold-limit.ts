import type { SettlerParts } from "#intake/recover.ts";
import { type HeldLead, selectHeldTooLong } from "#leads/lead-records.ts";
import { leadIdOf } from "#text/ids.ts";
import { lookEvery } from "#time/look-every.ts";
import type { Running } from "#time/running.ts";
import { rejectHeld } from "./release.ts";

/** How often leads are looked for about which nobody decided in time, in ms. */
const LOOK_EVERY_MS = 60_000;
/** As many are looked up together. */
const AT_ONCE = 500;

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

/** Goes on until none is left. One that cannot be refused holds up no other. */
async function rejectOverdue(parts: SettlerParts, isStopped: () => boolean): Promise<void> {
  const now = parts.clock.now();
  let after: HeldLead | undefined;
  do {
    const overdue = await parts.database.read((db) => selectHeldTooLong(db, now, after, AT_ONCE));
    for (const { id } of overdue) {
      if (isStopped()) return;
      await rejectOne(id, parts, isStopped);
    }
    after = overdue.at(AT_ONCE - 1);
  } while (after !== undefined);
}

async function rejectOne(id: string, parts: SettlerParts, isStopped: () => boolean): Promise<void> {
  try {
    await rejectHeld(id, { by: null, note: "hold_hours are over" }, parts);
  } catch (error) {
    if (isStopped()) return;
    parts.log.warn("a lead that was put aside too long is not refused yet", {
      lead_id: leadIdOf(id),
      error,
    });
  }
}
