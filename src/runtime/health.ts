import type { Database } from "#database/database.ts";
import { jsonResponse } from "#http/reply.ts";
import { anybody, type Route, route } from "#http/route.ts";
import { objectOf, wordOf } from "#http/schema.ts";
import { exampleCall, reply } from "#http/words.ts";

/** A health check should not have to wait as long as a lead may. */
const READY_WITHIN_MS = 1_000;

/** What monitoring asks. `isStopping`: whether the server takes nothing new. */
export function healthRoutes(database: Database, isStopping: () => boolean): Route[] {
  return [
    route({
      method: "get",
      path: "/livez",
      who: anybody,
      answer: () => stateReply(200, "alive"),
      words: {
        operation: "isAlive",
        section: "Health",
        summary: "Whether the process lives",
        description: "Answers as long as the process lives; it asks nothing else.",
        replies: { 200: reply("It lives.", stateOf("alive")) },
        calls: { alive: exampleCall("It lives", undefined, 200, { status: "alive" }) },
      },
    }),
    route({
      method: "get",
      path: "/readyz",
      who: anybody,
      async answer() {
        const why = isStopping() ? "stopping" : await whyNotReady(database);
        return why === undefined ? stateReply(200, "ready") : stateReply(503, why);
      },
      words: {
        operation: "isReady",
        section: "Health",
        summary: "Whether leads can be taken in",
        description:
          "Whether leads can be taken in: the database answers, and the server is not being stopped.",
        replies: {
          200: reply("Ready.", stateOf("ready")),
          503: reply("Not ready, and why.", stateOf("stopping", "database_unavailable")),
        },
        calls: { ready: exampleCall("Ready", undefined, 200, { status: "ready" }) },
      },
    }),
  ];
}

function stateOf(...words: string[]) {
  return objectOf({ status: wordOf(words) });
}

function stateReply(status: number, word: string): Response {
  return jsonResponse(status, { status: word });
}

async function whyNotReady(database: Database): Promise<string | undefined> {
  const { promise: tooLate, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve("database_unavailable"), READY_WITHIN_MS);
  const asked = database.ping().then(
    () => undefined,
    () => "database_unavailable",
  );
  try {
    return await Promise.race([asked, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
