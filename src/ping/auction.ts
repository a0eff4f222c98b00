import type { Bidders } from "#handover/bidders.ts";
import { decide } from "#intake/decide/decide.ts";
import type { Decision } from "#intake/decide/decision.ts";
import type { Reading } from "#intake/decide/reading.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { NotTakenIn } from "#intake/lane/lane.ts";
import { type PreviewParts, readPreview } from "#intake/preview.ts";
import { type ReadLimits, readTogether } from "#intake/reads/together.ts";
import type { BidAnswers, BidRequest } from "#leads/bid.ts";
import type { Pinged } from "#leads/candidate.ts";
import type { Running } from "#time/running.ts";

export interface AuctionParts extends PreviewParts {
  bidders: Bidders;
}

/** How many pings may wait for a campaign, and for how long. */
export type AuctionSettings = Omit<ReadLimits, "clock">;

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
   * @throws NotTakenIn when the server is shutting down, or too many wait.
   * @throws DatabaseUnavailable
   */
  run(ping: Pinged, askLive: boolean): Promise<Auctioned | undefined>;
}

const NOBODY_ASKED: BidAnswers = new Map();

/** What a ping would be decided by now. */
interface PingRead {
  state: BatchState;
  reading: Reading;
}

export function openAuctions(parts: AuctionParts, { queueLimit, waitLimitMs }: AuctionSettings): Auctions {
  const { bidders, clock } = parts;
  const readFor = readTogether<Pinged, PingRead | undefined>(readPings, { clock, queueLimit, waitLimitMs });
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

  async function readPings(pings: readonly Pinged[], campaignId: string) {
    const preview = await readPreview(campaignId, pings, parts);
    return pings.map((_, place) => {
      const reading = preview?.readings[place];
      return preview && reading && { state: preview.state, reading };
    });
  }

  async function auction(ping: Pinged, askLive: boolean): Promise<Auctioned | undefined> {
    const began = clock.elapsedMs();
    const found = await readFor(ping, ping.campaignId);
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
    timezone: campaign.timezone,
    fields: kept,
  };
}
