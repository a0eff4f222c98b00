import type {
  AlertsDefinition,
  BrandDefinition,
  BuyerDefinition,
  CampaignMode,
  CapsDefinition,
  CheckOfCampaign,
  CompleteCampaign,
  CompleteContract,
  CompleteDocument,
  CompleteLink,
  ConversionDefinition,
  MarginDefinition,
  PayoutDefinition,
  PortalDefinition,
  RateLimitDefinition,
  RateLimitedRoute,
  ReportDefinition,
  ReturnsDefinition,
  SelfServiceDefinition,
  SupplierDefinition,
  WebhookDefinition,
} from "#campaigns/definition.ts";
import {
  type AlertsEntry,
  type BrandEntry,
  type BuyerEntry,
  type CampaignEntry,
  type CheckEntry,
  type ContractEntry,
  type ConversionEntry,
  RETURN_REASONS,
  type ReportEntry,
  type SupplierEntry,
  type SupplierLinkEntry,
  type WebhookEntry,
} from "#campaigns/document.ts";
import { ALERT_EVENTS } from "#endpoints/webhook-endpoint.ts";
import { withDeliveryDefaults, withEndpointDefaults } from "./delivery-defaults.ts";
import type { IdentifiedDocument, WithId } from "./identify.ts";

/** Suppliers' limits where the document says nothing: leads per second, for ever and from rest. */
const RATE_LIMITS: Record<RateLimitedRoute, RateLimitDefinition> = {
  ingest: { per_second: 100, burst_per_second: 200, burst_seconds: 10 },
  ping: { per_second: 500, burst_per_second: 1000, burst_seconds: 10 },
  lookup: { per_second: 10, burst_per_second: 20, burst_seconds: 5 },
};

/** The document with every default written out. It must have no problems. */
export function withDefaults(document: IdentifiedDocument): CompleteDocument {
  return {
    suppression_lists: (document.suppression_lists ?? []).map(({ id, name }) => ({ id, name: name ?? id })),
    suppliers: (document.suppliers ?? []).map(completeSupplier),
    buyers: (document.buyers ?? []).map(completeBuyer),
    campaigns: (document.campaigns ?? []).map(completeCampaign),
    webhooks: (document.webhooks ?? []).map(completeEndpoint),
    conversions: (document.conversions ?? []).map(completeConversion),
    reports: (document.reports ?? []).map(completeReport),
    alerts: completeAlerts(document.alerts),
    brand: completeBrand(document.brand),
    records_days: document.records_days ?? null,
  };
}

function completeBrand({ name, logo, color }: BrandEntry = {}): BrandDefinition {
  return { name: name ?? null, logo: logo ?? null, color: color ?? null };
}

function completeAlerts({ email = [], events = [...ALERT_EVENTS] }: AlertsEntry = {}): AlertsDefinition {
  return { email, events };
}

function completeSupplier(entry: WithId<SupplierEntry>): SupplierDefinition {
  const limits = entry.rate_limits ?? {};
  return {
    ...completeParty(entry),
    test_mode: entry.test_mode ?? false,
    timezone: entry.timezone ?? null,
    rate_limits: {
      ingest: completeRateLimit(limits.ingest, RATE_LIMITS.ingest),
      ping: completeRateLimit(limits.ping, RATE_LIMITS.ping),
      lookup: completeRateLimit(limits.lookup, RATE_LIMITS.lookup),
    },
    portal: completePortal(entry),
  };
}

/** What every party says of itself. */
function completeParty<Status extends string>(entry: {
  id: string;
  name?: string;
  status?: Status;
}): { id: string; name: string; status: Status | "active" } {
  return { id: entry.id, name: entry.name ?? entry.id, status: entry.status ?? "active" };
}

/** Where only the sustained rate is set, the burst is twice that, as it is by default. */
function completeRateLimit(
  limit: Partial<RateLimitDefinition> | undefined,
  usual: RateLimitDefinition,
): RateLimitDefinition {
  const perSecond = limit?.per_second ?? Math.min(usual.per_second, limit?.burst_per_second ?? Infinity);
  return {
    per_second: perSecond,
    burst_per_second: limit?.burst_per_second ?? perSecond * 2,
    burst_seconds: limit?.burst_seconds ?? usual.burst_seconds,
  };
}

function completeBuyer(entry: WithId<BuyerEntry>): BuyerDefinition {
  return {
    ...completeParty(entry),
    timezone: entry.timezone ?? "UTC",
    caps: completeCaps(entry.caps),
    suppression_lists: entry.suppression_lists ?? [],
    duplicates: entry.duplicates ?? null,
    delivery: entry.delivery === undefined ? null : withDeliveryDefaults(entry.delivery),
    billing: entry.billing ?? { mode: "manual" },
    returns: completeReturns(entry.returns),
    self_service: completeSelfService(entry),
    portal: completePortal(entry),
  };
}

function completePortal({ portal }: Pick<BuyerEntry, "portal">): PortalDefinition {
  return { email: portal?.email ?? [] };
}

function completeReturns(said: BuyerEntry["returns"] = {}): ReturnsDefinition {
  return {
    allowed: said.allowed ?? true,
    window_days: said.window_days ?? 7,
    max_percent: said.max_percent ?? 20,
    auto_accept_hours: said.auto_accept_hours ?? 0,
    reasons: said.reasons ?? [...RETURN_REASONS],
  };
}

/** What a buyer may change by a key of its own. */
export function completeSelfService({
  self_service: said,
}: Pick<BuyerEntry, "self_service">): SelfServiceDefinition {
  return { pause: said?.pause ?? true, caps: said?.caps ?? false };
}

function completeCampaign(entry: WithId<CampaignEntry>): CompleteCampaign {
  return {
    ...completeParty(entry),
    mode: entry.mode ?? "direct",
    distribution: entry.distribution ?? "priority",
    timezone: entry.timezone ?? "UTC",
    currency: entry.currency ?? "USD",
    country: entry.country ?? "US",
    unknown_fields: entry.unknown_fields ?? "keep",
    confirm_budget_ms: entry.confirm_budget_ms ?? 5_000,
    ping_budget_ms: entry.ping_budget_ms ?? 1_500,
    check_budget_ms: entry.check_budget_ms ?? 2_000,
    hold_hours: entry.hold_hours ?? 72,
    margin: completeMargin(entry.margin),
    min_price: entry.min_price ?? null,
    allow_loss: entry.allow_loss ?? mayLoseMoney(entry),
    max_sells: entry.max_sells ?? 1,
    docs: entry.docs ?? "public",
    show_buyers: entry.show_buyers ?? true,
    returns: { payout: entry.returns?.payout ?? "reverse", cap: entry.returns?.cap ?? "keep" },
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
    checks: (entry.checks ?? []).map(completeCheck),
    suppliers: (entry.suppliers ?? []).map((link) => completeLink(link, entry.mode ?? "direct")),
    buyers: (entry.buyers ?? []).map(completeContract),
  };
}

function completeCheck(check: CheckEntry): CheckOfCampaign {
  return {
    id: check.id,
    url: check.url,
    method: check.method ?? "POST",
    headers: check.headers ?? {},
    template: check.template === undefined ? null : JSON.stringify(check.template),
    timeout_ms: check.timeout_ms ?? 1_000,
    when: check.when ?? null,
    response_rules: check.response_rules ?? [],
    values: check.values ?? {},
    on_error: check.on_error ?? "pass",
    per_day: check.per_day ?? null,
    cache_days: check.cache_days ?? null,
  };
}

/** Where the operator sets both prices, they are taken as meant; an auction or a margin is not to end below the payout. */
function mayLoseMoney({ mode, margin, suppliers = [] }: CampaignEntry): boolean {
  return mode !== "ping_post" && [margin, ...suppliers.map((link) => link.margin)].every((each) => !each);
}

function completeMargin(margin: CampaignEntry["margin"]): MarginDefinition | null {
  if (margin === undefined) return null;
  return { flat: margin.flat ?? "0", percent: String(margin.percent ?? "0") };
}

function completeEndpoint(entry: WithId<WebhookEntry>): WebhookDefinition {
  const { id: _id, name: _name, status: _status, campaigns, ...endpoint } = entry;
  return {
    ...completeParty(entry),
    campaigns: campaigns ?? null,
    ...withEndpointDefaults(endpoint),
  };
}

function completeConversion(entry: WithId<ConversionEntry>): ConversionDefinition {
  return {
    ...completeParty(entry),
    campaigns: entry.campaigns ?? null,
    type: entry.type,
    dataset_id: String(entry.dataset_id),
    events: entry.events,
    action_source: entry.action_source ?? "system_generated",
    test_event_code: entry.test_event_code ?? null,
    map: entry.map ?? {},
  };
}

function completeReport(entry: WithId<ReportEntry>): ReportDefinition {
  return {
    ...completeParty(entry),
    report: entry.report,
    every: entry.every,
    at: entry.at ?? "07:00",
    timezone: entry.timezone ?? "UTC",
    to: entry.to,
    group_by: entry.group_by ?? ["campaign"],
    campaigns: entry.campaigns ?? null,
  };
}

function completeLink(entry: SupplierLinkEntry, mode: CampaignMode): CompleteLink {
  return {
    supplier: entry.supplier,
    status: entry.status ?? "active",
    payout: completePayout(entry.payout ?? (mode === "ping_post" ? { mode: "margin" } : NO_PAYOUT)),
    margin: completeMargin(entry.margin),
    caps: completeCaps(entry.caps),
    filters: entry.filters ?? null,
  };
}

const NO_PAYOUT = { mode: "fixed", amount: "0" } as const;

function completePayout(payout: NonNullable<SupplierLinkEntry["payout"]>): PayoutDefinition {
  return payout.mode === "revenue_share" ? { ...payout, percent: String(payout.percent) } : payout;
}

function completeContract(entry: ContractEntry): CompleteContract {
  return {
    buyer: entry.buyer,
    status: entry.status ?? "active",
    price: entry.price ?? "0",
    price_rules: entry.price_rules ?? [],
    exclusive: entry.exclusive ?? false,
    on_refusal: entry.on_refusal ?? "next_buyer",
    refusal_minutes: entry.refusal_minutes ?? 60,
    returns: entry.returns === undefined ? null : completeReturns(entry.returns),
    priority: entry.priority ?? 1,
    weight: entry.weight ?? 1,
    states: upperCase(entry.states),
    exclude_states: upperCase(entry.exclude_states),
    filters: entry.filters ?? null,
    caps: completeCaps(entry.caps),
    schedule: entry.schedule ?? null,
  };
}

/** A period that limits nothing is as good as none. */
function completeCaps(caps: CapsDefinition = {}): CapsDefinition {
  return Object.fromEntries(
    Object.entries(caps).filter(([, cap]) => cap.leads !== undefined || cap.amount !== undefined),
  );
}

function upperCase(states: readonly string[] = []): string[] {
  return states.map((state) => state.toUpperCase());
}
