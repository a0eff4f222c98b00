import { failsAll, NotTakenIn } from "#intake/lane/lane.ts";
import type { Clock } from "#time/clock.ts";

/** What is asked for about a campaign. */
interface Waiting<Asked, Found> {
  asked: Asked;
  /** By the clock that never runs backwards, in ms. */
  since: number;
  resolve: (found: Found) => void;
  reject: (error: unknown) => void;
}

/** As many are read for together. */
const LARGEST_BATCH = 256;

export interface ReadLimits {
  clock: Pick<Clock, "elapsedMs">;
  /** As many may wait for one campaign. */
  queueLimit: number;
  /** Who waited longer, in ms, is refused: whoever asked has given up on it or soon will. */
  waitLimitMs: number;
}

/**
 * Reads for those of a campaign together that come while others are being read for, as in the lane, or within `apartMs` after that. `read`
 * answers in the order in which it is asked. What cannot be read for one of them fails that one alone.
 *
 * @throws NotTakenIn when too many wait, or one did for too long.
 */
export function readTogether<Asked, Found>(
  read: (asked: readonly Asked[], campaignId: string) => Promise<readonly Found[]>,
  { clock, queueLimit, waitLimitMs }: ReadLimits,
  apartMs = 0,
): (asked: Asked, campaignId: string) => Promise<Found> {
  const queues = new Map<string, Waiting<Asked, Found>[]>();

  function readFor(asked: Asked, campaignId: string): Promise<Found> {
    const queue = queues.get(campaignId);
    if (queue !== undefined && queue.length >= queueLimit) return Promise.reject(new NotTakenIn(TOO_MANY, 1));
    const { promise, resolve, reject } = Promise.withResolvers<Found>();
    const waiting = { asked, since: clock.elapsedMs(), resolve, reject };
    if (queue !== undefined) queue.push(waiting);
    else void readAll(campaignId, [waiting]);
    return promise;
  }

  async function readAll(campaignId: string, queue: Waiting<Asked, Found>[]): Promise<void> {
    queues.set(campaignId, queue);
    while (queue.length > 0) {
      await requestsRead();
      refuseLate(queue);
      await answer(campaignId, queue.splice(0, LARGEST_BATCH));
      if (apartMs > 0 && queue.length < LARGEST_BATCH) await Bun.sleep(apartMs);
    }
    queues.delete(campaignId);
  }

  /** Those who wait longest are in front. */
  function refuseLate(queue: Waiting<Asked, Found>[]): void {
    const oldest = clock.elapsedMs() - waitLimitMs;
    const inTime = queue.findIndex(({ since }) => since >= oldest);
    const late = queue.splice(0, inTime < 0 ? queue.length : inTime);
    for (const { reject } of late) reject(new NotTakenIn(TOO_SLOW, 1));
  }

  async function answer(campaignId: string, batch: readonly Waiting<Asked, Found>[]): Promise<void> {
    if (batch.length === 0) return;
    try {
      const found = await read(
        batch.map(({ asked }) => asked),
        campaignId,
      );
      for (const [place, { resolve }] of batch.entries()) resolve(found[place] as Found);
    } catch (error) {
      if (batch.length === 1 || failsAll(error)) {
        for (const { reject } of batch) reject(error);
        return;
      }
      const half = Math.ceil(batch.length / 2);
      await answer(campaignId, batch.slice(0, half));
      await answer(campaignId, batch.slice(half));
    }
  }

  return readFor;
}

const TOO_MANY = "Too many requests are waiting for this campaign.";
const TOO_SLOW = "The database is too slow to answer this request.";

/** Lets what has already arrived at the sockets be read first: at 64 connections twice as many pings share what a batch costs. */
function requestsRead(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
