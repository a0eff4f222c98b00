import { FormatRegistry, type Static, type TSchema, Type } from "@sinclair/typebox";
import { CheckDefinition } from "#endpoints/checks/check-definition.ts";
import { MetaDefinition } from "#endpoints/conversion/conversion-definition.ts";
import { DeliveryDefinition, MailAddresses } from "#endpoints/delivery-definition.ts";
import { ALERT_EVENTS, EndpointDefinition } from "#endpoints/webhook-endpoint.ts";
import { FieldDefinition } from "#fields/types/definition.ts";
import { isCurrency, isPercent, parseAmount } from "#money/amount.ts";
import { FilterDefinition } from "#rules/filter-definition.ts";
import { ScheduleDefinition } from "#rules/schedule.ts";
import { checkedElsewhere, oneOf, strict } from "#text/typebox.ts";
import { isTimeZone } from "#time/wall-clock.ts";

/**
 * The configuration document: all that operators configure, under the names that they use. Everything but what makes a
 * part what it is may be left out; `withDefaults` fills in the rest. What is said of a value that does not fit is put together in
 * `schemaProblems`.
 */

const ID_PATTERN = "^[a-z0-9][a-z0-9_-]{1,62}$";

const FORMATS = {
  "leadgate:amount": (text: string) => parseAmount(text) !== undefined,
  "leadgate:percent": isPercent,
  "leadgate:time-zone": isTimeZone,
  "leadgate:currency": isCurrency,
};
for (const [name, accepts] of Object.entries(FORMATS)) FormatRegistry.Set(name, accepts);

const Id = Type.String({
  pattern: ID_PATTERN,
  mustBe: "2 to 63 lower-case letters, digits, _ or -, beginning with a letter or digit",
});
const Name = Type.String({ minLength: 1, maxLength: 200 });
const TimeZone = Type.String({ format: "leadgate:time-zone", mustBe: "a time zone such as America/Chicago" });
const MailAddress = Type.String({
  format: "leadgate:mail-address",
  mustBe: "an e-mail address without a name",
});
const Money = Type.String({ format: "leadgate:amount", mustBe: 'an amount in quotes such as "12.50"' });
const Percent = Type.Union(
  [Type.String({ format: "leadgate:percent" }), Type.Number({ minimum: 0, maximum: 100 })],
  { mustBe: "a percentage from 0 to 100 with at most 4 decimals" },
);

/** These know themselves better what is wrong with them: see `problems.ts`. */
const Filters = checkedElsewhere<FilterDefinition>(FilterDefinition);
const Schedule = checkedElsewhere<ScheduleDefinition>(ScheduleDefinition);

const Status = oneOf(["active", "paused"]);

const Cap = strict({
  leads: Type.Optional(integerBetween(0, 1_000_000_000)),
  amount: Type.Optional(Money),
});
const Caps = strict({
  hour: Type.Optional(Cap),
  day: Type.Optional(Cap),
  week: Type.Optional(Cap),
  month: Type.Optional(Cap),
  total: Type.Optional(Cap),
});

const RateLimit = strict({
  per_second: Type.Optional(numberBetween(0.01, 1_000_000)),
  burst_per_second: Type.Optional(numberBetween(0.01, 1_000_000)),
  burst_seconds: Type.Optional(numberBetween(0, 3600)),
});

export const SuppressionListEntry = strict({ id: Type.Optional(Id), name: Type.Optional(Name) });

/** Who may log in to the portal, by links that are sent to these addresses. */
const Portal = strict({ email: Type.Optional(listUpTo(MailAddress, 50)) });

export const SupplierEntry = strict({
  id: Type.Optional(Id),
  name: Type.Optional(Name),
  status: Type.Optional(Status),
  test_mode: Type.Optional(Type.Boolean()),
  timezone: Type.Optional(TimeZone),
  rate_limits: Type.Optional(
    strict({
      ingest: Type.Optional(RateLimit),
      ping: Type.Optional(RateLimit),
      lookup: Type.Optional(RateLimit),
    }),
  ),
  portal: Type.Optional(Portal),
});

const Terms = {
  terms_days: Type.Optional(integerBetween(0, 365)),
  when_overdue: Type.Optional(oneOf(["keep", "pause"])),
  low_balance: Type.Optional(Money),
};

const Billing = Type.Union(
  [
    strict({ mode: Type.Literal("manual"), ...Terms }),
    strict({ mode: Type.Literal("wallet"), ...Terms }),
    strict({ mode: Type.Literal("credit"), limit: Money, ...Terms }),
  ],
  { mustBe: "a mapping such as { mode: manual }" },
);

const DuplicateFields = listUpTo(Type.String({ minLength: 1, maxLength: 64 }), 20);

/** Why a buyer gives a lead back. */
export const RETURN_REASONS = [
  "bad_contact",
  "wrong_vertical",
  "duplicate",
  "tcpa_risk",
  "out_of_area",
  "other",
] as const;

const Returns = strict({
  allowed: Type.Optional(Type.Boolean()),
  window_days: Type.Optional(integerBetween(1, 365)),
  max_percent: Type.Optional(numberBetween(0, 100)),
  auto_accept_hours: Type.Optional(integerBetween(0, 8_760)),
  reasons: Type.Optional(Type.Array(oneOf(RETURN_REASONS), { minItems: 1, maxItems: RETURN_REASONS.length })),
});

export const BuyerEntry = strict({
  id: Type.Optional(Id),
  name: Type.Optional(Name),
  status: Type.Optional(Status),
  timezone: Type.Optional(TimeZone),
  caps: Type.Optional(Caps),
  suppression_lists: Type.Optional(listUpTo(Id, 100)),
  duplicates: Type.Optional(strict({ fields: DuplicateFields, window_days: integerBetween(1, 3650) })),
  delivery: Type.Optional(DeliveryDefinition),
  billing: Type.Optional(Billing),
  returns: Type.Optional(Returns),
  self_service: Type.Optional(
    strict({ pause: Type.Optional(Type.Boolean()), caps: Type.Optional(Type.Boolean()) }),
  ),
  portal: Type.Optional(Portal),
});

const Payout = Type.Union(
  [
    strict({ mode: Type.Literal("fixed"), amount: Money }),
    strict({ mode: Type.Literal("revenue_share"), percent: Percent }),
    strict({ mode: Type.Literal("margin") }),
  ],
  { mustBe: 'a mapping such as { mode: fixed, amount: "12.00" }' },
);

/** What the operator keeps of a buyer's price. */
const Margin = strict({ flat: Type.Optional(Money), percent: Type.Optional(Percent) });

export const SupplierLinkEntry = strict({
  supplier: Id,
  status: Type.Optional(Status),
  payout: Type.Optional(Payout),
  margin: Type.Optional(Margin),
  caps: Type.Optional(Caps),
  filters: Type.Optional(Filters),
});

const State = Type.String({ pattern: "^[A-Za-z0-9]{1,3}$", mustBe: "a state such as TX" });

export const ContractEntry = strict({
  buyer: Id,
  status: Type.Optional(Status),
  price: Type.Optional(Money),
  price_rules: Type.Optional(listUpTo(strict({ when: Filters, price: Money }), 100)),
  exclusive: Type.Optional(Type.Boolean()),
  on_refusal: Type.Optional(oneOf(["next_buyer", "reverse", "keep"])),
  refusal_minutes: Type.Optional(integerBetween(0, 10_080)),
  returns: Type.Optional(Returns),
  priority: Type.Optional(integerBetween(1, 1_000_000)),
  weight: Type.Optional(integerBetween(1, 1_000_000)),
  states: Type.Optional(listUpTo(State, 200)),
  exclude_states: Type.Optional(listUpTo(State, 200)),
  filters: Type.Optional(Filters),
  caps: Type.Optional(Caps),
  schedule: Type.Optional(Schedule),
});

/** Who is asked about leads before buyers are, and about which. */
const CheckEntry = strict({ ...CheckDefinition.properties, when: Type.Optional(Filters) });
export type CheckEntry = Static<typeof CheckEntry>;

export const CampaignEntry = strict({
  id: Type.Optional(Id),
  name: Type.Optional(Name),
  status: Type.Optional(oneOf(["active", "paused", "archived"])),
  mode: Type.Optional(oneOf(["direct", "ping_post"])),
  distribution: Type.Optional(oneOf(["priority", "weighted", "round_robin", "highest_bid"])),
  timezone: Type.Optional(TimeZone),
  currency: Type.Optional(
    Type.String({ format: "leadgate:currency", mustBe: "an ISO 4217 currency such as USD" }),
  ),
  country: Type.Optional(Type.String({ pattern: "^[A-Z]{2}$", mustBe: "an ISO 3166 country such as US" })),
  unknown_fields: Type.Optional(oneOf(["keep", "drop", "reject"])),
  confirm_budget_ms: Type.Optional(integerBetween(100, 30_000)),
  ping_budget_ms: Type.Optional(integerBetween(50, 30_000)),
  check_budget_ms: Type.Optional(integerBetween(50, 30_000)),
  hold_hours: Type.Optional(integerBetween(1, 720)),
  margin: Type.Optional(Margin),
  min_price: Type.Optional(Money),
  allow_loss: Type.Optional(Type.Boolean()),
  max_sells: Type.Optional(integerBetween(1, 20)),
  docs: Type.Optional(oneOf(["public", "private"])),
  show_buyers: Type.Optional(Type.Boolean()),
  returns: Type.Optional(
    strict({
      payout: Type.Optional(oneOf(["reverse", "keep"])),
      cap: Type.Optional(oneOf(["give_back", "keep"])),
    }),
  ),
  pii_days: Type.Optional(
    Type.Union([integerBetween(1, 3650), Type.Null()], {
      mustBe: "a whole number from 1 to 3,650, or null to keep personal data",
    }),
  ),
  fields: Type.Optional(listUpTo(FieldDefinition, 200)),
  duplicates: Type.Optional(
    strict({
      fields: Type.Optional(DuplicateFields),
      window_days: Type.Optional(integerBetween(1, 3650)),
      action: Type.Optional(oneOf(["reject", "route_to_original"])),
      count_unmatched: Type.Optional(Type.Boolean()),
    }),
  ),
  filters: Type.Optional(Filters),
  suppression_lists: Type.Optional(listUpTo(Id, 100)),
  checks: Type.Optional(listUpTo(CheckEntry, 20)),
  suppliers: Type.Optional(listUpTo(SupplierLinkEntry, 1000)),
  buyers: Type.Optional(listUpTo(ContractEntry, 1000)),
});

export const WebhookEntry = strict({
  id: Type.Optional(Id),
  name: Type.Optional(Name),
  status: Type.Optional(Status),
  campaigns: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 10_000 })),
  ...EndpointDefinition.properties,
});

export const ConversionEntry = strict({
  id: Type.Optional(Id),
  name: Type.Optional(Name),
  status: Type.Optional(Status),
  campaigns: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 10_000 })),
  ...MetaDefinition.properties,
});

/** By what rows of a report can be grouped. */
export const REPORT_GROUPS = [
  "campaign",
  "supplier",
  "buyer",
  "source",
  "sub_id",
  "state",
  "hour",
  "day",
  "week",
  "month",
] as const;

export const ReportEntry = strict({
  id: Type.Optional(Id),
  name: Type.Optional(Name),
  status: Type.Optional(Status),
  report: oneOf(["pnl"]),
  every: oneOf(["day", "week", "month"]),
  at: Type.Optional(
    Type.String({
      pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$",
      mustBe: 'a time of day in quotes such as "07:00"',
    }),
  ),
  timezone: Type.Optional(TimeZone),
  to: Type.Array(MailAddress, { minItems: 1, maxItems: 20 }),
  group_by: Type.Optional(Type.Array(oneOf(REPORT_GROUPS), { maxItems: REPORT_GROUPS.length })),
  campaigns: Type.Optional(Type.Array(Id, { minItems: 1, maxItems: 100 })),
});

/** Who is told by e-mail of what happens beside leads. */
export const AlertsEntry = strict({
  email: Type.Optional(MailAddresses),
  events: Type.Optional(Type.Array(oneOf(ALERT_EVENTS), { minItems: 1, maxItems: ALERT_EVENTS.length })),
});

/** A path on this server, or the picture itself. */
const LOGO =
  "^(/(?!/)[A-Za-z0-9._~!$&'()*+,;=:@%/-]*|data:image/(png|jpeg|webp|svg\\+xml);base64,[A-Za-z0-9+/]+={0,2})$";

/** By what suppliers and buyers know the operator in their portal. */
export const BrandEntry = strict({
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })),
  logo: Type.Optional(
    Type.String({
      pattern: LOGO,
      maxLength: 48_000,
      mustBe:
        "a path such as /logo.svg, or a data URI of a PNG, JPEG, WebP or SVG in base64 of up to 48,000 characters",
    }),
  ),
  color: Type.Optional(
    Type.String({ pattern: "^#[0-9A-Fa-f]{6}$", mustBe: 'a color in quotes such as "#16725a"' }),
  ),
});

/** Leads that are held, tokens and keys that are remembered, and the month that a report is about, are younger than that. */
const LEAST_RECORDS_DAYS = 31;

export const ConfigurationDocument = strict({
  version: Type.Literal(1),
  suppression_lists: Type.Optional(listUpTo(SuppressionListEntry, 10_000)),
  suppliers: Type.Optional(listUpTo(SupplierEntry, 10_000)),
  buyers: Type.Optional(listUpTo(BuyerEntry, 10_000)),
  campaigns: Type.Optional(listUpTo(CampaignEntry, 10_000)),
  webhooks: Type.Optional(listUpTo(WebhookEntry, 100)),
  conversions: Type.Optional(listUpTo(ConversionEntry, 100)),
  reports: Type.Optional(listUpTo(ReportEntry, 100)),
  alerts: Type.Optional(AlertsEntry),
  brand: Type.Optional(BrandEntry),
  records_days: Type.Optional(
    Type.Union([integerBetween(LEAST_RECORDS_DAYS, 3650), Type.Null()], {
      mustBe: "a whole number from 31 to 3,650, or null to keep all leads on record",
    }),
  ),
});
export type ConfigurationDocument = Static<typeof ConfigurationDocument>;

export type CampaignEntry = Static<typeof CampaignEntry>;
export type SupplierLinkEntry = Static<typeof SupplierLinkEntry>;
export type ContractEntry = Static<typeof ContractEntry>;
export type SupplierEntry = Static<typeof SupplierEntry>;
export type BuyerEntry = Static<typeof BuyerEntry>;
export type SuppressionListEntry = Static<typeof SuppressionListEntry>;
export type WebhookEntry = Static<typeof WebhookEntry>;
export type ConversionEntry = Static<typeof ConversionEntry>;
export type ReportEntry = Static<typeof ReportEntry>;
export type AlertsEntry = Static<typeof AlertsEntry>;
export type BrandEntry = Static<typeof BrandEntry>;

function integerBetween(minimum: number, maximum: number) {
  return Type.Integer({ minimum, maximum });
}

function numberBetween(minimum: number, maximum: number) {
  return Type.Number({ minimum, maximum });
}

function listUpTo<T extends TSchema>(items: T, maxItems: number) {
  return Type.Array(items, { maxItems });
}
