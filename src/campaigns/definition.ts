import type { DeliverySettings } from "#endpoints/delivery-settings.ts";
import type { FieldDefinition } from "#fields/types/definition.ts";
import type { FilterDefinition } from "#rules/filter.ts";
import type { ScheduleDefinition } from "#rules/schedule.ts";
import type { CapPeriod } from "#time/period.ts";

/**
 * What the database keeps of a campaign: everything that decides its leads, in one self-contained value with all
 * defaults filled in. It is made from the operator's document when that is applied (see `apply.ts`) and
 * compiled when a lead arrives (see `campaign.ts`). Money is decimal text, as in the document.
 */
export interface CampaignDefinition {
  id: string;
  name: string;
  status: CampaignStatus;
  mode: CampaignMode;
  distribution: Distribution;
  timezone: string;
  currency: string;
  country: string;
  unknownFields: "keep" | "drop" | "reject";
  /** For asking all buyers of one lead that want to be asked before the supplier is answered. */
  confirmBudgetMs: number;
  /** For asking all buyers that bid live on one ping. */
  pingBudgetMs: number;
  /** What the operator keeps of a price; null: whatever the payout leaves. */
  margin: MarginDefinition | null;
  /** No buyer gets a lead below this price. */
  minPrice: string | null;
  /** A price may be below the payout and the margin. */
  allowLoss: boolean;
  /** How many buyers one lead is sold to at most. */
  maxSells: number;
  /** Who may read the page that tells suppliers what the campaign asks for: everybody, or who has a key or a link. */
  docs: "public" | "private";
  /** After how many days its leads no longer tell who the person is; null: never. Absent from what the first release stored. */
  piiDays?: number | null;
  fields: FieldDefinition[];
  duplicates: DuplicateRule;
  filters: FilterDefinition | null;
  suppressionLists: string[];
  suppliers: SupplierLinkDefinition[];
  contracts: ContractDefinition[];
  /** The operator's endpoints that hear of this campaign's leads. */
  webhooks: WebhookSubscription[];
}

/** Which events of a campaign go to one of the operator's endpoints. */
export interface WebhookSubscription {
  id: string;
  events: readonly string[];
  giveUpAfterSeconds: number;
}

export type CampaignStatus = "active" | "paused" | "archived";
export type CampaignMode = "direct" | "ping_post";
export type PartyStatus = "active" | "paused";
export type Distribution = "priority" | "weighted" | "round_robin" | "highest_bid";

export interface DuplicateRule {
  fields: string[];
  windowDays: number;
  action: "reject" | "route_to_original";
  countUnmatched: boolean;
}

/** A supplier as one campaign sees it. */
export interface SupplierLinkDefinition {
  supplier: SupplierDefinition;
  status: PartyStatus;
  payout: PayoutDefinition;
  /** Instead of the campaign's; null: the campaign's. */
  margin: MarginDefinition | null;
  caps: CapsDefinition;
  filters: FilterDefinition | null;
}

export interface SupplierDefinition {
  id: string;
  name: string;
  status: PartyStatus;
  testMode: boolean;
  /** Null: the caps on its links follow the campaign's clock. */
  timezone: string | null;
  rateLimits: Record<RateLimitedRoute, RateLimitDefinition>;
}

export type RateLimitedRoute = "ingest" | "ping" | "lookup";

/** `burstPerSecond` for `burstSeconds` from rest, `perSecond` for ever. */
export interface RateLimitDefinition {
  perSecond: number;
  burstPerSecond: number;
  burstSeconds: number;
}

export type PayoutDefinition =
  | { mode: "fixed"; amount: string }
  | { mode: "revenue_share"; percent: string }
  | { mode: "margin" };

export interface MarginDefinition {
  flat: string;
  percent: string;
}

/** A buyer as one campaign sees it: the contract between them. */
export interface ContractDefinition {
  buyer: BuyerDefinition;
  status: PartyStatus;
  price: string;
  /** The first whose filter a lead passes sets the price instead. */
  priceRules: { when: FilterDefinition; price: string }[];
  /** Where a lead may be sold to several buyers: this one takes it alone or not at all. */
  exclusive: boolean;
  priority: number;
  weight: number;
  /** Empty: every state. */
  states: string[];
  excludeStates: string[];
  filters: FilterDefinition | null;
  caps: CapsDefinition;
  schedule: ScheduleDefinition | null;
}

export interface BuyerDefinition {
  id: string;
  name: string;
  status: PartyStatus;
  timezone: string;
  caps: CapsDefinition;
  suppressionLists: string[];
  /** The buyer refuses people it received before, in whatever campaign; null: it takes them. */
  duplicates: { fields: string[]; windowDays: number } | null;
  billing: BillingDefinition;
  /** How its leads reach it; null: they are on record only. */
  delivery: DeliverySettings | null;
}

export type BillingDefinition = { mode: "manual" } | { mode: "wallet" } | { mode: "credit"; limit: string };

/** Per period, the most leads and the most money; what is absent is unlimited. */
export type CapsDefinition = Partial<Record<CapPeriod, { leads?: number; amount?: string }>>;
