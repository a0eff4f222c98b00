/**
 * Whether an endpoint is worth trying. It is plain data; times are milliseconds since 1970. Each server counts for itself while its
 * breaker is closed. A breaker that opens or closes again is stored for all servers, and its one probe is taken by replacing what is
 * stored. Those of pings are not stored: each server has its own.
 *
 * closed ──(10 requests or more in 5 minutes, 70 % of them failed)──▶ open ──(30 s later, one probe)──▶ half_open
 * half_open ──ok──▶ closed; half_open ──failed──▶ open, for twice as long as before, at most 10 minutes.
 *
 * A closed one's `reason` is why its endpoint is paused.
 */
export type Breaker =
  | { readonly state: "closed"; readonly recent: readonly Slot[]; readonly reason?: string | undefined }
  | (Down & { readonly state: "open"; readonly openedAt: number })
  | (Down & { readonly state: "half_open"; readonly probedAt: number });

/** What is known of an endpoint that keeps failing. Breakers that earlier versions stored say neither since when nor why. */
interface Down {
  readonly reopenAfterSeconds: number;
  /** When it opened for the first time; failed probes open it again. */
  readonly downSince?: number | undefined;
  /** The failure of the last attempt, such as `timeout` or `http_503`. */
  readonly reason?: string | undefined;
}

/** The attempts within one slot of 30 seconds; `slot` counts them since 1970. */
interface Slot {
  readonly slot: number;
  readonly requests: number;
  readonly failed: number;
}

const SLOT_MS = 30_000;
const SLOTS = 10;
const LEAST_REQUESTS = 10;
const FAILED_SHARE = 0.7;
const FIRST_REOPEN_SECONDS = 30;
const LAST_REOPEN_SECONDS = 600;
/** A probe whose worker died never reports. */
const PROBE_LOST_MS = 60_000;

export const CLOSED: Breaker = { state: "closed", recent: [] };

/** `probe`: one attempt may be made, by the server that is first to store `probing(…)`. `no`: not now. */
export function mayTry(breaker: Breaker, now: Date): "yes" | "probe" | "no" {
  switch (breaker.state) {
    case "closed":
      return "yes";
    case "open":
    case "half_open":
      return now.getTime() >= nextProbeAt(breaker) ? "probe" : "no";
  }
}

/** When the next probe is due, in ms since 1970. */
export function nextProbeAt(breaker: Exclude<Breaker, { state: "closed" }>): number {
  return breaker.state === "open"
    ? breaker.openedAt + breaker.reopenAfterSeconds * 1000
    : breaker.probedAt + PROBE_LOST_MS;
}

/** The breaker when somebody says that it is worth trying: of one that is not closed, a probe is due at once. */
export function dueNow(breaker: Breaker, now: Date): Breaker {
  if (breaker.state === "closed") return breaker;
  return { ...downOf(breaker), state: "open", openedAt: now.getTime() - breaker.reopenAfterSeconds * 1000 };
}

function downOf({ reopenAfterSeconds, downSince, reason }: Down): Down {
  return {
    reopenAfterSeconds,
    ...(downSince !== undefined && { downSince }),
    ...(reason !== undefined && { reason }),
  };
}

/**
 * Whether routing should pass this buyer over. False once a probe is due, because a buyer without waiting deliveries would
 * otherwise never be tried again.
 */
export function isOpen(breaker: Breaker, now: Date): boolean {
  return mayTry(breaker, now) === "no";
}

/** The breaker while its one probe is on its way. Throws a RangeError when `mayTry` does not say `probe`. */
export function probing(breaker: Breaker, now: Date): Breaker {
  if (breaker.state === "closed" || mayTry(breaker, now) !== "probe") {
    throw new RangeError("no probe is due");
  }
  return { ...downOf(breaker), state: "half_open", probedAt: now.getTime() };
}

/**
 * The breaker after an attempt. `failed` is what `isEndpointDown` says of its failure: an endpoint that answers, even to refuse
 * a lead, is `ok`. `reason`: that failure's name.
 */
export function afterAttempt(
  breaker: Breaker,
  outcome: "ok" | "failed",
  now: Date,
  reason?: string,
): Breaker {
  switch (breaker.state) {
    case "closed":
      return afterCounting(breaker.recent, outcome, now, reason);
    case "open":
      // An attempt that began before it opened: a success shows that the endpoint is back, a failure is no news.
      return outcome === "ok" ? CLOSED : breaker;
    case "half_open":
      return outcome === "ok"
        ? CLOSED
        : opened(now, {
            reopenAfterSeconds: Math.min(breaker.reopenAfterSeconds * 2, LAST_REOPEN_SECONDS),
            downSince: breaker.downSince,
            reason,
          });
  }
}

function afterCounting(
  recent: readonly Slot[],
  outcome: "ok" | "failed",
  now: Date,
  reason: string | undefined,
): Breaker {
  const slot = Math.floor(now.getTime() / SLOT_MS);
  // Servers' clocks differ a little, so a slot just ahead of ours is as good as one behind.
  const kept = recent.filter((past) => Math.abs(slot - past.slot) < SLOTS && past.slot !== slot);
  const current = recent.find((past) => past.slot === slot) ?? { slot, requests: 0, failed: 0 };
  const counted = {
    slot,
    requests: current.requests + 1,
    failed: current.failed + (outcome === "failed" ? 1 : 0),
  };
  const all = [...kept, counted];
  const requests = all.reduce((sum, { requests }) => sum + requests, 0);
  const failed = all.reduce((sum, { failed }) => sum + failed, 0);
  if (requests >= LEAST_REQUESTS && failed >= requests * FAILED_SHARE)
    return opened(now, { reopenAfterSeconds: FIRST_REOPEN_SECONDS, downSince: now.getTime(), reason });
  return { state: "closed", recent: all };
}

function opened(now: Date, down: Down): Breaker {
  return { ...downOf(down), state: "open", openedAt: now.getTime() };
}
