import type {
  BuyerEntry,
  CampaignEntry,
  ConfigurationDocument,
  ContractEntry,
  SupplierLinkEntry,
} from "#campaigns/document.ts";

/** Wallets that several campaigns draw on at once; of these one is asked first, and one bids live. */
export const WALLETS = ["wallet-1", "wallet-2", "wallet-3", "wallet-4", "asked-wallet"] as const;
export const BUYERS = [...WALLETS, "on-credit", "by-hand", "bidder"] as const;
export type BuyerName = (typeof BUYERS)[number];
export const SUPPLIERS = ["acme", "zenith", "capped"] as const;
/** Who is asked about leads before buyers are. */
export const CHECKER = "checker";
export type SupplierName = (typeof SUPPLIERS)[number];

/** Where a buyer takes leads, and where it is asked for bids. */
export interface Addresses {
  delivery(buyer: BuyerName): string;
  bidding(price: string): string;
  readonly checker: string;
}

/** Eight campaigns of every kind whose buyers share five wallets, with caps that some of `leads` leads fill. */
export function worldDocument(addresses: Addresses, leads: number): ConfigurationDocument {
  return {
    version: 1,
    suppression_lists: [{ id: "do-not-call", name: "Do not call" }],
    suppliers: SUPPLIERS.map((id) => ({ id, name: id, rate_limits: { ingest: FAST, ping: FAST } })),
    buyers: BUYERS.map((id) => buyerEntry(id, addresses, leads)),
    campaigns: campaigns(leads, addresses.checker).map(completeCampaign),
  };
}

const FAST = { per_second: 100_000, burst_per_second: 100_000 };

function buyerEntry(id: BuyerName, { delivery, bidding }: Addresses, leads: number): BuyerEntry {
  return {
    id,
    name: id,
    billing: billingOf(id, leads),
    caps: id === "by-hand" ? { day: { leads: Math.ceil(leads / 8) } } : {},
    returns: { max_percent: 100 },
    delivery: {
      method: "webhook",
      url: delivery(id),
      confirm: id === "asked-wallet",
      when_down: id === "wallet-1" ? "skip" : "keep",
      timeout_seconds: 1,
      retry_schedule: [1, 1, 2, 5, 10],
      response_rules: RULES,
      ...(id === "bidder" && { ping: { url: bidding("7.25"), timeout_ms: 1000 } }),
    },
  };
}

const RULES = [
  { when: { json_path: "$.status", equals: "rejected" }, outcome: "rejected" as const },
  { when: { json_path: "$.status", equals: "duplicate" }, outcome: "duplicate" as const },
  { when: { json_path: "$.status", equals: "accepted" }, outcome: "accepted" as const },
];

function billingOf(id: BuyerName, leads: number): NonNullable<BuyerEntry["billing"]> {
  if (id === "on-credit") return { mode: "credit", limit: `${Math.ceil(leads / 4)}.00` };
  return { mode: WALLETS.some((wallet) => wallet === id) ? "wallet" : "manual" };
}

function campaigns(leads: number, checker: string): CampaignEntry[] {
  const few = Math.ceil(leads / 60);
  return [
    {
      id: "by-priority",
      distribution: "priority",
      buyers: [
        contract("wallet-1", "3.00", { caps: { hour: { leads: few }, total: { amount: `${few * 4}.00` } } }),
        contract("wallet-2", "4.50", { priority: 2 }),
        contract("by-hand", "2.25", { priority: 3 }),
      ],
    },
    {
      id: "by-weight",
      distribution: "weighted",
      checks: [{ id: "person", url: checker, timeout_ms: 1000, on_error: "pass" }],
      buyers: [
        contract("wallet-2", "5.00", { weight: 50 }),
        contract("wallet-3", "6.10", { weight: 30, on_refusal: "reverse" }),
        contract("on-credit", "4.00", { weight: 20, caps: { total: { leads: few * 2 } } }),
      ],
    },
    {
      id: "in-turn",
      distribution: "round_robin",
      duplicates: { action: "route_to_original" },
      buyers: [
        contract("wallet-3", "3.33"),
        contract("wallet-4", "3.35", { on_refusal: "keep" }),
        contract("by-hand", "1.99"),
      ],
    },
    {
      id: "shared",
      distribution: "highest_bid",
      max_sells: 2,
      buyers: [
        contract("wallet-1", "7.00"),
        contract("asked-wallet", "6.50"),
        contract("wallet-4", "6.25"),
        contract("on-credit", "6.00", { exclusive: true }),
      ],
    },
    {
      id: "shared-at-once",
      distribution: "round_robin",
      max_sells: 3,
      returns: { payout: "keep", cap: "give_back" },
      buyers: [
        contract("wallet-2", "2.00"),
        contract("wallet-3", "2.50"),
        contract("wallet-4", "3.00"),
        contract("by-hand", "1.50"),
      ],
    },
    {
      id: "auction",
      mode: "ping_post",
      distribution: "highest_bid",
      margin: { flat: "0.50" },
      buyers: [contract("wallet-1", "5.00"), contract("wallet-4", "4.00"), contract("by-hand", "3.00")],
    },
    {
      id: "live-auction",
      mode: "ping_post",
      distribution: "highest_bid",
      margin: { percent: 10 },
      buyers: [
        contract("bidder", "0.00"),
        contract("asked-wallet", "6.75"),
        contract("on-credit", "5.00"),
        contract("wallet-3", "4.00", { caps: { day: { leads: few } } }),
      ],
    },
    {
      id: "asked-first",
      distribution: "priority",
      confirm_budget_ms: 5000,
      buyers: [
        contract("asked-wallet", "8.00"),
        contract("wallet-2", "5.50", { priority: 2 }),
        contract("by-hand", "2.00", { priority: 3 }),
      ],
    },
  ];
}

function contract(buyer: BuyerName, price: string, over: Partial<ContractEntry> = {}): ContractEntry {
  return { buyer, price, ...over };
}

function completeCampaign(campaign: CampaignEntry): CampaignEntry {
  return {
    name: `Campaign ${campaign.id}`,
    fields: [{ name: "age", type: "integer" }],
    filters: { field: "age", op: "gte", value: 18 },
    suppression_lists: ["do-not-call"],
    suppliers: SUPPLIERS.map((supplier) => linkOf(supplier, campaign)),
    ...campaign,
  };
}

function linkOf(supplier: SupplierName, { id, mode, max_sells }: CampaignEntry): SupplierLinkEntry {
  const caps = supplier === "capped" && id === "by-weight" ? { caps: { day: { leads: 40 } } } : {};
  if (mode === "ping_post") return { supplier, payout: { mode: "margin" }, ...caps };
  if (max_sells === 2) return { supplier, payout: { mode: "revenue_share", percent: "33.3333" }, ...caps };
  return { supplier, payout: { mode: "fixed", amount: "1.25" }, ...caps };
}
