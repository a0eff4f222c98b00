import type { Contract } from "#campaigns/campaign.ts";
import type { EarlierLead } from "#leads/candidate.ts";
import { undoSales } from "#leads/decided-lead.ts";
import type { Sale } from "#leads/sale.ts";
import type { BuyerLine, PassedOver, ReachedCap } from "#leads/trace.ts";
import { formatAmount } from "#money/amount.ts";
import { leadIdOf } from "#text/ids.ts";
import { canPay, reachedCap, shortagesOf } from "./caps.ts";
import type { CheckResult, DecisionInput } from "./check.ts";
import type { Contender, Offer } from "./contender.ts";
import type { Ending, Lack } from "./decision.ts";
import { originalOf, receivedBefore } from "./duplicates.ts";
import { offerOf, saleAt } from "./offer.ts";
import { quoteFor } from "./ping.ts";
import type { BuyerState } from "./state.ts";
import { suppressionHits } from "./suppression.ts";
import { chooseFurther, chooseWinners, isSetWorthwhile, rankContenders } from "./winners.ts";

/** Which buyer gets the lead: the original buyer of the lead it repeats, else the one whose turn it is. */
export function chooseBuyers(input: DecisionInput): CheckResult {
  const goesBack = input.campaign.duplicates.action === "route_to_original";
  const original = goesBack ? originalOf(input) : undefined;
  return original === undefined ? routeByTurn(input) : routeToOriginal(input, original);
}

function routeByTurn(input: DecisionInput): CheckResult {
  const assessed = input.campaign.contracts.map((contract) => assess(contract, input));
  const able = assessed.filter((each) => "offer" in each).map((each) => contenderOf(each, input));
  const standing = standingIn(input);
  const { winners, overCap } =
    standing.length === 0 ? chooseWinners(able, input) : chooseFurther(able, standing, input);
  // A ping is told of all of them.
  const contenders = input.lead.kind === "pinged" ? rankContenders(able, able.length, input) : able;
  const line = { check: "buyers", method: methodOf(input) } as const;
  const buyers = assessed.map((each): BuyerLine => {
    const buyer_id = each.contract.buyerId;
    if (!("offer" in each)) return { buyer_id, ...each.why };
    if (winners.some((winner) => winner.contract === each.contract)) return chosenLine(each, input);
    const cap = overCap.get(each.contract);
    if (cap !== undefined) return { buyer_id, reason: "supplier_cap", cap };
    const isLoss = winners.length === 0 && standing.length === 0;
    return { buyer_id, reason: isLoss ? "below_payout" : "outranked" };
  });
  const lacks = assessed.flatMap((each) => ("lacks" in each ? (each.lacks ?? []) : []));
  if (winners.length === 0) {
    return { line: { ...line, result: "ended", buyers }, ending: { kind: "unmatched" }, contenders, lacks };
  }
  return {
    line: { ...line, result: "passed", buyers },
    ending: endingWith(winners, standing, null, input),
    contenders: overCap.size === 0 ? contenders : contenders.filter(({ contract }) => !overCap.has(contract)),
    lacks,
  };
}

/** What of the lead is sold already, and stands. */
function standingIn({ lead }: DecisionInput): readonly Sale[] {
  return lead.kind === "reopened" ? undoSales(lead.prior).standing : NONE;
}

const NONE: readonly Sale[] = [];

/** A bid says for how much it won; what a contract says is in the configuration. */
function chosenLine({ contract, offer }: Able, { campaign }: DecisionInput): BuyerLine {
  const chosen = { buyer_id: contract.buyerId, chosen: true } as const;
  const { mode, currency } = campaign;
  return mode === "direct" ? chosen : { ...chosen, price: formatAmount(offer.price, currency) };
}

function methodOf(input: DecisionInput): string {
  const { campaign } = input;
  if (quoteFor(input) !== undefined) return "quoted_bids";
  return campaign.mode === "ping_post" ? "auction" : campaign.distribution;
}

function routeToOriginal(input: DecisionInput, original: EarlierLead): CheckResult {
  const method = "original_buyer";
  const contract = input.campaign.contracts.find((each) => each.buyerId === original.buyerId);
  const assessed = contract && assessAlone(contract, input, original);
  const isUnsold = original.buyerId === null;
  const buyers = input.campaign.contracts.map((each): BuyerLine => {
    const buyer_id = each.buyerId;
    if (assessed === undefined || each !== contract) {
      return { buyer_id, reason: isUnsold ? "no_original_buyer" : "not_the_original_buyer" };
    }
    return "offer" in assessed ? chosenLine(assessed, input) : { buyer_id, ...assessed.why };
  });
  if (assessed === undefined || !("offer" in assessed)) {
    const gone: PassedOver = { reason: isUnsold ? "no_original_buyer" : "no_contract" };
    return {
      line: { check: "buyers", result: "ended", method, buyers },
      ending: { kind: "duplicate", of: original, why: assessed?.why ?? gone },
      lacks: assessed?.lacks ?? [],
    };
  }
  const contender = contenderOf(assessed, input);
  return {
    line: { check: "buyers", result: "passed", method, buyers },
    ending: endingWith([contender], [], original, input),
    contenders: [contender],
  };
}

/** Sold; or held for all of them while one wants to be asked first. */
function endingWith(
  winners: readonly Contender[],
  standing: readonly Sale[],
  duplicateOf: EarlierLead | null,
  input: DecisionInput,
): Ending {
  const isFurther = (index: number) => standing.length + index > 0;
  const sales = winners.map(({ contract, offer }, index) => saleAt(contract, offer, isFurther(index)));
  const isPending = winners.some(({ contract }) => asksFirst(contract.buyer.delivery, input.reading.isTest));
  return { kind: isPending ? "pending" : "accepted", sales, standing, duplicateOf };
}

/** Whether a buyer is asked before it gets a lead. Who is sent no tests cannot be asked about one. */
export function asksFirst(delivery: Contract["buyer"]["delivery"], isTest: boolean): boolean {
  return delivery?.method === "webhook" && delivery.confirm && !(isTest && delivery.dropsTests);
}

/** A contract whose buyer can't take the lead; or could, if the campaign were given what it lacks of the buyer's limits. */
interface Unable extends NoRoom {
  contract: Contract;
}

interface NoRoom {
  why: PassedOver;
  lacks?: readonly Lack[];
}

/** A contract whose buyer can take the lead. */
interface Able {
  contract: Contract;
  offer: Offer;
}

/** No other's price adds to what the original buyer pays, also where leads may be sold several times. */
function assessAlone(contract: Contract, input: DecisionInput, original: EarlierLead): Able | Unable {
  const assessed = assess(contract, input, original);
  if (!("offer" in assessed) || isSetWorthwhile([contenderOf(assessed, input)], input)) return assessed;
  return { contract, why: { reason: "below_payout" } };
}

/**
 * What the contract's buyer would pay, or the first reason for which it cannot take the lead. A lead that goes back to
 * its `original` buyer is that buyer's own duplicate by intent.
 */
function assess(contract: Contract, input: DecisionInput, original?: EarlierLead): Able | Unable {
  const why = unfit(contract, input, original);
  if (why !== undefined) return { contract, why };
  const offer = offerOf(contract, input);
  if ("reason" in offer) return { contract, why: offer };
  const short = outOfCapacity(contract, offer, input) ?? outOfMoney(contract, offer, input);
  return short === undefined ? { contract, offer } : { contract, ...short };
}

/** Why the buyer cannot take the lead, whatever it would pay. What it did with the lead before is said whatever became of its contract. */
function unfit(contract: Contract, input: DecisionInput, original?: EarlierLead): PassedOver | undefined {
  return (
    refusedBefore(contract, input) ??
    soldAlready(contract, input) ??
    notActive(contract) ??
    overdue(contract, input) ??
    endpointDown(contract, input) ??
    outsideSchedule(contract, input) ??
    stateNotTaken(contract, input) ??
    filteredByBuyer(contract, input) ??
    suppressedByBuyer(contract, input) ??
    (original === undefined ? receivedByBuyer(contract, input) : undefined)
  );
}

function notActive({ status, buyer }: Contract): PassedOver | undefined {
  if (status === "paused") return { reason: "contract_paused" };
  if (buyer.status === "paused") return { reason: "buyer_paused" };
  return undefined;
}

function overdue({ overdueFrom }: Contract, { now }: DecisionInput): PassedOver | undefined {
  return overdueFrom !== null && now.getTime() >= overdueFrom ? { reason: "overdue" } : undefined;
}

function refusedBefore({ buyerId, buyer }: Contract, input: DecisionInput): PassedOver | undefined {
  const { lead } = input;
  if (lead.kind !== "reopened") return undefined;
  if (lead.prior.refusedBy.has(buyerId)) return { reason: "refused_lead" };
  return lead.prior.outOfTime && asksFirst(buyer.delivery, input.reading.isTest)
    ? { reason: "no_time_to_ask" }
    : undefined;
}

function soldAlready({ buyerId, exclusive }: Contract, input: DecisionInput): PassedOver | undefined {
  const standing = standingIn(input);
  if (standing.some((sale) => sale.buyerId === buyerId)) return { reason: "has_lead" };
  const isShared =
    standing.length > 0 || (input.lead.kind === "reopened" && input.lead.prior.mayHave.size > 0);
  return exclusive && isShared ? { reason: "sold_to_others" } : undefined;
}

function endpointDown({ buyerId }: Contract, { state }: DecisionInput): PassedOver | undefined {
  return state.down.has(buyerId) ? { reason: "endpoint_down" } : undefined;
}

function outsideSchedule({ schedule }: Contract, { now }: DecisionInput): PassedOver | undefined {
  return schedule === null || schedule.isOpen(now) ? undefined : { reason: "outside_schedule" };
}

/** A lead that names no state cannot be on a list of states, nor off it; a ping may name it later. */
function stateNotTaken(
  { states, excludeStates }: Contract,
  { reading }: DecisionInput,
): PassedOver | undefined {
  const state = reading.values.state;
  if (state === undefined && reading.extent === "partial") return undefined;
  if (states.size > 0 && (typeof state !== "string" || !states.has(state)))
    return { reason: "state_not_listed" };
  if (typeof state === "string" && excludeStates.has(state)) return { reason: "state_excluded" };
  return undefined;
}

function filteredByBuyer({ filters }: Contract, { reading, now }: DecisionInput): PassedOver | undefined {
  const failures = filters?.check(reading.known, now, reading.extent) ?? [];
  return failures.length === 0 ? undefined : { reason: "filtered", rules: failures.map((each) => each.rule) };
}

function suppressedByBuyer({ suppressionLists }: Contract, input: DecisionInput): PassedOver | undefined {
  const hit = suppressionHits(input.reading, input.state, suppressionLists).at(0);
  return hit && { reason: "suppressed", list: hit.list };
}

function receivedByBuyer({ buyerId, buyer }: Contract, input: DecisionInput): PassedOver | undefined {
  const rule = buyer.duplicates;
  const received = rule === null ? undefined : receivedBefore(input, buyerId, rule.windowDays);
  return received && { reason: "buyer_duplicate", of: leadIdOf(received.leadId) };
}

function outOfCapacity(contract: Contract, offer: Offer, input: DecisionInput): NoRoom | undefined {
  const { state, link, lead } = input;
  const ofContract = state.contracts.get(contract.buyerId);
  const ofBuyer = state.buyers.get(contract.buyerId);
  const ofSupplier = state.links.get(lead.supplierId);
  const contractCap = ofContract && reachedCap(contract.caps, ofContract.usage, offer.price);
  if (contractCap !== undefined) return { why: { reason: "contract_cap", cap: contractCap } };
  const buyerCap = ofBuyer && reachedCap(contract.buyerCaps, ofBuyer.usage, offer.price);
  if (ofBuyer !== undefined && buyerCap !== undefined) return outOfShare(contract, offer, ofBuyer, buyerCap);
  // A fixed payout is paid already by the sales that stand.
  const payout = standingIn(input).length > 0 ? offer.furtherPayout : offer.payout;
  const supplierCap = ofSupplier && reachedCap(link.caps, ofSupplier.usage, payout);
  return supplierCap && { why: { reason: "supplier_cap", cap: supplierCap } };
}

/** A share that is used up says nothing of the cap, unless nobody else has as much of it left as is missing. */
function outOfShare(
  { buyerId, buyerCaps }: Contract,
  { price }: Offer,
  { usage, share }: BuyerState,
  reached: ReachedCap,
): NoRoom {
  if (share === undefined) return { why: { reason: "buyer_cap", cap: reached } };
  const shortages = shortagesOf(buyerCaps, usage, price);
  const known = shortages.find(({ measure, units }) => units > (share.elsewhere.get(measure) ?? units));
  if (known !== undefined) return { why: { reason: "buyer_cap", cap: known.cap } };
  const lacks = shortages.map(({ measure, units }) => ({ buyerId, measure, units }));
  return { why: { reason: "buyer_cap", cap: reached }, lacks };
}

function outOfMoney(
  { buyerId, creditLimit }: Contract,
  { price }: Offer,
  { state }: DecisionInput,
): NoRoom | undefined {
  const buyer = state.buyers.get(buyerId);
  if (buyer === undefined || canPay(buyer.balance, price, creditLimit)) return undefined;
  const why = { reason: "insufficient_funds" } as const;
  const units = price - buyer.balance - (creditLimit ?? 0);
  const { share } = buyer;
  if (share === undefined || units > (share.elsewhere.get("balance") ?? units)) return { why };
  return { why, lacks: [{ buyerId, measure: "balance", units }] };
}

function contenderOf({ contract, offer }: Able, { state }: DecisionInput): Contender {
  const turn = state.contracts.get(contract.buyerId)?.turn ?? { lastTurn: 0, deficit: 0 };
  return { contract, offer, turn };
}
