import {
  type Body,
  dataOf,
  errorExample,
  type OperationDescription,
  objectOf,
  type Parameter,
  pageOf,
  type Reply,
  schemaNamed,
} from "#api-docs/description.ts";
import { demoDocument } from "#configuration/demo.ts";
import type { JsonSchema } from "#http/schema.ts";
import { erasureOperations } from "./erasures.ts";
import { historyOperations } from "./history.ts";
import { installationOperations } from "./installation.ts";
import { keyOperations } from "./keys.ts";
import { pnlOperations } from "./profit-and-loss.ts";
import { resourceOperations } from "./resources.ts";
import { EXPORT_SETTINGS, seeingOperations } from "./seeing.ts";
import { suppressionOperations } from "./suppression.ts";

const LEAD_ID = "lead_01k6a1npq7f9gtqf2hs6zkdsn4";
const DELIVERY_ID = "delivery_01k6a1npq7f9gtqf2hs6zkdsn4";
const ERROR = schemaNamed("Error");
const text: JsonSchema = { type: "string" };
const time: JsonSchema = { type: "string", format: "date-time" };
const textOrNull: JsonSchema = { type: ["string", "null"] };

function notFound(what: string): Reply {
  return { description: `There is no such ${what}.`, schema: ERROR };
}

function noSuch(what: string, summary = `No such ${what}`) {
  return {
    summary,
    answer: { status: 404, body: errorExample("not_found", `There is no such ${what}.`) },
  };
}

function query(name: string, description: string, schema: JsonSchema = text): Parameter {
  return { name, in: "query", description, schema };
}

const PAGE = [
  query("limit", "Entries of a page", { type: "integer", minimum: 1, maximum: 200, default: 50 }),
  query("cursor", "The next_cursor of an earlier answer"),
];

const QUERY_NOT_VALID: Reply = {
  description: "A setting of the query is not known or not valid.",
  schema: ERROR,
};

const CONFIGURATION_BODY: Body = {
  schema: schemaNamed("Configuration"),
  mediaTypes: ["application/json", "application/yaml"],
  description: "The whole configuration, at most 5 MiB.",
};

const WRONG_CONFIGURATION = {
  version: 1,
  campaigns: [{ id: "solar-texas", distribution: "lottery", buyers: [{ buyer: "nobody" }] }],
};

const WRONG_CONFIGURATION_CALL = {
  summary: "A document with mistakes: each is named by its path",
  body: WRONG_CONFIGURATION,
  answer: {
    status: 400,
    body: errorExample("validation_failed", "2 settings are not valid", {
      field_errors: [
        {
          field: "campaigns[0].distribution",
          code: "not_allowed",
          message: "must be one of priority, weighted, round_robin, highest_bid",
        },
        {
          field: "campaigns[0].buyers[0].buyer",
          code: "not_allowed",
          message: "must be the id of a buyer in this document",
        },
      ],
    }),
  },
};

const changes: JsonSchema = { type: "array", items: schemaNamed("Change") };

const configuration: Readonly<Record<string, OperationDescription>> = {
  getConfiguration: {
    description: "The document in force, as JSON, or as YAML when `Accept` prefers that.",
    caller: "operator",
    replies: {
      200: { description: "The document.", schema: schemaNamed("Configuration"), headers: ["etag"] },
    },
  },
  applyConfiguration: {
    description: `Puts a whole document in force, all of it or nothing. It is in force for the very next lead, on every server. What the document
leaves out is archived, or deleted when nothing refers to it. A new supplier gets its first key with the answer, once.`,
    caller: "operator",
    parameters: [
      {
        name: "if-match",
        in: "header",
        description: 'The revision that the change was made on, such as "3": 409 when another is in force.',
        schema: text,
      },
    ],
    body: CONFIGURATION_BODY,
    // The first example is what "Try it out" holds: one that changes nothing.
    calls: {
      not_valid: WRONG_CONFIGURATION_CALL,
      unchanged: {
        summary: "The demo set-up, as it is",
        body: demoDocument,
        answer: { status: 200, body: { data: { revision: 1, changes: [], created_keys: [] } } },
      },
    },
    replies: {
      200: {
        description: "In force.",
        schema: dataOf(
          objectOf({
            revision: { type: "integer" },
            changes,
            created_keys: {
              type: "array",
              items: { allOf: [schemaNamed("CreatedKey"), objectOf({ supplier_id: text })] },
            },
          }),
        ),
        headers: ["etag"],
      },
      409: { description: "Another revision is in force than If-Match names.", schema: ERROR },
    },
  },
  planConfiguration: {
    description: "What applying a document would change. Nothing is written.",
    caller: "operator",
    body: CONFIGURATION_BODY,
    calls: {
      not_valid: WRONG_CONFIGURATION_CALL,
      unchanged: {
        summary: "The demo set-up, as it is",
        body: demoDocument,
        answer: { status: 200, body: { data: { revision: 1, changes: [] } } },
      },
    },
    replies: {
      200: {
        description: "The changes, in words and one by one.",
        schema: dataOf(objectOf({ revision: { type: "integer" }, changes })),
        headers: ["etag"],
      },
    },
  },
};

const SUPPLIER: Parameter = {
  name: "supplier",
  in: "path",
  description: "The supplier's id",
  example: "acme-media",
};

const keys: Readonly<Record<string, OperationDescription>> = {
  createSupplierKey: {
    description:
      "Gives a supplier one more key; those it has stay good, so that keys can be rotated with an overlap. A key from another system is imported as `secret`, 24 to 256 printable ASCII characters.",
    caller: "operator",
    parameters: [SUPPLIER],
    body: {
      schema: objectOf(
        {},
        { name: textOrNull, expires_at: { ...time, type: ["string", "null"] }, secret: textOrNull },
      ),
    },
    calls: {
      made: {
        summary: "A new key",
        body: { name: "second server" },
        answer: {
          status: 201,
          body: {
            data: {
              id: "key_01k6a1npq7f9gtqf2hs6zkdsn4",
              key: "lg_sup_0123456789abcdefghijklmnopqrstuv1Xw2Yz",
              prefix: "lg_sup_0123",
            },
          },
        },
      },
      not_valid: {
        summary: "A key that is too short to be imported",
        body: { secret: "hunter2" },
        answer: {
          status: 400,
          body: errorExample("validation_failed", "1 field is not valid", {
            field_errors: [
              { field: "secret", code: "invalid_format", message: "must have at least 24 characters" },
            ],
          }),
        },
      },
    },
    replies: {
      201: { description: "The key, shown this once.", schema: dataOf(schemaNamed("CreatedKey")) },
      404: notFound("supplier"),
      409: { description: "The secret is a supplier's key already.", schema: ERROR },
    },
  },
  listSupplierKeys: {
    description: "All keys that a supplier has or had, without the keys themselves.",
    caller: "operator",
    parameters: [SUPPLIER],
    replies: {
      200: { description: "The keys.", schema: pageOf(schemaNamed("SupplierKey")) },
      404: notFound("supplier"),
    },
  },
  revokeSupplierKey: {
    description: "Ends a key at once: not one more lead comes in by it, on any server.",
    caller: "operator",
    parameters: [
      SUPPLIER,
      { name: "key", in: "path", description: "The key's id", example: "key_01k6a1npq7f9gtqf2hs6zkdsn4" },
    ],
    calls: {
      no_such_key: {
        summary: "No key of this supplier",
        answer: { status: 404, body: errorExample("not_found", "This supplier has no such key.") },
      },
    },
    replies: { 204: { description: "Revoked." }, 404: notFound("key") },
  },
};

const LEAD: Parameter = { name: "lead", in: "path", description: "The lead's id", example: LEAD_ID };

const LEAD_FILTERS = [
  query("id", "The lead with this id"),
  query("phone", "Only of the person with this phone, in any usual spelling"),
  query("email", "Only of the person with this e-mail"),
  query("country", "By which a phone without a country code is understood; US unless said otherwise"),
  query("campaign", "Only of this campaign"),
  query("supplier", "Only of this supplier"),
  query("buyer", "Only those that this buyer has"),
  query("status", "Only with this status", {
    type: "string",
    enum: ["ACCEPTED", "UNMATCHED", "DUPLICATE", "REJECTED", "PENDING"],
  }),
  query("test", "Only test leads, or none", { type: "string", enum: ["true", "false"] }),
  query("since", "Decided at or after", time),
  query("until", "Decided before", time),
  ...PAGE,
];

const leads: Readonly<Record<string, OperationDescription>> = {
  listLeads: {
    description: `The leads on record, newest first: a page of them in JSON, or all of them as CSV or lines of JSON, streamed. In CSV, what a spreadsheet
would take for a formula stands behind an apostrophe.`,
    caller: "operator",
    parameters: [...LEAD_FILTERS, ...EXPORT_SETTINGS],
    calls: {
      none: {
        summary: "None yet",
        answer: { status: 200, body: { data: [], next_cursor: null } },
      },
    },
    replies: {
      200: { description: "A page of them.", schema: pageOf(schemaNamed("LeadSummary")) },
      400: QUERY_NOT_VALID,
    },
  },
  getLeadOnRecord: {
    description: "A lead with what was sent, the trace of how it was decided, and what was sent on.",
    caller: "operator",
    parameters: [LEAD],
    calls: { no_such_lead: noSuch("lead") },
    replies: {
      200: { description: "The lead.", schema: dataOf(schemaNamed("LeadOnRecord")) },
      404: notFound("lead"),
    },
  },
  redistributeLead: {
    description:
      "Decides a lead once more that found no buyer, or that its buyer did not get or take. Answers as its supplier would be answered.",
    caller: "operator",
    parameters: [LEAD],
    calls: { no_such_lead: noSuch("lead") },
    replies: {
      200: { description: "Still nobody has it.", schema: dataOf(schemaNamed("LeadData")) },
      201: { description: "A buyer has it now.", schema: dataOf(schemaNamed("LeadData")) },
      404: notFound("lead"),
      409: { description: "The lead is not open to be sent round again.", schema: ERROR },
      422: { description: "A filter or a suppression list turned it away.", schema: ERROR },
    },
  },
  redistributeLeads: {
    description:
      "The same for a page of leads, found by a query as in the list; answers how many ended which way.",
    caller: "operator",
    parameters: LEAD_FILTERS,
    calls: {
      none: {
        summary: "None to be sent",
        answer: {
          status: 200,
          body: { data: { accepted: 0, not_accepted: 0, not_open: 0 }, next_cursor: null },
        },
      },
    },
    replies: {
      200: {
        description: "How many ended which way.",
        schema: objectOf({
          data: objectOf({
            accepted: { type: "integer" },
            not_accepted: { type: "integer" },
            not_open: { type: "integer" },
          }),
          next_cursor: textOrNull,
        }),
      },
      400: QUERY_NOT_VALID,
    },
  },
};

const DELIVERY: Parameter = {
  name: "delivery",
  in: "path",
  description: "The delivery's id",
  example: DELIVERY_ID,
};

const deliveries: Readonly<Record<string, OperationDescription>> = {
  listDeliveries: {
    description: "What was sent and is to be sent, newest first.",
    caller: "operator",
    parameters: [
      query("buyer", "Only to this buyer"),
      query("webhook", "Only to this webhook"),
      query("campaign", "Only of this campaign"),
      query("lead", "Only of this lead"),
      query("state", "Only in this state", {
        type: "string",
        enum: ["pending", "paused", "delivered", "rejected", "dead"],
      }),
      query("event", "Only of this event"),
      query("since", "Written at or after", time),
      query("until", "Written before", time),
      ...PAGE,
    ],
    calls: {
      none: { summary: "None yet", answer: { status: 200, body: { data: [], next_cursor: null } } },
    },
    replies: {
      200: { description: "A page of them.", schema: pageOf(schemaNamed("DeliverySummary")) },
      400: QUERY_NOT_VALID,
    },
  },
  getDelivery: {
    description: "A delivery with the bytes that are sent and every attempt.",
    caller: "operator",
    parameters: [DELIVERY],
    calls: { no_such_delivery: noSuch("delivery") },
    replies: {
      200: { description: "The delivery.", schema: dataOf(schemaNamed("DeliveryOnRecord")) },
      404: notFound("delivery"),
    },
  },
  redeliver: {
    description:
      "Makes a delivery due at once, whatever became of it; its receiver sees the same webhook-id.",
    caller: "operator",
    parameters: [DELIVERY],
    calls: { no_such_delivery: noSuch("delivery") },
    replies: {
      202: {
        description: "It is due.",
        schema: dataOf(objectOf({ id: text, state: { const: "pending" } })),
      },
      404: notFound("delivery"),
      409: { description: "The lead is not this buyer's any more.", schema: ERROR },
    },
  },
};

const RANGE: Body = {
  schema: objectOf({ since: time }, { until: { ...time, type: ["string", "null"] } }),
};

/** What can be done to whoever is sent deliveries: a buyer, or a webhook of the operator's. */
function recipient(
  kind: "buyer" | "webhook",
  ids: { secret: string; recover: string; test: string; resume: string },
): Record<string, OperationDescription> {
  const id: Parameter = {
    name: "id",
    in: "path",
    description: `The ${kind}'s id`,
    example: kind === "buyer" ? "national-solar" : "books",
  };
  const common = { caller: "operator", parameters: [id] } as const;
  const missing = { no_such_webhook: noSuch(kind) };
  return {
    [ids.secret]: {
      ...common,
      description:
        "Makes the signing secret, or a new one beside which the one before signs for `overlap_seconds` (86,400 unless said otherwise, at most a week).",
      body: {
        optional: true,
        schema: objectOf({}, { overlap_seconds: { type: "integer", minimum: 0, maximum: 604_800 } }),
      },
      calls:
        kind === "buyer"
          ? {
              made: {
                summary: "A secret, with an hour to change over",
                body: { overlap_seconds: 3600 },
                answer: {
                  status: 201,
                  body: { secret: "whsec_bGVhZGdhdGUtc2VjcmV0LXVzZWQtaW4tdGhlLWRvY3M=" },
                },
              },
            }
          : { no_such_webhook: { ...noSuch(kind), body: {} } },
      replies: {
        201: {
          description: "The secret, shown this once.",
          schema: objectOf({ secret: { type: "string", pattern: "^whsec_" } }),
        },
        404: notFound(kind),
      },
    },
    [ids.recover]: {
      ...common,
      description:
        "Makes due again what was written in a stretch of time and did not arrive, 10,000 deliveries at most.",
      body: RANGE,
      calls:
        kind === "buyer"
          ? {
              recovered: {
                summary: "Since the new year",
                body: { since: "2026-01-01T00:00:00Z" },
                answer: { status: 202, body: { data: { recovered: 0, complete: true } } },
              },
              not_valid: {
                summary: "Without a beginning",
                body: {},
                answer: {
                  status: 400,
                  body: errorExample("validation_failed", "1 field is not valid", {
                    field_errors: [{ field: "since", code: "required", message: "is required" }],
                  }),
                },
              },
            }
          : { no_such_webhook: { ...noSuch(kind), body: { since: "2026-01-01T00:00:00Z" } } },
      replies: {
        202: {
          description: "How many are due; not complete when there may be more.",
          schema: dataOf(objectOf({ recovered: { type: "integer" }, complete: { type: "boolean" } })),
        },
        404: notFound(kind),
      },
    },
    [ids.test]: {
      ...common,
      description: "Sends `webhook.test`, the way that leads are sent.",
      calls:
        kind === "buyer"
          ? {
              no_delivery: {
                summary: "A buyer to which nothing is sent",
                answer: { status: 409, body: errorExample("conflict", "This buyer has no delivery.") },
              },
            }
          : missing,
      replies: {
        202: { description: "It is due.", schema: dataOf(objectOf({ id: text })) },
        404: notFound(kind),
        409: { description: "Nothing can be sent: no delivery is configured.", schema: ERROR },
      },
    },
    [ids.resume]: {
      ...common,
      description:
        "Sends again to a receiver that answered 410 Gone. What was held back since is due at once.",
      calls:
        kind === "buyer"
          ? {
              resumed: {
                summary: "Nothing was held back",
                answer: { status: 202, body: { data: { resumed: 0 } } },
              },
            }
          : missing,
      replies: {
        202: {
          description: "How many deliveries are due.",
          schema: dataOf(objectOf({ resumed: { type: "integer" } })),
        },
        404: notFound(kind),
      },
    },
  };
}

const docsLinks: Readonly<Record<string, OperationDescription>> = {
  linkToCampaignDocs: {
    description: `Makes a link to \`/docs/campaigns/{id}\` that can be opened without a key until it expires, also when the campaign keeps its page
private. Made for a supplier, it shows that supplier's own limits and rules too. Made for a buyer, it opens \`/docs/webhooks\` with an example of what
that buyer receives.`,
    caller: "operator",
    parameters: [{ name: "id", in: "path", description: "The campaign's id", example: "solar" }],
    body: {
      optional: true,
      schema: objectOf(
        {},
        {
          supplier: textOrNull,
          buyer: { ...textOrNull, description: "Instead of a supplier" },
          expires_in_seconds: { type: "integer", minimum: 1, maximum: 31_536_000, default: 604_800 },
        },
      ),
    },
    calls: {
      made: {
        summary: "For a supplier, for a day",
        body: { supplier: "acme-media", expires_in_seconds: 86_400 },
        answer: {
          status: 201,
          body: {
            data: {
              url: "http://localhost/docs/campaigns/solar?supplier=acme-media&expires=1768410000&signature=01993a52-5c1e-7c2b-a1d7-0f1d3f2b9c11",
              expires_at: "2026-01-14T17:00:00.000Z",
            },
          },
        },
      },
      not_valid: {
        summary: "For a supplier that the campaign does not have",
        body: { supplier: "nobody" },
        answer: {
          status: 400,
          body: errorExample("validation_failed", "1 field is not valid", {
            field_errors: [
              {
                field: "supplier",
                code: "not_allowed",
                message: "must be the id of a supplier of this campaign",
              },
            ],
          }),
        },
      },
    },
    replies: {
      201: {
        description: "The link.",
        schema: dataOf(objectOf({ url: { type: "string", format: "uri" }, expires_at: time })),
      },
      404: notFound("campaign"),
    },
  },
};

const PAYER: Parameter = { name: "id", in: "path", description: "The buyer's id", example: "harbor-law" };

const money: Readonly<Record<string, OperationDescription>> = {
  depositForBuyer: {
    description: "Adds to the balance of a buyer with a wallet or on credit.",
    caller: "operator",
    parameters: [PAYER],
    body: {
      schema: objectOf(
        { amount: { type: "string", description: 'Decimal text above zero, such as "500.00"' } },
        { reference: { type: ["string", "null"], maxLength: 200 } },
      ),
    },
    calls: {
      paid: {
        summary: "A payment",
        body: { amount: "500.00", reference: "invoice 17" },
        answer: {
          status: 201,
          body: {
            data: {
              id: "deposit_01k6a1npq7f9gtqf2hs6zkdsn4",
              buyer_id: "harbor-law",
              amount: "500.00",
              reference: "invoice 17",
              balance: "500.00",
              currency: "USD",
            },
          },
        },
      },
      not_valid: {
        summary: "Nothing",
        body: { amount: "0" },
        answer: {
          status: 400,
          body: errorExample("validation_failed", "1 field is not valid", {
            field_errors: [
              {
                field: "amount",
                code: "out_of_range",
                message: 'must be an amount above zero, in quotes, such as "500.00"',
              },
            ],
          }),
        },
      },
    },
    replies: {
      201: { description: "Paid in.", schema: dataOf(schemaNamed("Deposit")) },
      404: notFound("buyer"),
      409: {
        description: "The buyer is billed by hand, or its balance would become too large.",
        schema: ERROR,
      },
    },
  },
  getBuyerBalance: {
    description: "What a buyer has paid in and not yet spent; below zero when it owes.",
    caller: "operator",
    parameters: [PAYER],
    calls: {
      balance: {
        summary: "A buyer on credit that has bought nothing yet",
        answer: {
          status: 200,
          body: {
            data: {
              buyer_id: "harbor-law",
              billing: "credit",
              balance: "0.00",
              credit_limit: "25000.00",
              currency: "USD",
            },
          },
        },
      },
    },
    replies: {
      200: { description: "The balance.", schema: dataOf(schemaNamed("Balance")) },
      404: notFound("buyer"),
    },
  },
};

/** What operators ask and order. */
export const operatorOperations: Readonly<Record<string, OperationDescription>> = {
  ...configuration,
  ...resourceOperations,
  ...historyOperations,
  ...keys,
  ...keyOperations,
  ...suppressionOperations,
  ...pnlOperations,
  ...leads,
  ...deliveries,
  ...recipient("buyer", {
    secret: "rotateBuyerSecret",
    recover: "recoverBuyerDeliveries",
    test: "testBuyerDelivery",
    resume: "resumeBuyerDeliveries",
  }),
  ...money,
  ...docsLinks,
  ...installationOperations,
  ...erasureOperations,
  ...seeingOperations,
  ...recipient("webhook", {
    secret: "rotateWebhookSecret",
    recover: "recoverWebhookDeliveries",
    test: "testWebhook",
    resume: "resumeWebhookDeliveries",
  }),
};
