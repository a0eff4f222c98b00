import type { Campaign } from "#campaigns/campaign.ts";
import { asOf, type StartsIn, startsByZone, type Usage, unused } from "#intake/decide/caps.ts";
import type { Turn } from "#intake/decide/contender.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { debtsAfter } from "#intake/decide/winners.ts";
import type { BuyerLine } from "#leads/trace.ts";
import type { Amount } from "#money/amount.ts";
import { nextPeriodStart } from "#time/period.ts";

/** What was on the counters when a simulation's time began, as far as anything was. */
export interface Opening {
  /** By campaign and buyer, see `partyName`. */
  contracts: ReadonlyMap<string, Usage>;
  turns: ReadonlyMap<string, Turn>;
  /** By campaign and supplier. */
  links: ReadonlyMap<string, Usage>;
  /** By buyer, over all campaigns. */
  buyers: ReadonlyMap<string, Usage>;
  balances: ReadonlyMap<string, Amount>;
}

/** A buyer or a supplier in a campaign. */
export function partyName(campaignId: string, partyId: string): string {
  return `${campaignId} ${partyId}`;
}

/** What leads are decided by, by campaign; what buyers have in common the states share. */
export type States = ReadonlyMap<string, BatchState>;

/** The states of campaigns as they were at `at`, ms since 1970, with nobody remembered and nobody suppressed yet. */
export function openStates(campaigns: Iterable<Campaign>, opening: Opening, at: number): States {
  const all = [...campaigns];
  const startsIn = startsByZone(new Date(at));
  const buyers: BatchState["buyers"] = new Map();
  for (const { buyerId, buyer, buyerIsCounted, creditLimit } of all.flatMap(({ contracts }) => contracts)) {
    if (!buyerIsCounted || buyers.has(buyerId)) continue;
    const usage = opening.buyers.get(buyerId) ?? unused(startsIn(buyer.timezone));
    const balance = opening.balances.get(buyerId) ?? NOTHING;
    buyers.set(buyerId, { usage, balance, pays: creditLimit !== null });
  }
  return new Map(all.map((campaign) => [campaign.id, { ...openState(campaign, opening, startsIn), buyers }]));
}

const NOTHING = 0 as Amount;

function openState(campaign: Campaign, opening: Opening, startsIn: StartsIn): Omit<BatchState, "buyers"> {
  const contracts: BatchState["contracts"] = new Map();
  for (const { buyerId, buyer } of campaign.contracts) {
    const name = partyName(campaign.id, buyerId);
    const usage = opening.contracts.get(name) ?? unused(startsIn(buyer.timezone));
    contracts.set(buyerId, { usage, turn: opening.turns.get(name) ?? NEVER });
  }
  const links: BatchState["links"] = new Map();
  for (const { supplierId, timezone } of campaign.suppliers.values()) {
    links.set(supplierId, {
      usage: opening.links.get(partyName(campaign.id, supplierId)) ?? unused(startsIn(timezone)),
    });
  }
  return {
    campaign,
    down: new Set(),
    suppressed: new Map(),
    earlier: new Map(),
    receivedByBuyer: new Map(),
    redeemed: new Set(),
    contracts,
    links,
    turns: Math.max(0, ...[...contracts.values()].map(({ turn }) => turn.lastTurn)),
  };
}

const NEVER: Turn = { lastTurn: 0, deficit: 0 };

/** Begins new clock periods as time goes on: what was used in those that are over counts no more. */
export function createPeriods(states: States): { moveTo(at: number): void } {
  let next = Number.NEGATIVE_INFINITY;
  return {
    moveTo(at) {
      if (at < next) return;
      const startsIn = startsByZone(new Date(at));
      next = Number.POSITIVE_INFINITY;
      const renew = (party: { usage: Usage } | undefined, timezone: string) => {
        if (party !== undefined) party.usage = asOf(party.usage, startsIn(timezone));
      };
      for (const { campaign, contracts, links, buyers } of states.values()) {
        for (const { buyerId, buyer } of campaign.contracts) {
          renew(contracts.get(buyerId), buyer.timezone);
          renew(buyers.get(buyerId), buyer.timezone);
        }
        for (const { supplierId, timezone } of campaign.suppliers.values())
          renew(links.get(supplierId), timezone);
        for (const timezone of zonesOf(campaign)) {
          // Every other period begins with an hour.
          next = Math.min(next, nextPeriodStart("hour", timezone, new Date(at)).getTime());
        }
      }
    },
  };
}

function zonesOf({ contracts, suppliers }: Campaign): Set<string> {
  return new Set([
    ...contracts.map(({ buyer }) => buyer.timezone),
    ...[...suppliers.values()].map(({ timezone }) => timezone),
  ]);
}

/** What a decision on record changed in what contracts of a weighted campaign are owed. */
export interface RecordedTurn {
  /** Of the decision's line about buyers. */
  buyers: readonly BuyerLine[];
  /** All that the lead was sold to, in their order. */
  served: readonly string[];
  /** What each bid in an auction, as far as it is known; null: prices did not decide. */
  bids: ReadonlyMap<string, number> | null;
}

/** By what a contract stood in its campaign's turns. */
export interface Terms {
  weight: number;
  /** It wants alone what others share. */
  isAlone: boolean;
}

/**
 * What a turn on record added to what each contract is owed, by the rules that `debtsAfter` has. What was owed does not come into it, so
 * that going back from what is owed now leads to what was owed then.
 */
export function debtsOf(
  { buyers, served, bids }: RecordedTurn,
  termsOf: (buyerId: string) => Terms | undefined,
): Map<string, number> {
  const chosen = new Set(buyers.flatMap((line) => ("chosen" in line ? [line.buyer_id] : [])));
  const contenders = buyers
    .filter((line) => "chosen" in line || line.reason === "outranked")
    .map(({ buyer_id: buyerId }) => {
      const { weight, isAlone } = termsOf(buyerId) ?? NO_TERMS;
      const offer = { price: (bids?.get(buyerId) ?? NOTHING) as Amount };
      return { contract: { buyerId, weight, exclusive: isAlone }, offer, turn: { deficit: 0 } };
    });
  const campaign = { mode: bids === null ? ("direct" as const) : ("ping_post" as const), maxSells: SEVERAL };
  const inTurn = served.filter((buyer) => chosen.has(buyer));
  const none = contenders.map(({ contract }) => [contract.buyerId, 0] as const);
  return new Map([...none, ...debtsAfter(inTurn, contenders, campaign)]);
}

const NO_TERMS: Terms = { weight: 0, isAlone: false };

/** Where a lead has one buyer, nobody's terms are to want it alone. */
const SEVERAL = 2;
