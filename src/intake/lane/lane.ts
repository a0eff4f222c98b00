import type { Campaign } from "#campaigns/campaign.ts";
import type { Catalog } from "#campaigns/campaign-cache.ts";
import { type Database, DatabaseUnavailable, type Queryable, StatementRefused } from "#database/database.ts";
import type { BuyersAnswer, Outbox } from "#handover/outbox.ts";
import { hasLiveKey } from "#intake/decide/access.ts";
import { decide } from "#intake/decide/decide.ts";
import { isRefusal } from "#intake/decide/decision.ts";
import { type ParsedLead, parseLead, type Reading } from "#intake/decide/reading.ts";
import { remembered, replay } from "#intake/reply/idempotency.ts";
import { type Answer, answerTo, failed, noSuchCampaign } from "#intake/reply/reply.ts";
import type { Arrived, Candidate, Reopened } from "#leads/candidate.ts";
import type { Log } from "#telemetry/log.ts";
import type { Observer, Tracing } from "#telemetry/observer.ts";
import type { Clock } from "#time/clock.ts";
import { entryFor, type LeadEntry } from "./entry.ts";
import { lockAndRead } from "./read-records.ts";
import { type BatchRows, stateFrom } from "./rows.ts";
import { applyDecision, undoDecision } from "./state.ts";
import { write } from "./write.ts";

/**
 * Each campaign has a lane: its leads queue, and one batch at a time is in flight. A batch is whatever queued while the
 * last one was committed: one lead when the campaign is idle, at most `maxBatch`. No timer, no waiting for company.
 */
export interface Lanes {
  /**
   * Takes a lead in and says how that came out, once it is certain. Throws NotTakenIn when nothing was changed.
   * `reading`: what was made of it at the door, which is good while the campaign is the same.
   */
  takeIn(lead: Arrived | Reopened, reading: Reading | null): Promise<LaneResult>;
  /** How many leads wait for each campaign that has any. */
  waiting(): Iterable<readonly [campaignId: string, leads: number]>;
  /** Refuses new leads, and resolves when those in the lanes are answered. */
  close(): Promise<void>;
}

/** The supplier's answer; or the lead is on record as pending, and its buyer has to be asked before there is one. */
export type LaneResult = { answer: Answer } | PendingLead;

export interface PendingLead {
  pending: LeadEntry;
  /** How long its buyers may be asked, one after another, in ms. */
  budgetMs: number;
  /** Asks the buyer that it is reserved for, for at most `withinMs`. */
  ask(withinMs: number): Promise<BuyersAnswer>;
}

/** Nothing was taken in, and the supplier should try again in `retryAfter` seconds. */
export class NotTakenIn extends Error {
  override readonly name = "NotTakenIn";
  readonly retryAfter: number;
  constructor(message: string, retryAfter: number) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

export interface LaneSettings {
  /** Leads in one transaction. */
  maxBatch: number;
  /** Leads that may wait for one campaign. */
  queueLimit: number;
  /** A lead that waited longer, in ms, is refused: its supplier has given up on it or soon will. */
  waitLimitMs: number;
}

export interface LaneParts {
  database: Database;
  catalog: Catalog;
  outbox: Outbox;
  clock: Clock;
  log: Log;
  observer: Observer;
  tracing?: Tracing | undefined;
}

interface Waiting {
  lead: Arrived | Reopened;
  reading: Reading | null;
  /** By the clock that never runs backwards, in ms. */
  since: number;
  resolve: (outcome: LaneResult) => void;
  reject: (error: unknown) => void;
}

interface Lane {
  campaignId: string;
  queue: Waiting[];
  /** The batches in flight and to come; undefined when the lane is idle. */
  running?: Promise<void>;
}

const WARN_EVERY_MS = 5_000;

/** What a batch came to: an outcome for each lead, and what to do once it is committed. */
interface Batch {
  /** Made when they are asked for: what a supplier is told need not be written while the campaign is locked. */
  outcomes: (() => LaneResult)[];
  onRecord: readonly LeadEntry[];
  committed?: () => void;
}

export function openLanes(
  { database, catalog, outbox, clock, log, observer, tracing }: LaneParts,
  settings: LaneSettings,
): Lanes {
  const lanes = new Map<string, Lane>();
  let closed = false;
  let warnedAt = Number.NEGATIVE_INFINITY;

  async function takeIn(lead: Arrived | Reopened, reading: Reading | null): Promise<LaneResult> {
    const lane = laneOf(lead.campaignId);
    if (lead.kind === "arrived") {
      if (closed) throw new NotTakenIn("The server is shutting down.", 1);
      if (lane.queue.length >= settings.queueLimit) {
        throw new NotTakenIn("Too many leads are waiting for this campaign.", 1);
      }
    }
    const { promise, resolve, reject } = Promise.withResolvers<LaneResult>();
    lane.queue.push({ lead, reading, since: clock.elapsedMs(), resolve, reject });
    lane.running ??= run(lane);
    return promise;
  }

  function laneOf(campaignId: string): Lane {
    const lane = lanes.get(campaignId) ?? { campaignId, queue: [] };
    lanes.set(campaignId, lane);
    return lane;
  }

  async function run(lane: Lane): Promise<void> {
    while (lane.queue.length > 0) await answerBatch(lane.queue.splice(0, settings.maxBatch));
    lanes.delete(lane.campaignId);
  }

  async function answerBatch(batch: readonly Waiting[]): Promise<void> {
    const [late, inTime] = partition(batch, (each) => clock.elapsedMs() - each.since > settings.waitLimitMs);
    for (const { reject } of late) {
      reject(new NotTakenIn("The database is too slow to take this lead in.", 1));
    }
    await answer(inTime);
  }

  /** One transaction for all; when the database refuses a value, one for each, so that a lead cannot fail its neighbours. */
  async function answer(waiting: readonly Waiting[]): Promise<void> {
    if (waiting.length === 0) return;
    try {
      const decided = () => database.write((db) => decideBatch(db, waiting));
      const batch = tracing === undefined ? decided() : tracing.ofBatch(waiting, decided);
      const { outcomes, onRecord, committed } = await batch;
      committed?.();
      const campaignId = waiting[0]?.lead.campaignId ?? "";
      observer.batchCommitted({ campaignId, leads: waiting, endedAt: clock.elapsedMs(), onRecord });
      for (const [index, { resolve, reject }] of waiting.entries()) {
        const outcome = outcomes[index];
        if (outcome === undefined) reject(new Error("a lead of the batch was not answered"));
        else resolve(outcome());
      }
    } catch (error) {
      if (!(error instanceof StatementRefused)) {
        warn(error, waiting.length);
        for (const { reject } of waiting) reject(refused(error));
      } else if (waiting.length > 1) {
        for (const each of waiting) await answer([each]);
      } else {
        log.error("the database refused a lead", { error });
        for (const { resolve, lead } of waiting) {
          resolve({ answer: failed("malformed_body", "A value of this lead cannot be stored.", lead) });
        }
      }
    }
  }

  /** An outage fails every batch: one line in a while says so. */
  function warn(error: unknown, count: number): void {
    if (clock.elapsedMs() - warnedAt < WARN_EVERY_MS) return;
    warnedAt = clock.elapsedMs();
    log.warn("leads cannot be taken in", { count, error });
  }

  async function decideBatch(db: Queryable, waiting: readonly Waiting[]): Promise<Batch> {
    const current = await lockCurrent(db, waiting);
    if (current === undefined) {
      return {
        outcomes: waiting.map(({ lead }) => () => ({ answer: noSuchCampaign(lead) })),
        onRecord: [],
      };
    }
    const { campaign, rows, leads } = current;
    const now = clock.now();
    const state = stateFrom(rows, campaign, leads, outbox.isDown, now);
    const onRecord: LeadEntry[] = [];
    const outcomes = leads.map((parsed): (() => LaneResult) => {
      const { lead, reading } = parsed;
      const replayed = hasLiveKey(lead, campaign, now) ? replay(lead, rows.answers, now) : undefined;
      if (replayed !== undefined) return () => ({ answer: replayed });
      if (hasChanged(lead, rows)) return () => ({ answer: failed("conflict", DECIDED_MEANWHILE, lead) });
      undoDecision(state, lead);
      const decision = decide(parsed, state, now);
      const { ending } = decision;
      if (isRefusal(ending)) return () => ({ answer: answerTo(ending, lead, reading) });
      const entry = entryFor(parsed, decision, ending, now);
      onRecord.push(entry);
      applyDecision(state, parsed, decision, now);
      if (lead.idempotency !== null) {
        rows.answers.set(lead.idempotency.key, remembered(entry, lead.idempotency, now));
      }
      if (ending.kind === "pending") {
        const budgetMs = campaign.confirmBudgetMs;
        return () => ({ pending: entry, budgetMs, ask: (withinMs) => handover.ask(lead.id, withinMs) });
      }
      return () => ({ answer: entry.answer ?? answerTo(ending, lead, reading) });
    });
    const [handover] = await Promise.all([
      outbox.write(db, campaign, onRecord, now),
      write(db, state, onRecord, now),
    ]);
    return { outcomes, onRecord, committed: handover.committed };
  }

  /** Locks the campaign; while it is not the one that this process holds, loads the one in force and reads again by that. */
  async function lockCurrent(db: Queryable, waiting: readonly Waiting[]): Promise<LockedBatch | undefined> {
    const id = waiting[0]?.lead.campaignId ?? "";
    let campaign = catalog.held(id) ?? (await catalog.load(db, id));
    while (campaign !== undefined) {
      const leads = parsedBy(campaign, waiting);
      const rows = await lockAndRead(db, campaign, leads);
      if (rows.revision === campaign.revision) return { campaign, rows, leads };
      campaign = await catalog.load(db, id);
    }
    return undefined;
  }

  return {
    takeIn,
    waiting: () => [...lanes.values()].map(({ campaignId, queue }) => [campaignId, queue.length] as const),
    async close() {
      closed = true;
      await Promise.all([...lanes.values()].flatMap((lane) => lane.running ?? []));
    },
  };
}

const DECIDED_MEANWHILE = "The lead was settled meanwhile.";

/** A batch whose campaign is locked, and all that its leads are decided by. */
interface LockedBatch {
  campaign: Campaign;
  rows: BatchRows;
  leads: readonly ParsedLead<Arrived | Reopened>[];
}

/** The leads as the campaign reads them: anew where it has changed since they came through the door. */
function parsedBy(campaign: Campaign, waiting: readonly Waiting[]): ParsedLead<Arrived | Reopened>[] {
  return waiting.map(({ lead, reading }) => ({
    lead,
    reading: reading?.campaign === campaign ? reading : parseLead(lead, campaign),
  }));
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  const first: T[] = [];
  const second: T[] = [];
  for (const item of items) (isFirst(item) ? first : second).push(item);
  return [first, second];
}

/** Whether a lead that is to be decided once more is no longer as it was when that was asked for. */
function hasChanged(lead: Candidate, rows: BatchRows): boolean {
  if (lead.kind !== "reopened") return false;
  const { status, sales } = lead.prior;
  const standing = rows.standings.get(lead.id);
  return (
    standing?.status !== status || standing.buyerId !== (sales.at(0)?.buyerId ?? null) || standing.isErased
  );
}

function refused(error: unknown): unknown {
  if (!(error instanceof DatabaseUnavailable)) return error;
  return new NotTakenIn(error.certain ? "The database is not available." : LOST_AT_COMMIT, 2);
}

const LOST_AT_COMMIT =
  "The database was lost at the last moment, and whether the lead was taken in is not known. Send it again with the same Idempotency-Key.";
