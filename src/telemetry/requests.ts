import type { Clock } from "#time/clock.ts";
import type { Observer, Tracing } from "./observer.ts";

/** Follows requests from their arrival to their answer. */
export interface Requests {
  began(request: Request): void;
  /** `route` as it is declared; undefined: there is none at that address. */
  answered(request: Request, route: string | undefined, status: number): void;
}

/** On the request itself: a WeakMap of all requests cost the collector 10 µs a lead. */
const BEGAN_AT = Symbol("began at");

interface Timed extends Request {
  [BEGAN_AT]?: number;
}

export function openRequests(observer: Observer, clock: Clock, tracing: Tracing | undefined): Requests {
  return {
    began(request: Timed) {
      request[BEGAN_AT] = clock.elapsedMs();
      tracing?.requestBegan(request);
    },
    answered(request: Timed, route, status) {
      const now = clock.elapsedMs();
      observer.requestAnswered(request.method, route, status, now - (request[BEGAN_AT] ?? now));
      tracing?.requestEnded(request, route, status);
    },
  };
}
