import { COUNTED_ALONE, type SharedCounts } from "./shared-counts.ts";

/**
 * Stops guessing: attempts to authenticate that fail are counted by the address that they come from, in a bucket of 20 that fills
 * again in a minute. From an address whose bucket is empty, what cannot be a key is refused unseen, and what may be one is looked up in
 * turn, one at a time: good keys go on, because behind one address (an office, a proxy) there may be many who did nothing wrong. Each
 * server counts for itself, its copies on one machine together.
 */
export interface LoginThrottle {
  /**
   * Runs `look` for a client's `address`, which resolves with what it found, or with undefined when the attempt has failed. Of one
   * address no more run at once than may still fail; the others wait for their turn. Without an address nothing is counted.
   *
   * @throws TooManyFailures when too many have failed, and this one too; unseen unless it `mayBeGood`.
   */
  try<Found>(
    address: string | undefined,
    look: () => Promise<Found | undefined>,
    mayBeGood?: boolean,
  ): Promise<Found | undefined>;
}

/** Too many attempts from this address have failed. */
export class TooManyFailures extends Error {
  override readonly name = "TooManyFailures";
  /** Whole seconds until one more may be made. */
  readonly retryAfter: number;
  constructor(retryAfter: number) {
    super("Too many requests from this address came with a key that is not valid.");
    this.retryAfter = retryAfter;
  }
}

const MAY_FAIL = 20;
const REFILLED_IN_MS = 60_000;

/** Addresses that are remembered; beyond them the one that was not heard of for longest is forgotten. About 3 MB. */
const MOST_ADDRESSES = 20_000;

interface Bucket {
  left: number;
  countedAt: number;
  running: number;
  waiting: (() => void)[];
}

/** `elapsedMs` is a clock that never runs backwards. */
export function createLoginThrottle(
  elapsedMs: () => number,
  shared: SharedCounts = COUNTED_ALONE,
): LoginThrottle {
  const buckets = new Map<string, Bucket>();
  shared.hear("failed_logins", ({ name, times }) => {
    const bucket = bucketOf(name);
    refill(bucket);
    bucket.left = Math.max(0, bucket.left - times);
  });

  /** The address's bucket as it is now; the last one asked for is the last to be forgotten. */
  function bucketOf(address: string): Bucket {
    const bucket = buckets.get(address) ?? { left: MAY_FAIL, countedAt: 0, running: 0, waiting: [] };
    buckets.delete(address);
    buckets.set(address, bucket);
    if (buckets.size > MOST_ADDRESSES) {
      const [oldest = ""] = buckets.keys();
      buckets.delete(oldest);
    }
    return bucket;
  }

  function refill(bucket: Bucket): void {
    const now = elapsedMs();
    const gained = ((now - bucket.countedAt) * MAY_FAIL) / REFILLED_IN_MS;
    bucket.left = Math.min(MAY_FAIL, bucket.left + gained);
    bucket.countedAt = now;
  }

  /** Takes a turn, to be given back; no other may be taken between asking and taking. */
  async function takeTurn(bucket: Bucket, mayBeGood: boolean): Promise<void> {
    for (;;) {
      refill(bucket);
      const isEmpty = bucket.left < ONE;
      if (isEmpty && !mayBeGood) throw new TooManyFailures(secondsUntilOne(bucket));
      if (bucket.running + ONE <= (isEmpty ? 1 : bucket.left)) {
        bucket.running += 1;
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      bucket.waiting.push(resolve);
      await promise;
    }
  }

  /** Lets go on as many as there are turns. Each of them takes a turn, waits for one that is taken, or lets the next go on. */
  function resumeWaiting(bucket: Bucket): void {
    const turns = Math.max(1, Math.floor(bucket.left + 1 - ONE) - bucket.running);
    for (const resume of bucket.waiting.splice(0, turns)) resume();
  }

  return {
    async try(address, look, mayBeGood = false) {
      if (address === undefined) return look();
      const bucket = bucketOf(address);
      let hasTurn = false;
      try {
        await takeTurn(bucket, mayBeGood);
        hasTurn = true;
        const found = await look();
        if (found !== undefined) return found;
        refill(bucket);
        if (bucket.left < ONE) throw new TooManyFailures(secondsUntilOne(bucket));
        bucket.left -= 1;
        shared.counted({ of: "failed_logins", name: address, times: 1, weight: 0 });
        return undefined;
      } finally {
        if (hasTurn) bucket.running -= 1;
        resumeWaiting(bucket);
      }
    },
  };
}

/** One attempt, less what adding fractions may lose. */
const ONE = 1 - 1e-6;

function secondsUntilOne({ left }: Bucket): number {
  return Math.max(1, Math.ceil(((ONE - left) * REFILLED_IN_MS) / MAY_FAIL / 1000));
}
