import {
  dataOf,
  errorExample,
  type OperationDescription,
  objectOf,
  type Parameter,
  schemaNamed,
} from "#api-docs/description.ts";

const ERROR = schemaNamed("Error");
const LIMITED = ["ratelimit-policy", "ratelimit"];
const LEAD_ID = "lead_01k6a1npq7f9gtqf2hs6zkdsn4";

/** What its supplier sees of a lead. */
export const LEAD_OF_YOURS = {
  id: LEAD_ID,
  status: "ACCEPTED",
  campaign_id: "solar",
  buyer_id: "national-solar",
  payout: "18.00",
  currency: "USD",
  is_test: false,
  created_at: "2026-01-13T17:00:00.000Z",
};

const OVER_LIMIT = {
  description: "The supplier is over its rate limit for look-ups.",
  schema: ERROR,
  headers: [...LIMITED, "retry-after"],
};

const NOT_YOURS = {
  summary: "No lead of this supplier",
  answer: { status: 404, body: errorExample("not_found", "There is no such lead.") },
};

function asked(name: string, description: string, example?: string): Parameter {
  return { name, in: "query", description, ...(example !== undefined && { example }) };
}

/** What suppliers ask about leads that they have sent, and report of them. */
export const reportOperations: Readonly<Record<string, OperationDescription>> = {
  lookUpLeads: {
    description:
      "The leads of this supplier with this id, phone or e-mail, the newest first and 50 at most. Of several, all must fit. Other suppliers' leads are not found.",
    caller: "supplier",
    parameters: [
      asked("id", "As the answer to the lead said"),
      asked("phone", "In any usual spelling", "+13055550188"),
      asked("email", "In any case"),
      asked("country", "By which a phone without a country code is understood; US unless said otherwise"),
    ],
    calls: { not_yours: NOT_YOURS },
    replies: {
      200: {
        description: "The leads.",
        schema: objectOf({ data: { type: "array", items: schemaNamed("LeadForSupplier") } }),
        headers: LIMITED,
        examples: {
          found: {
            summary: "One lead of this person",
            value: {
              data: [LEAD_OF_YOURS],
            },
          },
        },
      },
      404: { description: "No lead of this supplier.", schema: ERROR, headers: LIMITED },
      429: OVER_LIMIT,
    },
  },
  updateLead: {
    description: `Reports what became of a lead. Every report is kept, shown to the operator, and sent as \`lead.updated\` to the operator's webhooks and to
the lead's buyers that asked for it. Of a lead whose personal data was erased, neither note nor sales_rep is kept.`,
    caller: "supplier",
    parameters: [
      {
        name: "idempotency-key",
        in: "header",
        description:
          "The same key and body within 24 hours are recorded once, and get the first answer again.",
        schema: { type: "string", minLength: 1, maxLength: 257 },
      },
    ],
    body: { schema: schemaNamed("LeadReport"), description: "At most 256 KiB." },
    calls: {
      not_yours: { ...NOT_YOURS, body: { lead_id: LEAD_ID, outcome: "sold", revenue: "120.50" } },
      not_valid: {
        summary: "Values that cannot be",
        body: { outcome: "sold", speed_to_lead_seconds: -1 },
        answer: {
          status: 400,
          body: errorExample("validation_failed", "2 fields are not valid", {
            field_errors: [
              { field: "lead_id", code: "required", message: "lead_id is required" },
              {
                field: "speed_to_lead_seconds",
                code: "out_of_range",
                message: "speed_to_lead_seconds must be a whole number from 0 to 31,536,000",
              },
            ],
          }),
        },
      },
    },
    replies: {
      201: {
        description: "Recorded.",
        schema: dataOf(schemaNamed("RecordedReport")),
        headers: [...LIMITED, "idempotent-replayed"],
        examples: {
          recorded: {
            summary: "A sale",
            value: {
              data: {
                id: "update_01k6a1npq7f9gtqf2hs6zkdsn4",
                lead_id: LEAD_ID,
                outcome: "sold",
                created_at: "2026-01-13T18:00:00.000Z",
              },
            },
          },
        },
      },
      404: { description: "No lead of this supplier.", schema: ERROR, headers: LIMITED },
      422: {
        description: "The Idempotency-Key came with another body before.",
        schema: ERROR,
        headers: LIMITED,
      },
      429: OVER_LIMIT,
    },
  },
};
