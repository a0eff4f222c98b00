import { expect, test } from "bun:test";
import { openErasure } from "#erasure/erasure.ts";
import { JOBS_OF_ONE } from "#time/jobs.ts";
import { testClock } from "../support/leadgate.ts";

test("an order to forget somebody that cannot be carried out holds up no other", async () => {
  const [tried, failures]: [unknown[], string[]] = [[], []];
  const done = Promise.withResolvers<void>();
  const db = {
    async send(text: string, parameters: unknown[]) {
      if (text.includes("where state = 'running' order by id")) return [{ id: "one" }, { id: "two" }];
      if (!text.includes("for update skip locked") || !text.includes("from erasures")) return [];
      tried.push(parameters[0]);
      if (parameters[0] === "one") throw new Error("it cannot be read");
      done.resolve();
      return [];
    },
  };
  const on = (work: (db: unknown) => unknown) => work(db);
  const erasure = openErasure({
    database: { read: on, write: on },
    pepper: new Uint8Array(),
    clock: testClock(),
    log: { error: (message: string) => failures.push(message) },
    jobs: JOBS_OF_ONE,
  } as unknown as Parameters<typeof openErasure>[0]);
  erasure.wake();
  await done.promise;
  await erasure.stop();
  expect(tried).toEqual(["one", "two"]);
  expect(failures).toEqual(["erasing failed"]);
});

test("an order to forget somebody does not wait for what is erased by its age meanwhile", async () => {
  const [begun, ordered, slow] = [0, 0, 0].map(() => Promise.withResolvers<void>());
  const db = {
    async send(text: string) {
      if (text.includes("pii_days")) return [{ days: 30, campaigns: '["solar"]' }];
      if (text.includes("from retention")) {
        begun?.resolve();
        await slow?.promise;
      }
      if (text.includes("from erasures") && text.includes("for update skip locked")) ordered?.resolve();
      return isOrdered && text.includes("where state = 'running' order by id") ? [{ id: "one" }] : [];
    },
  };
  let [looks, isOrdered] = [() => {}, false];
  const on = (work: (db: unknown) => unknown) => work(db);
  const erasure = openErasure({
    database: { read: on, write: on },
    pepper: new Uint8Array(),
    clock: testClock(),
    jobs: { ...JOBS_OF_ONE, onceOurs: (begin: () => void) => (looks = begin) },
  } as unknown as Parameters<typeof openErasure>[0]);
  looks();
  await begun?.promise;
  isOrdered = true;
  erasure.wake();
  await ordered?.promise;
  slow?.resolve();
  await erasure.stop();
});
