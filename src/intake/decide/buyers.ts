import type { Contract } from "#campaigns/campaign.ts";
import type { EarlierLead } from "#leads/candidate.ts";
import type { BuyerLine, PassedOver } from "#leads/trace.ts";
import { formatAmount } from "#money/amount.ts";
import { leadIdOf } from "#text/ids.ts";
import { canPay, reachedCap } from "./caps.ts";
import type { Finding, InTheLane } from "./check.ts";
import type { Contender, Offer } from "./contender.ts";
import type { Ending } from "./decision.ts";
import { originalOf, receivedBefore } from "./duplicates.ts";
import { offerOf, saleAt } from "./offer.ts";
import { quoteFor } from "./quote.ts";
import { extentOf } from "./reading.ts";
import { suppressionHits } from "./suppression.ts";
import { inTurn, soldTo } from "./winners.ts";

/** Which buyer gets the lead: the original buyer of the lead it repeats, else the one whose turn it is. */
export function route(facts: InTheLane): Finding {
  const goesBack = facts.campaign.duplicates.action === "route_to_original";
  const original = goesBack ? originalOf(facts) : undefined;
  return original === undefined ? routeByTurn(facts) : routeToOriginal(facts, original);
}

function routeByTurn(facts: InTheLane): Finding {
  const assessed = facts.campaign.contracts.map((contract) => assess(contract, facts));
  const able = assessed.flatMap((each) => ("offer" in each ? contenderOf(each, facts) : []));
  const winners = soldTo(able, facts);
  // A ping is told of all of them.
  const contenders = facts.lead.isPing ? inTurn(able, able.length, facts) : able;
  const line = { check: "buyers", method: methodOf(facts) } as const;
  const buyers = assessed.map((each): BuyerLine => {
    const buyer_id = each.contract.buyerId;
    if (!("offer" in each)) return { buyer_id, ...each.why };
    if (winners.some((winner) => winner.contract === each.contract)) return chosenLine(each, facts);
    return { buyer_id, reason: winners.length === 0 ? "below_payout" : "outranked" };
  });
  if (winners.length === 0) {
    return { line: { ...line, result: "ended", buyers }, ending: { kind: "unmatched" }, contenders };
  }
  return {
    line: { ...line, result: "passed", buyers },
    ending: endingWith(winners, null),
    contenders,
  };
}

/** A bid says for how much it won; what a contract says is in the configuration. */
function chosenLine({ contract, offer }: Able, { campaign }: InTheLane): BuyerLine {
  const chosen = { buyer_id: contract.buyerId, chosen: true } as const;
  const { mode, currency } = campaign;
  return mode === "direct" ? chosen : { ...chosen, price: formatAmount(offer.price, currency) };
}

function methodOf(facts: InTheLane): string {
  const { campaign } = facts;
  if (quoteFor(facts) !== undefined) return "quoted_bids";
  return campaign.mode === "ping_post" ? "auction" : campaign.distribution;
}

function routeToOriginal(facts: InTheLane, original: EarlierLead): Finding {
  const method = "original_buyer";
  const contract = facts.campaign.contracts.find((each) => each.buyerId === original.buyerId);
  const assessed = contract && assess(contract, facts, original);
  const buyers = facts.campaign.contracts.map((each): BuyerLine => {
    const buyer_id = each.buyerId;
    if (assessed === undefined || each !== contract) return { buyer_id, reason: "not_the_original_buyer" };
    return "offer" in assessed ? chosenLine(assessed, facts) : { buyer_id, ...assessed.why };
  });
  if (assessed === undefined || !("offer" in assessed)) {
    return {
      line: { check: "buyers", result: "ended", method, buyers },
      ending: { kind: "duplicate", of: original, why: assessed?.why ?? { reason: "no_contract" } },
    };
  }
  const [contender] = contenderOf(assessed, facts);
  return {
    line: { check: "buyers", result: "passed", method, buyers },
    ending: endingWith([contender], original),
    contenders: [contender],
  };
}

/** Sold, or pending for a buyer that wants to be asked first: one that is, is the only one. */
function endingWith(winners: readonly Contender[], duplicateOf: EarlierLead | null): Ending {
  const sales = winners.map(({ contract, offer }, index) => saleAt(contract, offer, index > 0));
  const [first] = winners;
  const isPending = first !== undefined && asksFirst(first.contract.buyer.delivery);
  return isPending
    ? { kind: "pending", sales: sales.slice(0, 1), duplicateOf }
    : { kind: "accepted", sales, duplicateOf };
}

function asksFirst(delivery: Contract["buyer"]["delivery"]): boolean {
  return delivery?.method === "webhook" && delivery.confirm;
}

/** A contract whose buyer can take the lead. */
interface Able {
  contract: Contract;
  offer: Offer;
}

/**
 * What the contract's buyer would pay, or the first reason for which it cannot take the lead. A lead that goes back to
 * its `original` buyer is that buyer's own duplicate by intent.
 */
function assess(
  contract: Contract,
  facts: InTheLane,
  original?: EarlierLead,
): Able | { contract: Contract; why: PassedOver } {
  const why = unfit(contract, facts, original);
  if (why !== undefined) return { contract, why };
  const offer = offerOf(contract, facts);
  if ("reason" in offer) return { contract, why: offer };
  const short = outOfCapacity(contract, offer, facts) ?? outOfMoney(contract, offer, facts);
  return short === undefined ? { contract, offer } : { contract, why: short };
}

/** Why the buyer cannot take the lead, whatever it would pay. */
function unfit(contract: Contract, facts: InTheLane, original?: EarlierLead): PassedOver | undefined {
  return (
    notActive(contract) ??
    refusedBefore(contract, facts) ??
    endpointDown(contract, facts) ??
    outsideSchedule(contract, facts) ??
    stateNotTaken(contract, facts) ??
    filteredByBuyer(contract, facts) ??
    suppressedByBuyer(contract, facts) ??
    (original === undefined ? receivedByBuyer(contract, facts) : undefined)
  );
}

function notActive({ status, buyer }: Contract): PassedOver | undefined {
  if (status === "paused") return { reason: "contract_paused" };
  if (buyer.status === "paused") return { reason: "buyer_paused" };
  return undefined;
}

function refusedBefore({ buyerId, buyer }: Contract, { lead }: InTheLane): PassedOver | undefined {
  if (lead.prior === undefined) return undefined;
  if (lead.prior.refusedBy.has(buyerId)) return { reason: "refused_lead" };
  return lead.prior.outOfTime && asksFirst(buyer.delivery) ? { reason: "no_time_to_ask" } : undefined;
}

function endpointDown({ buyerId }: Contract, { known }: InTheLane): PassedOver | undefined {
  return known.down.has(buyerId) ? { reason: "endpoint_down" } : undefined;
}

function outsideSchedule({ schedule }: Contract, { now }: InTheLane): PassedOver | undefined {
  return schedule === null || schedule.isOpen(now) ? undefined : { reason: "outside_schedule" };
}

/** A lead that names no state cannot be on a list of states, nor off it; a ping may name it later. */
function stateNotTaken(
  { states, excludeStates }: Contract,
  { reading, lead }: InTheLane,
): PassedOver | undefined {
  const state = reading.values.state;
  if (state === undefined && lead.isPing) return undefined;
  if (states.size > 0 && (typeof state !== "string" || !states.has(state)))
    return { reason: "state_not_listed" };
  if (typeof state === "string" && excludeStates.has(state)) return { reason: "state_excluded" };
  return undefined;
}

function filteredByBuyer({ filters }: Contract, { lead, reading, now }: InTheLane): PassedOver | undefined {
  const failures = filters?.check(reading.values, now, extentOf(lead)) ?? [];
  return failures.length === 0 ? undefined : { reason: "filtered", rules: failures.map((each) => each.rule) };
}

function suppressedByBuyer({ suppressionLists }: Contract, facts: InTheLane): PassedOver | undefined {
  const hit = suppressionHits(facts.reading, facts.known, suppressionLists).at(0);
  return hit && { reason: "suppressed", list: hit.list };
}

function receivedByBuyer({ buyerId, buyer }: Contract, facts: InTheLane): PassedOver | undefined {
  const rule = buyer.duplicates;
  const received = rule === null ? undefined : receivedBefore(facts, buyerId, rule.windowDays);
  return received && { reason: "buyer_duplicate", of: leadIdOf(received.leadId) };
}

function outOfCapacity(contract: Contract, offer: Offer, facts: InTheLane): PassedOver | undefined {
  const { known, link, lead } = facts;
  const ofContract = known.contracts.get(contract.buyerId);
  const ofBuyer = known.buyers.get(contract.buyerId);
  const ofSupplier = known.links.get(lead.supplierId);
  const contractCap = ofContract && reachedCap(contract.caps, ofContract.usage, offer.price);
  if (contractCap !== undefined) return { reason: "contract_cap", cap: contractCap };
  const buyerCap = ofBuyer && reachedCap(contract.buyerCaps, ofBuyer.usage, offer.price);
  if (buyerCap !== undefined) return { reason: "buyer_cap", cap: buyerCap };
  const supplierCap = ofSupplier && reachedCap(link.caps, ofSupplier, offer.payout);
  return supplierCap && { reason: "supplier_cap", cap: supplierCap };
}

function outOfMoney(
  { buyerId, creditLimit }: Contract,
  { price }: Offer,
  { known }: InTheLane,
): PassedOver | undefined {
  const buyer = known.buyers.get(buyerId);
  if (buyer === undefined || canPay(buyer.balance, price, creditLimit)) return undefined;
  return { reason: "insufficient_funds" };
}

function contenderOf({ contract, offer }: Able, { known }: InTheLane): [Contender] {
  const turn = known.contracts.get(contract.buyerId)?.turn ?? { lastTurn: 0, owed: 0 };
  return [{ contract, offer, turn }];
}
