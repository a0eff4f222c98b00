import type { Clock } from "./clock.ts";
import type { Jobs } from "./jobs.ts";
import type { Running } from "./running.ts";

/** Something that looks now and again for what there is to do, and at once when it is woken; never twice at the same time. */
export interface Looking extends Running {
  /** Looks, whosever job it is: there is something to do that this server knows of. */
  wake(): void;
}

export interface LookingParts {
  clock: Pick<Clock, "after">;
  /** Which servers look by the clock: whichever has the jobs, or each for itself. */
  who: Jobs | "each server";
  /** How long after a look the next one comes, in ms, unless it is woken before. */
  everyMs: number;
  /** Does what there is to do. It should end soon once `isStopped` says yes. */
  look(isStopped: () => boolean): Promise<void>;
  /** A look failed; the next one may do better. */
  failed(error: unknown): void;
}

/** Looks when it starts, and from then on. */
export function lookEvery({ clock, who, everyMs, look, failed }: LookingParts): Looking {
  let [isStopped, isQueued] = [false, false];
  let looking = Promise.resolve();
  let cancel = () => {};

  function wake(): void {
    if (isStopped || isQueued) return;
    isQueued = true;
    cancel();
    looking = looking.then(lookNow);
  }

  async function lookNow(): Promise<void> {
    isQueued = false;
    if (isStopped) return;
    try {
      await look(() => isStopped);
    } catch (error) {
      if (!isStopped) failed(error);
    }
    if (!isStopped && !isQueued) cancel = clock.after(everyMs, lookInTurn);
  }

  function lookInTurn(): void {
    if (who === "each server" || who.areOurs()) return wake();
    if (isStopped || isQueued) return;
    cancel();
    cancel = clock.after(everyMs, lookInTurn);
  }

  if (who !== "each server") who.onceOurs(lookInTurn);
  return {
    wake,
    start: lookInTurn,
    async stop() {
      isStopped = true;
      cancel();
      await looking;
    },
  };
}
