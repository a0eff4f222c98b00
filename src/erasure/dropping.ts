import type { Database } from "#database/database.ts";
import type { Alert, Tell } from "#handover/alert.ts";
import type { Log } from "#telemetry/log.ts";
import type { Clock } from "#time/clock.ts";
import { DAY_MS, HOUR_MS } from "#time/durations.ts";
import { isoOf } from "#time/iso.ts";
import type { Jobs } from "#time/jobs.ts";
import { lookEvery } from "#time/look-every.ts";
import type { Running } from "#time/running.ts";
import { dropOldMonths, findOldMonths, type HeldBack, heldBackData, sweepMonths } from "./drop-months.ts";
import { readClockAhead } from "./drop-records.ts";

const LOOK_EVERY_MS = HOUR_MS;
/** A clock that is further ahead of the database's is wrong, and would have months dropped that are not over. */
const MOST_AHEAD_MS = DAY_MS;

export interface DroppingParts {
  database: Database;
  clock: Clock;
  log: Log;
  jobs: Jobs;
  tell: Tell;
}

/** Drops months that are over for longer than the document has leads kept: looks every hour, on the server that has the jobs. */
export function openDropping(parts: DroppingParts): Running {
  const { clock, log, jobs } = parts;
  return lookEvery({
    clock,
    who: jobs,
    everyMs: LOOK_EVERY_MS,
    // What other tables have of them is swept by where it lies, which says nothing where it is spread over nodes.
    look: async (isStopped) => (parts.database.isSpread ? undefined : await dropWhatIsOld(parts, isStopped)),
    failed: (error) =>
      log.warn("old months cannot be dropped now, which is tried again in an hour", { error }),
  });
}

async function dropWhatIsOld(
  { database, clock, log, tell }: DroppingParts,
  isStopped: () => boolean,
): Promise<void> {
  /** Nobody waits for these, and leads do: two thirds of the time are theirs. */
  const sweep = () =>
    sweepMonths(database, async (step) => {
      for (let isMore = true; isMore; ) {
        if (isStopped()) return false;
        const began = clock.elapsedMs();
        isMore = await step();
        if (isMore) await Bun.sleep(2 * (clock.elapsedMs() - began));
      }
      return true;
    });
  await sweep();
  const now = clock.now();
  const { end, heldBack } = await database.read((db) => findOldMonths(db, now));
  if (heldBack !== undefined) tell(heldBackAlert(heldBack));
  if (end === undefined || isStopped()) return;
  if ((await database.read((db) => readClockAhead(db, now.getTime()))) > MOST_AHEAD_MS) {
    log.warn("old months are kept, as this machine's clock is more than a day ahead of the database's");
    return;
  }
  if (!(await dropOldMonths(database, end, now))) return;
  log.info("old months were dropped", { reason: `before ${isoOf(end)}` });
  tell(droppedAlert(end));
  await sweep();
}

function droppedAlert(end: number): Alert {
  return {
    event: "records.dropped",
    key: `records.dropped:${end}`,
    campaignId: null,
    data: { before: isoOf(end) },
  };
}

/** Told once a month that is kept: who has finished what it names is told of the next one. */
function heldBackAlert(heldBack: HeldBack): Alert {
  return {
    event: "records.held_back",
    key: `records.held_back:${heldBack.end}`,
    campaignId: null,
    data: heldBackData(heldBack),
  };
}
