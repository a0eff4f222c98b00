import { expect, test } from "bun:test";
import { startPace } from "#simulations/pace.ts";

/** A thread whose time passes as the test says. */
function pretendThread() {
  let [now, begun] = [0, 0];
  const slept: number[] = [];
  const pace = startPace({
    requestsBegun: () => begun,
    elapsedMs: () => now,
    async turn() {
      now += 1;
    },
    async sleep(ms) {
      slept.push(ms);
      now += ms;
    },
  });
  return {
    pace,
    slept,
    work: (ms: number) => void (now += ms),
    request: () => void (begun += 1),
  };
}

test("Long work lets others have their turn after two milliseconds, and takes all of the time when there are none", async () => {
  const { pace, slept, work } = pretendThread();
  work(1.9);
  expect(pace.isDue()).toBeFalse();
  work(0.1);
  expect(pace.isDue()).toBeTrue();
  for (let slice = 0; slice < 20; slice++) {
    await pace.rest();
    work(2);
  }
  expect(slept).toEqual([]);
});

test("Beside requests long work takes an eighth of the time, a millisecond at a time, until none has come for a while", async () => {
  const { pace, slept, work, request } = pretendThread();
  for (let slice = 0; slice < 10; slice++) {
    request();
    work(1);
    expect(pace.isDue()).toBe(slice > 0);
    await pace.rest();
  }
  expect(slept).toEqual(Array.from({ length: 10 }, () => 7));
  for (let slice = 0; slice < 20; slice++) {
    work(2);
    await pace.rest();
  }
  expect(slept.length).toBeLessThan(15);
});

test("Long work that waited for the database does not rest for that", async () => {
  const { pace, slept, work, request } = pretendThread();
  request();
  work(500);
  await pace.rest();
  expect(slept).toEqual([28]);
});
