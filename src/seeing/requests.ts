import type { Clock } from "#clock.ts";
import type { Observer, Tracing } from "#observer.ts";

/** Follows requests from their arrival to their answer. */
export interface Requests {
  began(request: Request): void;
  /** `route` as it is declared; undefined: there is none at that address. */
  answered(request: Request, route: string | undefined, status: number): void;
}

export function openRequests(observer: Observer, clock: Clock, tracing: Tracing | undefined): Requests {
  const beganAt = new WeakMap<Request, number>();
  return {
    began(request) {
      beganAt.set(request, clock.elapsedMs());
      tracing?.requestBegan(request);
    },
    answered(request, route, status) {
      const now = clock.elapsedMs();
      observer.requestAnswered(request.method, route, status, now - (beganAt.get(request) ?? now));
      tracing?.requestEnded(request, route, status);
    },
  };
}
