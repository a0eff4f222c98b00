import type { Database } from "#database/database.ts";
import { type EndpointReport, readEndpointReports } from "#delivery/endpoint-reports.ts";
import { parseRecipient, type Recipient } from "#endpoints/recipient.ts";
import { type Route, route } from "#http/route.ts";
import { count, dataOf, listOf, named, objectOf, textOrNull, timeOrNull, wordOf } from "#http/schema.ts";
import { exampleCall, reply } from "#http/words.ts";
import { isoOf } from "#time/iso.ts";
import type { AdminParts } from "./parts.ts";

/** How the endpoints stand of all who are sent deliveries. */
export function endpointsRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "get",
    path: "/api/v1/admin/endpoints",
    who: operators.read,
    async answer({ context }) {
      const reports = await database.read((db) => readEndpointReports(db, now()));
      return context.json(200, { data: reports.map(listedEndpoint) });
    },
    words: {
      operation: "listEndpoints",
      section: "Operators",
      summary: "How the endpoints stand",
      description: `All who are sent deliveries: whether their endpoints are up, down or paused, since when and why, when a
down one is tried next, and what waits.`,
      calls: { endpoints: exampleCall("The demo set-up, which sends nothing", undefined, 200, { data: [] }) },
      replies: {
        200: reply("The endpoints.", dataOf(listOf(LISTED_ENDPOINT))),
      },
    },
  });
}

export const ENDPOINT = named("Endpoint", {
  ...objectOf({
    state: wordOf(
      ["up", "down", "paused"],
      "down: it keeps failing, and is tried again by itself. paused: nothing is sent until an operator resumes it.",
    ),
    since: { ...timeOrNull, description: "Since when it is not up." },
    reason: { ...textOrNull, description: "The failure that brought it there, such as timeout or http_410." },
    next_try_at: { ...timeOrNull, description: "When one that is down is tried next." },
    waiting: { ...count, description: "Deliveries that have not arrived; 10,000 of a campaign are counted." },
    oldest_due_seconds: { ...count, description: "How long the oldest has been due." },
  }),
  examples: [
    {
      state: "down",
      since: "2026-01-31T18:02:11.000Z",
      reason: "http_503",
      next_try_at: "2026-01-31T18:12:40.000Z",
      waiting: 42,
      oldest_due_seconds: 512,
    },
  ],
});

/** An endpoint, and whose it is. */
export const LISTED_ENDPOINT = named(
  "ListedEndpoint",
  objectOf({
    buyer_id: textOrNull,
    webhook_id: textOrNull,
    conversion_id: textOrNull,
    endpoint: ENDPOINT,
  }),
);

/** How a recipient's endpoint stands; null: nothing is sent to it. */
export async function endpointOf(recipient: Recipient, database: Database, now: Date) {
  const reports = await database.read((db) => readEndpointReports(db, now));
  const report = reports.find((each) => each.recipient === recipient);
  return report === undefined ? null : endpointAnswer(report);
}

/** An endpoint as it is listed. */
export function listedEndpoint(report: EndpointReport) {
  const { kind, id } = parseRecipient(report.recipient);
  return {
    buyer_id: kind === "buyer" ? id : null,
    webhook_id: kind === "webhook" ? id : null,
    conversion_id: kind === "conversion" ? id : null,
    endpoint: endpointAnswer(report),
  };
}

function endpointAnswer({ state, since, reason, nextTryAt, waiting, oldestDueSeconds }: EndpointReport) {
  return {
    state,
    since: isoOf(since),
    reason,
    next_try_at: isoOf(nextTryAt),
    waiting,
    oldest_due_seconds: oldestDueSeconds,
  };
}
