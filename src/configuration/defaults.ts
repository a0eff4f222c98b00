import type { RateLimitedRoute } from "#campaigns/definition.ts";
import { completeDelivery, type DeliverySettings } from "#endpoints/delivery-settings.ts";
import { completeEndpoint, type WebhookEndpoint } from "#endpoints/webhook-endpoint.ts";
import type { FilterDefinition } from "#rules/filter-definition.ts";
import type { ScheduleDefinition } from "#rules/schedule.ts";
import type { BuyerEntry, CampaignEntry, SupplierEntry, WebhookEntry } from "./document.ts";
import type { IdentifiedDocument } from "./identify.ts";

/**
 * A document with every default written out, so that two can be compared: in the operators' own words, but for how something is
 * delivered, which has the sender's names.
 */
export interface SettledDocument {
  suppression_lists: SettledList[];
  suppliers: SettledSupplier[];
  buyers: SettledBuyer[];
  campaigns: SettledCampaign[];
  webhooks: SettledWebhook[];
}

type List<T> = T extends readonly (infer Item)[] ? Item : never;
type LinkEntry = List<NonNullable<CampaignEntry["suppliers"]>>;
type ContractEntry = List<NonNullable<CampaignEntry["buyers"]>>;
type Caps = NonNullable<BuyerEntry["caps"]>;
type RateLimit = Record<"per_second" | "burst_per_second" | "burst_seconds", number>;

interface SettledList {
  id: string;
  name: string;
}

export interface SettledSupplier {
  id: string;
  name: string;
  status: NonNullable<SupplierEntry["status"]>;
  test_mode: boolean;
  timezone: string | null;
  rate_limits: Record<RateLimitedRoute, RateLimit>;
}

export interface SettledBuyer {
  id: string;
  name: string;
  status: NonNullable<BuyerEntry["status"]>;
  timezone: string;
  caps: Caps;
  suppression_lists: string[];
  duplicates: { fields: string[]; window_days: number } | null;
  delivery: DeliverySettings | null;
  billing: NonNullable<BuyerEntry["billing"]>;
}

export interface SettledCampaign {
  id: string;
  name: string;
  status: NonNullable<CampaignEntry["status"]>;
  mode: NonNullable<CampaignEntry["mode"]>;
  distribution: NonNullable<CampaignEntry["distribution"]>;
  timezone: string;
  currency: string;
  country: string;
  unknown_fields: NonNullable<CampaignEntry["unknown_fields"]>;
  confirm_budget_ms: number;
  ping_budget_ms: number;
  margin: Margin | null;
  min_price: string | null;
  allow_loss: boolean;
  max_sells: number;
  docs: NonNullable<CampaignEntry["docs"]>;
  pii_days: number | null;
  fields: NonNullable<CampaignEntry["fields"]>;
  duplicates: Required<NonNullable<CampaignEntry["duplicates"]>>;
  filters: FilterDefinition | null;
  suppression_lists: string[];
  suppliers: SettledLink[];
  buyers: SettledContract[];
}

interface Margin {
  flat: string;
  percent: string;
}

export interface SettledLink {
  supplier: string;
  status: NonNullable<LinkEntry["status"]>;
  payout: { mode: "fixed"; amount: string } | { mode: "revenue_share"; percent: string } | { mode: "margin" };
  margin: Margin | null;
  caps: Caps;
  filters: FilterDefinition | null;
}

export interface SettledContract {
  buyer: string;
  status: NonNullable<ContractEntry["status"]>;
  price: string;
  price_rules: { when: FilterDefinition; price: string }[];
  exclusive: boolean;
  priority: number;
  weight: number;
  states: string[];
  exclude_states: string[];
  filters: FilterDefinition | null;
  caps: Caps;
  schedule: ScheduleDefinition | null;
}

export interface SettledWebhook extends WebhookEndpoint {
  id: string;
  name: string;
  status: NonNullable<WebhookEntry["status"]>;
  /** Null: all. */
  campaigns: string[] | null;
}

/** Suppliers' limits where the document says nothing: leads per second, for ever and from rest. */
const RATE_LIMITS: Record<RateLimitedRoute, RateLimit> = {
  ingest: { per_second: 100, burst_per_second: 200, burst_seconds: 10 },
  ping: { per_second: 500, burst_per_second: 1000, burst_seconds: 10 },
  lookup: { per_second: 10, burst_per_second: 20, burst_seconds: 5 },
};

export function settle(document: IdentifiedDocument): SettledDocument {
  return {
    suppression_lists: (document.suppression_lists ?? []).map(({ id, name }) => ({ id, name: name ?? id })),
    suppliers: (document.suppliers ?? []).map(settleSupplier),
    buyers: (document.buyers ?? []).map(settleBuyer),
    campaigns: (document.campaigns ?? []).map(settleCampaign),
    webhooks: (document.webhooks ?? []).map(settleWebhook),
  };
}

function settleSupplier(entry: List<NonNullable<IdentifiedDocument["suppliers"]>>): SettledSupplier {
  const limits = entry.rate_limits ?? {};
  return {
    ...settleParty(entry),
    test_mode: entry.test_mode ?? false,
    timezone: entry.timezone ?? null,
    rate_limits: {
      ingest: settleRateLimit(limits.ingest, RATE_LIMITS.ingest),
      ping: settleRateLimit(limits.ping, RATE_LIMITS.ping),
      lookup: settleRateLimit(limits.lookup, RATE_LIMITS.lookup),
    },
  };
}

/** What every party says of itself. */
function settleParty<Status extends string>(entry: {
  id: string;
  name?: string;
  status?: Status;
}): { id: string; name: string; status: Status | "active" } {
  return { id: entry.id, name: entry.name ?? entry.id, status: entry.status ?? "active" };
}

/** Where only the sustained rate is set, the burst is twice that, as it is by default. */
function settleRateLimit(limit: Partial<RateLimit> | undefined, usual: RateLimit): RateLimit {
  const perSecond = limit?.per_second ?? Math.min(usual.per_second, limit?.burst_per_second ?? Infinity);
  return {
    per_second: perSecond,
    burst_per_second: limit?.burst_per_second ?? perSecond * 2,
    burst_seconds: limit?.burst_seconds ?? usual.burst_seconds,
  };
}

function settleBuyer(entry: List<NonNullable<IdentifiedDocument["buyers"]>>): SettledBuyer {
  return {
    ...settleParty(entry),
    timezone: entry.timezone ?? "UTC",
    caps: settleCaps(entry.caps),
    suppression_lists: entry.suppression_lists ?? [],
    duplicates: entry.duplicates ?? null,
    delivery: entry.delivery === undefined ? null : completeDelivery(entry.delivery),
    billing: entry.billing ?? { mode: "manual" },
  };
}

function settleCampaign(entry: List<NonNullable<IdentifiedDocument["campaigns"]>>): SettledCampaign {
  return {
    ...settleParty(entry),
    mode: entry.mode ?? "direct",
    distribution: entry.distribution ?? "priority",
    timezone: entry.timezone ?? "UTC",
    currency: entry.currency ?? "USD",
    country: entry.country ?? "US",
    unknown_fields: entry.unknown_fields ?? "keep",
    confirm_budget_ms: entry.confirm_budget_ms ?? 5_000,
    ping_budget_ms: entry.ping_budget_ms ?? 1_500,
    margin: settleMargin(entry.margin),
    min_price: entry.min_price ?? null,
    allow_loss: entry.allow_loss ?? mayLoseMoney(entry),
    max_sells: entry.max_sells ?? 1,
    docs: entry.docs ?? "public",
    pii_days: entry.pii_days ?? null,
    fields: entry.fields ?? [],
    duplicates: {
      fields: entry.duplicates?.fields ?? ["phone", "email"],
      window_days: entry.duplicates?.window_days ?? 30,
      action: entry.duplicates?.action ?? "reject",
      count_unmatched: entry.duplicates?.count_unmatched ?? false,
    },
    filters: entry.filters ?? null,
    suppression_lists: entry.suppression_lists ?? [],
    suppliers: (entry.suppliers ?? []).map((link) => settleLink(link, entry.mode ?? "direct")),
    buyers: (entry.buyers ?? []).map(settleContract),
  };
}

/** Where the operator sets both prices, they are taken as meant; an auction or a margin is not to end below the payout. */
function mayLoseMoney({ mode, margin, suppliers = [] }: CampaignEntry): boolean {
  return mode !== "ping_post" && [margin, ...suppliers.map((link) => link.margin)].every((each) => !each);
}

function settleMargin(margin: CampaignEntry["margin"]): Margin | null {
  if (margin === undefined) return null;
  return { flat: margin.flat ?? "0", percent: String(margin.percent ?? "0") };
}

function settleWebhook(entry: List<NonNullable<IdentifiedDocument["webhooks"]>>): SettledWebhook {
  const { id: _id, name: _name, status: _status, campaigns, ...endpoint } = entry;
  return {
    ...settleParty(entry),
    campaigns: campaigns ?? null,
    ...completeEndpoint(endpoint),
  };
}

function settleLink(entry: LinkEntry, mode: SettledCampaign["mode"]): SettledLink {
  return {
    supplier: entry.supplier,
    status: entry.status ?? "active",
    payout: settlePayout(entry.payout ?? (mode === "ping_post" ? { mode: "margin" } : NO_PAYOUT)),
    margin: settleMargin(entry.margin),
    caps: settleCaps(entry.caps),
    filters: entry.filters ?? null,
  };
}

const NO_PAYOUT = { mode: "fixed", amount: "0" } as const;

function settlePayout(payout: NonNullable<LinkEntry["payout"]>): SettledLink["payout"] {
  return payout.mode === "revenue_share" ? { ...payout, percent: String(payout.percent) } : payout;
}

function settleContract(entry: ContractEntry): SettledContract {
  return {
    buyer: entry.buyer,
    status: entry.status ?? "active",
    price: entry.price ?? "0",
    price_rules: entry.price_rules ?? [],
    exclusive: entry.exclusive ?? false,
    priority: entry.priority ?? 1,
    weight: entry.weight ?? 1,
    states: upperCase(entry.states),
    exclude_states: upperCase(entry.exclude_states),
    filters: entry.filters ?? null,
    caps: settleCaps(entry.caps),
    schedule: entry.schedule ?? null,
  };
}

/** A period that limits nothing is as good as none. */
function settleCaps(caps: Caps = {}): Caps {
  return Object.fromEntries(
    Object.entries(caps).filter(([, cap]) => cap.leads !== undefined || cap.amount !== undefined),
  );
}

function upperCase(states: readonly string[] = []): string[] {
  return states.map((state) => state.toUpperCase());
}
