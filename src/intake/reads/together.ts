/** What is asked for about a campaign. */
interface Waiting<Asked, Found> {
  asked: Asked;
  resolve: (found: Found) => void;
  reject: (error: unknown) => void;
}

/** As many are read for together. */
const LARGEST_BATCH = 256;

/**
 * Reads for those of a campaign together that come while others are being read for, as in the lane, or within `apartMs` after that. `read`
 * answers in the order in which it is asked.
 */
export function readTogether<Asked, Found>(
  read: (asked: readonly Asked[], campaignId: string) => Promise<readonly Found[]>,
  apartMs = 0,
): (asked: Asked, campaignId: string) => Promise<Found> {
  const queues = new Map<string, Waiting<Asked, Found>[]>();

  function readFor(asked: Asked, campaignId: string): Promise<Found> {
    const { promise, resolve, reject } = Promise.withResolvers<Found>();
    const waiting = queues.get(campaignId);
    if (waiting !== undefined) waiting.push({ asked, resolve, reject });
    else void readAll(campaignId, [{ asked, resolve, reject }]);
    return promise;
  }

  async function readAll(campaignId: string, queue: Waiting<Asked, Found>[]): Promise<void> {
    queues.set(campaignId, queue);
    while (queue.length > 0) {
      await requestsRead();
      await answer(campaignId, queue.splice(0, LARGEST_BATCH));
      if (apartMs > 0 && queue.length < LARGEST_BATCH) await Bun.sleep(apartMs);
    }
    queues.delete(campaignId);
  }

  async function answer(campaignId: string, batch: readonly Waiting<Asked, Found>[]): Promise<void> {
    try {
      const found = await read(
        batch.map(({ asked }) => asked),
        campaignId,
      );
      for (const [place, { resolve }] of batch.entries()) resolve(found[place] as Found);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return readFor;
}

/** Lets what has already arrived at the sockets be read first: at 64 connections twice as many pings share what a batch costs. */
function requestsRead(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
