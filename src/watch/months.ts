import { keepMonthsOf } from "#database/month-records.ts";
import { HOUR_MS } from "#time/durations.ts";
import { lookEvery } from "#time/look-every.ts";
import type { Running } from "#time/running.ts";
import type { WatchParts } from "./watch.ts";

const LOOK_EVERY_MS = HOUR_MS;

const LATER_GONE =
  "the table for what no month takes was gone and is made anew: leave what is in the schema months alone";

/** Makes the months ahead in which leads and deliveries are kept: on the server that has the jobs. */
export function openMonths({ database, clock, log, jobs }: Omit<WatchParts, "tell">): Running {
  return lookEvery({
    clock,
    who: jobs,
    everyMs: LOOK_EVERY_MS,
    async look() {
      for (const table of await keepMonthsOf(database, clock.now()))
        log.warn(LATER_GONE, { reason: `months.${table}_later` });
    },
    failed: (error) => log.warn("the months ahead cannot be made: what comes is kept beside them", { error }),
  });
}
