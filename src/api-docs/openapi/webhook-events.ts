import type { JsonSchema } from "#http/schema.ts";
import { currency, flag, money, named, objectOf, text, time } from "#http/schema.ts";

/** The name and mail of nobody. */
const FIELDS = {
  first_name: "Ada",
  last_name: "Lovelace",
  phone: "+13055550147",
  email: "ada@example.com",
  state: "FL",
  zip_code: "33101",
  homeowner: true,
  roof_age: 12,
};

const SOLD = {
  lead_id: "lead_01k6a1npq7f9gtqf2hs6zkdsn4",
  campaign_id: "solar",
  buyer_id: "national-solar",
  is_test: false,
  price: "30.00",
  currency: "USD",
  fields: FIELDS,
};

const SALE = {
  id: "sale_01k6a1npq7f9gtqf2hs6zkdsn5",
  buyer_id: "national-solar",
  place: 1,
  price: "30.00",
  payout: "20.00",
  currency: "USD",
  status: "sold",
  sold_at: "2026-01-13T17:00:00.000Z",
};

const ON_RECORD = { ...SOLD, status: "ACCEPTED", supplier_id: "acme-media", sales: [SALE] };
const { fields: _fields, price: _price, sales: _sales, ...WITHOUT_FIELDS } = ON_RECORD;

/** What its supplier reported; buyers are sent it without supplier_id, status, currency and revenue. */
const REPORTED = {
  ...WITHOUT_FIELDS,
  update: {
    id: "update_01k6a1npq7f9gtqf2hs6zkdsn4",
    outcome: "sold",
    revenue: "120.50",
    sales_rep: null,
    speed_to_lead_seconds: 42,
    call_duration_seconds: 340,
    note: "Two roofs",
    created_at: "2026-01-13T18:00:00.000Z",
  },
};

const UNSOLD = { ...ON_RECORD, buyer_id: null, price: null, sales: [] };

/** A lead as a buyer without a template is told of it. */
export const exampleDelivery = {
  type: "lead.accepted",
  timestamp: "2026-01-13T17:00:00.000Z",
  data: SOLD,
};

const ENDPOINT = {
  buyer_id: "national-solar",
  webhook_id: null,
  conversion_id: null,
  since: "2026-01-13T16:52:11.000Z",
  reason: "http_503",
};

const BALANCE = {
  buyer_id: "national-solar",
  campaign_id: "solar",
  spendable: "85.00",
  low_balance: "100.00",
  currency: "USD",
};

/** What operators' webhooks hear of beside leads: each once, however many servers there are. */
const ALERTS: readonly { name: string; summary: string; data: unknown }[] = [
  {
    name: "endpoint.down",
    summary: "An endpoint keeps failing; it is tried again by itself",
    data: { ...ENDPOINT, next_try_at: "2026-01-13T17:00:30.000Z" },
  },
  {
    name: "endpoint.up",
    summary: "An endpoint that was down or paused is sent to again",
    data: { ...ENDPOINT, next_try_at: null },
  },
  {
    name: "endpoint.paused",
    summary: "An endpoint answered 410 Gone, or Meta refuses the token: nothing is sent until it is resumed",
    data: { ...ENDPOINT, reason: "http_410", next_try_at: null },
  },
  {
    name: "delivery.dead",
    summary: "A delivery is given up; it can be sent again by hand",
    data: {
      delivery_id: "delivery_01k6a1npq7f9gtqf2hs6zkdsn4",
      buyer_id: "national-solar",
      webhook_id: null,
      conversion_id: null,
      campaign_id: "solar",
      lead_id: SOLD.lead_id,
      event: "lead.accepted",
      attempt_count: 7,
      reason: "timeout",
    },
  },
  {
    name: "cap.reached",
    summary: "A cap of a contract, buyer (campaign_id: null) or supplier has no room for another lead",
    data: {
      campaign_id: "solar",
      buyer_id: "national-solar",
      supplier_id: null,
      period: "day",
      since: "2026-01-13T06:00:00.000Z",
      unit: "leads",
      limit: 100,
      currency: null,
    },
  },
  {
    name: "balance.low",
    summary: "Less is left to spend than the buyer's low_balance",
    data: BALANCE,
  },
  {
    name: "balance.empty",
    summary: "What is left of a wallet or credit pays for no other lead of the campaign",
    data: { ...BALANCE, spendable: "5.00" },
  },
  {
    name: "supplier.silent",
    summary:
      "A supplier has sent nothing for a day, and for half as long again as ever in the two weeks before",
    data: { supplier_id: "acme-media", since: "2026-01-12T16:00:00.000Z" },
  },
  {
    name: "invoice.overdue",
    summary: "An invoice was not paid by its due date",
    data: {
      buyer_id: "national-solar",
      number: 17,
      total: "1240.00",
      currency: "USD",
      due_at: "2026-01-13T00:00:00.000Z",
    },
  },
  {
    name: "import.done",
    summary: "A file was put on a suppression list",
    data: { list_id: "do-not-call", received: 200_000, added: 180_000, already_there: 19_990, bad: 10 },
  },
  {
    name: "records.dropped",
    summary: "Leads and deliveries before a month are no longer on record, as records_days says",
    data: { before: "2026-01-01T00:00:00.000Z" },
  },
  {
    name: "records.held_back",
    summary:
      "Something of a month that is over for records_days is not finished, and keeps it; told once a month",
    data: {
      before: "2026-02-01T00:00:00.000Z",
      leads: 1,
      deliveries: 0,
      returns: 0,
      lead_id: "lead_01kejbvzx1fh08z6bq3yc1r3ds",
      delivery_id: null,
    },
  },
];

const EVENTS: readonly { name: string; summary: string; data: unknown }[] = [
  { name: "lead.created", summary: "A lead is on record, however it ended", data: ON_RECORD },
  { name: "lead.accepted", summary: "A buyer has it", data: SOLD },
  {
    name: "lead.unmatched",
    summary: "No buyer could take it",
    data: { ...UNSOLD, status: "UNMATCHED" },
  },
  {
    name: "lead.rejected",
    summary: "A filter, a suppression list or a duplicate ended it",
    data: { ...UNSOLD, status: "REJECTED" },
  },
  {
    name: "lead.held",
    summary: "It was put aside until a person decides",
    data: { ...UNSOLD, status: "HELD" },
  },
  {
    name: "lead.refused",
    summary: "A buyer refused it after it was sold: how it stands now",
    data: {
      ...UNSOLD,
      status: "UNMATCHED",
      sales: [{ ...SALE, status: "refused" }],
      refusal: { buyer_id: "national-solar", answer: "rejected", follows: "next_buyer" },
    },
  },
  { name: "lead.returned", summary: "A buyer gave it back", data: SOLD },
  { name: "lead.updated", summary: "More is known of it", data: REPORTED },
  ...ALERTS,
  {
    name: "webhook.test",
    summary: "An operator, or the buyer itself, tries the endpoint",
    data: { buyer_id: "national-solar" },
  },
];

/** Each event with an example of it, and in words who hears of it. */
export function exampleEvents() {
  return EVENTS.map(({ name, summary, data }) => ({
    name,
    summary,
    readers: READERS[name] ?? "the operator's own endpoints",
    event: { type: name, timestamp: exampleDelivery.timestamp, data },
  }));
}

const READERS: Readonly<Record<string, string>> = {
  "lead.accepted": "the buyer of the lead, and the operator's own endpoints",
  "lead.returned": "the operator's own endpoints, and the buyer of the lead where it asked for that",
  "lead.updated": "the operator's own endpoints, and the buyer of the lead where it asked for that",
  "webhook.test": "whoever's endpoint is tried",
};

/** What buyers and operators are sent, as the section `webhooks` of the document. */
export function webhookEvents(): Record<string, JsonSchema> {
  return Object.fromEntries(EVENTS.map((event) => [event.name, { post: sent(event) }]));
}

function sent({ name, summary, data }: (typeof EVENTS)[number]): JsonSchema {
  return {
    operationId: `receive.${name}`,
    summary,
    description: DESCRIPTION,
    tags: ["Webhooks"],
    security: [],
    parameters: HEADERS,
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: name === "lead.accepted" ? LEAD_ACCEPTED : EVENT,
          examples: { event: { summary, value: { type: name, timestamp: exampleDelivery.timestamp, data } } },
        },
      },
    },
    responses: {
      "2XX": { description: "Received. Buyers with response rules are read by those instead." },
      410: { description: "Gone: nothing more is sent until an operator resumes it." },
      "4XX": { description: "Tried again: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h …, with jitter." },
      "5XX": { description: "Tried again, like everything that is not a success." },
    },
  };
}

const DESCRIPTION = `At least once, in no promised order. A second delivery of the same thing has the same webhook-id: keep the ids that
you have seen. Signed as Standard Webhooks 1.0.0; /docs/webhooks shows how to verify it.`;

const HEADERS = [
  {
    name: "webhook-id",
    in: "header",
    required: true,
    description: "The same on every attempt",
    schema: { type: "string" },
  },
  {
    name: "webhook-timestamp",
    in: "header",
    required: true,
    description: "Of this attempt, in Unix seconds; refuse what is more than five minutes off",
    schema: { type: "string" },
  },
  {
    name: "webhook-signature",
    in: "header",
    required: true,
    description: "v1, and base64 HMAC-SHA256 of id.timestamp.body; two of them while a secret is rotated",
    schema: { type: "string" },
  },
];

/** What a buyer receives of a lead when it has no template of its own. */
const LEAD_ACCEPTED = named(
  "LeadAccepted",
  objectOf({
    type: { const: "lead.accepted" },
    timestamp: time,
    data: objectOf(
      { lead_id: text, campaign_id: text, buyer_id: text, is_test: flag, price: money, currency },
      { fields: { type: "object", description: "The lead's fields by name; left out of a thin body." } },
    ),
  }),
);

/** The shape of every other event. */
const EVENT = named("Event", objectOf({ type: text, timestamp: time, data: { type: "object" } }));

export const EVENT_SCHEMAS = [LEAD_ACCEPTED, EVENT];
