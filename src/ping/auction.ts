import type { Bidders } from "#handover/bidders.ts";
import { decide } from "#intake/decide/decide.ts";
import type { Decision } from "#intake/decide/decision.ts";
import type { Reading } from "#intake/decide/reading.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { NotTakenIn } from "#intake/lane/lane.ts";
import { type PreviewParts, readPreview } from "#intake/preview.ts";
import type { BidAnswers, BidRequest } from "#leads/bid.ts";
import type { Pinged } from "#leads/candidate.ts";
import type { Running } from "#time/running.ts";

export interface AuctionParts extends PreviewParts {
  bidders: Bidders;
}

/** How a ping came out: the contenders of the decision are its bids, best first. */
export interface Auctioned {
  reading: Reading;
  decision: Decision;
  /** What the buyers that were asked live have answered. */
  live: BidAnswers;
}

export interface Auctions extends Running {
  /**
   * What buyers would pay for a pinged lead, by the checks that its post will go through. Undefined: there is no such campaign. Nothing is
   * written or locked: by the time that the post comes, what was read may be different, and it is decided anew.
   * `askLive`: whether buyers that bid live are asked.
   *
   * @throws NotTakenIn when the server is shutting down.
   * @throws DatabaseUnavailable
   */
  run(ping: Pinged, askLive: boolean): Promise<Auctioned | undefined>;
}

interface WaitingPing {
  ping: Pinged;
  resolve: (found: ReadFor | undefined) => void;
  reject: (error: unknown) => void;
}

/** What a ping is decided by. */
interface ReadFor {
  state: BatchState;
  reading: Reading;
}

/** As many pings are read for together. */
const LARGEST_BATCH = 256;
const NOBODY_ASKED: BidAnswers = new Map();

export function openAuctions(parts: AuctionParts): Auctions {
  const { bidders, clock } = parts;
  const queues = new Map<string, WaitingPing[]>();
  const underWay = new Set<Promise<unknown>>();
  let isOpen = false;

  async function run(ping: Pinged, askLive: boolean): Promise<Auctioned | undefined> {
    if (!isOpen) throw new NotTakenIn("The server is shutting down.", 1);
    const running = auction(ping, askLive);
    underWay.add(running);
    try {
      return await running;
    } finally {
      underWay.delete(running);
    }
  }

  async function auction(ping: Pinged, askLive: boolean): Promise<Auctioned | undefined> {
    const began = clock.elapsedMs();
    const found = await readFor(ping);
    if (found === undefined) return undefined;
    const { state, reading } = found;
    const { campaign } = reading;
    const parsed = { lead: ping, reading };
    const first = decide(parsed, state, clock.now());
    const open = first.contenders.filter(({ offer }) => offer.isOpen);
    if (open.length === 0) return { reading, decision: first, live: NOBODY_ASKED };
    const left = campaign.pingBudgetMs - (clock.elapsedMs() - began);
    const buyers = open.map(({ contract: { buyerId } }) => ({ buyerId }));
    const live = askLive ? await bidders.askForBids(buyers, requestOf(ping, reading), left) : NOBODY_ASKED;
    return { reading, decision: decide(parsed, state, clock.now(), live), live };
  }

  /** Pings that come while others are being read for are read for together, as leads are. */
  function readFor(ping: Pinged): Promise<ReadFor | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<ReadFor | undefined>();
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

  return {
    run,
    start() {
      isOpen = true;
    },
    async stop() {
      isOpen = false;
      await Promise.allSettled(underWay);
    },
  };
}

function requestOf(ping: Pinged, { campaign, isTest, kept }: Reading): BidRequest {
  return {
    pingId: ping.id,
    revision: campaign.revision,
    campaignId: campaign.id,
    isTest,
    currency: campaign.currency,
    fields: kept,
  };
}

/** Lets what has already arrived at the sockets be read first: at 64 connections twice as many pings share what a batch costs. */
function requestsRead(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
