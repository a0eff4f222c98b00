import { Elysia } from "elysia";
import { discardBody } from "#http/body.ts";
import type { Log } from "#telemetry/log.ts";
import type { Observer, Tracing } from "#telemetry/observer.ts";
import { openRequests } from "#telemetry/requests.ts";
import type { Clock } from "#time/clock.ts";
import { replyToError } from "./error-reply.ts";

/** Every route refuses by itself what is too large for it, in words; beyond this Bun does, without any. */
const LARGEST_BODY = 1024 ** 3;
/** Longer than the longest asking of buyers before a supplier is answered; Bun cuts what is idle for longer. */
const IDLE_SECONDS = 60;

/** What the common part of all routes works with. */
export interface AppParts {
  observer: Observer;
  clock: Clock;
  tracing?: Tracing | undefined;
  log: Log;
  /** From then on each answer is the last on its connection. */
  isStopping(): boolean;
  /** A request has begun. */
  began(): void;
}

/** What all routes have in common: sizes and times, what is observed of a request, and how a failure is answered. */
export function createApp({ observer, clock, tracing, log, isStopping, began }: AppParts) {
  const requests = openRequests(observer, clock, tracing);
  return (
    new Elysia({
      normalize: false,
      // `reusePort`: else a second copy started by mistake silently takes half of the requests. `development`: else whatever a stream is
      // broken off with is printed.
      serve: {
        development: false,
        reusePort: false,
        maxRequestBodySize: LARGEST_BODY,
        idleTimeout: IDLE_SECONDS,
      },
    })
      .onRequest(({ request, set }) => {
        began();
        requests.began(request);
        if (isStopping()) set.headers["connection"] = "close";
      })
      // Elysia awaits a hook only if it is written as an async function.
      .mapResponse(async ({ request, route, responseValue }) => {
        requests.answered(request, route, responseValue instanceof Response ? responseValue.status : 200);
        await discardBody(request);
      })
      .onError(async ({ error, code, request }) => {
        await discardBody(request);
        const reply = replyToError(error, code, request, log);
        // Without a route there is no mapping of its response.
        if (code === "NOT_FOUND") requests.answered(request, undefined, reply.status);
        return reply;
      })
  );
}
