import { ERROR, listOf, named, objectOf } from "#http/schema.ts";
import { errorExample, exampleCall, invalidExample, refusalWords, reply, type Words } from "#http/words.ts";
import { LEAD, LEAD_DATA, LIMITED, OVER_LIMIT } from "#intake/supplier-words.ts";
import { ADA, outcome } from "./ingest-words.ts";

export const MOST_LEADS = 500;
export const MOST_BYTES = 2 * 1024 * 1024;

/** How a batch is written. */
export const BATCH = {
  schema: objectOf({
    leads: {
      ...listOf({
        allOf: [
          LEAD,
          objectOf(
            {},
            {
              idempotency_key: {
                type: "string",
                minLength: 1,
                maxLength: 255,
                description:
                  "Of this lead, as the header Idempotency-Key would be; it is no field of the lead.",
              },
            },
          ),
        ],
      }),
      minItems: 1,
      maxItems: MOST_LEADS,
    },
  }),
  description: "At most 500 leads and 2 MiB; each lead within the limits of one that comes alone.",
};

export const BATCH_ANSWER = named(
  "BatchAnswer",
  objectOf({
    data: listOf({
      anyOf: [objectOf({ data: LEAD_DATA }), ERROR],
      properties: {
        http_status: { type: "integer", description: "What the lead would have been answered with alone." },
        idempotent_replayed: {
          const: true,
          description: "The first answer to this lead's key, given again.",
        },
      },
      required: ["http_status"],
    }),
  }),
);

/** A list without leads, and how it is answered. */
export const NO_LEADS = exampleCall(
  "No leads",
  { leads: [] },
  400,
  errorExample("malformed_body", 'The body must be { "leads": [ … ] } with 1 to 500 leads.'),
);

/** How a list is refused as a whole. */
export const NOT_TAKEN_AT_ALL = {
  400: refusalWords("The body is not a list of 1 to 500 leads: none was taken in."),
  413: refusalWords(
    "The body has more than 500 leads, one of them is larger than 256 KiB, or all than 2 MiB: none was taken in.",
  ),
};

const { phone: _phone, ...WITHOUT_PHONE } = ADA;
const GRACE = { ...WITHOUT_PHONE, first_name: "Grace", last_name: "Hopper", email: "grace@example.com" };

/** What the document says of `POST /api/v1/ingest/batch`. */
export const BATCH_WORDS: Words = {
  operation: "ingestLeads",
  section: "Suppliers",
  summary: "Send many leads",
  description: `Takes up to 500 leads in, each as if it had been sent alone to \`POST /api/v1/ingest\`: the same checks, the same
answer with its status as \`http_status\`, in the order of the list. One that fails fails alone. Each counts towards the rate limit; what
is over it is a 429 of its own, to be sent again.

An \`idempotency_key\` in a lead is that lead's, and the same whether it comes alone or in a batch. The header \`Idempotency-Key\`
stands for all others, each by its place: send the very same list again.`,
  headers: {
    "idempotency-key": {
      description: "For the leads that have none of their own, each by its place in the list.",
      schema: { type: "string", minLength: 1, maxLength: 257 },
    },
  },
  calls: {
    two: exampleCall("One that a buyer takes, and one without a phone", { leads: [ADA, GRACE] }, 200, {
      data: [
        { http_status: 201, data: outcome("ACCEPTED", "national-solar") },
        { http_status: 400, ...invalidExample(["phone", "required", "Phone is required"]) },
      ],
    }),
    none: NO_LEADS,
  },
  replies: {
    200: reply("What became of each lead.", BATCH_ANSWER, LIMITED),
    ...NOT_TAKEN_AT_ALL,
    429: OVER_LIMIT,
  },
};
