import {
  BuyerEntry,
  CampaignEntry,
  ConfigurationDocument,
  SupplierEntry,
  SuppressionListEntry,
  WebhookEntry,
} from "#campaigns/document.ts";
import { OUTCOMES } from "#endpoints/answers/response-rules.ts";
import type { HashedName } from "#fields/usual-hashes.ts";
import { publicSchema } from "#http/public-schema.ts";
import { ERROR_KINDS } from "#http/reply.ts";
import type { JsonSchema } from "#http/schema.ts";
import { schemasReferredTo } from "./components.ts";
import { objectOf, schemaNamed } from "./description.ts";

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

const PHONE_RECIPE = "the phone as +15551234567, 15551234567 or 5551234567";
const EMAIL_RECIPE = "the e-mail in lower case";

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

/** As suppliers see it. */
const sale = objectOf({ buyer_id: text, price: { ...money, description: "What the supplier is paid." } });

const triedOut: Readonly<Record<string, JsonSchema>> = {
  dry_run: { const: true, description: "Nothing will come of it." },
  trace: schemaNamed("DryRunTrace"),
};

const leadData = objectOf(
  {
    id: { type: "string", examples: ["lead_01k6a1npq7f9gtqf2hs6zkdsn4"] },
    status: leadStatus,
    buyer_id: { ...textOrNull, description: "Whoever got the lead; null when nobody did." },
    campaign_id: text,
  },
  {
    price: {
      ...money,
      description: "In a campaign that is pinged first: what the supplier is paid, as the ping was promised.",
    },
    currency,
    sales: {
      type: "array",
      items: sale,
      description: "Where a lead may be sold to several buyers: each of them; `buyer_id` is the first.",
    },
    duplicate: { const: true, description: "It repeats an earlier lead and went to the same buyer." },
    is_test: { const: true, description: "The supplier is in test mode." },
    dry_run: { const: true, description: "Nothing of this was recorded." },
  },
);

const addressed: Readonly<Record<string, JsonSchema>> = {
  flo_campaign_id: { type: "string", description: "The campaign", examples: ["solar"] },
  flo_supplier_id: { type: "string", description: "Whose key this is", examples: ["acme-media"] },
};

const person: Readonly<Record<string, JsonSchema>> = {
  first_name: { type: "string", minLength: 1, maxLength: 200 },
  last_name: { type: "string", minLength: 1, maxLength: 200 },
  phone: {
    type: "string",
    description: "Any usual spelling; without + it is read as the campaign's country dials it.",
    examples: ["(512) 555-0147"],
  },
  email: { type: "string", format: "email", maxLength: 254 },
};

const mayBeSaid: Readonly<Record<string, JsonSchema>> = {
  state: { type: "string", description: "Two-letter state code, in any case", examples: ["TX"] },
  zip_code: { type: "string", examples: ["78701"] },
  source: { type: "string", maxLength: 200 },
  trustedform_cert_url: { type: "string", format: "uri", maxLength: 2000 },
};

/** What a lead says of the ping that was answered with its price. */
const ofItsPing = {
  flo_ping_id: {
    type: "string",
    minLength: 1,
    maxLength: 16_384,
    description: "The `ping_id` of a ping's answer, at most 30 minutes old and not used yet",
  },
  flo_buyer_id: {
    type: "string",
    description:
      "The buyer of that answer's `bids` that is to get the lead before the others; without it, the best",
  },
} as const satisfies Record<string, JsonSchema>;

/** What a ping may say instead of a phone or an e-mail. */
const hashed: Readonly<Record<HashedName, JsonSchema>> = {
  phone_sha256: hashOf(64, "SHA-256", PHONE_RECIPE),
  phone_md5: hashOf(32, "MD5", PHONE_RECIPE),
  email_sha256: hashOf(64, "SHA-256", EMAIL_RECIPE),
  email_md5: hashOf(32, "MD5", EMAIL_RECIPE),
};

function hashOf(digits: number, algorithm: string, of: string): JsonSchema {
  return {
    type: "string",
    pattern: `^[0-9A-Fa-f]{${digits}}$`,
    description: `${algorithm} in hexadecimal of ${of}`,
  };
}

/** The fields that every campaign has; a campaign's own page has the rest. */
const lead: JsonSchema = {
  ...objectOf({ ...addressed, ...person }, { ...mayBeSaid, ...ofItsPing }),
  additionalProperties: true,
  description:
    "A lead: who sends it to which campaign, the person, and whatever fields the campaign maps. What each campaign asks for is on its own page, /docs/campaigns/{id}.",
};

const ping: JsonSchema = {
  ...objectOf(addressed, { ...person, ...hashed, ...mayBeSaid }),
  additionalProperties: true,
  description:
    "As much of a lead as is known, of whatever fields the campaign maps. What each campaign requires of a ping is on its own page, /docs/campaigns/{id}.",
};

const pingAccepted = objectOf(
  {
    accepted: { const: true },
    ping_id: {
      ...textOrNull,
      description: "Good for one lead, for 30 minutes, as its flo_ping_id; null on a dry run.",
    },
    message: { type: "string", description: "For people." },
    price: { ...money, description: "What the supplier is paid when the lead comes." },
    currency,
    expires_at: time,
    bids: { type: "array", items: sale, description: "All who would take the lead, best first." },
  },
  { is_test: { const: true, description: "The supplier is in test mode." }, ...triedOut },
);

const pingNotAccepted = objectOf(
  {
    accepted: { const: false },
    reason: { type: "string", enum: ["filtered", "suppressed", "duplicate", "no_buyer", "inactive"] },
    message: { type: "string", description: "For people." },
  },
  { filter_errors: { type: "array", items: schemaNamed("FilterError") }, ...triedOut },
);

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

const saleOnRecord = objectOf({
  id: text,
  buyer_id: text,
  place: { type: "integer", minimum: 1, description: "In the order in which the lead's buyers were chosen." },
  price: money,
  payout: money,
  currency,
  status: { const: "sold" },
  sold_at: time,
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
  price: { ...moneyOrNull, description: "What all its buyers pay together." },
  payout: moneyOrNull,
  currency,
  decided_at: time,
  erased_at: {
    ...timeOrNull,
    description: "When everything that told who the person is was taken out of it.",
  },
  sales: {
    type: "array",
    items: schemaNamed("SaleOnRecord"),
    description: "Whom it was sold to, the first being buyer_id; more than one where the campaign allows it.",
  },
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
  updates: { type: "array", items: schemaNamed("LeadUpdate"), description: "What its supplier reported." },
});

const seconds: JsonSchema = { type: ["integer", "null"], minimum: 0 };

const leadReport: JsonSchema = {
  ...objectOf(
    {
      lead_id: text,
      outcome: {
        type: "string",
        pattern: "^[A-Za-z][A-Za-z0-9 _-]{0,63}$",
        description: "What became of it, in a word or a few of your own",
        examples: ["sold"],
      },
    },
    {
      revenue: {
        type: ["string", "number", "null"],
        description: "What it earned, in the campaign's currency, with 4 decimals at most",
        examples: ["120.50"],
      },
      sales_rep: { ...textOrNull, maxLength: 200 },
      speed_to_lead_seconds: { ...seconds, description: "From the lead to the first call" },
      call_duration_seconds: seconds,
      note: { ...textOrNull, maxLength: 4_000 },
    },
  ),
  additionalProperties: false,
};

const recordedReport = objectOf({ id: text, lead_id: text, outcome: text, created_at: time });

const leadUpdate = objectOf({
  id: text,
  outcome: text,
  revenue: moneyOrNull,
  sales_rep: textOrNull,
  speed_to_lead_seconds: seconds,
  call_duration_seconds: seconds,
  note: textOrNull,
  created_at: time,
});

const erasure = objectOf({
  id: text,
  state: { type: "string", enum: ["running", "done"] },
  requested_at: time,
  requested_by: { type: "string", description: "The operator, by the name of the key." },
  finished_at: timeOrNull,
  suppress_on: textOrNull,
  erased: {
    ...objectOf({
      leads: count,
      deliveries: count,
      delivery_attempts: count,
      lead_updates: count,
      duplicate_keys: count,
    }),
    description: "Rows from which something was taken, by table; of duplicate keys, those that are gone.",
  },
  cancelled_deliveries: { ...count, description: "Those that had not been made yet." },
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
  erased_at: { ...timeOrNull, description: "When its body was emptied." },
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

const PARTS = ["suppression_list", "supplier", "buyer", "campaign", "webhook"];
const OPERATIONS = [
  "key_created",
  "key_rotated",
  "key_revoked",
  "secret_rotated",
  "deposit_made",
  "entries_added",
  "entries_removed",
  "entries_replaced",
];

const recordedChange = objectOf({
  kind: { type: "string", enum: [...PARTS, "operator_key"] },
  id: text,
  name: textOrNull,
  action: {
    type: "string",
    enum: ["created", "restored", "changed", "archived", "deleted", ...OPERATIONS],
  },
  differences: {
    type: "array",
    items: objectOf({ path: text }, { from: {}, to: {} }),
    description: "Setting by setting. Headers, keys and secrets are never among them.",
  },
  summary: { type: "string", description: "The change in words." },
});

const historyEntry = {
  revision: {
    type: ["integer", "null"],
    description: "As leads name it; null when no lead is decided otherwise by the change.",
  },
  at: time,
  by: { type: "string", description: "The operator, by the name of the key." },
  via: {
    type: "string",
    enum: ["document", "resource", "rollback", "operation"],
    description:
      "A whole document, one part of it, an earlier document brought back, or something beside the document.",
  },
  restored_revision: { type: ["integer", "null"], description: "Of a rollback, what it brought back." },
  changes: { type: "array", items: schemaNamed("RecordedChange") },
};

const revision = objectOf({
  ...historyEntry,
  configuration_revision: {
    type: "integer",
    description: "Of the configuration then in force: keys and entries count too.",
  },
  document: { ...schemaNamed("Configuration"), description: "The configuration then in force." },
});

/** A part of the configuration as it is shown: it has its id, and may be archived. */
function shownPart(entry: JsonSchema): JsonSchema {
  const { properties, required } = entry as { properties: object; required?: string[] };
  return {
    ...entry,
    properties: {
      ...properties,
      status: {
        type: "string",
        enum: ["active", "paused", "archived"],
        description: "archived: the document leaves it out.",
      },
    },
    required: ["id", ...(required ?? [])],
  };
}

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
  last_used_at: { ...timeOrNull, description: "To the minute." },
});

const operatorKey = objectOf({
  id: text,
  prefix: text,
  name: text,
  role: { type: "string", enum: ["read", "operate", "admin"] },
  status: { type: "string", enum: ["live", "expired", "revoked"] },
  created_at: time,
  expires_at: timeOrNull,
  revoked_at: timeOrNull,
  last_used_at: { ...timeOrNull, description: "To the minute." },
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

const testedEndpoint = objectOf({
  delivery_id: text,
  verdict: { type: "string", enum: OUTCOMES, description: "How the answer of a lead's buyer is read." },
  http_status: { type: ["integer", "null"] },
  failure: { ...textOrNull, description: "The word for why it failed; null when it did not." },
  duration_ms: count,
  excerpt: { ...textOrNull, description: "The beginning of the endpoint's answer." },
  message: { type: "string", description: "For people." },
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

const PART_ENTRIES = {
  Campaign: CampaignEntry,
  Supplier: SupplierEntry,
  Buyer: BuyerEntry,
  SuppressionList: SuppressionListEntry,
  Webhook: WebhookEntry,
};

/** Everything that the descriptions of operations refer to by name. */
export function schemas(): Record<string, JsonSchema> {
  const configuration = publicSchema(ConfigurationDocument);
  const parts: Record<string, JsonSchema> = {};
  for (const [name, entry] of Object.entries(PART_ENTRIES)) {
    parts[`New${name}`] = publicSchema(entry);
    parts[name] = shownPart(publicSchema(entry));
  }
  return {
    Error: error,
    FieldError: fieldError,
    FilterError: filterError,
    Lead: lead,
    LeadData: leadData,
    Ping: ping,
    PingAccepted: pingAccepted,
    PingNotAccepted: pingNotAccepted,
    LeadForSupplier: leadForSupplier,
    SaleOnRecord: saleOnRecord,
    LeadSummary: objectOf(leadSummary),
    LeadOnRecord: leadOnRecord,
    LeadReport: leadReport,
    RecordedReport: recordedReport,
    LeadUpdate: leadUpdate,
    Erasure: erasure,
    TraceLine: traceLine,
    DryRunTrace: dryRunTrace,
    DeliverySummary: objectOf(deliverySummary),
    DeliveryAttempt: attempt,
    DeliveryOnRecord: deliveryOnRecord,
    Change: change,
    RecordedChange: recordedChange,
    HistoryEntry: objectOf({ id: text, ...historyEntry }),
    Revision: revision,
    ...parts,
    CreatedKey: createdKey,
    SupplierKey: supplierKey,
    OperatorKey: operatorKey,
    SuppressionEntry: suppressionEntry,
    Deposit: deposit,
    Balance: balance,
    TestedEndpoint: testedEndpoint,
    LeadAccepted: leadAccepted,
    Event: event,
    Configuration: configuration,
    ...schemasReferredTo(configuration),
  };
}
