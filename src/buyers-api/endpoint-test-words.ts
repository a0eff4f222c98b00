import { OUTCOMES } from "#endpoints/answers/response-rules.ts";
import { count, dataOf, named, objectOf, text, textOrNull, wordOf } from "#http/schema.ts";
import { type Reply, refusalWords, reply } from "#http/words.ts";

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

/** What whoever has a test sent to its own endpoint is answered, by whatever way it comes. */
export const ENDPOINT_TEST_REPLIES: Readonly<Record<200 | 409 | 429 | 503, Reply>> = {
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
  409: refusalWords("The buyer has no delivery yet."),
  429: refusalWords("Too many tests of this buyer.", ["retry-after"]),
  503: refusalWords("The server stops, or its database is not available.", ["retry-after"]),
};
