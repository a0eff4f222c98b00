import type { RateLimit } from "#campaigns/campaign.ts";
import type { Count, SharedCounts } from "./shared-counts.ts";

/**
 * A supplier's rate limit: from rest `burstPerSecond` for `burstSeconds`, then `perSecond` for ever. Two gauges say just
 * that. In any one second at most `burstPerSecond` are admitted; and each takes one from an allowance that refills at
 * `perSecond` and lasts `burstSeconds` when drawn at the burst rate. During a burst, requests that come in a clump
 * count as if they were spread at the burst rate: clumped or even, the same number gets in.
 * Each server counts its own requests, and those of its other copies on the machine once it is told of them.
 */
export interface Limiter {
  /**
   * Counts one request unless it is over the limit. `now` in ms of a clock that never runs backwards. One of a greater weight than 1 is
   * still one of its second, and takes as much more of the allowance, at most all of it.
   */
  admit(now: number, weight?: number): LimitVerdict;
  /** Takes so much more for one that was admitted and turned out to weigh more; at most as much is owed as from rest is there. */
  charge(weight: number): void;
  /** Counts what was admitted elsewhere by the same limit: so many, of that weight together. */
  count(now: number, times: number, weight: number): void;
}

export interface LimitVerdict {
  admitted: boolean;
  /** Whole seconds until a request can be admitted again; 0 when this one was. */
  retryAfter: number;
  /** The `RateLimit` header's value (draft-ietf-httpapi-ratelimit-headers-10). */
  remaining: string;
}

export function createLimiter(limit: RateLimit): Limiter {
  const { perSecond, burstPerSecond, burstSeconds } = limit;
  const allowance = allowanceOf(limit);
  const mostInASecond = wholeBurstOf(limit);
  const admittedAt = new Float64Array(mostInASecond).fill(Number.NEGATIVE_INFINITY);
  let oldest = 0;
  let left = allowance;
  let countedAt = Number.NEGATIVE_INFINITY;
  let burstEndsAt = Number.NEGATIVE_INFINITY;

  /** When so many more that come now count, and what is there then. */
  function standing(now: number, times: number): { countsAt: number; available: number } {
    const spread = Math.min(countedAt + (times * 1000) / burstPerSecond, burstEndsAt);
    const countsAt = Math.max(now, countedAt, spread);
    return { countsAt, available: Math.min(allowance, left + ((countsAt - countedAt) / 1000) * perSecond) };
  }

  function charge(weight: number): void {
    left = Math.max(left - weight, -allowance);
  }

  function take(now: number, countsAt: number, rest: number): void {
    left = rest;
    countedAt = countsAt;
    admittedAt[oldest] = now;
    oldest = (oldest + 1) % mostInASecond;
  }

  return {
    admit(now, weight = 1) {
      const takes = Math.min(weight, allowance);
      const { countsAt, available } = standing(now, 1);
      const secondPassesInMs = (admittedAt[oldest] ?? Number.NEGATIVE_INFINITY) + 1000 - now;
      const refillsInMs =
        available >= takes - ROUNDING ? 0 : countsAt - now + ((takes - available) / perSecond) * 1000;
      const waitMs = Math.max(0, secondPassesInMs, refillsInMs);
      const admitted = waitMs === 0;
      if (admitted) {
        if (available === allowance) burstEndsAt = now + burstSeconds * 1000;
        take(now, countsAt, available - takes);
      }
      const remaining = Math.max(0, Math.floor(admitted ? left : available));
      return {
        admitted,
        retryAfter: Math.ceil(waitMs / 1000),
        remaining: `"sustained";r=${remaining};t=${Math.ceil((allowance - remaining) / perSecond)}`,
      };
    },
    charge,
    count(now, times, weight) {
      if (times === 0) return charge(weight);
      const { countsAt, available } = standing(now, times);
      if (available === allowance) burstEndsAt = now + burstSeconds * 1000;
      const rest = Math.max(available - weight, -allowance);
      for (let each = 0; each < Math.min(times, mostInASecond); each++) take(now, countsAt, rest);
    },
  };
}

/** What adding fractions may lose. */
const ROUNDING = 1e-6;

/** Bodies up to this weigh 1, and 1 more for each further part of it: leads have some 1 to 4 KiB, and work grows with them. */
const BYTES_OF_ONE = 8 * 1024;

/** What a request with a body of this length weighs. */
export function weightOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / BYTES_OF_ONE));
}

/** The last request of a burst comes one step before its end, and finds the refill of that step not yet there. */
function allowanceOf({ perSecond, burstPerSecond, burstSeconds }: RateLimit): number {
  const lasts = (burstPerSecond - perSecond) * burstSeconds + perSecond / burstPerSecond;
  return Math.max(lasts, perSecond, 1);
}

/** What fits in one second: of 2.5 requests two, and of less than one still one, which the allowance keeps rare enough. */
function wholeBurstOf({ burstPerSecond }: RateLimit): number {
  return Math.max(1, Math.floor(burstPerSecond));
}

/** The `RateLimit-Policy` header's value: the allowance and how long it takes to refill, then the most in one second. */
export function policyOf(limit: RateLimit): string {
  const allowance = Math.floor(allowanceOf(limit));
  return `"sustained";q=${allowance};w=${Math.ceil(allowance / limit.perSecond)}, "burst";q=${wholeBurstOf(limit)};w=1`;
}

/** The limiters of all suppliers on one route; one is begun afresh when its supplier's limit is changed. */
export interface Limits {
  of(supplierId: string, limit: RateLimit): { limiter: Limiter; policy: string };
}

/** With whom a limit's requests are counted together. */
export interface CountedWith {
  of: Count["of"];
  counts: SharedCounts;
  /** A clock that never runs backwards, in ms. */
  elapsedMs(): number;
}

/** Limits that all copies of a server keep to together. */
export function createSharedLimits({ of, counts, elapsedMs }: CountedWith): Limits {
  const limits = createLimits();
  /** By what stands for a name while its limit is the same. */
  const told = new WeakMap<object, ReturnType<Limits["of"]>>();
  counts.hear(of, ({ name, times, weight, limit }) => {
    if (limit !== undefined) limits.of(name, limit).limiter.count(elapsedMs(), times, weight);
  });
  return {
    of(name, limit) {
      const own = limits.of(name, limit);
      const known = told.get(own);
      if (known !== undefined) return known;
      const tell = (times: number, weight: number) => counts.counted({ of, name, times, weight, limit });
      const begun = { policy: own.policy, limiter: toldOf(own.limiter, tell) };
      told.set(own, begun);
      return begun;
    },
  };
}

function toldOf(limiter: Limiter, tell: (times: number, weight: number) => void): Limiter {
  return {
    ...limiter,
    admit(now, weight = 1) {
      const verdict = limiter.admit(now, weight);
      if (verdict.admitted) tell(1, weight);
      return verdict;
    },
    charge(weight) {
      limiter.charge(weight);
      tell(0, weight);
    },
  };
}

/** Of more than `most` names the one that was begun first is forgotten. */
export function createLimits(most = Number.POSITIVE_INFINITY): Limits {
  const limiters = new Map<string, { limit: RateLimit; policy: string; limiter: Limiter }>();
  return {
    of(supplierId, limit) {
      const current = limiters.get(supplierId);
      if (current?.limit === limit) return current;
      const policy = policyOf(limit);
      const limiter = current?.policy === policy ? current.limiter : createLimiter(limit);
      const begun = { limit, policy, limiter };
      limiters.set(supplierId, begun);
      if (limiters.size > most) limiters.delete(limiters.keys().next().value ?? "");
      return begun;
    },
  };
}
