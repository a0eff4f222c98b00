import { readEndpointReport } from "#delivery/endpoint-reports.ts";
import { type Route, route } from "#http/route.ts";
import { count, dataOf, objectOf, textOrNull, timeOrNull, wordOf } from "#http/schema.ts";
import { reply } from "#http/words.ts";
import { isoOf } from "#time/iso.ts";
import { sendEndpointTest } from "./endpoint-test.ts";
import { ENDPOINT_TEST_REPLIES } from "./endpoint-test-words.ts";
import type { BuyerParts } from "./parts.ts";

/** How a buyer's endpoint stands, and a test of it. */
export function ownEndpointRoutes(parts: BuyerParts): Route[] {
  return [showEndpointRoute(parts), testEndpointRoute(parts)];
}

function showEndpointRoute({ database, buyers, now }: BuyerParts): Route {
  return route({
    method: "get",
    path: "/api/v1/buyer/endpoint",
    who: buyers,
    async answer({ context, caller }) {
      const own = await database.read((db) => readEndpointReport(db, `buyer:${caller.buyerId}`, now()));
      if (own === undefined) return context.json(200, { data: { ...NO_ENDPOINT } });
      const { state, since, reason, nextTryAt, waiting } = own;
      const data = { state, since: isoOf(since), reason, next_try_at: isoOf(nextTryAt), waiting };
      return context.json(200, { data });
    },
    words: {
      operation: "getOwnEndpoint",
      section: "Buyers",
      summary: "How your endpoint stands",
      description:
        "Whether what is sold to this buyer reaches it, since when and why not, and what waits for it.",
      replies: { 200: reply("How it stands.", dataOf(OWN_ENDPOINT)) },
    },
  });
}

function testEndpointRoute({ buyers, test, admitTest }: BuyerParts): Route {
  return route({
    method: "post",
    path: "/api/v1/buyer/endpoint/test",
    who: buyers,
    answer: ({ context, caller }) => sendEndpointTest(context, caller.buyerId, { test, admitTest }),
    words: {
      operation: "testOwnDelivery",
      section: "Buyers",
      summary: "Have a test sent to your endpoint",
      description: `One \`webhook.test\` goes to the buyer's endpoint, signed as its leads are and with nothing of any person in it; it is
not tried again. Five may follow each other a second apart, then one in ten seconds.`,
      replies: ENDPOINT_TEST_REPLIES,
    },
  });
}

const NO_ENDPOINT = { state: "none", since: null, reason: null, next_try_at: null, waiting: 0 };

const OWN_ENDPOINT = objectOf({
  state: wordOf(
    ["up", "down", "paused", "none"],
    "down: it keeps failing, and is tried again by itself. paused: nothing is sent until the operator resumes it. none: nothing is sent.",
  ),
  since: { ...timeOrNull, description: "Since when it is not up." },
  reason: { ...textOrNull, description: "The failure that brought it there, such as timeout or http_503." },
  next_try_at: { ...timeOrNull, description: "When one that is down is tried next." },
  waiting: { ...count, description: "Deliveries that have not arrived." },
});
