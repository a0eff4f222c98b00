import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createLimiter, createLimits, policyOf, weightOf } from "#access/limit.ts";

const INGEST = { perSecond: 100, burstPerSecond: 200, burstSeconds: 10 };

/** How many of `offered` requests at each of these moments (ms) get in. */
function admitted(limit: typeof INGEST, moments: readonly number[], offered: number): number[] {
  const limiter = createLimiter(limit);
  return moments.map((now) => {
    let count = 0;
    for (let i = 0; i < offered; i++) if (limiter.admit(now).admitted) count += 1;
    return count;
  });
}

/** Sums by second of requests that are offered one at each of these moments. */
function admittedPerSecond(limit: typeof INGEST, stepMs: number, seconds: number): number[] {
  const limiter = createLimiter(limit);
  const counts = new Array<number>(seconds).fill(0);
  for (let now = 0; now < seconds * 1000; now += stepMs) {
    const second = Math.floor(now / 1000);
    if (limiter.admit(now).admitted) counts[second] = (counts[second] ?? 0) + 1;
  }
  return counts;
}

describe("what a request weighs", () => {
  test.each([
    [0, 1],
    [4_000, 1],
    [8 * 1024, 1],
    [8 * 1024 + 1, 2],
    [256 * 1024, 32],
  ])("a body of %j bytes weighs %i", (bytes, weight) => expect(weightOf(bytes)).toBe(weight));

  test("the heaviest requests get in a thirty-second as often as light ones, and light ones are let in between", () => {
    const limiter = createLimiter(INGEST);
    let heavy = 0;
    for (let now = 0; now < 100_000; now += 10) if (limiter.admit(now, 32).admitted) heavy += 1;
    // 1,000 from rest, then 100 a second.
    expect(heavy).toBeGreaterThan(300);
    expect(heavy).toBeLessThanOrEqual(Math.ceil((1_001 + 100 * 100) / 32));
  });

  test("what turns out to weigh more is taken from what comes next, and no more is owed than there is from rest", () => {
    const limiter = createLimiter(INGEST);
    limiter.admit(0);
    limiter.charge(1_000);
    expect(limiter.admit(0).admitted).toBe(false);
    expect(limiter.admit(1_000).admitted).toBe(true);
    limiter.charge(1_000_000);
    expect(limiter.admit(5_000).admitted).toBe(false);
    expect(limiter.admit(12_000).admitted).toBe(true);
  });

  test("a request that weighs more than all that a supplier may send still gets in, when nothing else did", () => {
    const limiter = createLimiter({ perSecond: 0.1, burstPerSecond: 1, burstSeconds: 1 });
    expect(limiter.admit(0, 32).admitted).toBe(true);
    const refused = limiter.admit(1_000, 1);
    expect(refused.admitted).toBe(false);
    expect(limiter.admit(1_000 + refused.retryAfter * 1_000, 1).admitted).toBe(true);
  });
});

describe("a supplier's rate limit", () => {
  test("a supplier's rate limit lets 200 a second in for ten seconds and then 100 a second, for evenly spaced requests", () => {
    expect(admittedPerSecond(INGEST, 1, 14)).toEqual([
      ...new Array<number>(10).fill(200),
      100,
      100,
      100,
      100,
    ]);
  });

  test("a supplier's rate limit lets the same number in when the requests of each second come at once", () => {
    const seconds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((second) => second * 1000);
    expect(admitted(INGEST, seconds, 300)).toEqual(new Array<number>(10).fill(200));
  });

  test("a supplier's rate limit gives half a second's worth back in half a second, and a quarter's in a quarter", () => {
    const burst = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((second) => second * 1000);
    expect(admitted(INGEST, [...burst, 10_500, 10_750], 300).slice(-2)).toEqual([50, 25]);
  });

  test("a supplier's rate limit never slows a supplier that stays at the steady rate", () => {
    expect(admittedPerSecond(INGEST, 10, 60)).toEqual(new Array<number>(60).fill(100));
  });

  test("a supplier's rate limit has its whole burst again after a rest", () => {
    const limiter = createLimiter(INGEST);
    for (let now = 0; now < 20_000; now += 1) limiter.admit(now);
    let after = 0;
    for (let now = 40_000; now < 50_000; now += 1) if (limiter.admit(now).admitted) after += 1;
    expect(after).toBe(2000);
  });

  test("a supplier's rate limit says after how many whole seconds to come back, and a request then gets in", () => {
    fc.assert(
      fc.property(
        fc.record({
          perSecond: fc.integer({ min: 1, max: 20 }),
          burstPerSecond: fc.integer({ min: 1, max: 40 }),
          burstSeconds: fc.integer({ min: 1, max: 10 }),
        }),
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 300 }),
        (limit, pauses) => {
          const limiter = createLimiter(limit);
          let now = 0;
          for (const pause of pauses) {
            now += pause;
            const { admitted: isIn, retryAfter } = limiter.admit(now);
            if (isIn) continue;
            expect(retryAfter).toBeGreaterThanOrEqual(1);
            expect(limiter.admit(now + retryAfter * 1000).admitted).toBe(true);
            return;
          }
        },
      ),
    );
  });

  test("a supplier's rate limit admits at most the burst rate in any one second, whatever comes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 400 }),
        (burstPerSecond, pauses) => {
          const limiter = createLimiter({ perSecond: 10, burstPerSecond, burstSeconds: 5 });
          const times: number[] = [];
          let now = 0;
          for (const pause of pauses) {
            now += pause;
            if (limiter.admit(now).admitted) times.push(now);
          }
          for (const start of times) {
            const inTheSecond = times.filter((time) => time >= start && time < start + 1000).length;
            expect(inTheSecond).toBeLessThanOrEqual(burstPerSecond);
          }
        },
      ),
    );
  });

  test("a supplier's rate limit tells its policy and what is left in the header's form", () => {
    expect(policyOf(INGEST)).toBe('"sustained";q=1000;w=10, "burst";q=200;w=1');
    expect(createLimiter(INGEST).admit(0).remaining).toMatch(/^"sustained";r=\d+;t=\d+$/);
  });

  test("a supplier's rate limit may be a fraction: it is never exceeded, and lets its share in however small it is", () => {
    const slow = { perSecond: 0.01, burstPerSecond: 0.02, burstSeconds: 10 };
    expect(admittedPerSecond(slow, 1000, 400).reduce((sum, count) => sum + count)).toBe(4);
    const odd = { perSecond: 0.5, burstPerSecond: 2.5, burstSeconds: 10 };
    expect(Math.max(...admittedPerSecond(odd, 100, 60))).toBe(2);
    expect(policyOf(slow)).toBe('"sustained";q=1;w=100, "burst";q=1;w=1');
  });

  test("a supplier's rate limit is counted for each supplier by itself", () => {
    const limits = createLimits();
    const strict = { perSecond: 1, burstPerSecond: 1, burstSeconds: 1 };
    expect(limits.of("one", strict).limiter.admit(0).admitted).toBe(true);
    expect(limits.of("other", strict).limiter.admit(0).admitted).toBe(true);
    expect(limits.of("one", strict).limiter.admit(0).admitted).toBe(false);
  });

  test("a supplier's rate limit begins afresh when it is changed", () => {
    const limits = createLimits();
    limits.of("one", { perSecond: 1, burstPerSecond: 1, burstSeconds: 1 }).limiter.admit(0);
    expect(limits.of("one", INGEST).limiter.admit(0).admitted).toBe(true);
  });
});
