import { createCampaignCache } from "#campaigns/campaign-cache.ts";
import type { Queryable } from "#database/database.ts";
import { undelivered } from "#delivery/outbox/lead-deliveries-records.ts";
import type { DecidedLeads } from "#handover/outbox.ts";
import { type Lanes, openLanes } from "#intake/lane/lane.ts";
import { createLog } from "#telemetry/log.ts";
import type { Observer } from "#telemetry/observer.ts";
import type { Journey } from "../journeys/journeys.ts";
import { PEPPER } from "./leadgate.ts";

const ignore = () => undefined;

/** A server, and the database that it is on. */
export type Beside = Pick<Journey, "leadgate" | "database">;

/** Lanes beside those of a server, which send nothing; `wrote` is called with each batch in its transaction, before the rest of it is written. */
export function openLanesBeside(
  { leadgate, database }: Beside,
  wrote: (batch: readonly DecidedLeads[], db: Queryable) => void = ignore,
): Lanes {
  const { clock } = leadgate;
  const outbox = {
    async write(db: Queryable, batch: readonly DecidedLeads[]) {
      wrote(batch, db);
      return { committed: ignore, ask: () => Promise.reject(new Error("nobody is asked")) };
    },
    isDown: () => false,
    tellIn: async () => ignore,
    undelivered,
  };
  const log = createLog({ format: "json", level: "error", write: ignore, now: clock.now });
  const observer = { batchCommitted: ignore } as unknown as Observer;
  return openLanes(
    { database, campaignCache: createCampaignCache(database, PEPPER), outbox, clock, log, observer },
    { maxBatch: 256, queueLimit: 100, mostWaiting: 1, waitLimitMs: 60_000 },
  );
}
