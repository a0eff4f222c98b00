import { ENDPOINT_TEST_REPLIES } from "#buyers-api/endpoint-test-words.ts";
import { missingCall, refusalWords, type Words } from "#http/words.ts";

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
    ...ENDPOINT_TEST_REPLIES,
    404: refusalWords("The link is not valid, has expired, or its buyer is no longer in the campaign."),
  },
};
