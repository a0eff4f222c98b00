import type { DecidedUntil } from "#intake/lane/read-records.ts";
import { type FirstRead, type PreviewParts, readPreview } from "#intake/preview.ts";
import type { Candidate } from "#leads/candidate.ts";

interface Waiting {
  lead: Candidate;
  resolve: (found: FirstRead | undefined) => void;
  reject: (error: unknown) => void;
}

/** As many are read for together. */
const LARGEST_BATCH = 256;

/**
 * Reads what leads and pings would be decided by, without a lock: those that come while others are being read for are read for together, as
 * in the lane. Undefined: there is no such campaign.
 */
export function openFirstReads(
  parts: PreviewParts,
  until: DecidedUntil,
): (lead: Candidate) => Promise<FirstRead | undefined> {
  const queues = new Map<string, Waiting[]>();

  function readFor(lead: Candidate): Promise<FirstRead | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<FirstRead | undefined>();
    const waiting = queues.get(lead.campaignId);
    if (waiting !== undefined) waiting.push({ lead, resolve, reject });
    else void readAll(lead.campaignId, [{ lead, resolve, reject }]);
    return promise;
  }

  async function readAll(campaignId: string, queue: Waiting[]): Promise<void> {
    queues.set(campaignId, queue);
    while (queue.length > 0) {
      await requestsRead();
      await answer(campaignId, queue.splice(0, LARGEST_BATCH));
    }
    queues.delete(campaignId);
  }

  async function answer(campaignId: string, batch: readonly Waiting[]): Promise<void> {
    try {
      const leads = batch.map(({ lead }) => lead);
      const preview = await readPreview(campaignId, leads, parts, until);
      for (const [index, { resolve }] of batch.entries()) {
        const reading = preview?.readings[index];
        resolve(preview && reading && { state: preview.state, reading, answers: preview.answers });
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
