import { type OperationDescription, objectOf } from "#api-docs/description.ts";

const status = (...words: string[]) => objectOf({ status: { type: "string", enum: words } });

/** What monitoring asks. */
export const healthOperations: Readonly<Record<string, OperationDescription>> = {
  isAlive: {
    description: "Answers as long as the process lives; it asks nothing else.",
    caller: "anybody",
    replies: { 200: { description: "It lives.", schema: status("alive") } },
    calls: { alive: { summary: "It lives", answer: { status: 200, body: { status: "alive" } } } },
  },
  isReady: {
    description: "Whether leads can be taken in: the database answers, and the server is not being stopped.",
    caller: "anybody",
    replies: {
      200: { description: "Ready.", schema: status("ready") },
      503: { description: "Not ready, and why.", schema: status("stopping", "database_unavailable") },
    },
    calls: { ready: { summary: "Ready", answer: { status: 200, body: { status: "ready" } } } },
  },
};
