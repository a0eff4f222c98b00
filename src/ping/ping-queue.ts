import type { Reading } from "#intake/decide/reading.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { type PreviewParts, readPreview } from "#intake/preview.ts";
import type { Pinged } from "#leads/candidate.ts";

interface WaitingPing {
  ping: Pinged;
  resolve: (found: ReadPing | undefined) => void;
  reject: (error: unknown) => void;
}

/** What a ping is decided by. */
export interface ReadPing {
  state: BatchState;
  reading: Reading;
}

/** As many pings are read for together. */
const LARGEST_BATCH = 256;

/** Reads what pings are decided by: those that come while others are being read for are read for together, as leads are. */
export function openPingQueue(parts: PreviewParts): (ping: Pinged) => Promise<ReadPing | undefined> {
  const queues = new Map<string, WaitingPing[]>();

  function readFor(ping: Pinged): Promise<ReadPing | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<ReadPing | undefined>();
    const waiting = queues.get(ping.campaignId);
    if (waiting !== undefined) waiting.push({ ping, resolve, reject });
    else void readAll(ping.campaignId, [{ ping, resolve, reject }]);
    return promise;
  }

  async function readAll(campaignId: string, queue: WaitingPing[]): Promise<void> {
    queues.set(campaignId, queue);
    while (queue.length > 0) {
      await requestsRead();
      await answer(campaignId, queue.splice(0, LARGEST_BATCH));
    }
    queues.delete(campaignId);
  }

  async function answer(campaignId: string, batch: readonly WaitingPing[]): Promise<void> {
    try {
      const pings = batch.map(({ ping }) => ping);
      const preview = await readPreview(campaignId, pings, parts);
      for (const [index, { resolve }] of batch.entries()) {
        const reading = preview?.readings[index];
        resolve(preview && reading && { state: preview.state, reading });
      }
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
