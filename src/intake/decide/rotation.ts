import type { Contract } from "#campaigns/campaign.ts";
import type { Distribution } from "#campaigns/definition.ts";
import type { Contender, Turn } from "./contender.ts";

/** Whose turn it is among the contracts that can take the lead. At least one contender is needed. */
export function nextInTurn(
  method: Distribution,
  contenders: readonly [Contender, ...Contender[]],
): Contender {
  const better = BETTER[method](contenders);
  return contenders.reduce((best, each) => (better(each, best) ? each : best));
}

type IsBetter = (one: Contender, other: Contender) => boolean;

/** Ties go to the contract served least recently, then to the document's order (`reduce` keeps the first). */
const BETTER: Record<Distribution, (contenders: readonly Contender[]) => IsBetter> = {
  priority: () => (one, other) =>
    one.contract.priority === other.contract.priority
      ? servedEarlier(one, other)
      : one.contract.priority < other.contract.priority,
  round_robin: () => servedEarlier,
  highest_bid: () => (one, other) =>
    one.offer.price === other.offer.price ? servedEarlier(one, other) : one.offer.price > other.offer.price,
  weighted: earliestDeadline,
};

function servedEarlier(one: Contender, other: Contender): boolean {
  return one.turn.lastTurn < other.turn.lastTurn;
}

/**
 * Earliest deadline first over what each contract is owed, the scheduler of proportionate fairness (Baruah, Cohen, Plaxton,
 * Varvel: "Proportionate progress", 1996): a contract may be served once its debt would not fall to −1, and must be before
 * it grows to +1. While the same contracts can take the leads, each one's share is within one lead of its weight
 * at every moment; the smooth weighted round robin of web servers is not.
 */
function earliestDeadline(contenders: readonly Contender[]): IsBetter {
  const totalWeight = contenders.reduce((sum, each) => sum + each.contract.weight, 0);
  const share = (each: Contender) => each.contract.weight / totalWeight;
  const isDue = (each: Contender) => each.turn.deficit + share(each) > ROUNDING;
  const leadsUntilLate = (each: Contender) => (1 - each.turn.deficit) / share(each);
  return (one, other) =>
    isDue(one) === isDue(other) ? leadsUntilLate(one) < leadsUntilLate(other) - ROUNDING : isDue(one);
}

/** Shares are sums of binary fractions: differences below this are rounding, not debt. */
const ROUNDING = 1e-9;

/** What a debt is worked out from. */
export interface Debtor {
  contract: Pick<Contract, "buyerId" | "weight">;
  turn: Pick<Turn, "deficit">;
}

/** What each of those among whom the turn decided is owed once the lead went to so many of them. */
export function deficitsAfter(rivals: readonly Debtor[], ...served: readonly string[]): Map<string, number> {
  const shares = sharesOf(rivals, served.length);
  const deficits = new Map<string, number>();
  for (const [place, { contract, turn }] of rivals.entries()) {
    const got = served.includes(contract.buyerId) ? 1 : 0;
    deficits.set(contract.buyerId, withinOne(turn.deficit + (shares[place] ?? 0) - got));
  }
  return deficits;
}

/** What is due to each of a lead that `sold` of them get: by weight, but to none more than once; what is over goes to the others. */
function sharesOf(rivals: readonly Debtor[], sold: number): number[] {
  const whole = new Set<Debtor>();
  for (;;) {
    const others = rivals.filter((each) => !whole.has(each));
    const weight = others.reduce((sum, each) => sum + each.contract.weight, 0);
    const shareOf = (each: Debtor) =>
      weight === 0 ? 0 : ((sold - whole.size) * each.contract.weight) / weight;
    const full = others.filter((each) => shareOf(each) > 1);
    if (full.length === 0) return rivals.map((each) => (whole.has(each) ? 1 : shareOf(each)));
    for (const each of full) whole.add(each);
  }
}

/**
 * A debt as far as it is to be paid off. Where rivals change from lead to lead one may come to more, and its contract would get lead after
 * lead for what is long past.
 */
export function withinOne(deficit: number): number {
  return Math.max(-1, Math.min(1, deficit));
}
