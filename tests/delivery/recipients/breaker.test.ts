import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { afterAttempt, type Breaker, CLOSED, isOpen, mayTry, probing } from "#delivery/recipients/breaker.ts";
import { type Failure, isEndpointDown } from "#delivery/transport/failure.ts";

const start = Date.parse("2026-05-01T12:00:00Z");

function at(seconds: number): Date {
  return new Date(start + seconds * 1000);
}

/** A breaker after these attempts, one a second: "o" for ok, "x" for failed. */
function after(attempts: string, from: Breaker = CLOSED): Breaker {
  return attempts
    .split("")
    .reduce<Breaker>(
      (breaker, attempt, second) => afterAttempt(breaker, attempt === "o" ? "ok" : "failed", at(second)),
      from,
    );
}

const opened = after("x".repeat(10));

describe("a closed breaker", () => {
  test.each([
    ["x".repeat(9), "closed"],
    ["x".repeat(10), "open"],
    [`ooo${"x".repeat(6)}`, "closed"],
    [`ooo${"x".repeat(7)}`, "open"],
    [`oooo${"x".repeat(9)}`, "closed"],
    [`oooo${"x".repeat(10)}`, "open"],
    ["xo".repeat(50), "closed"],
  ])("after %p is %p", (attempts, state) => {
    expect(after(attempts).state).toBe(state as Breaker["state"]);
  });

  test("forgets what is more than five minutes past", () => {
    const nine = after("x".repeat(9));
    expect(afterAttempt(nine, "failed", at(60)).state).toBe("open");
    expect(afterAttempt(nine, "failed", at(310))).toMatchObject({
      state: "closed",
      recent: [{ requests: 1, failed: 1 }],
    });
  });

  test("lets everyone try", () => {
    expect(mayTry(after("xxx"), at(3))).toBe("yes");
    expect(isOpen(after("xxx"), at(3))).toBe(false);
  });
});

describe("an open breaker", () => {
  test("lets nobody try for 30 seconds, then one", () => {
    expect([9, 38, 39, 500].map((second) => mayTry(opened, at(second)))).toEqual([
      "no",
      "no",
      "probe",
      "probe",
    ]);
    const probed = probing(opened, at(39));
    expect([39, 98, 99].map((second) => mayTry(probed, at(second)))).toEqual(["no", "no", "probe"]);
  });

  test("keeps its buyer out of routing until a probe is due, so that it cannot be out for ever", () => {
    expect([9, 38, 39].map((second) => isOpen(opened, at(second)))).toEqual([true, true, false]);
    expect(isOpen(probing(opened, at(39)), at(40))).toBe(true);
  });

  test("refuses a second probe", () => {
    expect(() => probing(opened, at(20))).toThrow(RangeError);
    expect(() => probing(probing(opened, at(39)), at(40))).toThrow(RangeError);
    expect(() => probing(CLOSED, at(40))).toThrow(RangeError);
  });

  test("closes with nothing held against the buyer when an attempt succeeds, whichever", () => {
    expect(afterAttempt(probing(opened, at(39)), "ok", at(40))).toEqual(CLOSED);
    expect(afterAttempt(opened, "ok", at(12))).toEqual(CLOSED);
  });

  test("waits no longer for failures of attempts that began before it opened", () => {
    expect(afterAttempt(opened, "failed", at(20))).toEqual(opened);
  });

  test("doubles its wait with each failed probe, up to ten minutes", () => {
    let breaker = opened;
    const waits = Array.from({ length: 7 }, () => {
      const due = at(0).getTime() + 10_000_000_000;
      breaker = afterAttempt(probing(breaker, new Date(due)), "failed", at(0));
      return breaker.state === "open" ? breaker.reopenAfterSeconds : undefined;
    });
    expect(waits).toEqual([60, 120, 240, 480, 600, 600, 600]);
  });
});

describe("whatever happens", () => {
  const events = fc.array(
    fc.record({ outcome: fc.constantFrom("ok", "failed"), seconds: fc.integer({ min: 0, max: 400 }) }),
    { maxLength: 200 },
  );

  test("a breaker stays small, survives JSON, and tells of at most one probe", () => {
    fc.assert(
      fc.property(events, (happened) => {
        let breaker: Breaker = CLOSED;
        let seconds = 0;
        for (const event of happened) {
          seconds += event.seconds;
          if (mayTry(breaker, at(seconds)) === "probe") {
            breaker = probing(breaker, at(seconds));
            expect(mayTry(breaker, at(seconds))).toBe("no");
          }
          breaker = afterAttempt(breaker, event.outcome, at(seconds));
          expect(JSON.parse(JSON.stringify(breaker))).toEqual(breaker);
          expect(JSON.stringify(breaker).length).toBeLessThan(1000);
          if (event.outcome === "ok") expect(mayTry(breaker, at(seconds))).toBe("yes");
        }
      }),
    );
  });

  test("a breaker opens only when most recent attempts have failed", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("o", "x"), { maxLength: 100 }), (attempts) => {
        const failures = attempts.filter((attempt) => attempt === "x").length;
        if (failures < 7) expect(after(attempts.join("")).state).toBe("closed");
      }),
    );
  });
});

test.each<[Failure, boolean]>([
  [{ kind: "connect_failed" }, true],
  [{ kind: "timeout" }, true],
  [{ kind: "http_status", status: 503 }, true],
  [{ kind: "http_status", status: 429 }, true],
  [{ kind: "http_status", status: 404 }, false],
  [{ kind: "error_by_rule", status: 200 }, false],
  [{ kind: "no_rule_matched", status: 200 }, false],
  [{ kind: "mail_deferred", status: 451 }, true],
  [{ kind: "mail_refused", status: 550 }, false],
  [{ kind: "interrupted" }, false],
])("that %j speaks against the endpoint is %p", (failure, expected) => {
  expect(isEndpointDown(failure)).toBe(expected);
});
