import { type Setting, valueAt } from "#web/forms/setting.ts";

const STATUS: Setting = {
  path: "status",
  label: "State",
  kind: [
    { value: "active", label: "active" },
    { value: "paused", label: "paused" },
  ],
  otherwise: "active",
};

/** The settings of a campaign that are changed most, by what they are about. All others are in its text. */
export const CAMPAIGN_SETTINGS: readonly { title: string; settings: readonly Setting[] }[] = [
  {
    title: "Campaign",
    settings: [
      { path: "name", label: "Name", kind: "text", otherwise: "its id" },
      STATUS,
      {
        path: "distribution",
        label: "Whose turn it is",
        about: "Among the buyers who can take a lead",
        kind: [
          { value: "priority", label: "by priority" },
          { value: "weighted", label: "by weight" },
          { value: "round_robin", label: "in turn" },
          { value: "highest_bid", label: "highest bid" },
        ],
        otherwise: "by priority",
      },
      {
        path: "max_sells",
        label: "Buyers a lead",
        about: "To how many one lead is sold",
        kind: "count",
        otherwise: "1",
      },
      {
        path: "timezone",
        label: "Time zone",
        about: "Of its filters, reports and suppliers' caps",
        kind: "zone",
        otherwise: "UTC",
      },
      {
        path: "unknown_fields",
        label: "Unknown fields",
        about: "What is sent and is no field",
        kind: [
          { value: "keep", label: "keep" },
          { value: "drop", label: "drop" },
          { value: "reject", label: "reject the lead" },
        ],
        otherwise: "keep",
      },
    ],
  },
  {
    title: "Money",
    settings: [
      {
        path: "margin.percent",
        label: "Margin",
        about: "Part of each price",
        kind: "percent",
        otherwise: "0",
      },
      {
        path: "margin.flat",
        label: "Margin, flat",
        about: "Amount of each price",
        kind: "amount",
        otherwise: "0",
      },
      {
        path: "min_price",
        label: "Least price",
        about: "No buyer gets a lead for less",
        kind: "amount",
        otherwise: "no bound",
      },
      {
        path: "allow_loss",
        label: "Sell at a loss",
        about: "For less than the payout",
        kind: "flag",
        otherwise: "as its margin says",
      },
      {
        path: "ping_budget_ms",
        label: "Time for bids, ms",
        about: "In which a ping is answered",
        kind: "count",
        otherwise: "1500",
        appliesTo: (part) => valueAt(part, "mode") === "ping_post",
      },
      {
        path: "confirm_budget_ms",
        label: "Time to ask buyers, ms",
        about: "Before the supplier is answered",
        kind: "count",
        otherwise: "5000",
      },
    ],
  },
  {
    title: "Duplicates and returns",
    settings: [
      { path: "duplicates.window_days", label: "Known again for, days", kind: "count", otherwise: "30" },
      {
        path: "duplicates.action",
        label: "A duplicate is",
        kind: [
          { value: "reject", label: "rejected" },
          { value: "route_to_original", label: "sent to its first buyer" },
        ],
        otherwise: "rejected",
      },
      { path: "duplicates.count_unmatched", label: "Unmatched ones count", kind: "flag", otherwise: "no" },
      {
        path: "returns.payout",
        label: "Payout of a return",
        kind: [
          { value: "reverse", label: "taken back" },
          { value: "keep", label: "kept by the supplier" },
        ],
        otherwise: "taken back",
      },
      {
        path: "returns.cap",
        label: "Caps after a return",
        kind: [
          { value: "give_back", label: "given back" },
          { value: "keep", label: "stay used" },
        ],
        otherwise: "stay used",
      },
      { path: "pii_days", label: "Persons are kept, days", kind: "count", otherwise: "for ever" },
    ],
  },
  {
    title: "Its page",
    settings: [
      {
        path: "docs",
        label: "Who sees it",
        kind: [
          { value: "public", label: "everybody" },
          { value: "private", label: "who has a key or a link" },
        ],
        otherwise: "everybody",
      },
      { path: "show_buyers", label: "Suppliers are told the buyer", kind: "flag", otherwise: "yes" },
    ],
  },
];

/** What is set of a buyer in a campaign. */
export const CONTRACT_SETTINGS: readonly Setting[] = [
  STATUS,
  { path: "price", label: "Price", about: "Of a lead", kind: "amount", otherwise: "0" },
  { path: "priority", label: "Priority", about: "The lowest comes first", kind: "count", otherwise: "1" },
  { path: "weight", label: "Weight", about: "Its share beside the others'", kind: "count", otherwise: "1" },
  {
    path: "exclusive",
    label: "Alone",
    about: "No other buyer has the lead too",
    kind: "flag",
    otherwise: "no",
  },
  { path: "states", label: "States", about: "TX, OK", kind: "states", otherwise: "all" },
  { path: "exclude_states", label: "Not these states", about: "NY, KY", kind: "states", otherwise: "none" },
  {
    path: "on_refusal",
    label: "When it refuses a lead",
    kind: [
      { value: "next_buyer", label: "the next buyer has it" },
      { value: "reverse", label: "nobody else has it" },
      { value: "keep", label: "it is billed" },
    ],
    otherwise: "the next buyer has it",
  },
  { path: "returns.allowed", label: "May give leads back", kind: "flag", otherwise: "as the buyer says" },
  { path: "returns.window_days", label: "Within, days", kind: "count", otherwise: "as the buyer says" },
];

/** What is set of a supplier in a campaign. */
export const LINK_SETTINGS: readonly Setting[] = [
  STATUS,
  {
    path: "payout.mode",
    label: "Payout",
    kind: [
      { value: "fixed", label: "an amount" },
      { value: "revenue_share", label: "a share of the price" },
      { value: "margin", label: "the price less the margin" },
    ],
    otherwise: "the usual",
  },
  {
    path: "payout.amount",
    label: "Amount",
    kind: "amount",
    otherwise: "to be said",
    appliesTo: (part) => valueAt(part, "payout.mode") === "fixed",
  },
  {
    path: "payout.percent",
    label: "Share",
    kind: "percent",
    otherwise: "to be said",
    appliesTo: (part) => valueAt(part, "payout.mode") === "revenue_share",
  },
  {
    path: "margin.percent",
    label: "Its margin",
    kind: "percent",
    otherwise: "the campaign's",
    appliesTo: (part) => valueAt(part, "payout.mode") === "margin",
  },
];
