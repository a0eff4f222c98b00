// Loaded before all test files: what they share is closed when a `bun test` ends. A worker of several, of which `tests/run.ts` removes
// all that they leave, would be told of an end after each file.
import { afterAll } from "bun:test";

const endings: (() => Promise<void>)[] = [];

/** Does something once all test files of this process are through. */
export function atEnd(close: () => Promise<void>): void {
  endings.push(close);
}

const isWorker = process.env["BUN_TEST_WORKER_ID"] !== undefined;
// `bun test` says so; a program that uses some of the same, such as `bun run faults`, has no end to hear of.
const isTest = process.env["NODE_ENV"] === "test";
if (isTest && !isWorker) afterAll(() => Promise.all(endings.map((close) => close())));
