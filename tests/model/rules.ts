import fc from "fast-check";
import type { BuyerEntry, CampaignEntry, ConfigurationDocument } from "#campaigns/document.ts";

/** The campaigns of a model's world: one takes leads as they come, one after pings. */
export const CAMPAIGNS = ["direct", "pinged"] as const;
export type CampaignName = (typeof CAMPAIGNS)[number];
/** Its buyers: the first pays in advance, the second has credit, the third is billed by hand. All buy in both campaigns. */
export const BUYERS = ["wallet", "credit", "manual"] as const;
export type BuyerName = (typeof BUYERS)[number];

/** So many leads in a period; money in cents, or what its currency has instead. */
export interface CapRule {
  readonly period: "hour" | "day" | "month" | "total";
  readonly leads?: number;
  readonly amount?: number;
}

export interface ContractRules {
  status: "active" | "paused";
  /** In cents. */
  price: number;
  readonly priority: number;
  readonly weight: number;
  readonly onRefusal: "next_buyer" | "reverse" | "keep";
  cap: CapRule | undefined;
}

export interface CampaignRules {
  status: "active" | "paused";
  readonly distribution: "priority" | "weighted" | "round_robin" | "highest_bid";
  readonly maxSells: 1 | 2;
  readonly duplicates: { readonly action: "reject" | "route_to_original"; readonly days: number };
  readonly returns: { readonly payout: "reverse" | "keep"; readonly cap: "give_back" | "keep" };
  /** Cents of a lead, or percent of each price. */
  readonly payout: { readonly fixed: number } | { readonly percent: number };
  readonly supplierCap: CapRule | undefined;
  /** A lead that is odd waits for a person. */
  readonly holdsOdd: boolean;
  /** Somebody is asked about each lead, and this is what no verdict comes to; undefined: nobody is. */
  readonly onError: "pass" | "reject" | "hold" | undefined;
  readonly contracts: Record<BuyerName, ContractRules>;
}

/** What operators have configured, as the model reads it; commands change it. */
export interface Rules {
  readonly startsAt: string;
  readonly currency: Currency;
  /** The buyer that is asked before it gets a lead. */
  readonly asksFirst: BuyerName | undefined;
  readonly campaigns: Record<CampaignName, CampaignRules>;
  readonly buyerCaps: Record<BuyerName, CapRule | undefined>;
  /** Of a hundred leads that a buyer bought in thirty days, so many may come back. */
  readonly mostReturned: number;
  /** In cents. */
  readonly creditLimit: number;
}

/** Of each, how many decimals it has. */
const DECIMALS = { USD: 2, JPY: 0, BHD: 3 } as const;
export type Currency = keyof typeof DECIMALS;

/** All periods are by this clock. */
export const TIMEZONE = "America/New_York";

const price = fc.integer({ min: 200, max: 1200 });
export const aPrice = fc.oneof(price, fc.constantFrom(500, 501));
export const aCap = fc.oneof(
  fc.record({
    period: fc.constantFrom<CapRule["period"]>("hour", "day", "month", "total"),
    leads: fc.integer({ min: 0, max: 4 }),
  }),
  fc.record({
    period: fc.constantFrom<CapRule["period"]>("day", "total"),
    amount: fc.integer({ min: 0, max: 3000 }),
  }),
);
const maybeCap = fc.option(aCap, { nil: undefined, freq: 2 });

const contractRules: fc.Arbitrary<ContractRules> = fc.record({
  status: fc.constant("active" as const),
  price: aPrice,
  priority: fc.integer({ min: 1, max: 2 }),
  weight: fc.integer({ min: 1, max: 3 }),
  onRefusal: fc.constantFrom("next_buyer", "next_buyer", "reverse", "keep"),
  cap: maybeCap,
});

const campaignRules: fc.Arbitrary<CampaignRules> = fc.record({
  status: fc.constant("active" as const),
  distribution: fc.constantFrom("priority", "weighted", "round_robin", "highest_bid"),
  maxSells: fc.constantFrom(1, 2),
  duplicates: fc.record({
    action: fc.constantFrom("reject", "route_to_original"),
    days: fc.constantFrom(1, 30),
  }),
  returns: fc.record({
    payout: fc.constantFrom("reverse", "keep"),
    cap: fc.constantFrom("give_back", "keep"),
  }),
  payout: fc.oneof(fc.record({ fixed: fc.constant(125) }), fc.record({ percent: fc.constantFrom(50, 33) })),
  supplierCap: fc.option(
    fc.record({
      period: fc.constantFrom<CapRule["period"]>("hour", "day"),
      leads: fc.integer({ min: 1, max: 5 }),
    }),
    { nil: undefined, freq: 1 },
  ),
  holdsOdd: fc.boolean(),
  onError: fc.constantFrom("pass", "reject", "hold", undefined),
  contracts: fc.record({ wallet: contractRules, credit: contractRules, manual: contractRules }),
});

/** Any world, at a moment that has something to it: around changed clocks, the end of a month and of a year. */
export const rules: fc.Arbitrary<Rules> = fc.record({
  startsAt: fc.constantFrom(
    "2026-01-13T17:00:00.000Z",
    "2026-03-08T05:30:00.000Z",
    "2026-11-01T04:30:00.000Z",
    "2026-12-31T22:15:00.000Z",
  ),
  currency: fc.constantFrom("USD", "JPY", "BHD"),
  asksFirst: fc.option(fc.constantFrom(...BUYERS), { nil: undefined, freq: 1 }),
  campaigns: fc.record({ direct: campaignRules, pinged: campaignRules }),
  buyerCaps: fc.record({ wallet: maybeCap, credit: maybeCap, manual: maybeCap }),
  mostReturned: fc.constantFrom(20, 100),
  creditLimit: fc.constantFrom(1500, 10_000),
});

/** How parts are called on the server: each run has names of its own. */
export interface Names {
  readonly supplier: string;
  readonly list: string;
  /** Who is asked about leads. */
  readonly checker: string;
  campaign(name: CampaignName): string;
  buyer(name: BuyerName): string;
}

const FAST = { per_second: 100_000, burst_per_second: 100_000 };

/** The document that says these rules. */
export function documentOf(
  rules: Rules,
  names: Names,
  urlOf: (whom: string) => string,
): ConfigurationDocument {
  return {
    version: 1,
    suppression_lists: [{ id: names.list, name: "Do not call" }],
    suppliers: [{ id: names.supplier, name: "Supplier", rate_limits: { ingest: FAST, ping: FAST } }],
    buyers: BUYERS.map((name) => buyerEntry(name, rules, names, urlOf)),
    campaigns: CAMPAIGNS.map((name) => campaignEntry(name, rules, names, urlOf)),
  };
}

function buyerEntry(
  name: BuyerName,
  { buyerCaps, mostReturned, creditLimit, currency, asksFirst }: Rules,
  names: Names,
  urlOf: (buyer: string) => string,
): BuyerEntry {
  const id = names.buyer(name);
  return {
    id,
    name,
    timezone: TIMEZONE,
    caps: capsOf(buyerCaps[name], currency),
    returns: { max_percent: mostReturned },
    billing: name === "credit" ? { mode: name, limit: money(creditLimit, currency) } : { mode: name },
    delivery: {
      method: "webhook",
      url: urlOf(id),
      confirm: name === asksFirst,
      response_rules: RESPONSE_RULES,
    },
  };
}

const RESPONSE_RULES = [
  { when: { json_path: "$.status", equals: "rejected" }, outcome: "rejected" as const },
  { when: { json_path: "$.status", equals: "accepted" }, outcome: "accepted" as const },
];

function campaignEntry(
  name: CampaignName,
  { campaigns, currency }: Rules,
  names: Names,
  urlOf: (whom: string) => string,
): CampaignEntry {
  const rules = campaigns[name];
  const { status, distribution, maxSells, duplicates, returns, payout, supplierCap } = rules;
  return {
    id: names.campaign(name),
    name,
    status,
    mode: name === "pinged" ? "ping_post" : "direct",
    distribution,
    timezone: TIMEZONE,
    currency,
    ...LONGEST,
    ...asideOf(rules, urlOf(names.checker)),
    max_sells: maxSells,
    allow_loss: true,
    returns,
    duplicates: { action: duplicates.action, window_days: duplicates.days },
    suppression_lists: [names.list],
    suppliers: [
      {
        supplier: names.supplier,
        caps: capsOf(supplierCap, currency),
        payout:
          "fixed" in payout
            ? { mode: "fixed", amount: money(payout.fixed, currency) }
            : { mode: "revenue_share", percent: payout.percent },
      },
    ],
    buyers: contractEntries(rules, names, currency),
  };
}

/** No machine is so busy that it takes longer. */
const LONGEST = { confirm_budget_ms: 30_000, check_budget_ms: 10_000 };

/** Whom the campaign has asked, and which of its leads wait for a person. */
function asideOf({ onError, holdsOdd }: CampaignRules, checker: string): Partial<CampaignEntry> {
  const check = { id: "person", url: checker, timeout_ms: 10_000, response_rules: RESPONSE_RULES };
  return {
    fields: [{ name: "age", type: "integer" }],
    ...(holdsOdd && { filters: { field: "age", op: "lte", value: 40, outcome: "hold" } }),
    ...(onError !== undefined && { checks: [{ ...check, on_error: onError }] }),
    hold_hours: HOLD_HOURS,
  };
}

/** After them nobody need decide about a lead any more. */
export const HOLD_HOURS = 720;

/** The contracts of a campaign as a document has them. */
export function contractEntries({ contracts }: CampaignRules, names: Names, currency: Currency) {
  return BUYERS.map((name) => {
    const { status, price, priority, weight, onRefusal, cap } = contracts[name];
    return {
      buyer: names.buyer(name),
      status,
      price: money(price, currency),
      priority,
      weight,
      on_refusal: onRefusal,
      caps: capsOf(cap, currency),
    };
  });
}

export function capsOf(cap: CapRule | undefined, currency: Currency) {
  if (cap === undefined) return {};
  const { period, leads, amount } = cap;
  return {
    [period]: {
      ...(leads !== undefined && { leads }),
      ...(amount !== undefined && { amount: money(amount, currency) }),
    },
  };
}

/** Cents, or what the currency has instead, as an answer has them. */
export function money(cents: number, currency: Currency): string {
  const decimals = DECIMALS[currency];
  return (cents / 10 ** decimals).toFixed(decimals);
}
