import { expect, test } from "bun:test";
import fc from "fast-check";
import { openTurns } from "#intake/turns.ts";

const LARGEST = 256 * 1024;

/** Turns whose rounds the test begins. */
function turnsByHand() {
  let next: (() => void) | undefined;
  const turns = openTurns((begin) => (next = begin));
  const order: string[] = [];
  return {
    order,
    ask(supplier: string, bytes: number) {
      void turns.take(supplier, bytes).then(() => order.push(supplier));
    },
    /** False when no round was planned. */
    async round(): Promise<boolean> {
      const begin = next;
      next = undefined;
      begin?.();
      for (let tick = 0; tick < 5; tick += 1) await Promise.resolve();
      return begin !== undefined;
    },
  };
}

test("a supplier with a hundred of the largest bodies waiting delays another's lead by one of them", async () => {
  const { ask, round, order } = turnsByHand();
  for (let i = 0; i < 100; i += 1) ask("greedy", LARGEST);
  await round();
  await round();
  const before = order.length;
  ask("modest", 2_000);
  while (!order.includes("modest")) await round();
  expect(order.indexOf("modest") - before).toBeLessThanOrEqual(1);
});

test("who sends what is usual is let go in the round in which it comes, sixty at once", async () => {
  const { ask, round, order } = turnsByHand();
  for (let i = 0; i < 60; i += 1) ask(`supplier-${i % 3}`, 1_000);
  for (let tick = 0; tick < 5; tick += 1) await Promise.resolve();
  expect(order).toHaveLength(60);
  while (await round());
});

test("everybody gets a turn, those of one supplier in their order, and of two who wait neither gets two in a row", async () => {
  const requests = fc.array(
    fc.record({ supplier: fc.constantFrom("a", "b", "c"), bytes: fc.integer({ min: 0, max: LARGEST }) }),
    { maxLength: 40 },
  );
  await fc.assert(
    fc.asyncProperty(requests, async (sent) => {
      const { ask, round, order } = turnsByHand();
      ask("first", LARGEST);
      for (const { supplier, bytes } of sent) ask(supplier, bytes);
      while (await round());
      expect(order.toSorted()).toEqual(["first", ...sent.map(({ supplier }) => supplier)].toSorted());
      const left = new Map<string, number>();
      for (const { supplier } of sent) left.set(supplier, (left.get(supplier) ?? 0) + 1);
      for (const [index, supplier] of order.slice(1).entries()) {
        left.set(supplier, (left.get(supplier) ?? 0) - 1);
        const others = [...left].filter(([name, count]) => name !== supplier && count > 0);
        if (others.length > 0) expect(order[index + 2]).not.toBe(supplier);
      }
    }),
  );
});
