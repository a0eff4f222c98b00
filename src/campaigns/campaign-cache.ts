import type { Database, Queryable } from "#database/database.ts";
import { type Campaign, compileCampaign } from "./campaign.ts";
import { readCampaign, readRevision } from "./campaign-records.ts";

/**
 * The compiled campaigns that this process holds. They may be old: a lead is decided by one only after its revision was compared with
 * the row that is locked, and the new one is loaded where they differ.
 */
export interface CampaignCache {
  /** The campaign as it is cached, whether or not it is still the one in force. */
  cached(id: string): Campaign | undefined;
  /** The campaign as it is cached, or as it is stored when none is cached yet; undefined when there is none. */
  find(id: string): Promise<Campaign | undefined>;
  /** The campaign as it is stored now: the cached one again when that is the one in force. */
  current(campaign: Campaign): Promise<Campaign | undefined>;
  /** Compiles the campaign as `db` sees it now, and caches that from here on. */
  load(db: Queryable, id: string): Promise<Campaign | undefined>;
}

/** `pepper` keys the hashes that people are compared by. */
export function createCampaignCache(database: Database, pepper: Uint8Array): CampaignCache {
  const compiled = new Map<string, Campaign>();

  async function load(db: Queryable, id: string): Promise<Campaign | undefined> {
    const stored = await readCampaign(db, id);
    if (stored === undefined) {
      compiled.delete(id);
      return undefined;
    }
    const newest = compiled.get(id);
    if (newest !== undefined && newest.revision === stored.revision) return newest;
    const campaign = compileCampaign(stored, pepper);
    compiled.set(id, campaign);
    return campaign;
  }

  return {
    cached: (id) => compiled.get(id),
    load,
    current: (campaign) =>
      database.read(async (db) => {
        const revision = await readRevision(db, campaign.id);
        return revision === campaign.revision ? campaign : await load(db, campaign.id);
      }),
    find: async (id) => compiled.get(id) ?? (await database.read((db) => load(db, id))),
  };
}
