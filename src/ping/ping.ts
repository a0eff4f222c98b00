import { Elysia } from "elysia";
import { DatabaseUnavailable } from "#database/database.ts";
import {
  type Arrival,
  arrived,
  createFront,
  dryRunUnclear,
  type FrontParts,
  isDryRun,
  readAddressed,
} from "#intake/arrive.ts";
import type { Lead } from "#intake/decide/reading.ts";
import { NotTakenIn } from "#intake/lane/lane.ts";
import { type Answer, noSuchCampaign, unavailable } from "#intake/reply/reply.ts";
import { answerToPing, isForNoPings, notPinged, outcomeOf } from "./answer.ts";
import type { Auctions } from "./auction.ts";
import type { Tokens } from "./token.ts";

export interface PingParts extends FrontParts {
  auctions: Auctions;
  tokens: Tokens;
}

/** `POST /api/v1/ping`: what would be paid for a lead. Nothing goes on record. */
export function pingRoutes(parts: PingParts) {
  const receive = createFront("ping", parts, (arrival) => ping(parts, arrival));
  return new Elysia({ name: "ping" }).post("/api/v1/ping", ({ request }) => receive(request), {
    parse: "none",
    detail: { operationId: "pingLead", tags: ["Suppliers"], summary: "Ask for a price" },
  });
}

async function ping({ auctions, tokens, clock, observer }: PingParts, arrival: Arrival): Promise<Answer> {
  const addressed = await readAddressed(arrival);
  if (!addressed.ok) return addressed.answer;
  const dryRun = isDryRun(arrival.request.url);
  if (dryRun === undefined) return dryRunUnclear(arrival.requestId);
  const lead: Lead = {
    ...arrived(arrival, addressed),
    idempotency: null,
    isPing: true,
  };
  const began = clock.elapsedMs();
  try {
    const auctioned = await auctions.hold(lead, !dryRun);
    if (auctioned === undefined) return noSuchCampaign(lead);
    if (isForNoPings(auctioned)) return notPinged(lead);
    const { decision, live } = auctioned;
    const bids = live.values().map((each) => (each.kind === "bid" ? each.kind : each.why));
    if (!dryRun) {
      observer.pinged(lead.campaignId, outcomeOf(decision.ending), bids, clock.elapsedMs() - began);
    }
    return answerToPing(lead, auctioned, dryRun ? null : tokens.issue, clock.now());
  } catch (error) {
    if (error instanceof NotTakenIn) return unavailable(error, lead);
    if (!(error instanceof DatabaseUnavailable)) throw error;
    return unavailable({ message: "The database is not available.", retryAfter: 2 }, lead);
  }
}
