import type { Campaign, Contract } from "#campaigns/campaign.ts";
import type { Distribution } from "#campaigns/definition.ts";
import type { PriorDecision } from "#leads/candidate.ts";
import type { PromisedBids } from "#leads/quote.ts";
import type { Sale } from "#leads/sale.ts";
import type { ReachedCap } from "#leads/trace.ts";
import { type Amount, add, sum } from "#money/amount.ts";
import { isWorthwhile } from "#money/price.ts";
import { reachedCap } from "./caps.ts";
import type { DecisionInput } from "./check.ts";
import type { Contender, Offer } from "./contender.ts";
import { saleAt } from "./offer.ts";
import { quoteFor, wantedBuyer } from "./ping.ts";
import { type Debtor, deficitsAfter, nextInTurn } from "./rotation.ts";

const NOTHING = 0 as Amount;

/** To whom a lead is sold, and who would have been among them, had the supplier's caps on money had room for it too. */
export interface Choice {
  winners: readonly Contender[];
  overCap: ReadonlyMap<Contract, ReachedCap>;
}

const NOBODY: ReadonlyMap<Contract, ReachedCap> = new Map();

/**
 * To whom of those who can take it the lead is sold: to one; or, where a lead may be sold several times, to as many in turn as
 * may have it, unless a buyer that wants it alone pays more than they do together. To nobody when what they pay together is too little.
 */
export function chooseWinners(contenders: readonly Contender[], input: DecisionInput): Choice {
  const { maxSells } = input.campaign;
  if (maxSells === 1) {
    return { winners: rankContenders(contenders, roomIn(input), input), overCap: NOBODY };
  }
  const sharing = contenders.filter((each) => !wantsItAlone(each));
  const shared = withinCaps(sharing, roomIn(input), input);
  const worthwhile = { ...shared, winners: worthwhileSet(shared.winners, sharing, input) };
  const exclusive = contenders.filter(wantsItAlone);
  const chosen = quoteFor(input) === undefined ? null : wantedBuyer(input);
  const isChosen = ({ contract }: Contender) => contract.buyerId === chosen;
  if (worthwhile.winners.some(isChosen)) return worthwhile;
  const wanted = exclusive.filter(isChosen);
  const [alone] = wanted.length > 0 ? wanted : rankContenders(payingMore(exclusive, worthwhile), 1, input);
  return alone === undefined ? worthwhile : { winners: [alone], overCap: NOBODY };
}

/**
 * The set, where it pays enough; else those of it who pay least give their places to who pays most, until it does. Nobody, where it never
 * does. What a ping was quoted is in the order of what it brings already.
 */
function worthwhileSet(
  set: readonly Contender[],
  contenders: readonly Contender[],
  input: DecisionInput,
): readonly Contender[] {
  let winners = set;
  while (!isSetWorthwhile(winners, input)) {
    if (quoteFor(input) !== undefined) return [];
    const [dearest] = byFallingPrice(contenders.filter((each) => !winners.includes(each)));
    const cheapest = byFallingPrice(winners).at(-1);
    if (dearest === undefined || cheapest === undefined) return [];
    if (dearest.offer.price <= cheapest.offer.price) return [];
    winners = winners.map((each) => (each === cheapest ? dearest : each));
  }
  return winners;
}

function byFallingPrice(contenders: readonly Contender[]): Contender[] {
  return contenders.toSorted((one, other) => other.offer.price - one.offer.price);
}

/** Those who pay more than all who share it do together; where nobody does, all of them. */
function payingMore(exclusive: readonly Contender[], { winners }: Choice): readonly Contender[] {
  const together = totalPrice(winners);
  return winners.length === 0 ? exclusive : exclusive.filter(({ offer }) => offer.price > together);
}

/**
 * To whom a lead is sold beside the sales of it that stand: to as many in turn as may have it in all. What they pay adds to what is there,
 * so it is never too little.
 */
export function chooseFurther(
  contenders: readonly Contender[],
  standing: readonly Sale[],
  input: DecisionInput,
): Choice {
  const isTaken = input.campaign.contracts.some(
    ({ buyerId, exclusive }) => exclusive && standing.some((sale) => sale.buyerId === buyerId),
  );
  return withinCaps(contenders, isTaken ? 0 : roomIn(input), input, true);
}

function roomIn({ lead, campaign }: DecisionInput): number {
  return lead.kind === "reopened" ? roomFor(lead.prior, campaign) : campaign.maxSells;
}

/** To how many more a lead on record may be sold, beside those that have it or may have it. */
export function roomFor(
  { sales, undone, mayHave }: PriorDecision,
  { maxSells }: Pick<Campaign, "maxSells">,
): number {
  return Math.max(0, maxSells - (sales.length - undone.length) - mayHave.size);
}

function wantsItAlone({ contract }: Rival): boolean {
  return contract.exclusive;
}

/** What decides before the turn does. */
interface Rival {
  contract: Pick<Contract, "exclusive">;
  offer: Pick<Offer, "price">;
}

/**
 * Those of the contenders among whom the turn decides, of whom `one` is: between those who share a lead and those who want it alone, money
 * does, and in an auction between those of different prices.
 */
export function rivalsOf<Each extends Rival>(
  one: Each,
  contenders: readonly Each[],
  { mode, maxSells }: Pick<Campaign, "mode" | "maxSells">,
): Each[] {
  return contenders.filter(
    (each) =>
      (maxSells === 1 || wantsItAlone(each) === wantsItAlone(one)) &&
      (mode === "direct" || each.offer.price === one.offer.price),
  );
}

/**
 * What each is owed whose turn it could have been, once these were served. Those who share a lead are served together: one after the
 * other, whoever comes first would be owed too little of the later sales.
 */
export function debtsAfter<Each extends Rival & Debtor>(
  served: readonly string[],
  contenders: readonly Each[],
  campaign: Pick<Campaign, "mode" | "maxSells">,
): Map<string, number> {
  const left = new Set(served);
  const debts = new Map<string, number>();
  for (const one of contenders) {
    if (!left.has(one.contract.buyerId)) continue;
    const rivals = rivalsOf(one, contenders, campaign);
    const among = rivals.map(({ contract }) => contract.buyerId).filter((id) => left.delete(id));
    for (const [buyerId, owed] of deficitsAfter(rivals, ...among)) debts.set(buyerId, owed);
  }
  return debts;
}

/**
 * At most `count` of them, in the order in which they are served: after a ping by its quote, the supplier's choice first; in an auction by
 * price, and whose turn it is among equals; else by turn.
 */
export function rankContenders(
  contenders: readonly Contender[],
  count: number,
  input: DecisionInput,
): Contender[] {
  const { campaign } = input;
  const { mode, distribution } = campaign;
  const quote = quoteFor(input);
  if (quote !== undefined) return byQuote(contenders, quote, wantedBuyer(input)).slice(0, count);
  if (mode === "direct") return byTurn(contenders, count, distribution);
  return byPrice(contenders, campaign).slice(0, count);
}

function byQuote(
  contenders: readonly Contender[],
  { bids }: PromisedBids,
  wants: string | null,
): Contender[] {
  const rank = ({ contract: { buyerId } }: Contender) =>
    buyerId === wants ? -1 : bids.findIndex((bid) => bid.buyerId === buyerId);
  return contenders.toSorted((one, other) => rank(one) - rank(other));
}

function byPrice(contenders: readonly Contender[], campaign: Campaign): Contender[] {
  const sorted = byFallingPrice(contenders);
  const isUnlike = (each: Contender, index: number) => each.offer.price !== sorted[index + 1]?.offer.price;
  if (sorted.every(isUnlike)) return sorted;
  const order = new Set<Contender>();
  for (const each of sorted) {
    if (order.has(each)) continue;
    const rivals = rivalsOf(each, sorted, campaign);
    for (const next of byTurn(rivals, rivals.length, campaign.distribution)) order.add(next);
  }
  return [...order];
}

function byTurn(contenders: readonly Contender[], count: number, distribution: Distribution): Contender[] {
  if (count === 1 && isAny(contenders)) return [nextInTurn(distribution, contenders)];
  const left = [...contenders];
  const order: Contender[] = [];
  while (order.length < count) {
    if (!isAny(left)) break;
    const next = nextInTurn(distribution, left);
    order.push(next);
    left.splice(left.indexOf(next), 1);
  }
  return order;
}

function isAny(contenders: readonly Contender[]): contenders is readonly [Contender, ...Contender[]] {
  return contenders.length > 0;
}

/**
 * At most `count` of them in the order in which they are served, without those for whose payout, beside that of the ones before, the
 * supplier's caps on money have no room.
 */
function withinCaps(
  contenders: readonly Contender[],
  count: number,
  input: DecisionInput,
  isFurther = false,
): Choice {
  const { caps } = input.link;
  const usage = input.state.links.get(input.lead.supplierId)?.usage;
  const isLimited = usage !== undefined && count > 0 && caps.some(({ amount }) => amount !== null);
  if (!isLimited) return { winners: rankContenders(contenders, count, input), overCap: NOBODY };
  const winners: Contender[] = [];
  const overCap = new Map<Contract, ReachedCap>();
  let payout = NOTHING;
  for (const each of rankContenders(contenders, contenders.length, input)) {
    if (winners.length === count) break;
    const withIt = add(payout, saleAt(each.contract, each.offer, isFurther || winners.length > 0).payout);
    const cap = reachedCap(caps, usage, withIt);
    if (cap !== undefined) {
      overCap.set(each.contract, cap);
      continue;
    }
    payout = withIt;
    winners.push(each);
  }
  return { winners, overCap };
}

/**
 * All sales together say what a fixed payout leaves: offers were looked at alone only where they count alone. When some of the bids
 * that a ping was quoted are gone, the others must still cover what was promised.
 */
export function isSetWorthwhile(set: readonly Contender[], input: DecisionInput): boolean {
  const { campaign, link } = input;
  const [first] = set;
  if (first === undefined || campaign.allowLoss) return true;
  if (quoteFor(input) !== undefined) return totalPrice(set) >= first.offer.payout;
  return (
    link.payout.mode !== "fixed" ||
    isWorthwhile(totalPrice(set), first.offer.payout, link.margin, campaign.currency)
  );
}

function totalPrice(set: readonly Contender[]): Amount {
  return sum(set.map((each) => each.offer.price));
}
