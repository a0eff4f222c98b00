// Loaded before all test files: what they share is closed when a `bun test` ends. A worker of several, of which `tests/run.ts` removes
// all that they leave, would be told of an end after each file.
import { afterAll } from "bun:test";
import { appendFileSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

const endings: (() => Promise<void>)[] = [];

/** Does something once all test files of this process are through. */
export function atEnd(close: () => Promise<void>): void {
  endings.push(close);
}

// `bun test` says so; a program that uses some of the same, such as `bun run faults`, has no end to hear of, nor has one that a test starts.
const isTest = process.env["NODE_ENV"] === "test";
const isWorker = isTest && process.env["BUN_TEST_WORKER_ID"] !== undefined;

/**
 * What programs that tests start have in their environment: they live for seconds. Compiling the embedded database and their own code as for
 * a long life took 40 percent of the processor time of a server that takes 300 leads, and of one that takes 3,000. This process lives for
 * minutes, has read its own, and keeps it; what is measured, such as a soak, is no test.
 */
export const SHORT_LIFE: Readonly<Record<string, string>> = isTest
  ? { BUN_JSC_useOMGJIT: "0", BUN_JSC_useDFGJIT: "0" }
  : {};
Object.assign(process.env, SHORT_LIFE);

if (isTest && !isWorker) afterAll(() => Promise.all(endings.map((close) => close())));
if (isWorker) {
  let before = processorSeconds();
  // A worker's `afterAll` comes after each of its files.
  afterAll(() => {
    const now = processorSeconds();
    appendFileSync(timesOf(tmpdir()), `${relative(process.cwd(), Bun.main)} ${(now - before).toFixed(2)}\n`);
    before = now;
  });
}

/** Where the workers of a run, which share its folder, note what each file took: its path, and seconds of the processor. */
export function timesOf(folder: string): string {
  return join(folder, "processor-seconds");
}

/**
 * What this process has taken of the processor so far, in seconds, and what those have that it started, but for browsers, which end by
 * themselves, and a Postgres, which goes on. 0 where the system does not tell.
 */
export function processorSeconds(): number {
  try {
    // Behind the name, which may hold anything, the 12th to 15th: of this process and of others, in programs and in the system, in 1/100 s.
    const stat = readFileSync("/proc/self/stat", "utf8").replace(/^.*\) /, "");
    const ticks = stat.split(" ").slice(11, 15).map(Number);
    return ticks.reduce((sum, each) => sum + each, 0) / 100;
  } catch {
    return 0;
  }
}
