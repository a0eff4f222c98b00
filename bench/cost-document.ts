import type { ConfigurationDocument } from "#campaigns/document.ts";
import { CAMPAIGN, hotCampaign, SUPPLIER } from "./campaign.ts";

/** What a load is made of: leads that everything is switched on for, leads as most campaigns have them, delivered ones, or pings. */
export type Kind = "leads" | "plain" | "delivered" | "pings";

const FAST = { per_second: 1_000_000, burst_per_second: 1_000_000, burst_seconds: 1 };
const MOST = 64;

/** The campaigns that a load goes to: of leads `count` of a kind, each with buyers of its own. */
export function campaignsOf(kind: Kind, count: number): string[] {
  const first = kind === "leads" ? CAMPAIGN : kind;
  return Array.from({ length: count }, (_, index) => named(first, index));
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
  const plain = numbers.map(plainCampaign);
  const receiver = { id: "receiver", delivery: { method: "webhook" as const, url: address } };
  return {
    ...hotCampaign,
    suppliers: [{ id: SUPPLIER, name: "Acme Media", rate_limits: { ingest: FAST, ping: FAST } }],
    buyers: [
      ...numbers.flatMap((index) =>
        (hotCampaign.buyers ?? []).map((buyer) => ({ ...buyer, id: named(buyer.id, index) })),
      ),
      ...plain.flatMap(({ buyers }) => buyers.map(({ buyer }) => ({ id: buyer, name: buyer }))),
      receiver,
    ],
    campaigns: [
      ...leads,
      ...plain,
      { ...hot, id: "pings", mode: "ping_post" },
      { ...hot, id: "delivered", buyers: [{ buyer: receiver.id, price: "40.00" }] },
    ],
  };
}

/** As most campaigns are: five buyers by priority, each with a cap and a filter; the first can take every lead. */
function plainCampaign(index: number) {
  return {
    id: named("plain", index),
    name: "Plain campaign",
    fields: hotCampaign.campaigns?.[0]?.fields ?? [],
    duplicates: { fields: ["phone", "email"], window_days: 30, action: "reject" as const },
    suppliers: [{ supplier: SUPPLIER, payout: { mode: "fixed" as const, amount: "12.00" } }],
    buyers: [1, 2, 3, 4, 5].map((priority) => ({
      buyer: named(`plain-buyer-${priority}`, index),
      price: "40.00",
      priority,
      caps: { day: { leads: 500_000_000 } },
      filters: { field: "roof_age", op: "gte" as const, value: 0 },
    })),
  };
}

function named(id: string | undefined, index: number): string {
  return index === 0 ? `${id}` : `${id}-${index}`;
}
