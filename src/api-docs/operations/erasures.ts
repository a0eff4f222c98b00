import {
  dataOf,
  errorExample,
  type OperationDescription,
  objectOf,
  type Parameter,
  pageOf,
  schemaNamed,
} from "#api-docs/description.ts";

const ERROR = schemaNamed("Error");

const ORDER_ID = "erasure_01k6a1npq7f9gtqf2hs6zkdsn4";

const ORDER: Parameter = {
  name: "erasure",
  in: "path",
  description: "As the answer to the order said",
  example: ORDER_ID,
};

const UNDER_WAY = {
  id: ORDER_ID,
  state: "running",
  requested_at: "2026-01-13T17:00:00.000Z",
  requested_by: "master key",
  finished_at: null,
  suppress_on: "global-dnc",
  erased: { leads: 0, deliveries: 0, delivery_attempts: 0, lead_updates: 0, duplicate_keys: 0 },
  cancelled_deliveries: 0,
};

/** Forgetting people. */
export const erasureOperations: Readonly<Record<string, OperationDescription>> = {
  forgetPerson: {
    description: `Erases all that tells who a person is: whoever is found by the phone, and whoever by the e-mail, in every campaign. Give both when
you know both. What was sent in, what was sent on and answered, free text of reports and the keyed hashes of duplicates go; what was decided, the
source and all money stay. Deliveries that were not made yet are cancelled. It goes on in the background, and over restarts: look until it is \`done\`.
What buyers and webhooks have received, and backups, still tell of the person.`,
    caller: "operator",
    body: {
      schema: objectOf(
        {},
        {
          phone: { type: "string", description: "As a lead may say it" },
          email: { type: "string", format: "email" },
          country: {
            type: "string",
            pattern: "^[A-Z]{2}$",
            default: "US",
            description: "By which a phone without a country code is understood",
          },
          suppress_on: {
            type: ["string", "null"],
            description: "A suppression list that the person is put on first",
          },
        },
      ),
    },
    calls: {
      ordered: {
        summary: "A person, who is not to come again",
        body: { phone: "(512) 555-0199", email: "ada@example.com", suppress_on: "global-dnc" },
        answer: { status: 202, body: { data: UNDER_WAY } },
      },
      nobody: {
        summary: "Nobody",
        body: {},
        answer: {
          status: 400,
          body: errorExample("validation_failed", "1 field is not valid", {
            field_errors: [{ field: "phone", code: "required", message: "is required, or email" }],
          }),
        },
      },
    },
    replies: {
      202: { description: "It is under way.", schema: dataOf(schemaNamed("Erasure")) },
      404: { description: "There is no such suppression list.", schema: ERROR },
    },
  },
  listErasures: {
    description: "The orders to forget people, newest first. Nothing in them says whom they were about.",
    caller: "operator",
    parameters: [
      {
        name: "state",
        in: "query",
        description: "How far they are",
        schema: { type: "string", enum: ["running", "done"] },
      },
    ],
    calls: {
      none: { summary: "None yet", answer: { status: 200, body: { data: [], next_cursor: null } } },
    },
    replies: { 200: { description: "A page of them.", schema: pageOf(schemaNamed("Erasure")) } },
  },
  getErasure: {
    description: "How far an order is, and what was erased so far, in rows.",
    caller: "operator",
    parameters: [ORDER],
    calls: {
      no_such_erasure: {
        summary: "There is none with this id",
        answer: { status: 404, body: errorExample("not_found", "There is no such erasure.") },
      },
    },
    replies: {
      200: { description: "The order.", schema: dataOf(schemaNamed("Erasure")) },
      404: { description: "There is no such erasure.", schema: ERROR },
    },
  },
};
