import type { Clock } from "./clock.ts";
import type { Running } from "./running.ts";

/** Something that looks now and again for what there is to do, and at once when it is woken; never twice at the same time. */
export interface Looking extends Running {
  wake(): void;
}

export interface LookingParts {
  clock: Pick<Clock, "after">;
  /** How long after a look the next one comes, in ms, unless it is woken before. */
  everyMs: number;
  /** Does what there is to do. It should end soon once `isStopped` says yes. */
  look(isStopped: () => boolean): Promise<void>;
  /** A look failed; the next one may do better. */
  failed(error: unknown): void;
}

/** Looks when it starts, and from then on. */
export function lookEvery({ clock, everyMs, look, failed }: LookingParts): Looking {
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
    if (!isStopped && !isQueued) cancel = clock.after(everyMs, wake);
  }

  return {
    wake,
    start: wake,
    async stop() {
      isStopped = true;
      cancel();
      await looking;
    },
  };
}
