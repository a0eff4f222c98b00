import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createDailyBytes } from "#access/daily-bytes.ts";
import { createLimiter, createSharedLimits } from "#access/limit.ts";
import { createLoginThrottle } from "#access/login-throttle.ts";
import { type Count, openSharedCounts, type SharedCounts } from "#access/shared-counts.ts";

/** Two copies, which are told what the other counted when the test says so. */
function twoCopies() {
  const due: (() => void)[] = [];
  const clock = {
    after(_ms: number, run: () => void) {
      due.push(run);
      return () => undefined;
    },
  };
  const sent: (readonly Count[])[] = [];
  const copies: SharedCounts[] = [0, 1].map((index) =>
    openSharedCounts((counts) => {
      sent.push(counts);
      // As between processes: nothing is shared but what is said.
      copies[1 - index]?.receive(JSON.parse(JSON.stringify(counts)) as Count[]);
    }, clock),
  );
  return {
    copies: copies as [SharedCounts, SharedCounts],
    sent,
    exchange() {
      for (const tell of due.splice(0)) tell();
    },
  };
}

describe("copies of a server", () => {
  test("let in together what one would let in, when they are told of each request", () => {
    const limitOf = fc.record({
      perSecond: fc.integer({ min: 1, max: 20 }),
      burstPerSecond: fc.integer({ min: 1, max: 40 }),
      burstSeconds: fc.integer({ min: 1, max: 10 }),
    });
    const requests = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.boolean()), { maxLength: 300 });
    fc.assert(
      fc.property(limitOf, requests, (limit, each) => {
        let now = 0;
        const { copies, exchange } = twoCopies();
        const both = copies.map((counts) =>
          createSharedLimits({ of: "ingest", counts, elapsedMs: () => now }),
        );
        const alone = createLimiter(limit);
        for (const [pause, isSecond] of each) {
          now += pause;
          const limiter = both[isSecond ? 1 : 0]?.of("acme", limit).limiter;
          expect(limiter?.admit(now)).toEqual(alone.admit(now));
          exchange();
        }
      }),
    );
  });

  test("tell what is alike together, and nothing while nothing is counted", () => {
    const { copies, sent, exchange } = twoCopies();
    const limit = { perSecond: 10, burstPerSecond: 100, burstSeconds: 5 };
    const [first] = copies.map((counts) => createSharedLimits({ of: "ingest", counts, elapsedMs: () => 0 }));
    for (let request = 0; request < 5; request++) first?.of("acme", limit).limiter.admit(0);
    first?.of("zenith", limit).limiter.admit(0, 3);
    exchange();
    exchange();
    expect(sent).toEqual([
      [
        { of: "ingest", name: "acme", times: 5, weight: 5, limit },
        { of: "ingest", name: "zenith", times: 1, weight: 3, limit },
      ],
    ]);
  });

  test("count log-ins that failed on any of them", async () => {
    const { copies, exchange } = twoCopies();
    const [first, second] = copies.map((counts) => createLoginThrottle(() => 0, counts));
    const fail = async () => undefined;
    for (let failure = 0; failure < 20; failure++) await first?.try("192.0.2.1", fail);
    exchange();
    expect(await second?.try("192.0.2.1", fail).catch((error: Error) => error.name)).toBe("TooManyFailures");
    expect(await second?.try("192.0.2.2", fail)).toBeUndefined();
  });

  test("count a supplier's bytes together", () => {
    const { copies, exchange } = twoCopies();
    const [first, second] = copies.map((shared) => createDailyBytes(1_000, { shared, elapsedMs: () => 0 }));
    expect(first?.take("acme", 900, 0)).toBe(0);
    exchange();
    expect(second?.take("acme", 200, 0)).toBeGreaterThan(0);
    expect(second?.take("acme", 100, 0)).toBe(0);
  });
});
