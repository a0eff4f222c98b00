import { expect, test } from "bun:test";
import fc from "fast-check";
import { RecipientQueue } from "#delivery/outbox/recipient-queue.ts";

const IN_FLIGHT = 20;
const START = 1_700_000_000_000;

/** A queue of which attempts ended at these moments, in ms after the start. */
function queueAfter(ends: readonly number[]): RecipientQueue {
  const queue = new RecipientQueue();
  for (const end of ends) queue.recordThroughput(START + end);
  return queue;
}

test("as many are leased as may be in flight, until more than that went out within a second", () => {
  expect(new RecipientQueue().leaseLimit(IN_FLIGHT, START)).toBe(20);
  expect(queueAfter(Array(20).fill(100)).leaseLimit(IN_FLIGHT, START + 200)).toBe(20);
  expect(queueAfter(Array(90).fill(100)).leaseLimit(IN_FLIGHT, START + 200)).toBe(90);
});

test("what went out in the second before counts until the next one is over", () => {
  const queue = queueAfter([...Array(90).fill(900), 1_100]);
  expect(queue.leaseLimit(IN_FLIGHT, START + 1_999)).toBe(90);
  expect(queue.leaseLimit(IN_FLIGHT, START + 2_000)).toBe(20);
});

test("never fewer are leased than may be in flight, nor more than 500 or went out in two seconds", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(5_000), { maxLength: 1_500 }).map((ends) => ends.toSorted((one, other) => one - other)),
      fc.nat(3_000),
      fc.integer({ min: 1, max: 200 }),
      (ends, later, mostInFlight) => {
        const now = (ends.at(-1) ?? 0) + later;
        const lately = ends.filter((end) => end > now - 2_000).length;
        const limit = queueAfter(ends).leaseLimit(mostInFlight, START + now);
        expect(limit).toBeGreaterThanOrEqual(mostInFlight);
        expect(limit).toBeLessThanOrEqual(Math.max(mostInFlight, Math.min(lately, 500)));
      },
    ),
  );
});
