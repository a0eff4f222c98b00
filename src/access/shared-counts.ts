import type { RateLimit } from "#campaigns/campaign.ts";
import type { Clock } from "#time/clock.ts";

/** What one copy of the server counted and the others must know, since they keep to one limit together. */
export interface Count {
  /** The limit, and whose it is: a supplier, a buyer, a network. */
  of: "ingest" | "ping" | "lookup" | "feedback" | "buyers" | "buyers_in_browsers" | "failed_logins" | "bytes";
  name: string;
  times: number;
  weight: number;
  /** For whoever has not begun to count by it. */
  limit?: RateLimit | undefined;
}

/**
 * Counts that the copies of a server on one machine share: each goes by its own, and hears within a tenth of a second what the others
 * counted. So a limit may be passed by what comes in on the others in that time, and no request waits for another process.
 */
export interface SharedCounts {
  /** Something was counted here. */
  counted(count: Count): void;
  /** Has what others counted of this kind told. */
  hear(of: Count["of"], listener: (count: Count) => void): void;
  /** Others have counted. */
  receive(counts: readonly Count[]): void;
}

/** For a server of one process: there is nobody to tell. */
export const COUNTED_ALONE: SharedCounts = {
  counted: () => undefined,
  hear: () => undefined,
  receive: () => undefined,
};

/** A message takes 0.25 ms of three processes' time on its way: told every 20 ms, that was 26 ms of two copies' second. */
const TELL_EVERY_MS = 100;

/** `send` tells the others; what is alike goes together. */
export function openSharedCounts(
  send: (counts: readonly Count[]) => void,
  { after }: Pick<Clock, "after">,
): SharedCounts {
  const untold = new Map<string, Count>();
  const listeners = new Map<Count["of"], (count: Count) => void>();

  function tell(): void {
    const counts = [...untold.values()];
    untold.clear();
    send(counts);
  }

  return {
    counted(count) {
      if (untold.size === 0) after(TELL_EVERY_MS, tell);
      const key = `${count.of} ${count.name}`;
      const before = untold.get(key);
      if (before === undefined) untold.set(key, { ...count });
      else {
        before.times += count.times;
        before.weight += count.weight;
        before.limit = count.limit;
      }
    },
    hear: (of, listener) => void listeners.set(of, listener),
    receive(counts) {
      for (const count of counts) listeners.get(count.of)?.(count);
    },
  };
}
