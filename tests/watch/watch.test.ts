import { expect, test } from "bun:test";
import { JOBS_OF_ONE } from "#time/jobs.ts";
import { openWatch } from "#watch/watch.ts";
import { testClock } from "../support/leadgate.ts";

test("invoices that are overdue are told of although silent suppliers cannot be looked for", async () => {
  const invoice = { number: 7, buyerId: "acme", total: 1_250_000, currency: "USD", dueAt: 0 };
  const [told, warned]: [string[], string[]] = [[], []];
  const done = Promise.withResolvers<void>();
  const db = {
    async send(text: string) {
      if (!text.includes("from invoices")) throw new Error("it cannot be read");
      return [invoice];
    },
  };
  const watch = openWatch({
    database: { read: (work: (on: typeof db) => unknown) => work(db) },
    clock: testClock(),
    log: { warn: (message: string) => warned.push(message) },
    tell({ key }: { key: string }) {
      told.push(key);
      done.resolve();
    },
    jobs: JOBS_OF_ONE,
  } as unknown as Parameters<typeof openWatch>[0]);
  watch.start();
  await done.promise;
  await watch.stop();
  expect(told).toEqual(["invoice.overdue:7"]);
  expect(warned).toEqual(["silent suppliers cannot be looked for"]);
});
