import type { Campaign, Contract } from "#campaigns/campaign.ts";
import type { FieldValues } from "#fields/mapping.ts";
import { reachedCap, type Usage } from "#intake/decide/caps.ts";
import { payoutFor } from "#money/price.ts";

/** What is known of one lead while the counters are locked. */
export interface Facts {
  campaign: Campaign;
  supplierId: string;
  values: FieldValues;
  /** Lists that the person is on. */
  lists: ReadonlySet<string>;
  /** By buyer, what its contract and the buyer itself have used; by supplier, what its link has. */
  used: {
    contracts: ReadonlyMap<string, Usage>;
    buyers: ReadonlyMap<string, Usage>;
    links: ReadonlyMap<string, Usage>;
  };
  now: Date;
}

export interface Choice {
  /** The contract that gets the lead; undefined when no buyer can take it. */
  contract: Contract | undefined;
  trace: { buyer_id: string; reason?: string }[];
}

/** Which buyer gets the lead: of those that can take it, the one furthest behind its weight. */
export function choose(facts: Facts): Choice {
  const { contracts } = facts.campaign;
  const assessed = contracts.map((contract) => ({ contract, reason: whyNot(contract, facts) }));
  const served = ({ buyerId, weight }: Contract) =>
    ((facts.used.contracts.get(buyerId)?.total.leads ?? 0) + 1) / weight;
  const [contract] = assessed
    .filter(({ reason }) => reason === undefined)
    .map((each) => each.contract)
    .sort((one, other) => served(one) - served(other));
  const trace = assessed.map((each) => ({
    buyer_id: each.contract.buyerId,
    ...(each.contract !== contract && { reason: each.reason ?? "outranked" }),
  }));
  return { contract, trace };
}

function whyNot(
  contract: Contract,
  { campaign, supplierId, values, lists, used, now }: Facts,
): string | undefined {
  const { status, buyer, schedule, states, excludeStates, filters, price } = contract;
  const state = String(values.state ?? "");
  if (status === "paused" || buyer.status === "paused") return "paused";
  if (schedule !== null && !schedule.isOpen(now)) return "outside_schedule";
  if ((states.size > 0 && !states.has(state)) || excludeStates.has(state)) return "state";
  if (filters !== null && filters.check(values, now).length > 0) return "filtered";
  if (!contract.suppressionLists.isDisjointFrom(lists)) return "suppressed";
  const ofContract = used.contracts.get(contract.buyerId);
  if (ofContract && reachedCap(contract.caps, ofContract, price)) return "contract_cap";
  const ofBuyer = used.buyers.get(contract.buyerId);
  if (ofBuyer && reachedCap(contract.buyerCaps, ofBuyer, price)) return "buyer_cap";
  const link = campaign.suppliers.get(supplierId);
  const ofLink = used.links.get(supplierId);
  if (link === undefined || ofLink === undefined) return "not_linked";
  const payout = payoutFor(link.payout, price, null, campaign.currency);
  return reachedCap(link.caps, ofLink, payout) && "supplier_cap";
}
