import type { ConfigurationDocument } from "#campaigns/document.ts";
import { CAMPAIGN, hotCampaign, SUPPLIER } from "./campaign.ts";

/** What a load is made of: leads, leads that are delivered as they come, or pings. */
export type Kind = "leads" | "delivered" | "pings";

const FAST = { per_second: 1_000_000, burst_per_second: 1_000_000, burst_seconds: 1 };
const MOST = 64;

/** The campaigns that a load goes to; those of leads are `count` hot campaigns, each with buyers of its own. */
export function campaignsOf(kind: Kind, count: number): string[] {
  if (kind !== "leads") return [kind];
  return Array.from({ length: count }, (_, index) => named(CAMPAIGN, index));
}

/** All of them in one document; what is delivered goes to `address`. */
export function costDocument(address: string): ConfigurationDocument {
  const [hot] = hotCampaign.campaigns ?? [];
  const numbers = Array.from({ length: MOST }, (_, index) => index);
  const leads = numbers.map((index) => ({
    ...hot,
    id: named(CAMPAIGN, index),
    buyers: (hot?.buyers ?? []).map((contract) => ({ ...contract, buyer: named(contract.buyer, index) })),
  }));
  const receiver = { id: "receiver", delivery: { method: "webhook" as const, url: address } };
  return {
    ...hotCampaign,
    suppliers: [{ id: SUPPLIER, name: "Acme Media", rate_limits: { ingest: FAST, ping: FAST } }],
    buyers: [
      ...numbers.flatMap((index) =>
        (hotCampaign.buyers ?? []).map((buyer) => ({ ...buyer, id: named(buyer.id, index) })),
      ),
      receiver,
    ],
    campaigns: [
      ...leads,
      { ...hot, id: "pings", mode: "ping_post" },
      { ...hot, id: "delivered", buyers: [{ buyer: receiver.id, price: "40.00" }] },
    ],
  };
}

function named(id: string | undefined, index: number): string {
  return index === 0 ? `${id}` : `${id}-${index}`;
}
