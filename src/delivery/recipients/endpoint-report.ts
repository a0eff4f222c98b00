import { nextProbeAt } from "./breaker.ts";
import type { StoredEndpoint } from "./endpoint-records.ts";

/** How an endpoint stands, for who wonders why nothing arrives. Times in ms since 1970. */
export interface EndpointStanding {
  state: "up" | "down" | "paused";
  /** Since when it is not up; null: it is, or that is not on record. */
  since: number | null;
  /** The failure that brought it there, such as `timeout` or `http_503`. */
  reason: string | null;
  /** When it is tried next; null: at any time, or not before an operator resumes it. */
  nextTryAt: number | null;
}

/** How a stored endpoint stands; undefined: nothing is known against it. */
export function endpointStanding(stored: StoredEndpoint | undefined): EndpointStanding {
  if (stored === undefined) return UP;
  const { breaker, pausedAt } = stored;
  const reason = breaker.reason ?? null;
  if (pausedAt !== null) return { state: "paused", since: pausedAt, reason, nextTryAt: null };
  if (breaker.state === "closed") return UP;
  const since = breaker.downSince ?? (breaker.state === "open" ? breaker.openedAt : null);
  return { state: "down", since, reason, nextTryAt: nextProbeAt(breaker) };
}

const UP: EndpointStanding = { state: "up", since: null, reason: null, nextTryAt: null };
