import type { Catalog } from "#campaigns/campaign-cache.ts";
import type { Database } from "#database/database.ts";
import type { Outbox } from "#handover/outbox.ts";
import type { Lead } from "#intake/decide/reading.ts";
import type { Known } from "#intake/decide/state.ts";
import { readWithoutLock } from "#intake/lane/read-records.ts";
import { knownFrom } from "#intake/lane/rows.ts";
import type { Clock } from "#time/clock.ts";

export interface WithoutLockParts {
  database: Database;
  catalog: Catalog;
  outbox: Pick<Outbox, "isDown">;
  clock: Clock;
}

/**
 * What is known of leads of one campaign, by the configuration in force, for decisions that change nothing: dry runs and pings. By the time that
 * they are made it may be different. Undefined: there is no such campaign.
 */
export async function knownWithoutLock(
  campaignId: string,
  leads: readonly Lead[],
  { database, catalog, outbox, clock }: WithoutLockParts,
): Promise<Known | undefined> {
  let campaign = await catalog.campaign(campaignId);
  while (campaign !== undefined) {
    const held = campaign;
    const facts = await database.lookUp((db) => readWithoutLock(db, held, leads));
    if (facts.revision === held.revision) return knownFrom(facts, held, leads, outbox.isDown, clock.now());
    campaign = await database.read((db) => catalog.load(db, campaignId));
  }
  return undefined;
}
