import { DAY_MS } from "#time/durations.ts";
import type { BuyerDefinition, CampaignDefinition } from "./definition.ts";

/** The counters to be counted anew from the leads, because their periods begin elsewhere now or they were not kept so far. */
export interface Recount {
  contracts: { campaignId: string; partyId: string; timezone: string }[];
  links: { campaignId: string; partyId: string; timezone: string }[];
  buyers: { buyerId: string; timezone: string }[];
}

/** A lead can be decided once more until it is this old, in ms; so what counts in a period of now may have arrived that long before. */
export const DECIDED_AGAIN_WITHIN_MS = 60 * DAY_MS;

/** What is configured before and after a change. `before` has archived campaigns and buyers too: their counters are still there. */
export interface Configured {
  campaigns: readonly CampaignDefinition[];
  buyers: readonly BuyerDefinition[];
}

/**
 * Counters hold the usage of clock periods in one time zone: when a party's zone changes, what they hold belongs to no period.
 * A link or contract that comes (back) to a campaign is counted too, since its zone may have changed while it was away.
 */
export function recountFor(before: Configured, after: Configured): Recount {
  const campaigns = new Map(before.campaigns.map((campaign) => [campaign.id, campaign]));
  const buyers = new Map(before.buyers.map((buyer) => [buyer.id, buyer]));
  const known = after.campaigns.flatMap((now) => {
    const was = campaigns.get(now.id);
    return was === undefined ? [] : [{ was, now }];
  });
  return {
    contracts: known.flatMap(({ was, now }) => moved(now.id, contractZones(was), contractZones(now))),
    links: known.flatMap(({ was, now }) => moved(now.id, linkZones(was), linkZones(now))),
    buyers: after.buyers.flatMap((now) => {
      const was = buyers.get(now.id);
      if (!isCounted(now)) return [];
      const inPlace = was !== undefined && isCounted(was) && was.timezone === now.timezone;
      return inPlace ? [] : [{ buyerId: now.id, timezone: now.timezone }];
    }),
  };
}

/** The buyers whose limits are others than before, count by other periods, or are of other campaigns. */
export function buyersLimitedAnew(before: Configured, after: Configured): string[] {
  const [was, now] = [limitSettings(before), limitSettings(after)];
  return [...new Set([...was.keys(), ...now.keys()])].filter((id) => was.get(id) !== now.get(id));
}

function limitSettings({ campaigns, buyers }: Configured): Map<string, string> {
  const campaignsOf = new Map<string, string[]>();
  for (const { id: campaignId, status, buyers: contracts } of campaigns) {
    if (status === "archived") continue;
    for (const { buyer } of contracts) {
      campaignsOf.set(buyer.id, [...(campaignsOf.get(buyer.id) ?? []), campaignId]);
    }
  }
  return new Map(
    buyers.filter(isCounted).map(({ id, caps, timezone, billing }) => {
      const credit = billing.mode === "credit" ? billing.limit : null;
      return [
        id,
        JSON.stringify([caps, timezone, billing.mode, credit, (campaignsOf.get(id) ?? []).toSorted()]),
      ];
    }),
  );
}

/** Whether a buyer has counters of its own: only then does anything depend on what it got from all its campaigns together. */
export function isCounted(buyer: BuyerDefinition): boolean {
  return Object.keys(buyer.caps).length > 0 || buyer.billing.mode !== "manual" || buyer.duplicates !== null;
}

/** The buyers that were billed by hand and have a wallet or credit from now on. */
export function buyersThatPayNow(
  before: readonly BuyerDefinition[],
  after: readonly BuyerDefinition[],
): string[] {
  const paid = new Set(before.flatMap(({ id, billing }) => (billing.mode === "manual" ? [] : [id])));
  return after.flatMap(({ id, billing }) => (billing.mode === "manual" || paid.has(id) ? [] : [id]));
}

function contractZones(campaign: CampaignDefinition): Map<string, string> {
  return new Map(campaign.buyers.map(({ buyer }) => [buyer.id, buyer.timezone]));
}

function linkZones(campaign: CampaignDefinition): Map<string, string> {
  return new Map(
    campaign.suppliers.map(({ supplier }) => [supplier.id, supplier.timezone ?? campaign.timezone]),
  );
}

function moved(campaignId: string, before: Map<string, string>, after: Map<string, string>) {
  return [...after].flatMap(([partyId, timezone]) =>
    before.get(partyId) === timezone ? [] : [{ campaignId, partyId, timezone }],
  );
}
