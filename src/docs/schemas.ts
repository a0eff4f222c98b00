import { ConfigurationDocument } from "#catalog/document.ts";
import { ERROR_KINDS } from "#reply.ts";
import { objectOf, schemaNamed } from "./description.ts";
import { type JsonSchema, publicSchema } from "./json-schema.ts";

const text: JsonSchema = { type: "string" };
const flag: JsonSchema = { type: "boolean" };
const count: JsonSchema = { type: "integer", minimum: 0 };
const time: JsonSchema = { type: "string", format: "date-time", description: "RFC 3339, UTC" };
const timeOrNull: JsonSchema = { type: ["string", "null"], format: "date-time" };
const money: JsonSchema = { type: "string", pattern: "^-?\\d+(\\.\\d+)?$", description: "Decimal text" };
const moneyOrNull: JsonSchema = { ...money, type: ["string", "null"] };
const textOrNull: JsonSchema = { type: ["string", "null"] };
const currency: JsonSchema = { type: "string", description: "ISO 4217" };
const leadStatus: JsonSchema = { type: "string", enum: ["ACCEPTED", "UNMATCHED", "DUPLICATE", "REJECTED"] };
const recordStatus: JsonSchema = {
  type: "string",
  enum: ["ACCEPTED", "UNMATCHED", "DUPLICATE", "REJECTED", "PENDING"],
  description: "PENDING: a buyer is being asked about it.",
};

const FIELD_CODES = [
  "required",
  "invalid_type",
  "invalid_format",
  "too_short",
  "too_long",
  "out_of_range",
  "not_allowed",
  "unknown_field",
  "invalid",
  "expired",
  "replayed",
  "mismatch",
];

const fieldError = objectOf({ field: text, code: { type: "string", enum: FIELD_CODES }, message: text });

const filterError = {
  ...objectOf({ rule: text, field: text, code: text, message: text }),
  description: "A rule that the lead does not pass, or a suppression list that the person is on.",
};

const error = objectOf(
  {
    error: { type: "string", enum: ERROR_KINDS },
    message: { type: "string", description: "For people. It never repeats what was sent." },
    request_id: {
      type: "string",
      description: "As in the header x-request-id; quote it when you ask for help.",
    },
  },
  {
    field_errors: { type: "array", items: schemaNamed("FieldError"), description: "All of them at once." },
    filter_errors: { type: "array", items: schemaNamed("FilterError") },
    retry_after: { type: "integer", minimum: 0, description: "Seconds; as in the header Retry-After." },
    data: { type: "object", description: "What was found or recorded all the same." },
    trace: schemaNamed("DryRunTrace"),
  },
);

const leadData = objectOf(
  {
    id: { type: "string", examples: ["lead_01k6a1npq7f9gtqf2hs6zkdsn4"] },
    status: leadStatus,
    buyer_id: { ...textOrNull, description: "Whoever got the lead; null when nobody did." },
    campaign_id: text,
  },
  {
    duplicate: { const: true, description: "It repeats an earlier lead and went to the same buyer." },
    is_test: { const: true, description: "The supplier is in test mode." },
    dry_run: { const: true, description: "Nothing of this was recorded." },
  },
);

/** The fields that every campaign has; a campaign's own page has the rest. */
const lead: JsonSchema = {
  ...objectOf(
    {
      flo_campaign_id: { type: "string", description: "The campaign", examples: ["solar"] },
      flo_supplier_id: { type: "string", description: "Whose key this is", examples: ["acme-media"] },
      first_name: { type: "string", minLength: 1, maxLength: 200 },
      last_name: { type: "string", minLength: 1, maxLength: 200 },
      phone: {
        type: "string",
        description: "Any usual spelling; without + it is read as the campaign's country dials it.",
        examples: ["(512) 555-0147"],
      },
      email: { type: "string", format: "email", maxLength: 254 },
    },
    {
      state: { type: "string", description: "Two-letter state code, in any case", examples: ["TX"] },
      zip_code: { type: "string", examples: ["78701"] },
      source: { type: "string", maxLength: 200 },
      trustedform_cert_url: { type: "string", format: "uri", maxLength: 2000 },
    },
  ),
  additionalProperties: true,
  description:
    "A lead: who sends it to which campaign, the person, and whatever fields the campaign maps. What each campaign asks for is on its own page, /docs/campaigns/{id}.",
};

const leadForSupplier = objectOf({
  id: text,
  status: recordStatus,
  campaign_id: text,
  buyer_id: textOrNull,
  payout: moneyOrNull,
  currency,
  is_test: flag,
  created_at: time,
});

const leadSummary = {
  id: text,
  status: recordStatus,
  reason: { ...textOrNull, description: "The one word for why it ended so." },
  campaign_id: text,
  supplier_id: text,
  buyer_id: textOrNull,
  is_test: flag,
  duplicate_of: textOrNull,
  price: moneyOrNull,
  payout: moneyOrNull,
  currency,
  decided_at: time,
};

const traceLine = {
  ...objectOf(
    { check: text, result: { type: "string", enum: ["passed", "ended"] } },
    {
      detail: { type: "object" },
      method: text,
      buyers: {
        type: "array",
        items: {
          ...objectOf({}, { buyer_id: text, chosen: { const: true }, reason: text }),
          additionalProperties: true,
        },
      },
    },
  ),
  additionalProperties: true,
  description: "What one check found. The line `buyers` names why each buyer was passed over.",
};

const dryRunTrace: JsonSchema = {
  type: "array",
  items: objectOf(
    { check: text, result: { type: "string", enum: ["passed", "ended"] } },
    { detail: { type: "object" } },
  ),
  description: "Of a dry run: what each check found.",
};

const leadOnRecord = objectOf({
  ...leadSummary,
  revision: { type: "integer", description: "Of the campaign's configuration that decided it." },
  request_id: text,
  fields: { type: "object", description: "As understood." },
  sent: { type: "object", description: "What was sent, where that differs from what was understood." },
  trace: { type: "array", items: schemaNamed("TraceLine") },
  deliveries: { type: "array", items: schemaNamed("DeliverySummary") },
});

const deliverySummary = {
  id: { type: "string", description: "Also the webhook-id that the receiver sees." },
  event: text,
  state: { type: "string", enum: ["pending", "paused", "delivered", "rejected", "dead"] },
  buyer_id: textOrNull,
  webhook_id: textOrNull,
  campaign_id: textOrNull,
  lead_id: textOrNull,
  attempt_count: count,
  next_attempt_at: timeOrNull,
  give_up_at: time,
  created_at: time,
  ended_at: timeOrNull,
  verdict: textOrNull,
  answered_price: { ...textOrNull, description: "The price that the receiver's answer named." },
  reference: { ...textOrNull, description: "The receiver's own, read from its answer." },
  reason: textOrNull,
  last_failure: textOrNull,
};

const attempt = objectOf({
  number: { type: "integer", minimum: 1 },
  trigger: { type: "string", enum: ["schedule", "hand"] },
  started_at: time,
  duration_ms: count,
  http_status: { type: ["integer", "null"] },
  failure: textOrNull,
  excerpt: { ...textOrNull, description: "The beginning of the receiver's answer." },
});

const deliveryOnRecord = objectOf({
  ...deliverySummary,
  content_type: text,
  body: { type: "string", description: "The very bytes that are sent." },
  attempts: { type: "array", items: schemaNamed("DeliveryAttempt") },
});

const change = objectOf({
  kind: { type: "string", enum: ["suppression_list", "supplier", "buyer", "campaign", "webhook"] },
  id: text,
  name: text,
  action: { type: "string", enum: ["created", "restored", "changed", "archived", "deleted"] },
  differences: { type: "array", items: objectOf({ path: text }, { from: {}, to: {} }) },
  summary: { type: "string", description: "The change in words." },
});

const createdKey = objectOf({
  id: text,
  key: { type: "string", description: "Shown this once; only its SHA-256 is kept." },
  prefix: text,
});

const supplierKey = objectOf({
  id: text,
  prefix: text,
  name: textOrNull,
  status: { type: "string", enum: ["live", "expired", "revoked"] },
  created_at: time,
  expires_at: timeOrNull,
  revoked_at: timeOrNull,
});

const suppressionEntry: JsonSchema = {
  ...objectOf(
    {},
    {
      phone: text,
      email: { type: "string", format: "email" },
      phone_sha256: { type: "string", pattern: "^[0-9A-Fa-f]{64}$" },
      phone_md5: { type: "string", pattern: "^[0-9A-Fa-f]{32}$" },
      email_sha256: { type: "string", pattern: "^[0-9A-Fa-f]{64}$" },
      email_md5: { type: "string", pattern: "^[0-9A-Fa-f]{32}$" },
    },
  ),
  additionalProperties: false,
  minProperties: 1,
  description: "A person, by phone or e-mail, plain or hashed.",
};

const deposit = objectOf({
  id: text,
  buyer_id: text,
  amount: money,
  reference: textOrNull,
  balance: money,
  currency: textOrNull,
});

const balance = objectOf({
  buyer_id: text,
  billing: { type: "string", enum: ["manual", "wallet", "credit"] },
  balance: money,
  credit_limit: moneyOrNull,
  currency: textOrNull,
});

/** What a buyer receives of a lead when it has no template of its own; also the shape of every other event. */
const leadAccepted = objectOf({
  type: { const: "lead.accepted" },
  timestamp: time,
  data: objectOf(
    {
      lead_id: text,
      campaign_id: text,
      buyer_id: text,
      is_test: flag,
      price: money,
      currency,
    },
    { fields: { type: "object", description: "The lead's fields by name; left out of a thin body." } },
  ),
});

const event = objectOf({
  type: text,
  timestamp: time,
  data: { type: "object" },
});

/** Everything that the descriptions of operations refer to by name. */
export function schemas(): Record<string, JsonSchema> {
  const definitions: Record<string, JsonSchema> = {};
  const configuration = publicSchema(ConfigurationDocument, definitions);
  return {
    Error: error,
    FieldError: fieldError,
    FilterError: filterError,
    Lead: lead,
    LeadData: leadData,
    LeadForSupplier: leadForSupplier,
    LeadSummary: objectOf(leadSummary),
    LeadOnRecord: leadOnRecord,
    TraceLine: traceLine,
    DryRunTrace: dryRunTrace,
    DeliverySummary: objectOf(deliverySummary),
    DeliveryAttempt: attempt,
    DeliveryOnRecord: deliveryOnRecord,
    Change: change,
    CreatedKey: createdKey,
    SupplierKey: supplierKey,
    SuppressionEntry: suppressionEntry,
    Deposit: deposit,
    Balance: balance,
    LeadAccepted: leadAccepted,
    Event: event,
    Configuration: configuration,
    ...definitions,
  };
}
