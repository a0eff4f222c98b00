import { sumUpNextDay } from "#ledger/figure-day-records.ts";
import { HOUR_MS } from "#time/durations.ts";
import { lookEvery } from "#time/look-every.ts";
import type { Running } from "#time/running.ts";
import type { WatchParts } from "./watch.ts";

const LOOK_EVERY_MS = HOUR_MS;

/** Sums figures up by the day, a transaction each, once the day is over: on the server that has the jobs. */
export function openDaySums({ database, clock, log, jobs }: Omit<WatchParts, "tell">): Running {
  return lookEvery({
    clock,
    who: jobs,
    everyMs: LOOK_EVERY_MS,
    async look(isStopped) {
      let isMore = true;
      while (isMore && !isStopped()) isMore = await sumUpNextDay(database, clock.now());
    },
    failed: (error) => log.warn("figures cannot be summed up by the day", { error }),
  });
}
