import { type CheckSettings, compileCheck } from "#endpoints/checks/check-settings.ts";
import { type Conversion, compileConversion } from "#endpoints/conversion/conversion-settings.ts";
import { compileDelivery, type DeliverySettings } from "#endpoints/delivery-settings.ts";
import { compileMapping, type FieldMapping, type FieldValues } from "#fields/mapping.ts";
import type { Spellings } from "#fields/spellings.ts";
import { hashedFields } from "#fields/system.ts";
import { usualHashesOf } from "#fields/usual-hashes.ts";
import { type Amount, parseAmount } from "#money/amount.ts";
import type { Margin, Payout } from "#money/price.ts";
import { type DuplicateKey, duplicateKey, scopeOf } from "#people/duplicate-key.ts";
import { type PersonKeys, personKeysOf } from "#people/person-key.ts";
import { type SuppressionKey, type SuppressionKind, suppressionKeysOf } from "#people/suppression-key.ts";
import { compileFilter, type Filter, type FilterDefinition } from "#rules/filter.ts";
import { compileSchedule, type Schedule } from "#rules/schedule.ts";
import { CHECK_PREFIX } from "#text/checked-name.ts";
import { CAP_PERIODS, type CapPeriod } from "#time/period.ts";
import type {
  BuyerDefinition,
  CampaignDefinition,
  CampaignMode,
  CampaignStatus,
  CapsDefinition,
  ContractDefinition,
  Distribution,
  MarginDefinition,
  PartyStatus,
  PayoutDefinition,
  RateLimitDefinition,
  RateLimitedRoute,
  SupplierDefinition,
  SupplierLinkDefinition,
} from "./definition.ts";
import { isCounted } from "./recount.ts";

/** A campaign ready to decide leads: one revision of its definition, compiled. It never changes. */
export interface Campaign {
  id: string;
  revision: number;
  name: string;
  status: CampaignStatus;
  mode: CampaignMode;
  distribution: Distribution;
  timezone: string;
  currency: string;
  country: string;
  unknownFields: "keep" | "drop" | "reject";
  /** Who may read the page that tells suppliers what the campaign asks for: everybody, or who has a key or a link. */
  docs: "public" | "private";
  /** Suppliers are told which buyers their leads went to. */
  showBuyers: boolean;
  /** For asking all buyers of one lead that want to be asked before the supplier is answered. */
  confirmBudgetMs: number;
  /** For asking all buyers that bid live on one ping. */
  pingBudgetMs: number;
  /** For asking others about one lead. */
  checkBudgetMs: number;
  /** Who is asked about a lead, in the document's order. */
  checks: readonly CampaignCheck[];
  /** No buyer gets a lead below this price; null: at any. */
  minPrice: Amount | null;
  /** A price may be below the payout and the margin. */
  allowLoss: boolean;
  /** How many buyers one lead is sold to at most. */
  maxSells: number;
  duplicates: DuplicateRule;
  mapping: FieldMapping;
  filters: Filter | null;
  suppressionLists: ReadonlySet<string>;
  suppliers: ReadonlyMap<string, SupplierLink>;
  /** In the document's order. */
  contracts: readonly Contract[];
  /** The operator's endpoints that hear of this campaign's leads. */
  webhooks: readonly WebhookSubscription[];
  /** What Meta is told of this campaign's leads. */
  conversions: readonly Conversion[];
  /** By id, when each key that its suppliers hold ends (ms since 1970; Infinity: never). A revoked key is not in it. */
  keys: ReadonlyMap<string, number>;
  /** The buyers whose own counters decide, in id order: that is the order in which they are locked. */
  countedBuyers: readonly string[];
  /** What the values are compared by against leads of this campaign: phone, e-mail and whatever fields the rule names. */
  duplicateKeys(values: FieldValues): DuplicateKey[];
  /** What else a lead is remembered under, so that pings which send a phone or an e-mail hashed are compared with it. */
  hashedKeys(values: FieldValues): DuplicateKey[];
  /** What the values are compared by against what a buyer received in any campaign. */
  buyerDuplicateKeys(contract: Contract, values: FieldValues): DuplicateKey[];
  /** What the values are looked up by in suppression lists; empty when no list could matter. */
  suppressionKeys(values: FieldValues): SuppressionKey[];
  /** By what the person's leads are found later that no lead is compared with. */
  personKeys(values: FieldValues): PersonKeys;
}

/** Somebody who is asked about leads before buyers are. */
export interface CampaignCheck {
  id: string;
  /** About which leads; null: about all. */
  when: Filter | null;
  /** What becomes of the lead when there is no verdict. */
  onError: "pass" | "reject" | "hold";
  settings: CheckSettings;
}

/** A supplier as one campaign sees it. */
export interface SupplierLink {
  supplierId: string;
  supplier: CompiledSupplier;
  status: PartyStatus;
  filters: Filter | null;
  payout: Payout;
  /** Its own, else the campaign's. */
  margin: Margin | null;
  caps: readonly Cap[];
  /** The caps as the operator wrote them, to be shown. */
  writtenCaps: CapsDefinition;
  timezone: string;
}

interface CompiledPriceRule {
  when: Filter;
  price: Amount;
  /** It asks for what checks find, which no ping has. */
  asksChecks: boolean;
}

/** A buyer as one campaign sees it: the contract between them. */
export interface Contract {
  buyerId: string;
  buyer: CompiledBuyer;
  status: PartyStatus;
  price: Amount;
  /** The first that a lead passes sets the price instead. */
  priceRules: readonly CompiledPriceRule[];
  /** What it pays is bid for each lead, by an answer to a ping. */
  bidsLive: boolean;
  /** Where a lead may be sold to several buyers: this one takes it alone or not at all. */
  exclusive: boolean;
  /** What follows when it refuses what it was sold, and for how long after the lead's first sale another buyer may get that. */
  onRefusal: "next_buyer" | "reverse" | "keep";
  refusalMinutes: number;
  priority: number;
  weight: number;
  filters: Filter | null;
  schedule: Schedule | null;
  /** Empty: every state. */
  states: ReadonlySet<string>;
  excludeStates: ReadonlySet<string>;
  caps: readonly Cap[];
  buyerCaps: readonly Cap[];
  suppressionLists: ReadonlySet<string>;
  /** Whether the buyer's own counters must be read and locked: it has caps, money or a duplicate window of its own. */
  buyerIsCounted: boolean;
  /** The most that a buyer on credit may owe; zero for a wallet; null when its money is not watched. */
  creditLimit: Amount | null;
  /** What its balance, credit included, is called low below; null: it never is. */
  lowBalance: Amount | null;
  /** When the first of its unpaid invoices is due, in ms since 1970, after which it gets no lead; null: none keeps it from that. */
  overdueFrom: number | null;
}

/** When a lead repeats an earlier one of the campaign, and what becomes of it. */
export interface DuplicateRule {
  fields: readonly string[];
  windowDays: number;
  action: "reject" | "route_to_original";
  countUnmatched: boolean;
}

/** Which events of a campaign go to one of the operator's endpoints. */
export interface WebhookSubscription {
  id: string;
  events: readonly string[];
  giveUpAfterSeconds: number;
}

/** What decides a supplier's leads in all its campaigns. */
export interface CompiledSupplier {
  id: string;
  status: PartyStatus;
  testMode: boolean;
  rateLimits: Record<RateLimitedRoute, RateLimit>;
}

/** `burstPerSecond` for `burstSeconds` from rest, `perSecond` for ever. */
export interface RateLimit {
  perSecond: number;
  burstPerSecond: number;
  burstSeconds: number;
}

/** What decides a buyer's leads in all its campaigns. */
export interface CompiledBuyer {
  id: string;
  status: PartyStatus;
  timezone: string;
  /** The buyer refuses people it received before, in whatever campaign; null: it takes them. */
  duplicates: { fields: readonly string[]; windowDays: number } | null;
  /** How its leads reach it; null: they are on record only. */
  delivery: DeliverySettings | null;
}

export interface Cap {
  period: CapPeriod;
  leads: number | null;
  amount: Amount | null;
}

/** What a campaign is compiled from: its row, the keys of its suppliers, and what its lists hold. */
export interface StoredCampaign {
  revision: number;
  definition: CampaignDefinition;
  keys: readonly { id: string; expiresAt: Date | null }[];
  /** What kinds of entries the campaign's and its buyers' suppression lists hold. */
  suppressionKinds: ReadonlySet<SuppressionKind>;
  /** When the first unpaid invoice is due (ms since 1970) of each buyer that has one and is paused by it. */
  overdueFrom: ReadonlyMap<string, number>;
}

/** The fields that every campaign's leads are keyed by, whatever its rule names today, so that the rule may change. */
const ALWAYS_KEYED = ["phone", "email"];

/** Compiles one revision of a campaign. `pepper` keys the hashes that people are compared by. */
export function compileCampaign(stored: StoredCampaign, pepper: Uint8Array): Campaign {
  const { definition, revision } = stored;
  const mapping = compileMapping(definition.fields, {
    country: definition.country,
    unknownFields: definition.unknown_fields,
  });
  const { spellings } = mapping;
  const filterOf = (filter: FilterDefinition) => compileFilter(filter, definition.timezone, spellings);
  const contracts = definition.buyers.map((contract) => ({
    ...compileContract(contract, definition, filterOf),
    overdueFrom: stored.overdueFrom.get(contract.buyer.id) ?? null,
  }));
  const keyedFields = [...new Set([...ALWAYS_KEYED, ...definition.duplicates.fields])];
  return {
    id: definition.id,
    revision,
    name: definition.name,
    status: definition.status,
    mode: definition.mode,
    distribution: definition.distribution,
    timezone: definition.timezone,
    currency: definition.currency,
    country: definition.country,
    unknownFields: definition.unknown_fields,
    docs: definition.docs,
    // Where an earlier release put it in force, nothing is said.
    showBuyers: definition.show_buyers !== false,
    confirmBudgetMs: definition.confirm_budget_ms,
    pingBudgetMs: definition.ping_budget_ms,
    checkBudgetMs: definition.check_budget_ms,
    checks: definition.checks.map((check) => ({
      id: check.id,
      when: check.when && filterOf(check.when),
      onError: check.on_error,
      settings: compileCheck(check),
    })),
    minPrice: definition.min_price === null ? null : amountOf(definition.min_price),
    allowLoss: definition.allow_loss,
    maxSells: definition.max_sells,
    duplicates: compileDuplicateRule(definition.duplicates),
    mapping,
    filters: definition.filters && filterOf(definition.filters),
    suppressionLists: new Set(definition.suppression_lists),
    suppliers: new Map(
      definition.suppliers.map((link) => [link.supplier.id, compileLink(link, definition, filterOf)]),
    ),
    contracts,
    webhooks: definition.webhooks.map(({ id, events, give_up_after_seconds }) => ({
      id,
      events,
      giveUpAfterSeconds: give_up_after_seconds,
    })),
    conversions: (definition.conversions ?? []).map(compileConversion),
    keys: new Map(stored.keys.map((key) => [key.id, key.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY])),
    countedBuyers: contracts
      .filter((each) => each.buyerIsCounted)
      .map((each) => each.buyerId)
      .sort(),
    duplicateKeys(values) {
      const scope = scopeOf("campaign", definition.id);
      const keys = duplicateKeysOf(pepper, scope, keyedFields, values, spellings);
      return definition.mode === "direct" ? keys : [...keys, ...readyMadeKeys(pepper, scope, values)];
    },
    hashedKeys: (values) =>
      definition.mode === "direct" ? [] : hashedKeysOf(pepper, scopeOf("campaign", definition.id), values),
    buyerDuplicateKeys: (contract, values) => {
      const rule = contract.buyer.duplicates;
      return rule === null
        ? []
        : duplicateKeysOf(pepper, scopeOf("buyer", contract.buyerId), rule.fields, values, spellings);
    },
    suppressionKeys: (values) => suppressionKeysOf(values, pepper, stored.suppressionKinds),
    personKeys: (values) => personKeysOf(pepper, values),
  };
}

function compileDuplicateRule(rule: CampaignDefinition["duplicates"]): DuplicateRule {
  const { fields, window_days, action, count_unmatched } = rule;
  return { fields, windowDays: window_days, action, countUnmatched: count_unmatched };
}

export function compileSupplier(supplier: SupplierDefinition): CompiledSupplier {
  const { ingest, ping, lookup } = supplier.rate_limits;
  return {
    id: supplier.id,
    status: supplier.status,
    testMode: supplier.test_mode,
    rateLimits: {
      ingest: compileRateLimit(ingest),
      ping: compileRateLimit(ping),
      lookup: compileRateLimit(lookup),
    },
  };
}

function compileRateLimit(limit: RateLimitDefinition): RateLimit {
  return {
    perSecond: limit.per_second,
    burstPerSecond: limit.burst_per_second,
    burstSeconds: limit.burst_seconds,
  };
}

type FilterOf = (definition: FilterDefinition) => Filter;

function compileLink(
  link: SupplierLinkDefinition,
  campaign: CampaignDefinition,
  filterOf: FilterOf,
): SupplierLink {
  return {
    supplierId: link.supplier.id,
    supplier: compileSupplier(link.supplier),
    status: link.status,
    filters: link.filters && filterOf(link.filters),
    payout: compilePayout(link.payout),
    margin: compileMargin(link.margin ?? campaign.margin),
    caps: compileCaps(link.caps),
    writtenCaps: link.caps,
    timezone: link.supplier.timezone ?? campaign.timezone,
  };
}

function compilePayout(payout: PayoutDefinition): Payout {
  switch (payout.mode) {
    case "fixed":
      return { mode: "fixed", amount: amountOf(payout.amount) };
    case "revenue_share":
    case "margin":
      return payout;
  }
}

function compileMargin(margin: MarginDefinition | null): Margin | null {
  return margin && { flat: amountOf(margin.flat), percent: margin.percent };
}

function asksChecks(rule: FilterDefinition): boolean {
  if ("all" in rule) return rule.all.some(asksChecks);
  if ("any" in rule) return rule.any.some(asksChecks);
  return "not" in rule ? asksChecks(rule.not) : rule.field.startsWith(CHECK_PREFIX);
}

function compileContract(
  contract: ContractDefinition,
  campaign: CampaignDefinition,
  filterOf: FilterOf,
): Omit<Contract, "overdueFrom"> {
  const { buyer } = contract;
  const creditLimit = creditLimitOf(contract);
  const buyerCaps = compileCaps(buyer.caps);
  return {
    buyerId: buyer.id,
    buyer: compileBuyer(buyer),
    status: contract.status,
    price: amountOf(contract.price),
    priceRules: contract.price_rules.map(({ when, price }) => ({
      when: filterOf(when),
      price: amountOf(price),
      asksChecks: asksChecks(when),
    })),
    bidsLive:
      campaign.mode === "ping_post" && buyer.delivery?.method === "webhook" && buyer.delivery.ping !== null,
    exclusive: contract.exclusive,
    onRefusal: contract.on_refusal,
    refusalMinutes: contract.refusal_minutes,
    priority: contract.priority,
    weight: contract.weight,
    filters: contract.filters && filterOf(contract.filters),
    schedule: contract.schedule && compileSchedule(contract.schedule, buyer.timezone),
    states: new Set(contract.states),
    excludeStates: new Set(contract.exclude_states),
    caps: compileCaps(contract.caps),
    buyerCaps,
    suppressionLists: new Set(buyer.suppression_lists),
    buyerIsCounted: isCounted(buyer),
    creditLimit,
    lowBalance: buyer.billing.low_balance === undefined ? null : amountOf(buyer.billing.low_balance),
  };
}

function compileBuyer({ id, status, timezone, duplicates, delivery }: BuyerDefinition): CompiledBuyer {
  return {
    id,
    status,
    timezone,
    duplicates: duplicates && { fields: duplicates.fields, windowDays: duplicates.window_days },
    delivery: delivery && compileDelivery(delivery),
  };
}

function creditLimitOf(contract: ContractDefinition): Amount | null {
  const { billing } = contract.buyer;
  switch (billing.mode) {
    case "manual":
      return null;
    case "wallet":
      return amountOf("0");
    case "credit":
      return amountOf(billing.limit);
  }
}

export function compileCaps(caps: CapsDefinition): Cap[] {
  return CAP_PERIODS.flatMap((period) => {
    const cap = caps[period];
    if (cap === undefined) return [];
    return [
      { period, leads: cap.leads ?? null, amount: cap.amount === undefined ? null : amountOf(cap.amount) },
    ];
  });
}

function duplicateKeysOf(
  pepper: Uint8Array,
  scope: string,
  fields: readonly string[],
  values: FieldValues,
  spellings: Spellings,
): DuplicateKey[] {
  const keys: DuplicateKey[] = [];
  for (const field of fields) {
    const value = values[field];
    // An empty field never matches: two people without an e-mail are two people.
    if (value === undefined || value === "") continue;
    keys.push(duplicateKey(pepper, scope, field, spellings.whole(field, value)));
  }
  return keys;
}

/** Of a ping: the hash that came instead of a value. */
function readyMadeKeys(pepper: Uint8Array, scope: string, values: FieldValues): DuplicateKey[] {
  return hashedFields.flatMap(({ name, of }) => {
    const hash = values[name];
    return hash === undefined || of in values
      ? []
      : { ...duplicateKey(pepper, scope, name, hash), field: of };
  });
}

/** All the hashes that the phone and the e-mail are known by. */
export function hashedKeysOf(pepper: Uint8Array, scope: string, values: FieldValues): DuplicateKey[] {
  return hashedFields.flatMap(({ name, of }) => {
    const value = values[of];
    if (typeof value !== "string" || value === "") return [];
    return usualHashesOf(name, value).map((hash) => ({
      ...duplicateKey(pepper, scope, name, hash),
      field: of,
    }));
  });
}

function amountOf(text: string): Amount {
  const amount = parseAmount(text);
  if (amount === undefined) throw new Error("a stored amount is not decimal text");
  return amount;
}
