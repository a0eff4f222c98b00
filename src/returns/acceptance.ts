import type { SettlerParts } from "#intake/recover.ts";
import { selectDueReturns } from "#leads/return-records.ts";
import { returnIdOf } from "#text/ids.ts";
import { lookEvery } from "#time/look-every.ts";
import type { Running } from "#time/running.ts";
import { acceptReturn } from "./decide-return.ts";

/** How often returns are looked for that nobody decided in time, in ms, and how many are accepted then. */
const LOOK_EVERY_MS = 60_000;
const AT_ONCE = 500;

/** Accepts the returns that nobody decided in the hours that their buyer's terms give. */
export function openAcceptance(parts: SettlerParts): Running {
  return lookEvery({
    clock: parts.clock,
    who: parts.jobs,
    everyMs: LOOK_EVERY_MS,
    look: (isStopped) => acceptDueReturns(parts, isStopped),
    failed: (error) => parts.log.warn("returns that are due cannot be looked for", { error }),
  });
}

/** Accepts what is due by now. One that cannot be, since its sale was undone otherwise, holds up no other. */
async function acceptDueReturns(parts: SettlerParts, isStopped: () => boolean): Promise<void> {
  const now = parts.clock.now();
  const due = await parts.database.read((db) => selectDueReturns(db, now, AT_ONCE));
  for (const id of due) {
    if (isStopped()) return;
    const accepted = await acceptReturn(id, { by: "leadgate", now }, parts);
    if ("refused" in accepted) {
      parts.log.warn("a return that is due was not accepted", { return_id: returnIdOf(id) });
    }
  }
}
