import type { Contract } from "#campaigns/campaign.ts";
import type { BidAnswer } from "#leads/bid.ts";
import type { QuotedBid } from "#leads/quote.ts";
import type { SaleTerms } from "#leads/sale.ts";
import type { PassedOver } from "#leads/trace.ts";
import type { Amount } from "#money/amount.ts";
import { isWorthwhile, payoutFor } from "#money/price.ts";
import type { DecisionInput } from "./check.ts";
import type { Offer } from "./contender.ts";
import { quoteFor } from "./ping.ts";

/**
 * What the contract's buyer would pay: what a ping has promised; else what it bids, or by its contract. What was promised holds, whatever
 * the configuration says now.
 */
export function offerOf(contract: Contract, input: DecisionInput): Offer | PassedOver {
  const quote = quoteFor(input);
  if (quote !== undefined) {
    const bid = quote.bids.find(({ buyerId }) => buyerId === contract.buyerId);
    if (bid !== undefined) return { ...asQuoted(bid), isOpen: false };
    const why = quote.noBids?.[contract.buyerId];
    return why === undefined ? { reason: "no_bid" } : { reason: "no_bid", why };
  }
  if (!contract.bidsLive) return offerAt(priceOf(contract, input), null, contract, input);
  if (input.live === null) return OPEN;
  const bid = input.live.get(contract.buyerId) ?? NOT_ASKED;
  if (bid.kind === "no_bid") return { reason: "no_bid", why: bid.why };
  const price = bid.price ?? priceOf(contract, input);
  if (price === NOTHING) return { reason: "no_bid", why: "no_price" };
  return offerAt(price, bid.reference, contract, input);
}

const NOTHING = 0 as Amount;
const OPEN: Offer = {
  price: NOTHING,
  payout: NOTHING,
  furtherPayout: NOTHING,
  reference: null,
  isOpen: true,
};
/** Nobody is asked on a dry run. */
const NOT_ASKED: BidAnswer = { kind: "no_bid", why: "not_asked", reason: null };

function asQuoted({ price, payout, furtherPayout, reference }: QuotedBid): Omit<Offer, "isOpen"> {
  return { price, payout, furtherPayout, reference };
}

/**
 * By the first of the contract's price rules that the lead passes, else its price. To a ping no more is promised than the lead may come to
 * when what is missing comes: else a supplier would leave out what makes it cheaper.
 */
function priceOf(contract: Contract, { reading: { known, extent }, now }: DecisionInput): Amount {
  let least: Amount | undefined;
  const orLeast = (price: Amount) => (least !== undefined && least < price ? least : price);
  for (const { when, price, asksChecks } of contract.priceRules) {
    if (when.isSureOf(known, now, extent)) return orLeast(price);
    if (!asksChecks && when.mayPass(known, now, extent)) least = orLeast(price);
  }
  return orLeast(contract.price);
}

function offerAt(
  price: Amount,
  reference: string | null,
  contract: Contract,
  { campaign, link }: DecisionInput,
): Offer | PassedOver {
  const { currency, allowLoss, maxSells } = campaign;
  if (campaign.minPrice !== null && price < campaign.minPrice) return { reason: "below_min_price" };
  const payout = payoutFor(link.payout, price, link.margin, currency);
  // A fixed payout is for the lead, however often it is sold: whether it is covered, all its sales tell together.
  const isForTheLead = link.payout.mode === "fixed";
  const countsAlone = !isForTheLead || maxSells === 1 || contract.exclusive;
  if (!allowLoss && countsAlone && !isWorthwhile(price, payout, link.margin, currency)) {
    return { reason: "below_payout" };
  }
  return { price, payout, furtherPayout: isForTheLead ? NOTHING : payout, reference, isOpen: false };
}

/** The offer as a sale: the first of a lead's, or a further one. */
export function saleAt(contract: Contract, offer: Offer, isFurther = false): SaleTerms {
  const { price, payout, furtherPayout, reference } = offer;
  const paysForLead = !isFurther && payout !== furtherPayout;
  const due = isFurther ? furtherPayout : payout;
  return { buyerId: contract.buyerId, price, payout: due, paysForLead, reference };
}
