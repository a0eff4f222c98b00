import { DatabaseUnavailable } from "#database/database.ts";
import { readByRoute } from "#http/body-form.ts";
import type { RequestContext } from "#http/context.ts";
import { type Route, route } from "#http/route.ts";
import { NotTakenIn } from "#intake/lane/lane.ts";
import { noSuchCampaign, type SupplierReply, unavailable } from "#intake/reply/reply.ts";
import {
  type AdmittedSupplier,
  dryRunUnclear,
  type FrontParts,
  isDryRun,
  readAddressed,
  replyOf,
  submissionFrom,
  supplierGate,
} from "#intake/supplier-request.ts";
import { dryRunSetting, LEAD_MEDIA_TYPES } from "#intake/supplier-words.ts";
import type { Pinged } from "#leads/candidate.ts";
import { answerToPing, isForNoPings, notPinged, pingOutcomeOf } from "./answer.ts";
import type { Auctions } from "./auction.ts";
import { PING, PING_WORDS } from "./ping-words.ts";
import type { Tokens } from "./token.ts";

export interface PingParts extends FrontParts {
  auctions: Auctions;
  tokens: Tokens;
}

/** `POST /api/v1/ping`: what would be paid for a lead. Nothing goes on record. */
export function pingRoute(parts: PingParts): Route {
  return route({
    method: "post",
    path: "/api/v1/ping",
    who: supplierGate("ping", parts),
    reads: {
      dry_run: dryRunSetting(
        "`true`: with the trace of every check, but without a `ping_id`, and without asking the buyers that bid live.",
      ),
    },
    body: readByRoute({ schema: PING, ...LEAD_MEDIA_TYPES }),
    answer: async ({ context, caller }) => replyOf(await ping(parts, context, caller), context),
    words: PING_WORDS,
  });
}

async function ping(
  { auctions, tokens, clock, observer, turns }: PingParts,
  context: RequestContext,
  holder: AdmittedSupplier,
): Promise<SupplierReply> {
  const addressed = await readAddressed(context, holder, { turns });
  if (!addressed.ok) return addressed.answer;
  const dryRun = isDryRun(context.request.url);
  if (dryRun === undefined) return dryRunUnclear(context.id);
  const ids = { id: context.newUuid(), requestId: context.id };
  const lead: Pinged = { kind: "pinged", ...submissionFrom(ids, holder, addressed) };
  const began = clock.elapsedMs();
  try {
    const auctioned = await auctions.run(lead, !dryRun);
    if (auctioned === undefined) return noSuchCampaign(lead);
    if (isForNoPings(auctioned)) return notPinged(lead);
    const { decision, live } = auctioned;
    const bids = live.values().map((each) => (each.kind === "bid" ? each.kind : each.why));
    if (!dryRun) {
      observer.pinged(lead.campaignId, pingOutcomeOf(decision.ending), bids, clock.elapsedMs() - began);
    }
    return answerToPing(lead, auctioned, dryRun ? null : tokens.issue, clock.now());
  } catch (error) {
    if (error instanceof NotTakenIn) return unavailable(error, lead);
    if (!(error instanceof DatabaseUnavailable)) throw error;
    return unavailable({ message: "The database is not available.", retryAfter: 2 }, lead);
  }
}
