import { OUTCOMES } from "#endpoints/answers/response-rules.ts";
import { count, dataOf, named, objectOf, text, textOrNull, wordOf } from "#http/schema.ts";
import { missingCall, refusalWords, reply, type Words } from "#http/words.ts";

const TESTED_ENDPOINT = named(
  "TestedEndpoint",
  objectOf({
    delivery_id: text,
    verdict: wordOf(OUTCOMES, "How the answer of a lead's buyer is read."),
    http_status: { type: ["integer", "null"] },
    failure: { ...textOrNull, description: "The word for why it failed; null when it did not." },
    duration_ms: count,
    excerpt: { ...textOrNull, description: "The beginning of the endpoint's answer." },
    message: { type: "string", description: "For people." },
  }),
);

/** What the document says of `POST /docs/webhooks/test`. */
export const ENDPOINT_TEST_WORDS: Words = {
  operation: "testOwnEndpoint",
  section: "Webhooks",
  summary: "Send a test to one's own endpoint",
  description: `What the button on a buyer's page \`/docs/webhooks\` does. The query is that of the link, which an operator makes by
\`POST /api/v1/admin/campaigns/{id}/docs-link\` and which opens nothing else.

One \`webhook.test\` goes to the buyer's endpoint, signed as its leads are and with nothing of any person in it; it is
not tried again. The answer says what the endpoint answered. Five may follow each other a second apart, then one in ten
seconds.`,
  calls: { no_link: missingCall("Without a link", "This link is not valid, or it has expired.") },
  replies: {
    200: {
      ...reply("It was sent, whatever the endpoint made of it.", dataOf(TESTED_ENDPOINT)),
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
    404: refusalWords("The link is not valid, has expired, or its buyer is no longer in the campaign."),
    409: refusalWords("The buyer has no delivery yet."),
    429: refusalWords("Too many tests of this buyer.", ["retry-after"]),
    503: refusalWords("The server stops, or its database is not available.", ["retry-after"]),
  },
};
