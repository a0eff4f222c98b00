import type { ReplyFieldCode } from "#http/reply.ts";
import { DRY_RUN_TRACE, objectOf, UNKNOWN_FIELDS } from "#http/schema.ts";
import {
  errorExample,
  exampleCall,
  invalidCall,
  invalidExample,
  refusalWords,
  reply,
  type Words,
} from "#http/words.ts";
import { LEAD_CHECKS, LEAD_DATA, LIMITED, OVER_LIMIT, TOKEN_RULES } from "#intake/supplier-words.ts";

/** A lead that the demo set-up accepts at any hour: only one buyer of it takes leads from Florida. */
export const ADA = {
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

const { state: _state, zip_code: _zip, ...WITHOUT_STATE_AND_ZIP } = ADA;

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

/** What a lead of the campaign `solar` came to. */
export function outcome(
  status: string,
  buyerId: string | null,
  more: Readonly<Record<string, unknown>> = {},
) {
  return {
    id: "lead_01k6a1npq7f9gtqf2hs6zkdsn4",
    status,
    buyer_id: buyerId,
    campaign_id: "solar",
    ...more,
  };
}

/** The answer to a lead whose `flo_ping_id` is not good for it. */
function pingRefused(code: ReplyFieldCode, message: string) {
  return invalidExample(["flo_ping_id", code, message]);
}

/** A lead that is on record as REJECTED, by this rule. */
function rejectedCall(
  summary: string,
  sent: object,
  error: "filtered" | "suppressed",
  message: string,
  by: { rule: string; field: string; code: string; message: string },
) {
  const details = { filter_errors: [by], data: outcome("REJECTED", null) };
  return exampleCall(summary, sent, 422, errorExample(error, message, details));
}

const LEAD_ANSWER = objectOf({ data: LEAD_DATA }, { trace: DRY_RUN_TRACE, unknown_fields: UNKNOWN_FIELDS });

/** What the document says of `POST /api/v1/ingest`. */
export const INGEST_WORDS: Words = {
  operation: "ingestLead",
  section: "Suppliers",
  summary: "Send a lead",
  description: `${LEAD_CHECKS}

In a campaign that is pinged first: ${TOKEN_RULES}`,
  headers: {
    "idempotency-key": {
      description: `1 to 255 printable ASCII characters, quoted or bare. The same key and body within 24 hours get the first answer
again; use one whenever you may have to send a lead a second time.`,
      schema: { type: "string", minLength: 1, maxLength: 257 },
    },
  },
  calls: {
    accepted: exampleCall("A lead that a buyer takes", ADA, 201, {
      data: outcome("ACCEPTED", "national-solar"),
    }),
    not_valid: invalidCall(
      "Fields missing or malformed",
      { ...WITHOUT_STATE_AND_ZIP, phone: "555" },
      ["phone", "invalid_format", "Phone must be a telephone number (US, or with + and country code)"],
      ["state", "required", "State is required"],
      ["zip_code", "required", "ZIP code is required"],
    ),
    not_pinged: exampleCall(
      "Without the ping that the campaign asks for",
      AFTER_A_PING,
      400,
      pingRefused("required", "flo_ping_id is required: this campaign is pinged first"),
    ),
    another_supplier: exampleCall(
      "In the name of another supplier",
      { ...ADA, flo_supplier_id: "brightside-leads" },
      403,
      errorExample("forbidden", "The API key belongs to another supplier than flo_supplier_id."),
    ),
    no_such_campaign: exampleCall(
      "To a campaign that does not exist",
      { ...ADA, flo_campaign_id: "wind" },
      404,
      errorExample("campaign_not_found", "There is no such campaign."),
    ),
    filtered: rejectedCall(
      "A lead that the campaign does not want",
      { ...ADA, homeowner: false },
      "filtered",
      "The lead does not pass the campaign's filters.",
      { rule: "campaign.filter", field: "homeowner", code: "eq", message: "Owns the home must be true" },
    ),
    suppressed: rejectedCall(
      "A person who does not want to be called",
      { ...ADA, phone: "(512) 555-0101" },
      "suppressed",
      "The person is on a suppression list of the campaign.",
      {
        rule: "suppression_lists.global-dnc",
        field: "phone",
        code: "suppressed",
        message: "phone is on a suppression list",
      },
    ),
  },
  replies: {
    200: {
      ...reply(
        "Valid, and on record, but nobody got it: no buyer can take it, or it repeats an earlier lead.",
        LEAD_ANSWER,
        [...LIMITED, "idempotent-replayed"],
      ),
      examples: {
        duplicate: { summary: "The same lead again", value: { data: outcome("DUPLICATE", null) } },
        dry_run: {
          summary: "A dry run that no buyer can take",
          value: {
            data: outcome("UNMATCHED", null, { dry_run: true }),
            trace: [
              ...["access", "fields", "filters", "suppression", "duplicates"].map((check) => ({
                check,
                result: "passed",
              })),
              { check: "buyers", result: "ended", detail: { reason: "supplier_cap" } },
            ],
          },
        },
        unmatched: { summary: "No buyer can take it", value: { data: outcome("UNMATCHED", null) } },
      },
    },
    201: {
      ...reply(
        "Accepted: a buyer has it. With `duplicate: true` it repeats an earlier lead and went to the buyer of that one.",
        LEAD_ANSWER,
        [...LIMITED, "idempotent-replayed"],
      ),
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
            data: outcome("ACCEPTED", "national-solar", {
              sales: [
                { buyer_id: "national-solar", price: "15.00" },
                { buyer_id: "sunbelt-energy", price: "10.00" },
              ],
            }),
          },
        },
      },
    },
    202: {
      ...reply(
        "Taken in and put aside: a person decides what becomes of it. Look it up later, or wait for what it brings.",
        LEAD_ANSWER,
        [...LIMITED, "idempotent-replayed"],
      ),
      examples: { held: { summary: "A lead that is put aside", value: { data: outcome("HELD", null) } } },
    },
    400: {
      ...refusalWords("The body could not be read, or a field of it is not valid."),
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
      ...refusalWords(
        "The key is another supplier's, the supplier is not linked to the campaign (`forbidden`), or one of them is paused (`inactive`).",
        LIMITED,
      ),
      examples: {
        paused: {
          summary: "The campaign is paused",
          value: errorExample("inactive", "The campaign is paused."),
        },
      },
    },
    404: refusalWords("There is no such campaign.", LIMITED),
    409: refusalWords("The first request with this Idempotency-Key is not answered yet.", [
      ...LIMITED,
      "retry-after",
    ]),
    422: refusalWords(
      `A filter, a check by others or a suppression list turned the lead away (it is on record as REJECTED, under the id
in \`data\`), or the Idempotency-Key came with another body before.`,
      LIMITED,
    ),
    429: OVER_LIMIT,
  },
};

const NOT_KNOWN = "This posting URL is not known, or it was revoked or has expired.";

/** What the document says of `POST /api/v1/ingest/u/{token}`. */
export const POSTING_WORDS: Words = {
  operation: "postLead",
  section: "Suppliers",
  summary: "Send a lead to a posting URL",
  description: `The same as \`POST /api/v1/ingest\`, for senders that can set no header, such as form builders and ad platforms:
the address, which an operator makes for a supplier, has a key of its own in it. \`flo_supplier_id\` need not be sent, nor
\`flo_campaign_id\` where the address was made for one campaign.`,
  params: {
    token: {
      description: "The key in the address",
      example: "lg_url_0123456789abcdefghijklmnopqrstuv1Xw2Yz",
    },
  },
  calls: {
    not_known: exampleCall("To an address that is none", ADA, 401, errorExample("unauthorized", NOT_KNOWN)),
  },
  replies: { ...INGEST_WORDS.replies, 401: refusalWords(NOT_KNOWN) },
};
