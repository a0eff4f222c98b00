import type { CampaignCache } from "#campaigns/campaign-cache.ts";
import type { Database } from "#database/database.ts";
import type { Outbox } from "#handover/outbox.ts";
import { decide } from "#intake/decide/decide.ts";
import { type ParsedLead, parseLead, type Reading } from "#intake/decide/reading.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { toNotTakenIn } from "#intake/lane/lane.ts";
import { readWithoutLock } from "#intake/lane/read-records.ts";
import { statesFrom } from "#intake/lane/rows.ts";
import type { StoredReply } from "#intake/reply/reply.ts";
import { asksFor, asksToOpen, type ShareAsk } from "#intake/shares/asks.ts";
import type { ShareRow } from "#intake/shares/share-records.ts";
import type { Shares } from "#intake/shares/shares.ts";
import type { Candidate } from "#leads/candidate.ts";
import type { Clock } from "#time/clock.ts";

export interface PreviewParts {
  database: Database;
  campaignCache: CampaignCache;
  outbox: Pick<Outbox, "isDown">;
  clock: Clock;
  /** Where tables are spread over nodes. */
  shares?: Shares | undefined;
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
  { database, campaignCache, outbox, clock, shares }: PreviewParts,
): Promise<Preview | undefined> {
  let campaign = await campaignCache.find(campaignId);
  let asked = 0;
  while (campaign !== undefined) {
    const current = campaign;
    const parsed = leads.map((lead) => ({ lead, reading: parseLead(lead, current) }));
    const rows = await database.lookUp((db) => readWithoutLock(db, current, parsed));
    if (rows.revisions.get(campaignId) === current.revision) {
      const batch = [{ campaign: current, leads: parsed }];
      const state = statesFrom(rows, batch, outbox.isDown, clock.now(), shares?.elsewhere).get(campaignId);
      const asks =
        rows.shares === null || state === undefined ? [] : asksOf(parsed, state, rows.shares, clock);
      if (shares === undefined || asks.length === 0 || asked++ === MOST_ASKED) {
        return state && { state, answers: rows.answers, readings: parsed.map(({ reading }) => reading) };
      }
      await shares.askAndTakeUp(asks).catch((error: unknown) => {
        throw toNotTakenIn(error);
      });
      continue;
    }
    campaign = await database.read((db) => campaignCache.load(db, campaignId));
  }
  return undefined;
}

const MOST_ASKED = 20;

/** What the campaign lacks of its buyers' limits for these leads, as one at a time: where others have it, it is given it for them. */
function asksOf(
  leads: readonly ParsedLead[],
  state: BatchState,
  shares: readonly ShareRow[],
  { now }: Pick<Clock, "now">,
): ShareAsk[] {
  const unopened = asksToOpen(state.campaign, shares);
  if (unopened.length > 0) return unopened;
  const [first = [], ...others] = leads
    .map((parsed) => decide(parsed, state, now()).lacks ?? [])
    .filter((lacks) => lacks.length > 0);
  return asksFor(state, shares, first, others.flat());
}
