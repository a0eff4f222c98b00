import type {
  BuyerDefinition,
  CampaignDefinition,
  ContractDefinition,
  RateLimitDefinition,
  SupplierDefinition,
  SupplierLinkDefinition,
  WebhookSubscription,
} from "#campaigns/definition.ts";
import type {
  SettledBuyer,
  SettledCampaign,
  SettledContract,
  SettledDocument,
  SettledLink,
  SettledSupplier,
  SettledWebhook,
} from "./defaults.ts";

/** What the database keeps of a document. */
export interface Definitions {
  campaigns: CampaignDefinition[];
  suppliers: SupplierDefinition[];
  buyers: BuyerDefinition[];
  lists: { id: string; name: string }[];
  /** As they were settled: the sender reads them as it reads a buyer's delivery. */
  webhooks: SettledWebhook[];
}

/** Every campaign whole, with its suppliers, buyers and webhooks in it. The document must have no problems. */
export function definitionsOf(document: SettledDocument): Definitions {
  const suppliers = new Map(document.suppliers.map((each) => [each.id, supplierDefinition(each)]));
  const buyers = new Map(document.buyers.map((each) => [each.id, buyerDefinition(each)]));
  return {
    campaigns: document.campaigns.map((each) =>
      campaignDefinition(each, suppliers, buyers, document.webhooks),
    ),
    suppliers: [...suppliers.values()],
    buyers: [...buyers.values()],
    lists: document.suppression_lists,
    webhooks: document.webhooks,
  };
}

function campaignDefinition(
  campaign: SettledCampaign,
  suppliers: ReadonlyMap<string, SupplierDefinition>,
  buyers: ReadonlyMap<string, BuyerDefinition>,
  webhooks: readonly SettledWebhook[],
): CampaignDefinition {
  return {
    id: campaign.id,
    name: campaign.name,
    status: campaign.status,
    mode: campaign.mode,
    distribution: campaign.distribution,
    timezone: campaign.timezone,
    currency: campaign.currency,
    country: campaign.country,
    unknownFields: campaign.unknown_fields,
    confirmBudgetMs: campaign.confirm_budget_ms,
    pingBudgetMs: campaign.ping_budget_ms,
    margin: campaign.margin,
    minPrice: campaign.min_price,
    allowLoss: campaign.allow_loss,
    maxSells: campaign.max_sells,
    docs: campaign.docs,
    piiDays: campaign.pii_days,
    fields: campaign.fields,
    duplicates: {
      fields: campaign.duplicates.fields,
      windowDays: campaign.duplicates.window_days,
      action: campaign.duplicates.action,
      countUnmatched: campaign.duplicates.count_unmatched,
    },
    filters: campaign.filters,
    suppressionLists: campaign.suppression_lists,
    suppliers: campaign.suppliers.map((link) => linkDefinition(link, named(suppliers, link.supplier))),
    contracts: campaign.buyers.map((contract) => contractDefinition(contract, named(buyers, contract.buyer))),
    webhooks: webhooks.filter((webhook) => hearsOf(webhook, campaign.id)).map(subscription),
  };
}

function hearsOf({ status, campaigns }: SettledWebhook, campaignId: string): boolean {
  return status === "active" && (campaigns === null || campaigns.includes(campaignId));
}

function subscription({ id, events, giveUpAfterSeconds }: SettledWebhook): WebhookSubscription {
  return { id, events, giveUpAfterSeconds };
}

function linkDefinition(link: SettledLink, supplier: SupplierDefinition): SupplierLinkDefinition {
  const { status, payout, margin, caps, filters } = link;
  return { supplier, status, payout, margin, caps, filters };
}

function contractDefinition(contract: SettledContract, buyer: BuyerDefinition): ContractDefinition {
  return {
    buyer,
    status: contract.status,
    price: contract.price,
    priceRules: contract.price_rules,
    exclusive: contract.exclusive,
    priority: contract.priority,
    weight: contract.weight,
    states: contract.states,
    excludeStates: contract.exclude_states,
    filters: contract.filters,
    caps: contract.caps,
    schedule: contract.schedule,
  };
}

function supplierDefinition(supplier: SettledSupplier): SupplierDefinition {
  const { ingest, ping, lookup } = supplier.rate_limits;
  return {
    id: supplier.id,
    name: supplier.name,
    status: supplier.status,
    testMode: supplier.test_mode,
    timezone: supplier.timezone,
    rateLimits: {
      ingest: rateLimitDefinition(ingest),
      ping: rateLimitDefinition(ping),
      lookup: rateLimitDefinition(lookup),
    },
  };
}

function rateLimitDefinition(limit: SettledSupplier["rate_limits"]["ingest"]): RateLimitDefinition {
  return {
    perSecond: limit.per_second,
    burstPerSecond: limit.burst_per_second,
    burstSeconds: limit.burst_seconds,
  };
}

function buyerDefinition(buyer: SettledBuyer): BuyerDefinition {
  return {
    id: buyer.id,
    name: buyer.name,
    status: buyer.status,
    timezone: buyer.timezone,
    caps: buyer.caps,
    suppressionLists: buyer.suppression_lists,
    duplicates: buyer.duplicates && {
      fields: buyer.duplicates.fields,
      windowDays: buyer.duplicates.window_days,
    },
    billing: buyer.billing,
    delivery: buyer.delivery,
  };
}

function named<T>(parts: ReadonlyMap<string, T>, id: string): T {
  const part = parts.get(id);
  if (part === undefined)
    throw new Error("a document with a reference to nothing was taken for one without problems");
  return part;
}
