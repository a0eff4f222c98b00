import type { Campaign } from "#campaigns/campaign.ts";
import type { CampaignCache } from "#campaigns/campaign-cache.ts";
import type { Queryable } from "#database/database.ts";
import type { Handover, Outbox } from "#handover/outbox.ts";
import { hasLiveKey } from "#intake/decide/access.ts";
import { decide } from "#intake/decide/decide.ts";
import { isDoorRefusal } from "#intake/decide/decision.ts";
import { type ParsedLead, parseLead, type Reading } from "#intake/decide/reading.ts";

import type { BatchState } from "#intake/decide/state.ts";
import { replay, storedReplyFor } from "#intake/reply/idempotency.ts";
import { noSuchCampaign, replyTo, type SupplierReply, supplierError } from "#intake/reply/reply.ts";
import type { Arrived, BuyersAnswers, Candidate, Reopened } from "#leads/candidate.ts";
import type { Clock } from "#time/clock.ts";
import { entryFor, type LeadEntry } from "./entry.ts";
import { lockAndRead } from "./read-records.ts";
import { followRefusal } from "./refusal.ts";
import { type BatchRows, stateFrom } from "./rows.ts";
import { applyDecision, undoDecision } from "./state.ts";
import { write } from "./write.ts";

export interface BatchParts {
  campaignCache: CampaignCache;
  outbox: Pick<Outbox, "write" | "isDown">;
  clock: Clock;
}

/** `reading`: what was made of the lead at the door. */
export interface WaitingLead {
  lead: Arrived | Reopened;
  reading: Reading | null;
}

/** A batch that was decided and written, and is not committed yet. */
export interface DecidedBatch {
  /** Those that went on record, or were decided once more. */
  onRecord: readonly LeadEntry[];
  /** Called once it is committed: how each of its leads came out. What a supplier is told need not be written under the campaign's lock. */
  committed(): LaneResult[];
}

/** The supplier's answer; or the lead is on record as pending, and its buyer has to be asked before there is one. */
export type LaneResult = { answer: SupplierReply } | PendingLead;

export interface PendingLead {
  pending: LeadEntry;
  /** How long its buyers may be asked, one after another, in ms. */
  budgetMs: number;
  /** Asks those of the buyers it is held for that want to be asked, all at once, for at most `withinMs`. */
  ask(withinMs: number): Promise<BuyersAnswers>;
}

/** Decides the leads that wait for one campaign, in the transaction `db`, and writes all that comes of it. */
export async function decideBatch(
  db: Queryable,
  waiting: readonly WaitingLead[],
  { campaignCache, outbox, clock }: BatchParts,
): Promise<DecidedBatch> {
  const locked = await lockCurrent(db, waiting, campaignCache);
  if (locked === undefined) {
    return { onRecord: [], committed: () => waiting.map(({ lead }) => ({ answer: noSuchCampaign(lead) })) };
  }
  const { campaign, rows, leads } = locked;
  const now = clock.now();
  const state = stateFrom(rows, campaign, leads, outbox.isDown, now);
  const onRecord: LeadEntry[] = [];
  const outcomes = leads.map((parsed) => decideNext(parsed, { rows, state, onRecord, now }));
  const [handover] = await Promise.all([
    outbox.write(db, campaign, onRecord, now),
    write(db, state, onRecord, now),
  ]);
  return {
    onRecord,
    committed() {
      handover.committed();
      return outcomes.map((outcome) => outcome(handover));
    },
  };
}

interface Deciding {
  rows: BatchRows;
  state: BatchState;
  onRecord: LeadEntry[];
  now: Date;
}

/** Decides the next lead of a batch, so that those after it see what it changed. */
function decideNext(
  { lead: asked, reading }: ParsedLead<Arrived | Reopened>,
  { rows, state, onRecord, now }: Deciding,
): (handover: Handover) => LaneResult {
  const { campaign } = state;
  const lead = asked.kind === "reopened" ? followRefusal(asked, campaign, now) : asked;
  const parsed = { lead, reading };
  const replayed = hasLiveKey(lead, campaign, now) ? replay(lead, rows.answers, now, campaign) : undefined;
  if (replayed !== undefined) return () => ({ answer: replayed });
  if (hasChanged(lead, rows)) return () => ({ answer: supplierError("conflict", DECIDED_MEANWHILE, lead) });
  // Of two that ask for the same lead in one batch, the second finds it changed.
  rows.standings.delete(lead.id);
  undoDecision(state, lead);
  const decision = decide(parsed, state, now);
  const { ending } = decision;
  if (isDoorRefusal(ending)) return () => ({ answer: replyTo(ending, lead, reading) });
  const entry = entryFor(parsed, decision, ending, now);
  onRecord.push(entry);
  applyDecision(state, parsed, decision, now);
  if (lead.idempotency !== null) {
    rows.answers.set(lead.idempotency.key, storedReplyFor(entry, lead.idempotency, now));
  }
  if (ending.kind !== "pending") return () => ({ answer: entry.answer ?? replyTo(ending, lead, reading) });
  return (handover) => ({
    pending: entry,
    budgetMs: campaign.confirmBudgetMs,
    ask: (withinMs) => handover.ask(lead.id, withinMs),
  });
}

const DECIDED_MEANWHILE = "The lead was settled meanwhile.";

/** Whether a lead that was to be decided once more had changed since it was read, so that it was left as it is. */
export function wasDecidedMeanwhile(result: LaneResult): boolean {
  return "answer" in result && result.answer.httpStatus === CONFLICT;
}

const CONFLICT = 409;

/** Locks the campaign; while it is not the one that this process holds, loads the one in force and reads again by that. */
async function lockCurrent(
  db: Queryable,
  waiting: readonly WaitingLead[],
  campaignCache: CampaignCache,
): Promise<LockedBatch | undefined> {
  const id = waiting[0]?.lead.campaignId ?? "";
  let campaign = campaignCache.cached(id) ?? (await campaignCache.load(db, id));
  while (campaign !== undefined) {
    const leads = parsedBy(campaign, waiting);
    const rows = await lockAndRead(db, campaign, leads);
    if (rows.revision === campaign.revision) return { campaign, rows, leads };
    campaign = await campaignCache.load(db, id);
  }
  return undefined;
}

/** A batch whose campaign is locked, and all that its leads are decided by. */
interface LockedBatch {
  campaign: Campaign;
  rows: BatchRows;
  leads: readonly ParsedLead<Arrived | Reopened>[];
}

/** The leads as the campaign reads them: anew where it has changed since they came through the door. */
function parsedBy(campaign: Campaign, waiting: readonly WaitingLead[]): ParsedLead<Arrived | Reopened>[] {
  return waiting.map(({ lead, reading }) => ({
    lead,
    reading: reading?.campaign === campaign ? reading : parseLead(lead, campaign),
  }));
}

/** Whether a lead that is to be decided once more is no longer as it was when that was asked for. */
function hasChanged(lead: Candidate, rows: BatchRows): boolean {
  if (lead.kind !== "reopened") return false;
  const { status, sales, former, isErased, returnId } = lead.prior;
  const known = [...sales, ...former].map((sale) => `${sale.id}${sale.status}`).toSorted();
  const standing = rows.standings.get(lead.id);
  if (returnId !== null && standing?.pendingReturns.split(" ").includes(returnId) !== true) return true;
  return standing?.status !== status || standing.isErased !== isErased || standing.sales !== known.join(" ");
}
