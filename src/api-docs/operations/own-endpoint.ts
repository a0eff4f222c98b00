import { dataOf, errorExample, type OperationDescription, schemaNamed } from "#api-docs/description.ts";

const ERROR = schemaNamed("Error");

const testOwnEndpoint: OperationDescription = {
  description: `What the button on a buyer's page \`/docs/webhooks\` does. The query is that of the link, which an operator makes by
\`POST /api/v1/admin/campaigns/{id}/docs-link\` and which opens nothing else.

One \`webhook.test\` goes to the buyer's endpoint, signed as its leads are and with nothing of any person in it; it is not tried again. The answer
says what the endpoint answered. Five may follow each other a second apart, then one in ten seconds.`,
  caller: "anybody",
  parameters: [
    { name: "campaign", in: "query", description: "Of the link" },
    { name: "buyer", in: "query", description: "Of the link" },
    { name: "expires", in: "query", description: "Of the link, in Unix seconds" },
    { name: "signature", in: "query", description: "Of the link" },
  ],
  calls: {
    no_link: {
      summary: "Without a link",
      answer: { status: 404, body: errorExample("not_found", "This link is not valid, or it has expired.") },
    },
  },
  replies: {
    200: {
      description: "It was sent, whatever the endpoint made of it.",
      schema: dataOf(schemaNamed("TestedEndpoint")),
      examples: {
        taken: {
          summary: "The endpoint takes it",
          value: {
            data: {
              delivery_id: "delivery_01k6a1npq7f9gtqf2hs6zkdsn4",
              verdict: "accepted",
              http_status: 200,
              failure: null,
              duration_ms: 48,
              excerpt: '{"status":"ok"}',
              message: "The answer was 200, after 48 ms. A lead with this answer counts as delivered.",
            },
          },
        },
        nobody_there: {
          summary: "Nobody listens",
          value: {
            data: {
              delivery_id: "delivery_01k6a1npq7f9gtqf2hs6zkdsn4",
              verdict: "error",
              http_status: null,
              failure: "connect_failed",
              duration_ms: 1,
              excerpt: null,
              message: "Nobody listens at the endpoint. A lead would be tried again.",
            },
          },
        },
      },
    },
    404: {
      description: "The link is not valid, has expired, or its buyer is no longer in the campaign.",
      schema: ERROR,
    },
    409: { description: "The buyer has no delivery yet.", schema: ERROR },
    429: { description: "Too many tests of this buyer.", schema: ERROR, headers: ["retry-after"] },
    503: {
      description: "The server stops, or its database is not available.",
      schema: ERROR,
      headers: ["retry-after"],
    },
  },
};

/** What buyers ask. */
export const buyerOperations: Readonly<Record<string, OperationDescription>> = { testOwnEndpoint };
