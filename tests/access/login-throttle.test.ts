import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createLoginThrottle, TooManyFailures } from "#access/login-throttle.ts";

const NOT_FOUND = async () => undefined;
const FOUND = async () => "found";
const A = "198.51.100.7";

/** Attempts by a clock that the test moves. */
function attemptsAt() {
  let now = 0;
  const attempts = createLoginThrottle(() => now);
  return {
    pass: (ms: number) => {
      now += ms;
    },
    now: () => now,
    /** `refused`, with the seconds to wait, or what was found. */
    async try(address: string | undefined, look: () => Promise<string | undefined>, mayBeGood?: boolean) {
      try {
        return { found: await attempts.try(address, look, mayBeGood) };
      } catch (error) {
        if (!(error instanceof TooManyFailures)) throw error;
        return { refused: error.retryAfter };
      }
    },
  };
}

describe("attempts that fail", () => {
  test("attempts that fail are refused unseen after twenty, until the bucket has filled by one", async () => {
    const { pass, try: attempt } = attemptsAt();
    for (let count = 0; count < 20; count++) {
      expect(await attempt(A, NOT_FOUND)).toEqual({ found: undefined });
    }
    let seen = 0;
    const look = async () => {
      seen += 1;
      return undefined;
    };
    expect(await attempt(A, look)).toEqual({ refused: 3 });
    pass(2_999);
    expect(await attempt(A, look)).toEqual({ refused: 1 });
    expect(seen).toBe(0);
    pass(1);
    expect(await attempt(A, look)).toEqual({ found: undefined });
    expect(await attempt(A, look)).toEqual({ refused: 3 });
    expect(seen).toBe(1);
  });

  test("attempts that fail in any stretch of time are at most twenty and what has filled up meanwhile", async () => {
    const step = fc.record({ wait: fc.integer({ min: 0, max: 20_000 }), isGood: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 150 }), async (steps) => {
        const { pass, now, try: attempt } = attemptsAt();
        const failedAt: number[] = [];
        for (const { wait, isGood } of steps) {
          pass(wait);
          const answer = await attempt(A, isGood ? FOUND : NOT_FOUND);
          if (!isGood && "found" in answer) failedAt.push(now());
        }
        for (const [first, from] of failedAt.entries()) {
          for (const [last, to] of failedAt.entries()) {
            if (last >= first) expect(last - first + 1).toBeLessThanOrEqual(20 + (to - from) / 3_000 + 1e-6);
          }
        }
      }),
    );
  });

  test("attempts that fail may be made again after the time that the refusal names, and no second before", async () => {
    const waits = fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 21, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(waits, async (steps) => {
        const { pass, try: attempt } = attemptsAt();
        for (let count = 0; count < 20; count++) await attempt(A, NOT_FOUND);
        for (const wait of steps) {
          pass(wait);
          const answer = await attempt(A, NOT_FOUND);
          if (answer.refused === undefined) continue;
          pass((answer.refused - 1) * 1_000 - 1e-3);
          expect(await attempt(A, FOUND)).toHaveProperty("refused");
          pass(1_000 + 1e-3);
          expect(await attempt(A, FOUND)).toEqual({ found: "found" });
        }
      }),
    );
  });

  test("of ten thousand failing attempts at once twenty are seen", async () => {
    const { try: attempt } = attemptsAt();
    let seen = 0;
    const look = async () => {
      seen += 1;
      await Promise.resolve();
      return undefined;
    };
    const answers = await Promise.all(Array.from({ length: 10_000 }, () => attempt(A, look)));
    expect(seen).toBe(20);
    expect(answers.filter((answer) => answer.refused !== undefined)).toHaveLength(9_980);
  });

  test("attempts that fail are counted by address", async () => {
    const { try: attempt } = attemptsAt();
    for (let count = 0; count < 21; count++) await attempt(A, NOT_FOUND);
    expect(await attempt(A, FOUND)).toHaveProperty("refused");
    expect(await attempt("198.51.100.8", FOUND)).toEqual({ found: "found" });
  });

  test("attempts that fail are forgotten after those of 20,000 other addresses, so that memory has a bound", async () => {
    const { try: attempt } = attemptsAt();
    for (let count = 0; count < 21; count++) await attempt(A, NOT_FOUND);
    for (let count = 0; count < 19_999; count++) await attempt(`other ${count}`, NOT_FOUND);
    expect(await attempt(A, FOUND)).toHaveProperty("refused");
    for (let count = 0; count < 20_000; count++) await attempt(`another ${count}`, NOT_FOUND);
    expect(await attempt(A, FOUND)).toEqual({ found: "found" });
  });
});

describe("attempts that do not fail", () => {
  test("attempts that do not fail are never refused for being many at once", async () => {
    const { try: attempt } = attemptsAt();
    let running = 0;
    let most = 0;
    const look = async () => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running -= 1;
      return "found";
    };
    const answers = await Promise.all(Array.from({ length: 500 }, () => attempt(A, look)));
    expect(answers.every((answer) => answer.found === "found")).toBe(true);
    expect(most).toBe(20);
  });

  test("attempts that do not fail are not refused because others did, when they have the form of a key", async () => {
    const { pass, try: attempt } = attemptsAt();
    for (let count = 0; count < 20; count++) await attempt(A, NOT_FOUND);
    for (let count = 0; count < 50; count++) {
      expect(await attempt(A, NOT_FOUND, true)).toEqual({ refused: 3 });
      expect(await attempt(A, FOUND, true)).toEqual({ found: "found" });
      expect(await attempt(A, FOUND)).toEqual({ refused: 3 });
    }
    pass(3_000);
    expect(await attempt(A, NOT_FOUND, true)).toEqual({ found: undefined });
    expect(await attempt(A, NOT_FOUND, true)).toEqual({ refused: 3 });
  });

  test("attempts of an address that may fail no more are looked at one at a time, in turn", async () => {
    const { try: attempt } = attemptsAt();
    for (let count = 0; count < 20; count++) await attempt(A, NOT_FOUND);
    let [running, most, seen] = [0, 0, 0];
    const look = (found: string | undefined) => async () => {
      most = Math.max(most, ++running);
      seen += 1;
      await Promise.resolve();
      running -= 1;
      return found;
    };
    const answers = await Promise.all(
      Array.from({ length: 3_000 }, (_, n) =>
        attempt(A, look(n % 3 === 0 ? "found" : undefined), n % 3 !== 1),
      ),
    );
    expect(answers.filter(({ found }) => found === "found")).toHaveLength(1_000);
    expect(answers.filter(({ refused }) => refused === 3)).toHaveLength(2_000);
    expect({ most, seen }).toEqual({ most: 1, seen: 2_000 });
  });

  test("attempts that wait when the last may have failed are all answered", async () => {
    const { try: attempt } = attemptsAt();
    const slow = (found: string | undefined) => async () => {
      await Promise.resolve();
      return found;
    };
    const answers = await Promise.all(
      Array.from({ length: 600 }, (_, n) => attempt(A, slow(n % 5 === 4 ? "found" : undefined), n % 5 !== 1)),
    );
    expect(answers.filter((answer) => "found" in answer && answer.found === undefined)).toHaveLength(20);
    expect(answers.filter(({ found }) => found === "found")).toHaveLength(120);
  });

  test("attempts that could not be made are not counted", async () => {
    const { try: attempt } = attemptsAt();
    const away = async () => {
      throw new Error("the database is away");
    };
    for (let count = 0; count < 100; count++) {
      expect(await attempt(A, FOUND)).toEqual({ found: "found" });
      expect(attempt(A, away)).rejects.toThrow("the database is away");
    }
    expect(await attempt(A, FOUND)).toEqual({ found: "found" });
  });

  test("attempts without an address are not counted", async () => {
    const { try: attempt } = attemptsAt();
    for (let count = 0; count < 100; count++) {
      expect(await attempt(undefined, NOT_FOUND)).toEqual({ found: undefined });
    }
  });
});
