import {
  dataOf,
  errorExample,
  type OperationDescription,
  objectOf,
  type Parameter,
  schemaNamed,
} from "#api-docs/description.ts";
import { LIMITED, OVER_LIMIT } from "#api-docs/rate-limit.ts";
import { LEAD_OF_YOURS, reportOperations } from "./lead-updates.ts";
import { pingOperations, TOKEN_RULES } from "./pings.ts";

/** A lead that the demo set-up accepts at any hour: only one buyer of it takes leads from Florida. */
const ADA = {
  flo_campaign_id: "solar",
  flo_supplier_id: "acme-media",
  first_name: "Ada",
  last_name: "Lovelace",
  phone: "(305) 555-0147",
  email: "ada@example.com",
  state: "FL",
  zip_code: "33101",
  homeowner: true,
  roof_age: 12,
};

const LEAD_ID = "lead_01k6a1npq7f9gtqf2hs6zkdsn4";

/** What a lead of the campaign `solar` came to. */
function outcome(status: string, buyerId: string | null, more: Readonly<Record<string, unknown>> = {}) {
  return { id: LEAD_ID, status, buyer_id: buyerId, campaign_id: "solar", ...more };
}

const { state: _state, zip_code: _zip, ...WITHOUT_STATE_AND_ZIP } = ADA;

const LEAD_ANSWER = objectOf({ data: schemaNamed("LeadData") }, { trace: schemaNamed("DryRunTrace") });
const ERROR = schemaNamed("Error");

const IDEMPOTENCY_KEY: Parameter = {
  name: "idempotency-key",
  in: "header",
  description:
    "1 to 255 printable ASCII characters, quoted or bare. The same key and body within 24 hours get the first answer again; use one whenever you may have to send a lead a second time.",
  schema: { type: "string", minLength: 1, maxLength: 257 },
};

const DRY_RUN: Parameter = {
  name: "dry_run",
  in: "query",
  description:
    "`true`: the same answer, with the trace of every check, but nothing is recorded or counted and no buyer is asked. The id in it is of no lead.",
  schema: { type: "string", enum: ["true", "false"], default: "false" },
};

/** A lead of the demo's campaign that is pinged first. */
const AFTER_A_PING = {
  flo_campaign_id: "auto-accident",
  flo_supplier_id: "acme-media",
  first_name: "Grace",
  last_name: "Hopper",
  phone: "(305) 555-0148",
  email: "grace@example.com",
  case_type: "auto",
  incident_date: "2026-01-05",
  injured: true,
  state: "FL",
};

/** The answer to a lead whose `flo_ping_id` is not good for it. */
function pingRefused(code: string, message: string) {
  return errorExample("validation_failed", "1 field is not valid", {
    field_errors: [{ field: "flo_ping_id", code, message }],
  });
}

/** What is said of leads to any campaign. */
export const LEAD_CHECKS = `Takes a lead in and says at once what became of it.

The checks, in this order: key, rate limit, body, campaign and link, the campaign's fields, filters, suppression lists, duplicates, the ping's token
where there is one, buyers. All fields that are wrong are named at once. What was accepted is on disk before the answer is sent. A **503** means that
nothing was taken in: send the lead again.`;

const ingestLead: OperationDescription = {
  description: `${LEAD_CHECKS}

In a campaign that is pinged first: ${TOKEN_RULES}`,
  caller: "supplier",
  parameters: [DRY_RUN, IDEMPOTENCY_KEY],
  body: {
    schema: schemaNamed("Lead"),
    mediaTypes: ["application/json", "application/x-www-form-urlencoded"],
    description: "At most 256 KiB, 8 deep and 200 keys.",
  },
  calls: {
    accepted: {
      summary: "A lead that a buyer takes",
      body: ADA,
      answer: { status: 201, body: { data: outcome("ACCEPTED", "national-solar") } },
    },
    not_valid: {
      summary: "Fields missing or malformed",
      body: { ...WITHOUT_STATE_AND_ZIP, phone: "555" },
      answer: {
        status: 400,
        body: errorExample("validation_failed", "3 fields are not valid", {
          field_errors: [
            {
              field: "phone",
              code: "invalid_format",
              message: "Phone must be a telephone number (US, or with + and country code)",
            },
            { field: "state", code: "required", message: "State is required" },
            { field: "zip_code", code: "required", message: "ZIP code is required" },
          ],
        }),
      },
    },
    not_pinged: {
      summary: "Without the ping that the campaign asks for",
      body: AFTER_A_PING,
      answer: {
        status: 400,
        body: pingRefused("required", "flo_ping_id is required: this campaign is pinged first"),
      },
    },
    another_supplier: {
      summary: "In the name of another supplier",
      body: { ...ADA, flo_supplier_id: "brightside-leads" },
      answer: {
        status: 403,
        body: errorExample("forbidden", "The API key belongs to another supplier than flo_supplier_id."),
      },
    },
    no_such_campaign: {
      summary: "To a campaign that does not exist",
      body: { ...ADA, flo_campaign_id: "wind" },
      answer: { status: 404, body: errorExample("campaign_not_found", "There is no such campaign.") },
    },
    filtered: {
      summary: "A lead that the campaign does not want",
      body: { ...ADA, homeowner: false },
      answer: {
        status: 422,
        body: errorExample("filtered", "The lead does not pass the campaign's filters.", {
          filter_errors: [
            {
              rule: "campaign.filter",
              field: "homeowner",
              code: "eq",
              message: "homeowner must be true",
            },
          ],
          data: outcome("REJECTED", null),
        }),
      },
    },
    suppressed: {
      summary: "A person who does not want to be called",
      body: { ...ADA, phone: "(512) 555-0101" },
      answer: {
        status: 422,
        body: errorExample("suppressed", "The person is on a suppression list of the campaign.", {
          filter_errors: [
            {
              rule: "suppression_lists.global-dnc",
              field: "phone",
              code: "suppressed",
              message: "phone is on a suppression list",
            },
          ],
          data: outcome("REJECTED", null),
        }),
      },
    },
  },
  replies: {
    200: {
      description:
        "Valid, and on record, but nobody got it: no buyer can take it, or it repeats an earlier lead.",
      schema: LEAD_ANSWER,
      headers: [...LIMITED, "idempotent-replayed"],
      examples: {
        duplicate: { summary: "The same lead again", value: { data: outcome("DUPLICATE", null) } },
        dry_run: {
          summary: "A dry run that no buyer can take",
          value: {
            data: outcome("UNMATCHED", null, { dry_run: true }),
            trace: [
              { check: "access", result: "passed" },
              { check: "fields", result: "passed" },
              { check: "filters", result: "passed" },
              { check: "suppression", result: "passed" },
              { check: "duplicates", result: "passed" },
              { check: "buyers", result: "ended", detail: { reason: "supplier_cap" } },
            ],
          },
        },
        unmatched: { summary: "No buyer can take it", value: { data: outcome("UNMATCHED", null) } },
      },
    },
    201: {
      description:
        "Accepted: a buyer has it. With `duplicate: true` it repeats an earlier lead and went to the buyer of that one.",
      schema: LEAD_ANSWER,
      headers: [...LIMITED, "idempotent-replayed"],
      examples: {
        after_a_ping: {
          summary: "After a ping, at the price that it was promised",
          value: {
            data: {
              ...outcome("ACCEPTED", "harbor-law"),
              campaign_id: "auto-accident",
              price: "165.00",
              currency: "USD",
            },
          },
        },
        several_buyers: {
          summary: "Where a lead may be sold to several buyers",
          value: {
            data: {
              ...outcome("ACCEPTED", "national-solar"),
              sales: [
                { buyer_id: "national-solar", price: "15.00" },
                { buyer_id: "sunbelt-energy", price: "10.00" },
              ],
            },
          },
        },
      },
    },
    400: {
      description: "The body could not be read, or a field of it is not valid.",
      schema: ERROR,
      examples: {
        ping_invalid: {
          summary: "A token that is none",
          value: pingRefused("invalid", "flo_ping_id is not the ping_id of a ping's answer"),
        },
        ping_expired: {
          summary: "The ping is too old",
          value: pingRefused("expired", "the ping has expired; ping again"),
        },
        ping_mismatch: {
          summary: "Another lead than was pinged",
          value: pingRefused("mismatch", "not as it was pinged: state"),
        },
        ping_replayed: {
          summary: "The ping was used before",
          value: pingRefused("replayed", "the ping has bought its lead already; ping again"),
        },
      },
    },
    403: {
      description:
        "The key is another supplier's, the supplier is not linked to the campaign (`forbidden`), or one of them is paused (`inactive`).",
      schema: ERROR,
      headers: LIMITED,
      examples: {
        paused: {
          summary: "The campaign is paused",
          value: errorExample("inactive", "The campaign is paused."),
        },
      },
    },
    404: { description: "There is no such campaign.", schema: ERROR, headers: LIMITED },
    409: {
      description: "The first request with this Idempotency-Key is not answered yet.",
      schema: ERROR,
      headers: [...LIMITED, "retry-after"],
    },
    422: {
      description:
        "A filter or a suppression list turned the lead away (it is on record as REJECTED, under the id in `data`), or the Idempotency-Key came with another body before.",
      schema: ERROR,
      headers: LIMITED,
    },
    429: OVER_LIMIT,
  },
};

const getLead: OperationDescription = {
  description: "What a supplier may know of a lead that it sent. Another supplier's lead is not found.",
  caller: "supplier",
  parameters: [{ name: "id", in: "path", description: "As the answer to the lead said", example: LEAD_ID }],
  calls: {
    not_yours: {
      summary: "No lead of this supplier",
      answer: { status: 404, body: errorExample("not_found", "There is no such lead.") },
    },
  },
  replies: {
    200: {
      description: "The lead.",
      schema: dataOf(schemaNamed("LeadForSupplier")),
      headers: LIMITED,
      examples: {
        accepted: {
          summary: "A lead that was accepted",
          value: {
            data: LEAD_OF_YOURS,
          },
        },
      },
    },
    404: { description: "No lead of this supplier.", schema: ERROR, headers: LIMITED },
    429: OVER_LIMIT,
  },
};

/** What suppliers ask and send. */
export const supplierOperations: Readonly<Record<string, OperationDescription>> = {
  ...pingOperations,
  ingestLead,
  getLead,
  ...reportOperations,
};
