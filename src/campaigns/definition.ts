import type { CompleteCheck } from "#endpoints/checks/check-definition.ts";
import type { CompleteMeta } from "#endpoints/conversion/conversion-definition.ts";
import type { CompleteDelivery, CompleteWebhook } from "#endpoints/delivery-definition.ts";
import type { FilterDefinition } from "#rules/filter-definition.ts";
import type { Complete } from "#text/typebox.ts";
import type {
  AlertsEntry,
  BrandEntry,
  BuyerEntry,
  CampaignEntry,
  ContractEntry,
  ConversionEntry,
  ReportEntry,
  SupplierEntry,
  SupplierLinkEntry,
  SuppressionListEntry,
  WebhookEntry,
} from "./document.ts";

/**
 * The configuration document with every default written out, in the operators' own words: what two documents are compared by, and what
 * the database keeps of its parts. `withDefaults` makes it; `compileCampaign` turns it into what decides leads.
 */
export interface CompleteDocument {
  suppression_lists: SuppressionListDefinition[];
  suppliers: SupplierDefinition[];
  buyers: BuyerDefinition[];
  campaigns: CompleteCampaign[];
  webhooks: WebhookDefinition[];
  conversions: ConversionDefinition[];
  reports: ReportDefinition[];
  alerts: AlertsDefinition;
  brand: BrandDefinition;
  /** Null: all leads stay on record. */
  records_days: number | null;
}

export type AlertsDefinition = Required<AlertsEntry>;

/** Null: what Leadgate has. */
export type BrandDefinition = Complete<BrandEntry, keyof BrandEntry>;

export type SuppressionListDefinition = Complete<SuppressionListEntry>;

/** Without a time zone of its own, the caps on a supplier's links follow each campaign's clock. */
export interface SupplierDefinition
  extends Omit<Complete<SupplierEntry, "timezone">, "rate_limits" | "portal"> {
  portal: PortalDefinition;
  rate_limits: Record<RateLimitedRoute, RateLimitDefinition>;
}

export type RateLimitedRoute = "ingest" | "ping" | "lookup";

/** `burst_per_second` for `burst_seconds` from rest, `per_second` for ever. */
export type RateLimitDefinition = Record<"per_second" | "burst_per_second" | "burst_seconds", number>;

export interface BuyerDefinition
  extends Omit<Complete<BuyerEntry, "duplicates">, "delivery" | "self_service" | "returns" | "portal"> {
  portal: PortalDefinition;
  delivery: CompleteDelivery | null;
  returns: ReturnsDefinition;
  self_service: SelfServiceDefinition;
}

/** Who may log in to the portal of a supplier or a buyer. */
export type PortalDefinition = Required<NonNullable<BuyerEntry["portal"]>>;

/** When a buyer may give a lead back. */
export type ReturnsDefinition = Required<NonNullable<BuyerEntry["returns"]>>;

/** What a buyer may change by a key of its own. */
export type SelfServiceDefinition = Record<"pause" | "caps", boolean>;

export interface CompleteCampaign
  extends Omit<
    Complete<CampaignEntry, "min_price" | "filters" | "pii_days">,
    "margin" | "duplicates" | "returns" | "suppliers" | "buyers" | "checks"
  > {
  checks: CheckOfCampaign[];
  returns: Required<NonNullable<CampaignEntry["returns"]>>;
  margin: MarginDefinition | null;
  duplicates: Complete<NonNullable<CampaignEntry["duplicates"]>>;
  suppliers: CompleteLink[];
  buyers: CompleteContract[];
}

/** A check, and about which leads it is asked; null: about all. */
export interface CheckOfCampaign extends CompleteCheck {
  when: FilterDefinition | null;
}

export interface CompleteLink extends Omit<Complete<SupplierLinkEntry, "filters">, "payout" | "margin"> {
  payout: PayoutDefinition;
  /** Null: the campaign's. */
  margin: MarginDefinition | null;
}

export interface CompleteContract extends Omit<Complete<ContractEntry, "filters" | "schedule">, "returns"> {
  /** Null: as the buyer says. */
  returns: ReturnsDefinition | null;
}

/** Without campaigns of its own, a webhook hears of all. */
export interface WebhookDefinition
  extends CompleteWebhook,
    Pick<Complete<WebhookEntry, "campaigns">, "id" | "name" | "status" | "campaigns"> {}

/** Without campaigns of its own, it tells of all. */
export interface ConversionDefinition
  extends CompleteMeta,
    Pick<Complete<ConversionEntry, "campaigns">, "id" | "name" | "status" | "campaigns"> {}

/** Without campaigns of its own, it is of all. */
export type ReportDefinition = Complete<ReportEntry, "campaigns">;

export type PayoutDefinition =
  | { mode: "fixed"; amount: string }
  | { mode: "revenue_share"; percent: string }
  | { mode: "margin" };

export interface MarginDefinition {
  flat: string;
  percent: string;
}

/** Per period, the most leads and the most money; what is absent is unlimited. */
export type CapsDefinition = BuyerDefinition["caps"];

export type CampaignStatus = CompleteCampaign["status"];
export type CampaignMode = CompleteCampaign["mode"];
export type Distribution = CompleteCampaign["distribution"];
export type PartyStatus = SupplierDefinition["status"];
export type BillingDefinition = BuyerDefinition["billing"];

/**
 * What the database keeps of a campaign: everything that decides its leads in one value, with its suppliers, its buyers, the webhooks
 * that hear of it and the conversions that tell of it in the places where the document names them.
 */
export interface CampaignDefinition extends Omit<CompleteCampaign, "suppliers" | "buyers"> {
  suppliers: SupplierLinkDefinition[];
  buyers: ContractDefinition[];
  webhooks: SubscriptionDefinition[];
  /** Absent: none. */
  conversions?: ConversionSubscription[];
}

export interface SupplierLinkDefinition extends Omit<CompleteLink, "supplier"> {
  supplier: SupplierDefinition;
}

export interface ContractDefinition extends Omit<CompleteContract, "buyer"> {
  buyer: BuyerDefinition;
}

export type ConversionSubscription = Pick<ConversionDefinition, "id" | "events" | "action_source" | "map">;

export type SubscriptionDefinition = Pick<WebhookDefinition, "id" | "events" | "give_up_after_seconds">;
