import { expect, test } from "bun:test";
import { DatabaseUnavailable } from "#database/database.ts";
import { NotTakenIn } from "#intake/lane/lane.ts";
import { readTogether } from "#intake/reads/together.ts";
import { testClock } from "../../support/leadgate.ts";

/** Reads numbers by `answer`; the first batch waits until it is let go. */
function reading(answer: (batch: readonly number[]) => void = () => undefined) {
  const clock = testClock();
  const batches: number[][] = [];
  const [began, going] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const readFor = readTogether<number, string>(
    async (batch) => {
      batches.push([...batch]);
      began.resolve();
      if (batches.length === 1) await going.promise;
      answer(batch);
      return batch.map((each) => `found ${each}`);
    },
    { clock, queueLimit: 3, waitLimitMs: 1000 },
  );
  const ask = (number: number) => readFor(number, "solar").catch((error: Error) => error);
  return { ask, batches, clock, began: began.promise, letGo: going.resolve };
}

test("those who ask while others are read for are read for together, each with its own", async () => {
  const { ask, batches, began, letGo } = reading();
  const first = ask(1);
  await began;
  const others = [ask(2), ask(3)];
  letGo();
  expect(await Promise.all([first, ...others])).toEqual(["found 1", "found 2", "found 3"]);
  expect(batches).toEqual([[1], [2, 3]]);
});

test("who has waited for too long is refused and not read for, and so are more than may wait", async () => {
  const { ask, batches, clock, began, letGo } = reading();
  const first = ask(1);
  await began;
  const early = [ask(2), ask(3)];
  clock.pass(1001);
  const late = ask(4);
  const tooMany = ask(5);
  letGo();
  expect(await tooMany).toBeInstanceOf(NotTakenIn);
  expect(await Promise.all([first, late])).toEqual(["found 1", "found 4"]);
  for (const each of await Promise.all(early)) expect(each).toBeInstanceOf(NotTakenIn);
  expect(batches).toEqual([[1], [4]]);
});

test("what cannot be read for one fails that one alone, and a database that is away fails all", async () => {
  const faults = [new TypeError("two cannot be read"), new DatabaseUnavailable("gone")];
  for (const fault of faults) {
    const { ask, batches, began, letGo } = reading((batch) => {
      if (batch.includes(2)) throw fault;
    });
    const first = ask(1);
    await began;
    const others = [ask(2), ask(3), ask(4)];
    letGo();
    const isAlone = fault instanceof TypeError;
    expect(await Promise.all([first, ...others])).toEqual(
      isAlone ? ["found 1", fault, "found 3", "found 4"] : ["found 1", fault, fault, fault],
    );
    expect(batches.length).toBe(isAlone ? 6 : 2);
  }
});
