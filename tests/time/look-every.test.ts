import { beforeEach, expect, test } from "bun:test";
import { type Looking, lookEvery } from "#time/look-every.ts";
import { type TestClock, testClock } from "../support/leadgate.ts";

let clock: TestClock;
let looks: number;
let errors: unknown[];
let looking: Looking;
/** What a look waits for; it fails when that does. */
let work: Promise<void>;

beforeEach(() => {
  clock = testClock();
  looks = 0;
  errors = [];
  work = Promise.resolve();
  looking = lookEvery({
    clock,
    who: "each server",
    everyMs: 60_000,
    async look() {
      looks += 1;
      await work;
    },
    failed: (error) => errors.push(error),
  });
});

/** Lets everything happen that waits for nothing but its turn. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

async function pass(ms: number): Promise<number> {
  clock.pass(ms);
  await settled();
  return looks;
}

test("what looks every minute looks when it starts and whenever a minute has passed since", async () => {
  looking.start();
  expect(await pass(0)).toBe(1);
  expect(await pass(59_999)).toBe(1);
  expect(await pass(1)).toBe(2);
  expect(await pass(60_000)).toBe(3);
});

test("what looks every minute looks at once when it is woken, and a minute after that", async () => {
  looking.start();
  await pass(30_000);
  looking.wake();
  expect(await pass(0)).toBe(2);
  expect(await pass(59_999)).toBe(2);
  expect(await pass(1)).toBe(3);
});

test("what is woken while it looks looks once more, and not at the same time", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  work = promise;
  looking.start();
  await settled();
  for (let woken = 0; woken < 3; woken += 1) looking.wake();
  expect(await pass(0)).toBe(1);
  resolve();
  expect(await pass(0)).toBe(2);
});

test("a look that fails is told of, and the next one comes in its time", async () => {
  work = Promise.reject(new Error("away"));
  looking.start();
  await settled();
  expect(errors).toEqual([new Error("away")]);
  work = Promise.resolve();
  expect(await pass(60_000)).toBe(2);
  expect(errors).toHaveLength(1);
});

test("what is stopped ends its look, and looks no more however often it is woken", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  work = promise;
  looking.start();
  await settled();
  const stopped = looking.stop();
  looking.wake();
  resolve();
  await stopped;
  expect(await pass(120_000)).toBe(1);
});

test("of several servers the one that has the jobs looks by the clock, at once when it gets them, and any that is woken", async () => {
  const begun: (() => void)[] = [];
  let areOurs = false;
  const jobs = { areOurs: () => areOurs, onceOurs: (begin: () => void) => void begun.push(begin) };
  const failed = () => undefined;
  const look = async () => void (looks += 1);
  looking = lookEvery({ clock, who: jobs, everyMs: 60_000, look, failed });
  looking.start();
  expect(await pass(150_000)).toBe(0);
  looking.wake();
  expect(await pass(0)).toBe(1);
  areOurs = true;
  for (const begin of begun) begin();
  expect(await pass(0)).toBe(2);
  expect(await pass(59_999)).toBe(2);
  expect(await pass(1)).toBe(3);
  areOurs = false;
  expect(await pass(600_000)).toBe(3);
});
