import type { RecoverParts } from "#intake/recover.ts";
import { selectDueReturns } from "#leads/return-records.ts";
import { returnIdOf } from "#text/ids.ts";
import type { Running } from "#time/running.ts";
import { acceptReturn } from "./decide-return.ts";

/** How often returns are looked for that nobody decided in time, in ms, and how many are accepted then. */
const LOOK_EVERY_MS = 60_000;
const AT_ONCE = 500;

/** Accepts the returns that nobody decided in the hours that their buyer's terms give. */
export function openAcceptance(parts: RecoverParts): Running {
  let stopped = false;
  let accepting = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    if (stopped) return;
    try {
      await acceptDueReturns(parts, () => stopped);
    } catch (error) {
      if (!stopped) parts.log.warn("returns that are due cannot be looked for", { error });
    }
  }

  function wake(): void {
    accepting = accepting.then(look);
  }

  return {
    start() {
      wake();
      timer = setInterval(wake, LOOK_EVERY_MS).unref();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await accepting;
    },
  };
}

/** Accepts what is due by now. One that cannot be, since its sale was undone otherwise, holds up no other. */
async function acceptDueReturns(parts: RecoverParts, isStopped: () => boolean): Promise<void> {
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
