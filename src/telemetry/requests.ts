import type { Clock } from "#time/clock.ts";
import type { Observer, TracedRequest, Tracing } from "./observer.ts";

/** A request that is followed from its arrival to its answer. */
export interface FollowedRequest {
  /** Undefined unless traces are collected. */
  trace: Pick<TracedRequest, "traceparent" | "callerKnown"> | undefined;
  /** `route` as it is declared; undefined: there is none at that address. */
  answered(route: string | undefined, status: number): void;
}

/** Follows requests, for metrics and traces. */
export function openRequests(
  observer: Observer,
  clock: Clock,
  tracing: Tracing | undefined,
): (request: Request) => FollowedRequest {
  return (request) => {
    const beganAt = clock.elapsedMs();
    const traced = tracing?.openRequest(request);
    return {
      trace: traced,
      answered(route, status) {
        observer.requestAnswered(request.method, route, status, clock.elapsedMs() - beganAt);
        traced?.answered(route, status);
      },
    };
  };
}
