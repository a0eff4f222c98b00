import { readRevision } from "#campaigns/campaign-records.ts";
import type { Database } from "#database/database.ts";
import type { ParsedLead } from "#intake/decide/reading.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { readPeople } from "#intake/lane/read-records.ts";
import type { StoredReply } from "#intake/reply/reply.ts";
import { type ReadLimits, readTogether } from "./together.ts";

/** What is known of a lead's person before the lane. */
export interface FirstRead {
  /** As far as it does not matter what buyers have had. */
  state: BatchState;
  /** What idempotency keys are remembered for, by `answerName`. */
  answers: ReadonlyMap<string, StoredReply>;
  /** Whether the campaign that it was read by is still the one in force. */
  isInForce: boolean;
}

/** How long the first reads of a campaign are apart, in ms; the first one never waits. A check takes ten times as long at least. */
const APART_MS = 4;

/** Reads, without a lock, what a lead is decided by until others are asked about it, by the campaign that it was read by. */
export function openFirstReads(
  database: Database,
  limits: ReadLimits,
): (parsed: ParsedLead) => Promise<FirstRead> {
  const readFor = readTogether<ParsedLead, FirstRead>(readThem, limits, APART_MS);
  async function readThem(leads: readonly ParsedLead[], campaignId: string): Promise<FirstRead[]> {
    const batch = leads.map((parsed) => ({ campaign: parsed.reading.campaign, leads: [parsed] }));
    const [people, revision] = await database.lookUp((db) =>
      Promise.all([readPeople(db, batch), readRevision(db, campaignId)]),
    );
    const { suppressed, earlier, answers, redeemed } = people;
    return batch.map(({ campaign }) => ({
      state: { ...NOTHING_USED, campaign, suppressed, earlier, redeemed },
      answers,
      isInForce: campaign.revision === revision,
    }));
  }
  return (parsed) => readFor(parsed, parsed.lead.campaignId);
}

const NOTHING_USED: Omit<BatchState, "campaign" | "suppressed" | "earlier" | "redeemed"> = {
  down: new Set(),
  receivedByBuyer: new Map(),
  contracts: new Map(),
  turns: 0,
  links: new Map(),
  buyers: new Map(),
};
