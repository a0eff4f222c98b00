import type { Contract } from "#catalog/campaign.ts";
import { leadIdOf } from "#ids.ts";
import { payoutFor } from "#money/price.ts";
import type { Finding, InTheLane } from "./check.ts";
import { originalOf, receivedBefore } from "./deduplicate.ts";
import type { BuyerLine, EarlierLead, PassedOver, Sale } from "./outcome.ts";
import { suppressionHits } from "./suppress.ts";
import { type Contender, nextInTurn } from "./turn.ts";
import { canPay, reachedCap } from "./usage.ts";

/** Which buyer gets the lead: the original buyer of the lead it repeats, else the one whose turn it is. */
export function route(facts: InTheLane): Finding {
  const goesBack = facts.campaign.definition.duplicates.action === "route_to_original";
  const original = goesBack ? originalOf(facts) : undefined;
  return original === undefined ? routeByTurn(facts) : routeToOriginal(facts, original);
}

function routeByTurn(facts: InTheLane): Finding {
  const method = facts.campaign.definition.distribution;
  const assessed = facts.campaign.contracts.map((contract) => ({
    contract,
    why: whyPassedOver(contract, facts),
  }));
  const [first, ...others] = assessed.flatMap(({ contract, why }) =>
    why ? [] : contenderOf(contract, facts),
  );
  if (first === undefined) {
    const buyers = assessed.map(({ contract, why }) => ({
      buyer_id: contract.buyerId,
      ...(why ?? OUTRANKED),
    }));
    return { line: { check: "buyers", result: "ended", method, buyers }, ending: { kind: "unmatched" } };
  }
  const contenders = [first, ...others] as const;
  const { contract: winner } = nextInTurn(method, contenders);
  const buyers = assessed.map(({ contract, why }): BuyerLine => {
    const buyer_id = contract.buyerId;
    return contract === winner ? { buyer_id, chosen: true } : { buyer_id, ...(why ?? OUTRANKED) };
  });
  return {
    line: { check: "buyers", result: "passed", method, buyers },
    ending: { kind: endingAt(winner), sale: saleTo(winner, facts), duplicateOf: null },
    contenders,
  };
}

const OUTRANKED = { reason: "outranked" } as const;

function routeToOriginal(facts: InTheLane, original: EarlierLead): Finding {
  const method = "original_buyer";
  const contract = facts.campaign.contracts.find((each) => each.buyerId === original.buyerId);
  const why: PassedOver | undefined =
    contract === undefined ? { reason: "no_contract" } : whyPassedOver(contract, facts, original);
  const buyers = facts.campaign.contracts.map((each): BuyerLine => {
    const buyer_id = each.buyerId;
    if (each !== contract) return { buyer_id, reason: "not_the_original_buyer" };
    return why === undefined ? { buyer_id, chosen: true } : { buyer_id, ...why };
  });
  if (contract === undefined || why !== undefined) {
    return {
      line: { check: "buyers", result: "ended", method, buyers },
      ending: { kind: "duplicate", of: original, why: why ?? { reason: "no_contract" } },
    };
  }
  return {
    line: { check: "buyers", result: "passed", method, buyers },
    ending: { kind: endingAt(contract), sale: saleTo(contract, facts), duplicateOf: original },
    contenders: contenderOf(contract, facts),
  };
}

function endingAt({ definition }: Contract): "accepted" | "held" {
  return asksFirst(definition.buyer.delivery) ? "held" : "accepted";
}

function asksFirst(delivery: Contract["definition"]["buyer"]["delivery"]): boolean {
  return delivery?.method === "webhook" && delivery.confirm;
}

/**
 * The first reason for which the contract's buyer cannot take the lead; undefined when it can. A lead that goes back to
 * its `original` buyer is that buyer's own duplicate by intent.
 */
function whyPassedOver(contract: Contract, facts: InTheLane, original?: EarlierLead): PassedOver | undefined {
  return (
    notActive(contract) ??
    refusedBefore(contract, facts) ??
    endpointDown(contract, facts) ??
    outsideSchedule(contract, facts) ??
    stateNotTaken(contract, facts) ??
    filteredByBuyer(contract, facts) ??
    suppressedByBuyer(contract, facts) ??
    (original === undefined ? receivedByBuyer(contract, facts) : undefined) ??
    outOfCapacity(contract, facts) ??
    outOfMoney(contract, facts)
  );
}

function notActive({ definition }: Contract): PassedOver | undefined {
  if (definition.status === "paused") return { reason: "contract_paused" };
  if (definition.buyer.status === "paused") return { reason: "buyer_paused" };
  return undefined;
}

function refusedBefore({ buyerId, definition }: Contract, { lead }: InTheLane): PassedOver | undefined {
  if (lead.again === undefined) return undefined;
  if (lead.again.refusedBy.has(buyerId)) return { reason: "refused_lead" };
  return lead.again.outOfTime && asksFirst(definition.buyer.delivery)
    ? { reason: "no_time_to_ask" }
    : undefined;
}

function endpointDown({ buyerId }: Contract, { known }: InTheLane): PassedOver | undefined {
  return known.down.has(buyerId) ? { reason: "endpoint_down" } : undefined;
}

function outsideSchedule({ schedule }: Contract, { now }: InTheLane): PassedOver | undefined {
  return schedule === null || schedule.isOpen(now) ? undefined : { reason: "outside_schedule" };
}

/** A lead that names no state cannot be on a list of states, nor off it. */
function stateNotTaken({ states, excludeStates }: Contract, { reading }: InTheLane): PassedOver | undefined {
  const state = reading.values.state;
  if (states.size > 0 && (typeof state !== "string" || !states.has(state)))
    return { reason: "state_not_listed" };
  if (typeof state === "string" && excludeStates.has(state)) return { reason: "state_excluded" };
  return undefined;
}

function filteredByBuyer({ filters }: Contract, { reading, now }: InTheLane): PassedOver | undefined {
  const failures = filters?.check(reading.values, now) ?? [];
  return failures.length === 0 ? undefined : { reason: "filtered", rules: failures.map((each) => each.rule) };
}

function suppressedByBuyer({ suppressionLists }: Contract, facts: InTheLane): PassedOver | undefined {
  const hit = suppressionHits(facts.reading, facts.known, suppressionLists).at(0);
  return hit && { reason: "suppressed", list: hit.list };
}

function receivedByBuyer({ buyerId, definition }: Contract, facts: InTheLane): PassedOver | undefined {
  const rule = definition.buyer.duplicates;
  const received = rule === null ? undefined : receivedBefore(facts, buyerId, rule.windowDays);
  return received && { reason: "buyer_duplicate", of: leadIdOf(received.leadId) };
}

function outOfCapacity(contract: Contract, facts: InTheLane): PassedOver | undefined {
  const { known, link, lead } = facts;
  const ofContract = known.contracts.get(contract.buyerId);
  const ofBuyer = known.buyers.get(contract.buyerId);
  const ofSupplier = known.links.get(lead.supplierId);
  const contractCap = ofContract && reachedCap(contract.caps, ofContract.usage, contract.price);
  if (contractCap !== undefined) return { reason: "contract_cap", cap: contractCap };
  const buyerCap = ofBuyer && reachedCap(contract.buyerCaps, ofBuyer.usage, contract.price);
  if (buyerCap !== undefined) return { reason: "buyer_cap", cap: buyerCap };
  const supplierCap = ofSupplier && reachedCap(link.caps, ofSupplier, saleTo(contract, facts).payout);
  return supplierCap && { reason: "supplier_cap", cap: supplierCap };
}

function outOfMoney({ buyerId, price, creditLimit }: Contract, { known }: InTheLane): PassedOver | undefined {
  const buyer = known.buyers.get(buyerId);
  if (buyer === undefined || canPay(buyer.balance, price, creditLimit)) return undefined;
  return { reason: "insufficient_funds" };
}

function contenderOf(contract: Contract, { known }: InTheLane): [Contender] {
  return [{ contract, turn: known.contracts.get(contract.buyerId)?.turn ?? { lastTurn: 0, owed: 0 } }];
}

function saleTo(contract: Contract, { link, campaign }: InTheLane): Sale {
  const { price, buyerId } = contract;
  return { buyerId, price, payout: payoutFor(link.payout, price, campaign.definition.currency) };
}
