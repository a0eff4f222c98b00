import type { Catalog } from "#campaigns/campaign-cache.ts";
import type { Database } from "#database/database.ts";
import type { Outbox } from "#handover/outbox.ts";
import type { Lead } from "#intake/decide/reading.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { readWithoutLock } from "#intake/lane/read-records.ts";
import { stateFrom } from "#intake/lane/rows.ts";
import type { Clock } from "#time/clock.ts";

export interface PreviewParts {
  database: Database;
  catalog: Catalog;
  outbox: Pick<Outbox, "isDown">;
  clock: Clock;
}

/**
 * The state that leads of one campaign would be decided by, by the configuration in force, for decisions that change nothing: dry runs and pings. By the time that
 * they are made it may be different. Undefined: there is no such campaign.
 */
export async function readState(
  campaignId: string,
  leads: readonly Lead[],
  { database, catalog, outbox, clock }: PreviewParts,
): Promise<BatchState | undefined> {
  let campaign = await catalog.campaign(campaignId);
  while (campaign !== undefined) {
    const current = campaign;
    const rows = await database.lookUp((db) => readWithoutLock(db, current, leads));
    if (rows.revision === current.revision)
      return stateFrom(rows, current, leads, outbox.isDown, clock.now());
    campaign = await database.read((db) => catalog.load(db, campaignId));
  }
  return undefined;
}
