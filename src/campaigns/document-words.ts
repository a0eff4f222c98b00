import { CHECK_WORDS } from "#endpoints/checks/check-words.ts";
import { META_WORDS } from "#endpoints/conversion/conversion-words.ts";
import { DELIVERY_WORDS, RETRY_WORDS } from "#endpoints/delivery-words.ts";
import { FIELD_WORDS } from "#fields/field-words.ts";
import type { FilterDefinition } from "#rules/filter-definition.ts";
import { FILTER_WORDS, SCHEDULE_WORDS } from "#rules/filter-words.ts";
import type { SettingWords, TableOfWords, WordsFor } from "#text/setting-words.ts";
import type {
  AlertsEntry,
  BrandEntry,
  BuyerEntry,
  CampaignEntry,
  CheckEntry,
  ConfigurationDocument,
  ContractEntry,
  ConversionEntry,
  ReportEntry,
  SupplierEntry,
  SupplierLinkEntry,
  SuppressionListEntry,
  WebhookEntry,
} from "./document.ts";

/**
 * What operators read about each setting of the configuration document: meaning, default and example, in the reference, the schema for
 * editors and `leadgate help config`. A new setting gets its line here.
 */

/** What each part says of itself. */
function partWords<const Example extends string>(what: string, example: Example, name: string) {
  return {
    id: {
      means: `By which ${what} is known, for ever.`,
      otherwise: "one is made, and kept as long as the name stays",
      example,
    },
    name: { means: "What people call it.", otherwise: "its id", example: name },
  } as const;
}

const PARTY_STATUS = {
  means: "paused: takes part in nothing until it is active again.",
  default: "active",
  example: "paused",
} as const;

type EntryCaps = NonNullable<BuyerEntry["caps"]>;

const CAP_WORDS: WordsFor<NonNullable<EntryCaps["day"]>> = {
  leads: { means: "The most leads.", otherwise: "no limit", example: 100 },
  amount: {
    means: "The most money: of buyers' prices, or of the payout where a supplier is capped.",
    otherwise: "no limit",
    example: "5000.00",
  },
};

const CAPS_WORDS: WordsFor<EntryCaps> = {
  hour: capOf("In an hour."),
  day: capOf("In a day."),
  week: capOf("In a week, from Monday."),
  month: capOf("In a month."),
  total: capOf("In all, for ever."),
};

function capOf(means: string) {
  return { means, otherwise: "no cap", example: { leads: 100, amount: "5000.00" }, within: CAP_WORDS };
}

/** What is limited by caps, by whose clock. */
function capsWords(what: string) {
  return {
    means: `The most that ${what}. Test leads don't count.`,
    otherwise: "no cap",
    example: { day: { leads: 100, amount: "5000.00" } },
    within: CAPS_WORDS,
  };
}

function filtersWords(whose: string): SettingWords<FilterDefinition> {
  return {
    means: `${whose}: one rule, or rules joined by all, any and not.`,
    otherwise: "every lead passes",
    example: { field: "state", op: "in", value: ["TX", "OK"] },
    within: FILTER_WORDS,
  };
}

const MARGIN_WORDS: WordsFor<NonNullable<CampaignEntry["margin"]>> = {
  flat: { means: "An amount of each price.", default: "0", example: "1.00" },
  percent: { means: "A part of each price, from 0 to 100: 25 is a quarter.", default: "0", example: 25 },
};

const LIST_WORDS: WordsFor<SuppressionListEntry> = partWords("the list", "do-not-call", "Do not call");

type RateLimits = NonNullable<SupplierEntry["rate_limits"]>;

const RATE_LIMIT_WORDS: WordsFor<NonNullable<RateLimits["ingest"]>> = {
  per_second: {
    means: "Requests a second, for ever.",
    otherwise: "100 for ingest, 500 for ping, 10 for lookup",
    example: 50,
  },
  burst_per_second: {
    means: "Requests a second from rest, for burst_seconds.",
    otherwise: "twice per_second",
    example: 100,
  },
  burst_seconds: {
    means: "How long a burst may last.",
    otherwise: "10 for ingest and ping, 5 for lookup",
    example: 10,
  },
};

function rateLimitOf(route: string, per_second: number) {
  return {
    means: `Of requests to ${route}.`,
    otherwise: `${per_second} a second, ${per_second * 2} in bursts`,
    example: { per_second: 50 },
    within: RATE_LIMIT_WORDS,
  };
}

const RATE_LIMITS_WORDS: WordsFor<RateLimits> = {
  ingest: rateLimitOf("ingest", 100),
  ping: rateLimitOf("ping", 500),
  lookup: rateLimitOf("look up leads", 10),
};

const PORTAL_WORDS: WordsFor<NonNullable<BuyerEntry["portal"]>> = {
  email: {
    means: "Addresses to which a link is sent whenever somebody asks for one at /portal.",
    default: [],
    example: ["leads@sunco.example"],
  },
};

const PORTAL = {
  means: "Who may log in to its portal.",
  otherwise: "who has a link from you",
  example: { email: ["leads@sunco.example"] },
  within: PORTAL_WORDS,
};

const SUPPLIER_WORDS: WordsFor<SupplierEntry> = {
  ...partWords("the supplier", "acme-media", "Acme Media"),
  status: PARTY_STATUS,
  test_mode: {
    means: "Whether its leads are tests: delivered and marked, and in no cap, balance or report.",
    default: false,
    example: true,
  },
  timezone: {
    means: "The clock by which its caps are counted.",
    otherwise: "each campaign's",
    example: "America/New_York",
  },
  rate_limits: {
    means: "How many requests it may make; more get 429.",
    otherwise: "the limits of the three routes",
    example: { ingest: { per_second: 50 } },
    within: RATE_LIMITS_WORDS,
  },
  portal: PORTAL,
};

type BuyerDuplicates = NonNullable<BuyerEntry["duplicates"]>;

const BUYER_DUPLICATES_WORDS: WordsFor<BuyerDuplicates> = {
  fields: {
    means: "The fields by which a person is known again: any of them will do.",
    example: ["phone", "email"],
  },
  window_days: { means: "For how many days.", example: 90 },
};

const BILLING_WORDS: WordsFor<NonNullable<BuyerEntry["billing"]>> = {
  mode: {
    means:
      "manual: nothing is watched. wallet: each price is taken from what was paid in. credit: the same, down to the limit.",
    example: "wallet",
  },
  limit: { means: "With mode: credit, how far its balance may fall below zero.", example: "25000.00" },
  terms_days: {
    means: "In how many days an invoice of a month has to be paid.",
    default: 14,
    example: 30,
  },
  when_overdue: {
    means: "pause: while an invoice is not paid in time, it gets no lead. keep: it does all the same.",
    default: "keep",
    example: "pause",
  },
  low_balance: {
    means:
      "With a wallet or credit: once less than this is left to spend, its balance is called low, and balance.low is told.",
    otherwise: "it is never called low",
    example: "100.00",
  },
};

const SUPPRESSION_LISTS = {
  means: "Lists of people of whom no lead is taken, by their ids.",
  default: [],
  example: ["do-not-call"],
};

const RETURNS_WORDS: WordsFor<NonNullable<BuyerEntry["returns"]>> = {
  allowed: { means: "Whether a lead can be given back at all.", default: true, example: false },
  window_days: { means: "For how many days after the sale.", default: 7, example: 14 },
  max_percent: {
    means: "How many of its sales of the last 30 days it may give back, in percent; at least one.",
    default: 20,
    example: 10,
  },
  auto_accept_hours: {
    means: "After how many hours a return that nobody decided is accepted; 0: never.",
    default: 0,
    example: 48,
  },
  reasons: {
    means: "For what reasons.",
    default: ["bad_contact", "wrong_vertical", "duplicate", "tcpa_risk", "out_of_area", "other"],
    example: ["bad_contact", "duplicate"],
  },
};

const SELF_SERVICE_WORDS: WordsFor<NonNullable<BuyerEntry["self_service"]>> = {
  pause: {
    means: "Whether it may pause itself, and go on again after that. What you paused stays so.",
    default: true,
    example: false,
  },
  caps: {
    means: "Whether it may change its own caps; those of its contracts are yours alone.",
    default: false,
    example: true,
  },
};

const BUYER_WORDS: WordsFor<BuyerEntry> = {
  ...partWords("the buyer", "sunco", "SunCo"),
  status: PARTY_STATUS,
  timezone: {
    means: "The clock by which its caps are counted and its schedules open.",
    default: "UTC",
    example: "America/Chicago",
  },
  caps: capsWords("it gets over all campaigns, by its clock"),
  suppression_lists: SUPPRESSION_LISTS,
  duplicates: {
    means: "For how long it gets no lead of a person that it had before, over all campaigns.",
    otherwise: "only the campaigns' own windows hold",
    example: { fields: ["phone"], window_days: 90 },
    within: BUYER_DUPLICATES_WORDS,
  },
  delivery: {
    means: "How it gets its leads.",
    otherwise: "nothing is sent",
    example: { method: "webhook", url: "https://sunco.example/leads" },
    within: DELIVERY_WORDS,
  },
  billing: {
    means: "How it pays.",
    default: { mode: "manual" },
    example: { mode: "credit", limit: "25000.00" },
    within: BILLING_WORDS,
  },
  returns: {
    means: "When it may give a lead back; a contract may say otherwise.",
    otherwise: "as each setting says",
    example: { window_days: 14, max_percent: 10 },
    within: RETURNS_WORDS,
  },
  self_service: {
    means: "What it may change by a key of its own.",
    default: { pause: true, caps: false },
    example: { pause: true, caps: true },
    within: SELF_SERVICE_WORDS,
  },
  portal: PORTAL,
};

const PAYOUT_WORDS: WordsFor<NonNullable<SupplierLinkEntry["payout"]>> = {
  mode: {
    means:
      "fixed: an amount a lead. revenue_share: a percentage of the price. margin: the price less your margin.",
    example: "fixed",
  },
  amount: { means: "With mode: fixed, what a lead is worth.", example: "12.00" },
  percent: {
    means: "With mode: revenue_share, the part of the price, from 0 to 100: 60 is sixty percent.",
    example: 60,
  },
};

const SUPPLIER_LINK_WORDS: WordsFor<SupplierLinkEntry> = {
  supplier: { means: "The id of the supplier.", example: "acme-media" },
  status: PARTY_STATUS,
  payout: {
    means: "What the supplier gets for a lead.",
    otherwise: 'nothing in a direct campaign; { mode: margin } in one with mode: "ping_post"',
    example: { mode: "fixed", amount: "12.00" },
    within: PAYOUT_WORDS,
  },
  margin: {
    means: "What you keep of each price of this supplier's leads, instead of the campaign's margin.",
    otherwise: "the campaign's",
    example: { percent: 20 },
    within: MARGIN_WORDS,
  },
  caps: capsWords("is taken from it in this campaign, by its clock"),
  filters: filtersWords("What its leads must pass, before the campaign's own filters"),
};

type PriceRule = NonNullable<ContractEntry["price_rules"]>[number];

const PRICE_RULE_WORDS: WordsFor<PriceRule> = {
  when: {
    means: "What the lead must pass for this price.",
    example: { field: "roof_age", op: "gte", value: 20 },
    within: FILTER_WORDS,
  },
  price: { means: "What the buyer pays for such a lead.", example: "55.00" },
};

const CONTRACT_WORDS: WordsFor<ContractEntry> = {
  buyer: { means: "The id of the buyer.", example: "sunco" },
  status: PARTY_STATUS,
  price: {
    means: "What the buyer pays for a lead. Of one that bids live: the price of a yes without one.",
    default: "0",
    example: "40.00",
  },
  price_rules: {
    means: "Other prices for some leads: the first rule that fits, else price.",
    default: [],
    example: [{ when: { field: "roof_age", op: "gte", value: 20 }, price: "55.00" }],
    within: PRICE_RULE_WORDS,
  },
  exclusive: {
    means: "Whether it has a lead alone or not at all, where max_sells is above 1.",
    default: false,
    example: true,
  },
  on_refusal: {
    means:
      "What follows when its answer says rejected or duplicate to a lead that it was sold. next_buyer: it is not billed, and " +
      "the next buyer who can take the lead has it; reverse: it is not billed, and nobody else has it; keep: it is billed.",
    default: "next_buyer",
    example: "reverse",
  },
  refusal_minutes: {
    means:
      "How long after a lead was sold first another buyer may still get what this one refuses, in minutes.",
    default: 60,
    example: 15,
  },
  returns: {
    means: "When it may give a lead of this campaign back.",
    otherwise: "as the buyer says",
    example: { allowed: false },
    within: RETURNS_WORDS,
  },
  priority: {
    means: "With distribution: priority, its rank: the lowest comes first.",
    default: 1,
    example: 2,
  },
  weight: { means: "With distribution: weighted, its share beside the others'.", default: 1, example: 50 },
  states: {
    means: "The states whose leads it takes.",
    otherwise: "all, also leads without a state",
    example: ["TX", "OK"],
  },
  exclude_states: { means: "States whose leads it does not take.", default: [], example: ["NY"] },
  filters: filtersWords("What leads must pass for this buyer"),
  caps: capsWords("it gets in this campaign, by its clock"),
  schedule: {
    means: "When it takes leads, by the buyer's clock. A day that is left out is closed.",
    otherwise: "always open",
    example: { mon: ["09:00-17:00"], sat: ["10:00-12:00"] },
    within: SCHEDULE_WORDS,
  },
};

const CHECK_ENTRY_WORDS: WordsFor<CheckEntry> = {
  ...CHECK_WORDS,
  when: {
    means: "About which leads it is asked: those that pass.",
    otherwise: "about every lead",
    example: { field: "trustedform_cert_url", op: "is_not_empty" },
    within: FILTER_WORDS,
  },
};

type CampaignDuplicates = NonNullable<CampaignEntry["duplicates"]>;

const CAMPAIGN_DUPLICATES_WORDS: WordsFor<CampaignDuplicates> = {
  fields: {
    means: "The fields by which a person is known again: any of them will do.",
    default: ["phone", "email"],
    example: ["phone"],
  },
  window_days: { means: "For how many days.", default: 30, example: 90 },
  action: {
    means: "reject, or route_to_original: to the buyer who had the first one, while it can take it.",
    default: "reject",
    example: "route_to_original",
  },
  count_unmatched: {
    means: "Whether a lead that found no buyer makes the next one a duplicate too.",
    default: false,
    example: true,
  },
};

const CAMPAIGN_WORDS: WordsFor<CampaignEntry> = {
  ...partWords("the campaign", "solar-texas", "Solar Texas"),
  status: {
    means: "paused: leads are refused. archived: the campaign is kept for its leads alone.",
    default: "active",
    example: "paused",
  },
  mode: {
    means:
      "direct: leads are posted. ping_post: suppliers ask for a price first, and post at it; buyers with a delivery.ping bid.",
    default: "direct",
    example: "ping_post",
  },
  distribution: {
    means: "Whose turn it is among the buyers who can take a lead.",
    default: "priority",
    example: "weighted",
  },
  timezone: {
    means: "The clock of its filters, reports, and of suppliers' caps.",
    default: "UTC",
    example: "America/Chicago",
  },
  currency: { means: "The currency of all its prices and payouts.", default: "USD", example: "CAD" },
  country: {
    means: "By which phones, states, ZIP codes, numbers and dates are understood.",
    default: "US",
    example: "GB",
  },
  unknown_fields: {
    means: "What becomes of what is sent and is no field: keep, drop, or reject the lead.",
    default: "keep",
    example: "reject",
  },
  confirm_budget_ms: {
    means: "How long buyers may be asked before the supplier is answered, all together.",
    default: 5000,
    example: 3000,
  },
  ping_budget_ms: {
    means: "How long live bids are waited for, all together.",
    default: 1500,
    example: 1000,
  },
  check_budget_ms: {
    means: "How long others may be asked about a lead, all checks together.",
    default: 2000,
    example: 1000,
  },
  hold_hours: {
    means: "How long a lead that was put aside waits for a person, as HELD. After that it is REJECTED.",
    default: 72,
    example: 24,
  },
  margin: {
    means: "What you keep of each price.",
    otherwise: "nothing beyond what payouts leave",
    example: { percent: 25 },
    within: MARGIN_WORDS,
  },
  min_price: { means: "Nothing is sold for less.", otherwise: "no bound", example: "10.00" },
  allow_loss: {
    means: "Whether a lead is sold that does not cover its payout and your margin.",
    otherwise: "true in a direct campaign without a margin, else false",
    example: false,
  },
  max_sells: { means: "To how many buyers a lead is sold at once.", default: 1, example: 3 },
  docs: {
    means:
      "Who sees the campaign's page at /docs/campaigns/ID: public, or private: only with a supplier's key or by a link.",
    default: "public",
    example: "private",
  },
  show_buyers: {
    means: "Whether suppliers are told which buyers their leads went to.",
    default: true,
    example: false,
  },
  returns: {
    means: "What follows for supplier and caps when a buyer gives a lead back.",
    otherwise: "as each setting says",
    example: { payout: "keep" },
    within: {
      payout: {
        means: "reverse: the supplier gives its payout back; keep: it stays paid.",
        default: "reverse",
        example: "keep",
      },
      cap: {
        means: "give_back: caps have room for another lead again; keep: they count it all the same.",
        default: "keep",
        example: "give_back",
      },
    },
  },
  pii_days: {
    means: "After how many days personal data is erased; null keeps it.",
    default: null,
    example: 365,
  },
  fields: {
    means: "The fields of a lead, beside the system's own.",
    otherwise: "the system's alone",
    example: [{ name: "roof_age", type: "integer", min: 0, max: 120 }],
    within: FIELD_WORDS,
  },
  duplicates: {
    means: "When a lead is a duplicate of an earlier one, and what becomes of it.",
    otherwise: "the same phone or e-mail within 30 days is rejected",
    example: { fields: ["phone"], window_days: 90 },
    within: CAMPAIGN_DUPLICATES_WORDS,
  },
  filters: filtersWords(
    "What leads must pass, else they are refused with 422, or put aside where the outcome is hold",
  ),
  suppression_lists: SUPPRESSION_LISTS,
  checks: {
    means:
      "Who else is asked about a lead, after the checks that cost nothing and before buyers: all at once, within check_budget_ms.",
    otherwise: "nobody",
    example: [
      {
        id: "phone",
        method: "GET",
        url: "https://lookup.example/v1/{phone|digits}",
        values: { line_type: "$.line_type" },
      },
    ],
    within: CHECK_ENTRY_WORDS,
  },
  suppliers: {
    means: "Who may send it leads, and on which terms.",
    otherwise: "nobody",
    example: [{ supplier: "acme-media", payout: { mode: "fixed", amount: "12.00" } }],
    within: SUPPLIER_LINK_WORDS,
  },
  buyers: {
    means: "Who buys its leads, and on which terms: the contracts.",
    otherwise: "nobody",
    example: [{ buyer: "sunco", price: "40.00" }],
    within: CONTRACT_WORDS,
  },
};

const WEBHOOK_WORDS: WordsFor<WebhookEntry> = {
  ...partWords("the webhook", "books", "Bookkeeping"),
  ...RETRY_WORDS,
  status: PARTY_STATUS,
  campaigns: { means: "The campaigns that it hears of.", otherwise: "all", example: ["solar-texas"] },
  url: { means: "Where events are sent.", example: "https://crm.example/leadgate" },
  headers: {
    means: "Headers that go with them. They are never shown in plans or the history.",
    default: {},
    example: { "x-source": "leadgate" },
  },
  events: { means: "The events that it hears of.", example: ["lead.accepted", "lead.unmatched"] },
  give_up_after_seconds: {
    means: "How long an event is tried before it is given up.",
    default: 272_100,
    example: 86_400,
  },
};

const CONVERSION_WORDS: WordsFor<ConversionEntry> = {
  ...partWords("the conversion", "facebook", "Facebook leads"),
  status: PARTY_STATUS,
  campaigns: { means: "The campaigns that it tells of.", otherwise: "all", example: ["solar-texas"] },
  ...META_WORDS,
};

const REPORT_WORDS: WordsFor<ReportEntry> = {
  ...partWords("the report", "morning-pnl", "P&L of yesterday"),
  status: { means: "paused: it is not sent until it is active again.", default: "active", example: "paused" },
  report: { means: "What is reported: pnl, revenue, payouts, costs and profit.", example: "pnl" },
  every: {
    means: "How often, and of what: the day, the week from Monday or the month before.",
    example: "day",
  },
  at: {
    means: "When it is sent: on each day, on Mondays, or on the first of the month.",
    default: "07:00",
    example: "06:30",
  },
  timezone: {
    means: "In which days begin and the time is meant.",
    default: "UTC",
    example: "America/Chicago",
  },
  to: { means: "Who gets it, each an e-mail of its own.", example: ["books@example.com"] },
  group_by: {
    means: "What there is a row for; without any, one row.",
    default: ["campaign"],
    example: ["campaign", "buyer"],
  },
  campaigns: { means: "The campaigns that it is of.", otherwise: "all", example: ["solar-texas"] },
};

const BRAND_WORDS: WordsFor<BrandEntry> = {
  name: { means: "What you are called.", otherwise: "Leadgate", example: "Northwind Leads" },
  logo: {
    means:
      "Your logo: a path on this server, which a proxy may answer, or the picture itself as a data URI of up to 48,000 characters.",
    otherwise: "the name alone is shown",
    example: "/static/northwind.svg",
  },
  color: {
    means: "The color of buttons and links. It is made darker or lighter where text in it could not be read.",
    otherwise: "Leadgate's green",
    example: "#1d5fae",
  },
};

const ALERTS_WORDS: WordsFor<AlertsEntry> = {
  email: {
    means: "The addresses that are told. It needs SMTP_URL to be set.",
    otherwise: "nobody is",
    example: ["ops@company.example"],
  },
  events: {
    means: "The events that they are told of.",
    otherwise: "all of them",
    example: ["endpoint.down", "endpoint.paused", "delivery.dead"],
  },
};

/** What operators read about every setting of the document. */
export const DOCUMENT_WORDS: WordsFor<ConfigurationDocument> & TableOfWords = {
  version: { means: "Of the document's form: 1.", example: 1 },
  suppression_lists: {
    means: "Lists of people who must not be called. Who is on them is no part of the document.",
    otherwise: "none",
    example: [{ id: "do-not-call", name: "Do not call" }],
    within: LIST_WORDS,
  },
  suppliers: {
    means: "Who sends leads.",
    otherwise: "none",
    example: [{ id: "acme-media", name: "Acme Media" }],
    within: SUPPLIER_WORDS,
  },
  buyers: {
    means: "Who buys leads.",
    otherwise: "none",
    example: [{ id: "sunco", name: "SunCo" }],
    within: BUYER_WORDS,
  },
  campaigns: {
    means: "What is sold: which leads, from whom, to whom, under which rules.",
    otherwise: "none",
    example: [{ id: "solar-texas", name: "Solar Texas" }],
    within: CAMPAIGN_WORDS,
  },
  webhooks: {
    means: "Endpoints of your own that hear of leads.",
    otherwise: "none",
    example: [{ id: "books", url: "https://crm.example/leadgate", events: ["lead.accepted"] }],
    within: WEBHOOK_WORDS,
  },
  alerts: {
    means: "Whom the server tells by e-mail of what goes wrong. Webhooks can hear of the same events.",
    otherwise: "nobody",
    example: { email: ["ops@company.example"], events: ["endpoint.down", "delivery.dead"] },
    within: ALERTS_WORDS,
  },
  brand: {
    means: "By what suppliers and buyers know you in their portal, at /portal.",
    otherwise: "by Leadgate's name and color",
    example: { name: "Northwind Leads", color: "#1d5fae" },
    within: BRAND_WORDS,
  },
  records_days: {
    means:
      "After how many days leads and deliveries are dropped, by whole months; the sales, the ledger and all sums stay. Null keeps them.",
    default: null,
    example: 730,
  },
  conversions: {
    means: "What Meta is told of leads. The access token is no part of the document.",
    otherwise: "none",
    example: [{ id: "facebook", type: "meta", dataset_id: "1234567890123456", events: { accepted: "Lead" } }],
    within: CONVERSION_WORDS,
  },
  reports: {
    means: "Reports that are sent by e-mail.",
    otherwise: "none",
    example: [{ id: "morning-pnl", report: "pnl", every: "day", to: ["books@example.com"] }],
    within: REPORT_WORDS,
  },
};
