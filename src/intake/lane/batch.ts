import type { Campaign, CampaignCheck } from "#campaigns/campaign.ts";
import type { CampaignCache } from "#campaigns/campaign-cache.ts";
import type { Queryable } from "#database/database.ts";
import type { DecidedLeads, Handover, Outbox } from "#handover/outbox.ts";
import { hasLiveKey } from "#intake/decide/access.ts";
import { decide } from "#intake/decide/decide.ts";
import { isDoorRefusal, type Lack } from "#intake/decide/decision.ts";
import { type ParsedLead, parseLead, type Reading } from "#intake/decide/reading.ts";

import type { BatchState } from "#intake/decide/state.ts";
import { replay, storedReplyFor } from "#intake/reply/idempotency.ts";
import {
  noSuchCampaign,
  replyOnRecord,
  replyTo,
  type StandingLead,
  type SupplierReply,
  supplierError,
  unavailable,
} from "#intake/reply/reply.ts";
import { asksFor, asksToOpen, grantedTo, ShortOfShares, takenUpBy } from "#intake/shares/asks.ts";
import { type ShareRow, writeShares } from "#intake/shares/share-records.ts";
import type { Shares } from "#intake/shares/shares.ts";
import type { Arrived, BuyersAnswers, Candidate, Reopened } from "#leads/candidate.ts";
import { CLAIM_MS } from "#peers/owners.ts";
import { writeOwners } from "#peers/peer-records.ts";
import type { Peers } from "#peers/peers.ts";
import type { Clock } from "#time/clock.ts";
import { entryFor, type LeadEntry } from "./entry.ts";
import { noticesOf } from "./notice.ts";
import { lockAndRead } from "./read-records.ts";
import { followRefusal } from "./refusal.ts";
import { answerName, type BatchRows, type LeadsOfCampaign, statesFrom } from "./rows.ts";
import { sentAgain } from "./sent-again.ts";
import { applyDecision, undoDecision } from "./state.ts";
import { write } from "./write.ts";

export interface BatchParts {
  campaignCache: CampaignCache;
  outbox: Pick<Outbox, "write" | "isDown" | "tellIn" | "undelivered">;
  clock: Clock;
  /** Absent where there can be no other server. */
  peers?: Pick<Peers, "owners" | "decided"> | undefined;
  /** Where tables are spread over nodes. */
  shares?: Pick<Shares, "elsewhere" | "ask"> | undefined;
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
  /** The campaigns that somebody else held and that were left: nothing of their leads is decided. */
  left: ReadonlySet<string>;
  /** The leads of other campaigns that somebody else held: nothing of them is decided. */
  held: ReadonlySet<Arrived | Reopened>;
  /**
   * Called once it is committed: how each of the other leads came out. What a supplier is told need not be written under the campaigns'
   * locks.
   */
  committed(): Map<Arrived | Reopened, LaneResult>;
}

/**
 * The supplier's answer; or the lead is on record as pending, and its buyer has to be asked before there is one; or nothing was done, since
 * others have to be asked about it first. That is never so of a lead on record.
 */
export type LaneResult = { answer: SupplierReply; unchecked?: readonly CampaignCheck[] } | PendingLead;

export interface PendingLead {
  pending: LeadEntry;
  /** How long its buyers may be asked, one after another, in ms. */
  budgetMs: number;
  /** Asks those of the buyers it is held for that want to be asked, all at once, for at most `withinMs`. */
  ask(withinMs: number): Promise<BuyersAnswers>;
}

/**
 * Decides leads that wait, in the transaction `db`, and writes all that comes of it. Campaigns that somebody else holds are waited for, or
 * left.
 *
 * @throws ShortOfShares before anything is written: what it asks for has to be asked for outside of the transaction.
 */
export async function decideBatch(
  db: Queryable,
  waiting: readonly WaitingLead[],
  ofHeld: "wait" | "leave",
  { campaignCache, outbox, clock, peers, shares, granted }: BatchParts & { granted: readonly ShareRow[] },
): Promise<DecidedBatch> {
  const isShared = peers?.owners.isShared() ?? false;
  const { batch, rows, left, gone } = await lockCurrent(db, waiting, { ofHeld, isShared }, campaignCache);
  const ids = batch.map(({ campaign }) => campaign.id);
  const claims = isShared ? (peers?.owners.claimsFor(ids, rows.owners) ?? []) : [];
  const now = clock.now();
  refuseWhatIsNotOpen(batch, rows);
  // Those are found changed, as is one that is asked for twice.
  for (const lead of await sentAgain(db, batch, outbox)) rows.standings.delete(lead);
  const takenUp = takeUp(rows, granted);
  const states = statesFrom(rows, batch, outbox.isDown, now, shares?.elsewhere);
  const outcomes = new Map<Arrived | Reopened, LeadOutcome>(
    gone.map((lead) => [lead, () => ({ answer: noSuchCampaign(lead) })]),
  );
  const onRecord: LeadEntry[] = [];
  const held = new Set<Arrived | Reopened>();
  for (const { campaign, leads } of batch) {
    const state = states.get(campaign.id);
    if (state === undefined) continue;
    const lacking: Lacking[] = [];
    for (const parsed of leads) {
      if (rows.held.has(parsed.lead.id)) held.add(parsed.lead);
      else outcomes.set(parsed.lead, decideNext(parsed, { rows, state, onRecord, now, lacking }));
    }
    refuseWhatLacks(lacking, leads, state, rows);
  }
  const [handover, told] = await Promise.all([
    outbox.write(db, decidedLeads(batch, onRecord), now),
    outbox.tellIn(db, noticesOf(onRecord, states)),
    write(db, states, onRecord, now),
    takenUp.length === 0 ? undefined : writeShares(db, takenUp),
    claims.length === 0 ? undefined : writeOwners(db, claims, CLAIM_MS),
  ]);
  return {
    onRecord,
    left,
    held,
    committed() {
      handover.committed();
      told();
      const results = new Map<Arrived | Reopened, LaneResult>();
      for (const [lead, outcome] of outcomes) results.set(lead, outcome(handover));
      return results;
    },
  };
}

/** Makes the campaigns' shares of what was granted to them, under their locks; those that are others by it are to be written. */
function takeUp(rows: BatchRows, granted: readonly ShareRow[]): ShareRow[] {
  if (rows.shares === null || granted.length === 0) return [];
  const takenUp = takenUpBy(rows.shares, granted);
  rows.shares = rows.shares.map((share) => grantedTo(share, granted));
  return takenUp;
}

/** @throws ShortOfShares */
function refuseWhatIsNotOpen(batch: readonly LeadsOfCampaign[], { shares }: BatchRows): void {
  const asks = shares === null ? [] : batch.flatMap(({ campaign }) => asksToOpen(campaign, shares));
  if (asks.length > 0) throw new ShortOfShares(asks);
}

/** @throws ShortOfShares */
function refuseWhatLacks(
  [first, ...behind]: readonly Lacking[],
  leads: readonly ParsedLead<Arrived | Reopened>[],
  state: BatchState,
  { shares }: BatchRows,
): void {
  if (first === undefined) return;
  const before = leads.slice(
    0,
    leads.findIndex(({ lead }) => lead === first.lead),
  );
  throw new ShortOfShares(
    asksFor(
      state,
      shares ?? [],
      first.lacks,
      behind.flatMap(({ lacks }) => lacks),
    ),
    new Set(before.map(({ lead }) => lead)),
  );
}

/** How a lead came out, once what is to be sent of it is handed over. */
type LeadOutcome = (handover: Handover) => LaneResult;

/** What went on record, by campaign. */
function decidedLeads(batch: readonly LeadsOfCampaign[], onRecord: readonly LeadEntry[]): DecidedLeads[] {
  const entries = Map.groupBy(onRecord, ({ lead }) => lead.campaignId);
  return batch.map(({ campaign }) => ({ campaign, leads: entries.get(campaign.id) ?? [] }));
}

interface Deciding {
  rows: BatchRows;
  state: BatchState;
  onRecord: LeadEntry[];
  now: Date;
  /** The leads that lack something, and those behind them that did as if these were decided: then nothing of the batch is written. */
  lacking: Lacking[];
}

interface Lacking {
  lead: Candidate;
  lacks: readonly Lack[];
}

/** Decides the next lead of a batch, so that those after it see what it changed. */
function decideNext(
  { lead: asked, reading }: ParsedLead<Arrived | Reopened>,
  { rows, state, onRecord, now, lacking }: Deciding,
): LeadOutcome {
  const { campaign } = state;
  const lead = asked.kind === "reopened" ? followRefusal(asked, campaign, now) : asked;
  const parsed = { lead, reading };
  const name = lead.idempotency === null ? null : answerName(campaign.id, lead.idempotency.key);
  const stored = name !== null && hasLiveKey(lead, campaign, now) ? rows.answers.get(name) : undefined;
  const replayed = replay(lead, stored, now, campaign);
  if (replayed !== undefined) return () => ({ answer: replayed });
  const known = rows.onRecord.get(lead.id);
  if (known !== undefined) return () => ({ answer: answerOnRecord(lead, known, campaign) });
  if (hasChanged(lead, rows)) return () => ({ answer: supplierError("conflict", DECIDED_MEANWHILE, lead) });
  // Of two that ask for the same lead in one batch, the second finds it changed.
  rows.standings.delete(lead.id);
  undoDecision(state, lead);
  const decision = decide(parsed, state, now);
  const { ending } = decision;
  if (decision.lacks !== undefined && decision.lacks.length > 0)
    lacking.push({ lead: asked, lacks: decision.lacks });
  if (isDoorRefusal(ending)) {
    const unchecked = ending.kind === "unchecked" ? { unchecked: ending.checks } : {};
    return () => ({ answer: replyTo(ending, lead, reading), ...unchecked });
  }
  const entry = entryFor(parsed, decision, ending, now);
  onRecord.push(entry);
  applyDecision(state, parsed, decision, now);
  if (name !== null && lead.idempotency !== null) {
    rows.answers.set(name, storedReplyFor(entry, lead.idempotency, now));
  }
  if (ending.kind !== "pending") return () => ({ answer: entry.answer ?? replyTo(ending, lead, reading) });
  return (handover) => ({
    pending: entry,
    budgetMs: campaign.confirmBudgetMs,
    ask: (withinMs) => handover.ask(lead.id, withinMs),
  });
}

/** The answer to a lead that another server took in and could not answer any more. */
function answerOnRecord(lead: Candidate, known: StandingLead, { showBuyers }: Campaign): SupplierReply {
  const ended = replyOnRecord(lead.id, known, lead, showBuyers);
  if (ended !== undefined) return { ...ended, replayed: false };
  return unavailable({ message: STILL_ASKED, retryAfter: 2 }, lead);
}

const STILL_ASKED =
  "The lead was taken in, and its buyer has not answered yet. Send it again with the same Idempotency-Key.";

const DECIDED_MEANWHILE = "The lead was settled meanwhile.";

/** Whether a lead that was to be decided once more had changed since it was read, so that it was left as it is. */
export function wasDecidedMeanwhile(result: LaneResult): boolean {
  return "answer" in result && result.answer.httpStatus === CONFLICT;
}

const CONFLICT = 409;

/** A batch whose campaigns are locked, and all that its leads are decided by. */
interface LockedBatch {
  batch: readonly LeadsOfCampaign<Arrived | Reopened>[];
  rows: BatchRows;
  left: ReadonlySet<string>;
  /** The leads of campaigns that there are not. */
  gone: readonly (Arrived | Reopened)[];
}

/** Locks the campaigns; while one is not as this process holds it, loads the one in force and reads again by that. */
async function lockCurrent(
  db: Queryable,
  waiting: readonly WaitingLead[],
  how: { ofHeld: "wait" | "leave"; isShared: boolean },
  campaignCache: CampaignCache,
): Promise<LockedBatch> {
  const { ofHeld } = how;
  const byCampaign = Map.groupBy(waiting.toSorted(byId), ({ lead }) => lead.campaignId);
  const current = new Map<string, Campaign | undefined>();
  for (const id of [...byCampaign.keys()].toSorted()) {
    current.set(id, campaignCache.cached(id) ?? (await campaignCache.load(db, id)));
  }
  const left = new Set<string>();
  for (;;) {
    const batch = [...current.values()].flatMap((campaign) =>
      campaign === undefined
        ? []
        : [{ campaign, leads: parsedBy(campaign, byCampaign.get(campaign.id) ?? []) }],
    );
    const rows = await lockAndRead(db, batch, how);
    const changed = batch.filter(({ campaign }) => rows.revisions.get(campaign.id) !== campaign.revision);
    for (const { campaign } of changed) {
      const isLeft = ofHeld === "leave" && !rows.revisions.has(campaign.id);
      if (isLeft) left.add(campaign.id);
      current.set(campaign.id, isLeft ? undefined : await campaignCache.load(db, campaign.id));
    }
    if (changed.every(({ campaign }) => left.has(campaign.id))) {
      const gone = [...current].filter(([id, campaign]) => campaign === undefined && !left.has(id));
      return {
        batch: batch.filter(({ campaign }) => !left.has(campaign.id)),
        rows,
        left,
        gone: gone.flatMap(([id]) => byCampaign.get(id) ?? []).map(({ lead }) => lead),
      };
    }
  }
}

/** In the order that the record tells: all of a batch are decided at one time, and some take longer from the door to the lane. */
function byId({ lead: one }: WaitingLead, { lead: other }: WaitingLead): number {
  return one.id < other.id ? -1 : 1;
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
