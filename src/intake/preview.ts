import type { CampaignCache } from "#campaigns/campaign-cache.ts";
import type { Database } from "#database/database.ts";
import type { Outbox } from "#handover/outbox.ts";
import { parseLead, type Reading } from "#intake/decide/reading.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { readWithoutLock } from "#intake/lane/read-records.ts";
import { statesFrom } from "#intake/lane/rows.ts";
import type { StoredReply } from "#intake/reply/reply.ts";
import type { Candidate } from "#leads/candidate.ts";
import type { Clock } from "#time/clock.ts";

export interface PreviewParts {
  database: Database;
  campaignCache: CampaignCache;
  outbox: Pick<Outbox, "isDown">;
  clock: Clock;
}

/** Leads of one campaign, and the state that they would be decided by. */
export interface Preview {
  state: BatchState;
  /** What idempotency keys of theirs are remembered for, by `answerName`. */
  answers: ReadonlyMap<string, StoredReply>;
  /** In the order in which the leads were given. */
  readings: readonly Reading[];
}

/**
 * What leads of one campaign would be decided by, by the configuration in force, for decisions that change nothing: dry runs and pings.
 * By the time that they are made it may be different. Undefined: there is no such campaign.
 */
export async function readPreview(
  campaignId: string,
  leads: readonly Candidate[],
  { database, campaignCache, outbox, clock }: PreviewParts,
): Promise<Preview | undefined> {
  let campaign = await campaignCache.find(campaignId);
  while (campaign !== undefined) {
    const current = campaign;
    const parsed = leads.map((lead) => ({ lead, reading: parseLead(lead, current) }));
    const rows = await database.lookUp((db) => readWithoutLock(db, current, parsed));
    if (rows.revisions.get(campaignId) === current.revision) {
      const batch = [{ campaign: current, leads: parsed }];
      const state = statesFrom(rows, batch, outbox.isDown, clock.now()).get(campaignId);
      return state && { state, answers: rows.answers, readings: parsed.map(({ reading }) => reading) };
    }
    campaign = await database.read((db) => campaignCache.load(db, campaignId));
  }
  return undefined;
}
