import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type FailedAttempt, nextAttempt } from "#delivery/outbox/retry.ts";
import type { Failure } from "#delivery/transport/failure.ts";
import { STANDARD_SCHEDULE } from "#endpoints/delivery-settings.ts";
import { runs } from "../../support/runs.ts";

const now = new Date("2026-05-01T12:00:00Z");
const down: Failure = { kind: "connect_failed" };

function failed(more: Partial<FailedAttempt> = {}): FailedAttempt {
  return {
    attempt: 1,
    failure: down,
    retryAfterSeconds: null,
    schedule: STANDARD_SCHEDULE,
    giveUpAt: new Date(now.getTime() + 86_400_000),
    now,
    random: 0.5,
    ...more,
  };
}

/** Seconds to the next attempt. */
function wait(more: Partial<FailedAttempt> = {}): number {
  const next = nextAttempt(failed(more));
  if (next.kind !== "again") throw new Error(next.kind);
  return (next.at.getTime() - now.getTime()) / 1000;
}

describe("the next attempt", () => {
  test.each([
    [1, 5],
    [2, 300],
    [3, 1800],
    [4, 7200],
    [5, 18_000],
    [6, 36_000],
    [7, 50_400],
  ])("after %p comes %p seconds later", (attempt, seconds) => {
    expect(wait({ attempt })).toBe(seconds);
  });

  test("goes on at the schedule's last wait", () => {
    expect(wait({ attempt: 9, schedule: [1, 10] })).toBe(10);
  });

  test("is a fifth earlier or later by chance", () => {
    expect(wait({ attempt: 2, random: 0 })).toBe(240);
    expect(wait({ attempt: 2, random: 1 })).toBe(360);
  });

  test("follows Retry-After between the scheduled wait and twice that", () => {
    expect([0, 400, 10_000].map((retryAfterSeconds) => wait({ attempt: 2, retryAfterSeconds }))).toEqual([
      300, 400, 600,
    ]);
  });

  test.each([
    [{ kind: "timeout" }],
    [{ kind: "http_status", status: 429 }],
    [{ kind: "error_by_rule", status: 429 }],
  ] as const)("is at least a minute away after %p", (failure) => {
    expect(wait({ failure })).toBe(60);
    expect(wait({ failure, attempt: 2 })).toBe(300);
  });

  test("comes at once when we broke off ourselves", () => {
    expect(wait({ failure: { kind: "interrupted" }, schedule: [] })).toBe(0);
  });
});

describe("a delivery", () => {
  test.each([
    ["when the next attempt would come too late", { giveUpAt: new Date(now.getTime() + 4999) }],
    ["when its buyer wants no second attempt", { schedule: [] }],
    [
      "when it was broken off too late",
      { failure: { kind: "interrupted" }, giveUpAt: new Date(now.getTime() - 1) },
    ],
  ] as const)("is given up %s", (_, more) => {
    expect(nextAttempt(failed(more))).toEqual({ kind: "dead", why: "given_up" });
  });

  test("is tried at the very last moment", () => {
    expect(wait({ giveUpAt: new Date(now.getTime() + 5000) })).toBe(5);
  });

  test("is not repeated when its buyer may have taken it", () => {
    expect(nextAttempt(failed({ failure: { kind: "no_rule_matched", status: 200 } }))).toEqual({
      kind: "dead",
      why: "unclear_answer",
    });
  });

  test("is not repeated to a mailbox that refuses it for good", () => {
    const refused = { kind: "mail_refused", status: 550 } as const;
    expect(nextAttempt(failed({ failure: refused }))).toEqual({ kind: "dead", why: "mail_refused" });
    expect(wait({ failure: { kind: "mail_deferred", status: 451 } })).toBe(5);
  });

  test("waits while its endpoint says that it is gone", () => {
    expect(nextAttempt(failed({ failure: { kind: "http_status", status: 410 } }))).toEqual({
      kind: "paused",
    });
  });
});

describe("for any schedule and any failure that is repeated", () => {
  const anyFailed = fc.record({
    attempt: fc.integer({ min: 1, max: 60 }),
    failure: fc.constantFrom<Failure>(
      down,
      { kind: "timeout" },
      { kind: "http_status", status: 500 },
      { kind: "http_status", status: 429 },
      { kind: "error_by_rule", status: 200 },
    ),
    retryAfterSeconds: fc.option(fc.nat({ max: 10_000_000 })),
    schedule: fc.array(fc.integer({ min: 1, max: 604_800 }), { minLength: 1, maxLength: 50 }),
    random: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    giveUpAt: fc.integer({ min: -1000, max: 1_000_000_000 }).map((ms) => new Date(now.getTime() + ms)),
  });

  test("it comes after 0.8 and before 2 scheduled waits or a minute, and never after giving up", () => {
    fc.assert(
      fc.property(anyFailed, (given) => {
        const next = nextAttempt(failed(given));
        const base = given.schedule[Math.min(given.attempt, given.schedule.length) - 1] ?? 0;
        if (next.kind === "paused") throw new Error("paused");
        if (next.kind === "dead") {
          expect(Math.max(2 * base, 60) * 1000).toBeGreaterThan(given.giveUpAt.getTime() - now.getTime());
          return;
        }
        expect(next.at.getTime()).toBeLessThanOrEqual(given.giveUpAt.getTime());
        const seconds = (next.at.getTime() - now.getTime()) / 1000;
        expect(seconds).toBeGreaterThanOrEqual(0.8 * base - 0.001);
        expect(seconds).toBeLessThanOrEqual(Math.max(2 * base, 60));
      }),
      { numRuns: runs(1000) },
    );
  });

  test("a rising schedule gives rising waits", () => {
    fc.assert(
      fc.property(anyFailed, (given) => {
        const schedule = given.schedule.toSorted((one, other) => one - other);
        const forEver = new Date(8e15);
        const waits = schedule.map((_, index) =>
          wait({ ...given, schedule, giveUpAt: forEver, attempt: index + 1 }),
        );
        expect(waits).toEqual(waits.toSorted((one, other) => one - other));
      }),
    );
  });
});
