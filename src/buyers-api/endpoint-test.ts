import type { RateLimit } from "#campaigns/campaign.ts";
import type { AttemptRecord } from "#delivery/outbox/outbox-records.ts";
import type { EndpointFailure } from "#delivery/transport/failure.ts";
import type { RequestContext } from "#http/context.ts";
import { UNCACHED } from "#http/reply.ts";
import { deliveryIdOf } from "#text/ids.ts";

/** How often one buyer may have a test sent: five times in a row, a second apart, then once in ten seconds. */
export const TEST_LIMIT: RateLimit = { perSecond: 0.1, burstPerSecond: 1, burstSeconds: 5 };

/** How a test is sent. */
export interface TestSender {
  /** Sends a buyer one test. */
  test(buyerId: string): Promise<AttemptRecord | "no_delivery" | "stopping">;
  /** Counts a test of the buyer's, unless it has had too many: then in how many seconds it may have the next. */
  admitTest(buyerId: string): { admitted: boolean; retryAfter: number };
}

/** Sends a test to a buyer's endpoint at its own wish, and says what it answered. */
export async function sendEndpointTest(
  context: RequestContext,
  buyerId: string,
  { test, admitTest }: TestSender,
): Promise<Response> {
  const { admitted, retryAfter } = admitTest(buyerId);
  if (!admitted) return context.refuse("rate_limited", "These are many tests.", { retry_after: retryAfter });
  const result = await test(buyerId);
  switch (result) {
    case "no_delivery":
      return context.refuse("conflict", "Nothing is sent to this buyer yet: it has no delivery.");
    case "stopping":
      return context.refuse("unavailable", "The server stops.", { retry_after: 2 });
    default:
      return context.json(200, { data: testedEndpoint(result) }, UNCACHED);
  }
}

/** What a buyer is told of the test that it had sent to its own endpoint. */
function testedEndpoint(result: AttemptRecord) {
  return {
    delivery_id: deliveryIdOf(result.id),
    verdict: result.verdict,
    http_status: result.httpStatus,
    failure: result.failure,
    duration_ms: result.durationMs,
    excerpt: result.excerpt,
    message: inWords(result),
  };
}

function inWords({ httpStatus, durationMs, verdict, failure }: AttemptRecord): string {
  const answered = `The answer was ${httpStatus}, after ${durationMs} ms`;
  if (httpStatus === GONE) return `${answered}. Nothing more is sent until the operator resumes it.`;
  if (failure !== null) return `${FAILURES[failure as EndpointFailure["kind"]](answered)}.`;
  return `${answered}. A lead with this answer counts as ${verdict === "rejected" ? "refused" : "delivered"}.`;
}

const GONE = 410;

const AGAIN = "A lead would be tried again";

/** By the failure's kind, which an attempt is recorded with. `answered` begins a sentence about the answer that there was. */
const FAILURES: Readonly<Record<EndpointFailure["kind"], (answered: string) => string>> = {
  http_status: (answered) => `${answered}. Only a 2xx is a yes`,
  error_by_rule: (answered) => `${answered}. By the response rules that is an error`,
  no_rule_matched: (answered) => `${answered}, and no response rule says what it means`,
  mail_deferred: () => `The mail server does not take it now. ${AGAIN}`,
  mail_refused: () => "The mail server refuses it for good",
  no_endpoint: () => "There is nowhere to send it: ask the operator",
  refused_address: () => "The endpoint's address is one that is never called: ask the operator",
  dns_failure: () => `The endpoint's name was not found. ${AGAIN}`,
  connect_failed: () => `Nobody listens at the endpoint. ${AGAIN}`,
  connect_timeout: () => `No connection came about in time. ${AGAIN}`,
  tls_failure: () =>
    `The endpoint's certificate is not valid for its name, or no TLS could be agreed on. ${AGAIN}`,
  timeout: () => `The whole answer was not there in time. ${AGAIN}`,
  reset: () => `The connection ended before the whole answer was there. ${AGAIN}`,
  redirect: (answered) => `${answered}. Redirects are not followed`,
  header_too_large: () => `The answer's headers are too large. ${AGAIN}`,
  bad_answer: () => `What came back is no HTTP. ${AGAIN}`,
  interrupted: () => "This server stopped meanwhile: send the test again",
};
