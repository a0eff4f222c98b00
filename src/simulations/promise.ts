import type { Campaign, Contract } from "#campaigns/campaign.ts";
import type { CampaignDefinition } from "#campaigns/definition.ts";
import { decide } from "#intake/decide/decide.ts";
import type { Reading } from "#intake/decide/reading.ts";
import type { BatchState } from "#intake/decide/state.ts";
import type { BidAnswer, NoBid } from "#leads/bid.ts";
import type { Pinged } from "#leads/candidate.ts";
import type { Quote, QuotedBid } from "#leads/quote.ts";
import { newUuid } from "#text/ids.ts";
import type { PastAnswers, PastLead } from "./past-lead.ts";

/** Whose promises on record still say what they would promise: nothing that a price is made of has changed for them. */
export interface KeptTerms {
  /** Whether what a ping promised this supplier stands as it was recorded. */
  ofSupplier(supplierId: string): boolean;
  ofBuyer(buyerId: string): boolean;
}

/** Compares what a campaign promises by, as it is in force and as it would be. Null: there is none in force. */
export function keptTerms(inForce: CampaignDefinition | null, wanted: CampaignDefinition): KeptTerms {
  if (inForce === null || !isAlike(pricingOf(inForce), pricingOf(wanted))) return NOTHING_KEPT;
  const links = keptIds(inForce.suppliers, wanted.suppliers, ({ supplier }) => supplier.id);
  const contracts = keptIds(inForce.buyers, wanted.buyers, ({ buyer }) => buyer.id);
  return { ofSupplier: (id) => links.has(id), ofBuyer: (id) => contracts.has(id) };
}

const NOTHING_KEPT: KeptTerms = { ofSupplier: () => false, ofBuyer: () => false };

function pricingOf({
  mode,
  distribution,
  currency,
  margin,
  min_price,
  allow_loss,
  max_sells,
}: CampaignDefinition) {
  return { mode, distribution, currency, margin, min_price, allow_loss, max_sells };
}

function keptIds<Part>(
  before: readonly Part[],
  after: readonly Part[],
  idOf: (part: Part) => string,
): Set<string> {
  const earlier = new Map(before.map((part) => [idOf(part), part]));
  return new Set(after.filter((part) => isAlike(earlier.get(idOf(part)), part)).map(idOf));
}

/** As they come from JSON: what is undefined is not there. */
function isAlike(one: unknown, other: unknown): boolean {
  return Bun.deepEquals(
    JSON.parse(JSON.stringify(one ?? null)),
    JSON.parse(JSON.stringify(other ?? null)),
    true,
  );
}

export interface PromiseFacts {
  past: Pick<PastLead, "id" | "campaignId" | "supplierId" | "body" | "bids" | "pingId">;
  onRecord: PastAnswers;
  reading: Reading;
  state: BatchState;
  now: Date;
  /** Whether the buyer's promise on record is to be taken as it is. */
  isKept(buyerId: string): boolean;
}

/** What a lead's ping would have promised, and the buyers of which that cannot be known, as they bid live and were not asked then. */
export interface SimulatedPromise {
  quote: Quote;
  unknown: readonly string[];
}

/**
 * What the ping of a lead would have promised. The ping itself is not on record, so it is made anew of the whole lead, at the time of its
 * post; whoever's terms are the same, and who has sold neither more nor less until then, is taken at the word that is on record.
 */
export function promiseFor(facts: PromiseFacts): SimulatedPromise {
  const { past, state } = facts;
  const { contracts } = state.campaign;
  const isKept = ({ buyerId }: Contract) => past.bids !== null && facts.isKept(buyerId);
  if (past.bids !== null && contracts.every(isKept)) {
    return { quote: quoteOf(past, past.bids, facts.onRecord.noBids), unknown: [] };
  }
  const fresh = freshBids(facts);
  const kept = new Set(contracts.filter(isKept).map(({ buyerId }) => buyerId));
  const bids = [
    ...(past.bids ?? []).filter(({ buyerId }) => kept.has(buyerId)),
    ...fresh.filter(({ buyerId }) => !kept.has(buyerId)),
  ];
  const order = (buyer: string) => fresh.findIndex(({ buyerId }) => buyerId === buyer);
  const unknown = contracts.filter(
    (contract) =>
      contract.bidsLive && !kept.has(contract.buyerId) && answerOnRecord(contract, facts.onRecord) === null,
  );
  return {
    quote: quoteOf(
      past,
      bids.toSorted((one, other) => other.price - one.price || order(one.buyerId) - order(other.buyerId)),
      noBidsOf(state.campaign, facts.onRecord),
    ),
    unknown: unknown.map(({ buyerId }) => buyerId),
  };
}

function quoteOf(
  { campaignId, supplierId, pingId }: PromiseFacts["past"],
  bids: readonly QuotedBid[],
  noBids: ReadonlyMap<string, NoBid>,
): Quote {
  return {
    id: pingId ?? newUuid(),
    campaignId,
    supplierId,
    // The post came in time, and as it was pinged: else it were not on record.
    expiresAt: Number.POSITIVE_INFINITY,
    pinged: {},
    bids,
    ...(noBids.size > 0 && { noBids: Object.fromEntries(noBids) }),
  };
}

/** All who would take the lead now, best first. */
function freshBids({ past, onRecord, reading, state, now }: PromiseFacts): QuotedBid[] {
  const { id, campaignId, supplierId, body } = past;
  const lead: Pinged = { kind: "pinged", id, requestId: "", campaignId, supplierId, body, keyId: null };
  const live = new Map(
    state.campaign.contracts.flatMap((contract) => {
      const answer = answerOnRecord(contract, onRecord);
      return answer === null ? [] : [[contract.buyerId, answer] as const];
    }),
  );
  return decide({ lead, reading }, state, now, live).contenders.map(({ contract, offer }) => ({
    buyerId: contract.buyerId,
    price: offer.price,
    payout: offer.payout,
    furtherPayout: offer.furtherPayout,
    reference: offer.reference,
  }));
}

/** What a buyer that bids live answered then; null: it was not asked, or its bid went for nothing. */
function answerOnRecord({ bidsLive, buyerId }: Contract, { bids, noBids }: PastAnswers): BidAnswer | null {
  if (!bidsLive) return null;
  const bid = bids.get(buyerId);
  if (bid !== undefined) return { kind: "bid", price: bid.price, reference: bid.reference };
  const why = noBids.get(buyerId);
  return why === undefined ? null : { kind: "no_bid", why, reason: null };
}

function noBidsOf({ contracts }: Campaign, onRecord: PastAnswers): Map<string, NoBid> {
  return new Map(
    contracts.flatMap(({ buyerId, bidsLive }) => {
      if (!bidsLive || onRecord.bids.has(buyerId)) return [];
      return [[buyerId, onRecord.noBids.get(buyerId) ?? "not_asked"] as const];
    }),
  );
}
