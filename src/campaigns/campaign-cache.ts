import type { Database, Queryable } from "#database/database.ts";
import { type Campaign, compileCampaign } from "./campaign.ts";
import { readCampaign, readRevision } from "./campaign-records.ts";

/**
 * The compiled campaigns that this process holds. What is held may be old: whoever decides a lead by it compares its
 * revision with the row it has locked, and loads the new one when they differ.
 */
export interface Catalog {
  /** The campaign as it is held, whether or not it is still the one in force. */
  held(id: string): Campaign | undefined;
  /** The campaign as it is held, or as it is stored when none is held yet; undefined when there is none. */
  campaign(id: string): Promise<Campaign | undefined>;
  /** The campaign as it is stored now: the held one again when that is the one in force. */
  current(held: Campaign): Promise<Campaign | undefined>;
  /** Compiles the campaign as `db` sees it now, and holds that from here on. */
  load(db: Queryable, id: string): Promise<Campaign | undefined>;
}

/** `pepper` keys the hashes that people are compared by. */
export function createCatalog(database: Database, pepper: Uint8Array): Catalog {
  const held = new Map<string, Campaign>();

  async function load(db: Queryable, id: string): Promise<Campaign | undefined> {
    const stored = await readCampaign(db, id);
    if (stored === undefined) {
      held.delete(id);
      return undefined;
    }
    const newest = held.get(id);
    if (newest !== undefined && newest.revision === stored.revision) return newest;
    const campaign = compileCampaign(stored, pepper);
    held.set(id, campaign);
    return campaign;
  }

  return {
    held: (id) => held.get(id),
    load,
    current: (held) =>
      database.read(async (db) => {
        const revision = await readRevision(db, held.id);
        return revision === held.revision ? held : await load(db, held.id);
      }),
    campaign: async (id) => held.get(id) ?? (await database.read((db) => load(db, id))),
  };
}
