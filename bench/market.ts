import type { ConfigurationDocument } from "#campaigns/document.ts";

/** Four kinds of campaigns, with buyers that they share. */

const FAST = { per_second: 100_000, burst_per_second: 100_000 };
const suppliers = [
  { supplier: "acme", payout: { mode: "revenue_share" as const, percent: "60" } },
  { supplier: "beta", payout: { mode: "fixed" as const, amount: "4.00" }, caps: { day: { leads: 20_000 } } },
];

/** What of the market is changed. */
export interface Changes {
  /** Leads a day for the dearest buyer of the direct campaign. */
  cap: number;
  /** What that one pays. */
  price: string;
  /** The states that the direct campaign takes. */
  states: string[];
}

export const IN_FORCE: Changes = { cap: 5_000, price: "20.00", states: ["TX", "OK", "NM"] };
export const CHANGED: Changes = { cap: 400, price: "25.00", states: ["TX", "NM", "CA"] };

export function marketWith({ cap, price, states }: Changes): ConfigurationDocument {
  return {
    version: 1,
    suppliers: ["acme", "beta"].map((id) => ({ id, name: id, rate_limits: { ingest: FAST, ping: FAST } })),
    buyers: ["one", "two", "three", "four"].map((id) => ({
      id,
      name: id,
      timezone: "America/New_York",
      ...(id === "two" && { caps: { day: { leads: 15_000 } } }),
      ...(id === "four" && { duplicates: { fields: ["phone"], window_days: 1 } }),
    })),
    campaigns: [
      {
        id: "direct",
        name: "Direct",
        filters: { field: "state", op: "in", value: states },
        suppliers,
        buyers: [
          { buyer: "one", price, priority: 1, caps: { day: { leads: cap } } },
          { buyer: "two", price: "15.00", priority: 2, states: ["TX", "OK"] },
          { buyer: "three", price: "12.00", priority: 3 },
        ],
      },
      {
        id: "weighted",
        name: "Weighted",
        distribution: "weighted",
        duplicates: { action: "route_to_original" },
        suppliers,
        buyers: [
          { buyer: "one", price: "18.00", weight: 5 },
          { buyer: "two", price: "17.00", weight: 3 },
          { buyer: "four", price: "16.00", weight: 2, exclude_states: ["OK"] },
        ],
      },
      {
        id: "shared",
        name: "Shared",
        distribution: "round_robin",
        max_sells: 2,
        suppliers,
        buyers: ["one", "three", "four"].map((buyer, place) => ({ buyer, price: `${9 - place}.00` })),
      },
      {
        id: "pinged",
        name: "Pinged",
        mode: "ping_post",
        suppliers,
        buyers: [
          { buyer: "one", price: "19.00", caps: { day: { leads: 6_000 } } },
          { buyer: "three", price: "14.00" },
        ],
      },
    ],
  };
}
