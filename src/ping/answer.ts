import { fieldsNotValid } from "#http/reply.ts";
import type { Ending } from "#intake/decide/decision.ts";
import { boundFields, pingedDigest, termsOf } from "#intake/decide/ping.ts";
import { supplierTrace } from "#intake/dry-run.ts";
import { REFUSALS, replyTo, type SupplierReply, supplierError } from "#intake/reply/reply.ts";
import type { Pinged } from "#leads/candidate.ts";
import type { Quote } from "#leads/quote.ts";
import type { SaleTerms } from "#leads/sale.ts";
import { formatAmount, sum } from "#money/amount.ts";
import type { PingOutcome } from "#telemetry/observer.ts";
import type { Auctioned } from "./auction.ts";

/** How long what was promised holds, in ms. */
const GOOD_FOR_MS = 30 * 60_000;
/** A token has to fit into a field of the post. */
const MOST_BIDS = 50;

/** Why a ping is told that its lead would not be taken. */
type NotTaken = "filtered" | "suppressed" | "duplicate" | "no_buyer" | "inactive";

/** What a supplier is told of its ping; with `issue`, its answer carries a token. */
export function answerToPing(
  ping: Pinged,
  { reading, decision, live }: Auctioned,
  issue: ((quote: Quote) => string) | null,
  now: Date,
): SupplierReply {
  const { ending, trace } = decision;
  const tried = issue === null ? { dry_run: true, trace: trace.map(supplierTrace) } : {};
  const notTaken = (reason: NotTaken, details: object = {}) =>
    pingReply({ accepted: false, reason, message: MESSAGES[reason], ...details, ...tried });
  switch (ending.kind) {
    case "unauthorized":
    case "not_linked":
    case "campaign_gone":
      return replyTo(ending, ping, reading);
    case "invalid": {
      const answer = replyTo(ending, ping, reading);
      if (issue !== null) return answer;
      return { ...answer, body: JSON.stringify({ ...JSON.parse(answer.body), trace: tried.trace }) };
    }
    case "inactive":
      return notTaken("inactive");
    case "filtered":
      return notTaken("filtered", {
        filter_errors: ending.failures.map((each) => ({ ...each, rule: `${ending.by}.${each.rule}` })),
      });
    case "suppressed":
    case "duplicate":
      return notTaken(ending.kind);
    case "held":
    case "unchecked":
    case "unmatched":
    case "unconfirmed":
    case "refused":
    case "returned":
      return notTaken("no_buyer");
    case "accepted":
    case "pending":
      return pingReply({
        ...acceptance(ping, ending.sales, { reading, decision, live }, issue, now),
        ...tried,
      });
  }
}

function acceptance(
  ping: Pinged,
  sales: readonly SaleTerms[],
  { reading, decision, live }: Auctioned,
  issue: ((quote: Quote) => string) | null,
  now: Date,
) {
  const { currency, showBuyers } = reading.campaign;
  const expiresAt = new Date(now.getTime() + GOOD_FOR_MS);
  const quote = quoteFrom(ping, { reading, decision, live }, expiresAt);
  return {
    accepted: true,
    ping_id: issue?.(quote) ?? null,
    message: MESSAGES.accepted,
    price: formatAmount(sum(sales.map((sale) => sale.payout)), currency),
    currency,
    expires_at: expiresAt.toISOString(),
    bids: (showBuyers ? quote.bids : []).map((bid) => ({
      buyer_id: bid.buyerId,
      price: formatAmount(bid.payout, currency),
    })),
    ...(reading.isTest && { is_test: true }),
  };
}

const MESSAGES = {
  accepted: "Send the whole lead to /api/v1/ingest with this ping_id as flo_ping_id.",
  filtered: REFUSALS.filtered,
  suppressed: REFUSALS.suppressed,
  duplicate: "The campaign has this person already.",
  no_buyer: "No buyer would take this lead now.",
  inactive: "The campaign or the supplier is paused.",
};

/** How the ping came out, in the words of the metrics. */
export function pingOutcomeOf({ kind }: Ending): PingOutcome {
  switch (kind) {
    case "accepted":
    case "pending":
      return "accepted";
    case "filtered":
    case "suppressed":
    case "duplicate":
    case "inactive":
      return kind;
    case "held":
    case "unchecked":
    case "unmatched":
    case "unconfirmed":
    case "refused":
    case "returned":
      return "no_buyer";
    case "unauthorized":
    case "not_linked":
    case "campaign_gone":
    case "invalid":
      return "refused";
  }
}

/** Whether the campaign takes leads as they are; who is not linked to it is not told. */
export function isForNoPings({ reading, decision: { ending } }: Auctioned): boolean {
  const isStranger =
    ending.kind === "unauthorized" || ending.kind === "not_linked" || ending.kind === "campaign_gone";
  return !isStranger && reading.campaign.mode === "direct";
}

export function notPinged(ping: Pinged): SupplierReply {
  return supplierError("validation_failed", fieldsNotValid(1), ping, {
    field_errors: [
      {
        field: "flo_campaign_id",
        code: "not_allowed",
        message: "This campaign is not pinged: send its leads to /api/v1/ingest",
      },
    ],
  });
}

function quoteFrom(ping: Pinged, { reading, decision, live }: Auctioned, expiresAt: Date): Quote {
  const { spellings } = reading.campaign.mapping;
  const bound = boundFields(reading.campaign);
  const values = Object.entries(reading.values).filter(([field]) => bound.has(field));
  const noBids = [...live].flatMap(([buyerId, answer]) =>
    answer.kind === "no_bid" ? [[buyerId, answer.why] as const] : [],
  );
  return {
    id: ping.id,
    ...(noBids.length > 0 && { noBids: Object.fromEntries(noBids.slice(0, MOST_BIDS)) }),
    campaignId: ping.campaignId,
    supplierId: ping.supplierId,
    terms: termsOf(reading),
    expiresAt: expiresAt.getTime(),
    pinged: Object.fromEntries(
      values.map(([field, value]) => [field, pingedDigest(field, spellings.whole(field, value))]),
    ),
    bids: decision.contenders.slice(0, MOST_BIDS).map(({ contract, offer }) => ({
      buyerId: contract.buyerId,
      price: offer.price,
      payout: offer.payout,
      furtherPayout: offer.furtherPayout,
      reference: offer.reference,
    })),
  };
}

function pingReply(body: object): SupplierReply {
  return { httpStatus: 200, body: JSON.stringify(body), replayed: false };
}
