import type { Campaign } from "#campaigns/campaign.ts";
import type { Bidders } from "#handover/bidders.ts";
import { decide } from "#intake/decide/decide.ts";
import type { Decision } from "#intake/decide/decision.ts";
import { isTestLead, type Lead, readLead } from "#intake/decide/reading.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { NotTakenIn } from "#intake/lane/lane.ts";
import { type PreviewParts, readState } from "#intake/preview.ts";
import type { BidAnswers, BidRequest } from "#leads/bid.ts";

export interface AuctionParts extends PreviewParts {
  bidders: Bidders;
}

/** How a ping came out: the contenders of the decision are its bids, best first. */
export interface Auctioned {
  campaign: Campaign;
  decision: Decision;
  /** What the buyers that were asked live have answered. */
  live: BidAnswers;
}

export interface Auctions {
  /**
   * What buyers would pay for a pinged lead, by the checks that its post will go through. Undefined: there is no such campaign. Nothing is
   * written or locked: by the time that the post comes, what was read may be different, and it is decided anew.
   * `askLive`: whether buyers that bid live are asked.
   *
   * @throws NotTakenIn when the server is shutting down.
   * @throws DatabaseUnavailable
   */
  hold(ping: Lead, askLive: boolean): Promise<Auctioned | undefined>;
  /** Refuses new pings, and resolves when those under way are answered. */
  close(): Promise<void>;
}

interface Waiting {
  ping: Lead;
  resolve: (state: BatchState | undefined) => void;
  reject: (error: unknown) => void;
}

/** As many pings are read for together. */
const LARGEST_BATCH = 256;
const NOBODY_ASKED: BidAnswers = new Map();

export function openAuctions(parts: AuctionParts): Auctions {
  const { bidders, clock } = parts;
  const queues = new Map<string, Waiting[]>();
  const underWay = new Set<Promise<unknown>>();
  let closed = false;

  async function hold(ping: Lead, askLive: boolean): Promise<Auctioned | undefined> {
    if (closed) throw new NotTakenIn("The server is shutting down.", 1);
    const held = auction(ping, askLive);
    underWay.add(held);
    try {
      return await held;
    } finally {
      underWay.delete(held);
    }
  }

  async function auction(ping: Lead, askLive: boolean): Promise<Auctioned | undefined> {
    const began = clock.elapsedMs();
    const state = await readFor(ping);
    if (state === undefined) return undefined;
    const { campaign } = state;
    const first = decide(ping, state, clock.now());
    const open = first.contenders.filter(({ offer }) => offer.isOpen);
    if (open.length === 0) return { campaign, decision: first, live: NOBODY_ASKED };
    const left = campaign.pingBudgetMs - (clock.elapsedMs() - began);
    const buyers = open.map(({ contract: { buyerId } }) => ({ buyerId }));
    const live = askLive ? await bidders.askForBids(buyers, requestOf(ping, campaign), left) : NOBODY_ASKED;
    return { campaign, decision: decide(ping, state, clock.now(), live), live };
  }

  /** Pings that come while others are being read for are read for together, as leads are. */
  function readFor(ping: Lead): Promise<BatchState | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<BatchState | undefined>();
    const waiting = queues.get(ping.campaignId);
    if (waiting !== undefined) waiting.push({ ping, resolve, reject });
    else void run(ping.campaignId, [{ ping, resolve, reject }]);
    return promise;
  }

  async function run(campaignId: string, queue: Waiting[]): Promise<void> {
    queues.set(campaignId, queue);
    while (queue.length > 0) {
      await requestsRead();
      await answer(campaignId, queue.splice(0, LARGEST_BATCH));
    }
    queues.delete(campaignId);
  }

  async function answer(campaignId: string, batch: readonly Waiting[]): Promise<void> {
    try {
      const pings = batch.map(({ ping }) => ping);
      const state = await readState(campaignId, pings, parts);
      for (const { resolve } of batch) resolve(state);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return {
    hold,
    async close() {
      closed = true;
      await Promise.allSettled(underWay);
    },
  };
}

function requestOf(ping: Lead, campaign: Campaign): BidRequest {
  return {
    pingId: ping.id,
    revision: campaign.revision,
    campaignId: campaign.id,
    isTest: isTestLead(ping, campaign),
    currency: campaign.currency,
    fields: readLead(ping, campaign).kept,
  };
}

/** Lets what has already arrived at the sockets be read first: at 64 connections twice as many pings share what a batch costs. */
function requestsRead(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
