import { DatabaseUnavailable } from "#database/database.ts";
import type { Log } from "#telemetry/log.ts";
import type { Clock } from "#time/clock.ts";
import type { Jobs } from "#time/jobs.ts";
import type { Running } from "#time/running.ts";
import { carryOn, type ForgetParts, type Progress } from "./forget.ts";
import { keySomeLeads } from "./key-leads.ts";
import { runningOrders } from "./order-records.ts";
import { deleteSomeAnswers, deleteSomeOutcomes, emptySomeEnded, eraseSomeOld, retentions } from "./retain.ts";

/** Erases in the background what is to be erased: the people of orders, and leads that have become old. */
export interface Erasure extends Running {
  /** An order was written: it is carried out at once. */
  wake(): void;
}

export interface ErasureParts extends ForgetParts {
  clock: Clock;
  log: Log;
  jobs: Jobs;
}

/** How soon a server looks once it has started or got the jobs, how often then, and how soon again for what is just being sent, in ms. */
const FIRST_LOOK_MS = 1_000;
const LOOK_EVERY_MS = 60_000;
const LOOK_AGAIN_MS = 500;

/** Any number of servers may do this at once: each step is one transaction, and takes on what no other is at. */
export function openErasure(parts: ErasureParts): Erasure {
  const { database, clock, log, jobs } = parts;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  /** What is erased by its age may take hours, and a person who is to be forgotten does not wait for that. */
  const [next, nextOrders] = [startQueue(), startQueue()];

  /** Does what it is given one after another; called with nothing, it resolves when all of it is done. */
  function startQueue() {
    let working = Promise.resolve();
    return (work?: () => Promise<void>): Promise<void> => {
      if (work !== undefined) working = working.then(() => attempt(work));
      return working;
    };
  }

  function lookAtAll(): void {
    if (jobs.areOurs()) eraseAll();
    void next(async () => lookIn(LOOK_EVERY_MS));
  }

  function lookIn(ms: number): void {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(lookAtAll, ms).unref();
  }

  function eraseAll(): void {
    void next(() => inTheBackground(() => keySomeLeads(parts)));
    void nextOrders(carryOutOrders);
    void next(async () => {
      for (const retention of await retentions(database)) {
        await attempt(() => inTheBackground(() => eraseSomeOld(retention, parts, clock.now())));
      }
    });
    for (const step of [emptySomeEnded, deleteSomeAnswers, deleteSomeOutcomes]) {
      void next(() => inTheBackground(() => step(database, clock.now())));
    }
  }

  /** What fails holds up nothing else: it is tried again at the next look. */
  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      if (!stopped) await work();
    } catch (error) {
      if (error instanceof DatabaseUnavailable)
        log.warn("nothing can be erased: the database is away", { error });
      else log.error("erasing failed", { error });
    }
  }

  async function repeat(step: () => Promise<boolean>): Promise<void> {
    while (!stopped && (await step()));
  }

  /** Nobody waits for these, and leads do: two thirds of the time are theirs. */
  async function inTheBackground(step: () => Promise<boolean>): Promise<void> {
    await repeat(async () => {
      const began = clock.elapsedMs();
      const isMore = await step();
      if (isMore) await Bun.sleep(2 * (clock.elapsedMs() - began));
      return isMore;
    });
  }

  async function carryOutOrders(): Promise<void> {
    let waiting = false;
    for (const id of await database.read(runningOrders)) {
      await attempt(async () => {
        let progress: Progress = "more";
        while (!stopped && progress === "more") progress = await carryOn(id, parts, clock.now());
        waiting ||= progress === "waiting";
      });
    }
    if (waiting) setTimeout(wake, LOOK_AGAIN_MS).unref();
  }

  function wake(): void {
    void nextOrders(() => repeat(() => keySomeLeads(parts)));
    void nextOrders(carryOutOrders);
  }

  jobs.onceOurs(() => lookIn(FIRST_LOOK_MS));
  return {
    wake,
    start: () => lookIn(FIRST_LOOK_MS),
    /** What is left is done by whoever starts next. */
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await Promise.all([next(), nextOrders()]);
    },
  };
}
