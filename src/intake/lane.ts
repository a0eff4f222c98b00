import type { Campaign } from "#catalog/campaign.ts";
import type { Catalog } from "#catalog/catalog.ts";
import type { Clock } from "#clock.ts";
import { type Database, DatabaseUnavailable, type Queryable, StatementRefused } from "#database/database.ts";
import type { Log } from "#log.ts";
import { type Answer, answerTo, failed, noSuchCampaign } from "./answer.ts";
import { type Facts, knownFrom } from "./facts.ts";
import { lockAndRead } from "./facts-records.ts";
import type { Outbox } from "./hand-over.ts";
import { replay } from "./idempotency.ts";
import { decide } from "./intake.ts";
import { remember } from "./known.ts";
import type { Lead } from "./lead.ts";
import { statusOf } from "./outcome.ts";
import { record, type Taken, takenIn } from "./record.ts";

/**
 * Each campaign has a lane: its leads queue, and one batch at a time is in flight. A batch is whatever queued while the
 * last one was committed: one lead when the campaign is idle, at most `maxBatch`. No timer, no waiting for company.
 */
export interface Lanes {
  /** Takes a lead in and says how it ended, once that is certain. Throws NotTakenIn when nothing was taken in. */
  takeIn(lead: Lead): Promise<Answer>;
  /** Refuses new leads, and resolves when those in the lanes are answered. */
  close(): Promise<void>;
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

interface Waiting {
  lead: Lead;
  since: Date;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

interface Lane {
  campaignId: string;
  queue: Waiting[];
  /** The batches in flight and to come; undefined when the lane is idle. */
  running?: Promise<void>;
}

/** What a batch came to: an answer for each lead, and what to do once it is committed. */
interface Batch {
  answers: Answer[];
  committed?: () => void;
}

export interface LaneParts {
  database: Database;
  catalog: Catalog;
  outbox: Outbox;
  clock: Clock;
  log: Log;
}

export function openLanes(
  { database, catalog, outbox, clock, log }: LaneParts,
  settings: LaneSettings,
): Lanes {
  const lanes = new Map<string, Lane>();
  let closed = false;

  async function takeIn(lead: Lead): Promise<Answer> {
    if (closed) throw new NotTakenIn("The server is shutting down.", 1);
    const lane = laneOf(lead.campaignId);
    if (lane.queue.length >= settings.queueLimit)
      throw new NotTakenIn("Too many leads are waiting for this campaign.", 1);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    lane.queue.push({ lead, since: clock.now(), resolve, reject });
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
    const [late, inTime] = partition(
      batch,
      (each) => clock.now().getTime() - each.since.getTime() > settings.waitLimitMs,
    );
    for (const { reject } of late)
      reject(new NotTakenIn("The database is too slow to take this lead in.", 1));
    await answer(inTime);
  }

  /** One transaction for all; when the database refuses a value, one for each, so that a lead cannot fail its neighbours. */
  async function answer(waiting: readonly Waiting[]): Promise<void> {
    if (waiting.length === 0) return;
    const leads = waiting.map((each) => each.lead);
    try {
      const { answers, committed } = await database.write((db) => decideBatch(db, leads));
      committed?.();
      for (const [index, { resolve, reject }] of waiting.entries()) {
        const answer = answers[index];
        if (answer === undefined) reject(new Error("a lead of the batch was not answered"));
        else resolve(answer);
      }
    } catch (error) {
      if (!(error instanceof StatementRefused)) {
        for (const { reject } of waiting) reject(refused(error));
      } else if (waiting.length > 1) {
        for (const each of waiting) await answer([each]);
      } else {
        log.error("the database refused a lead", { error });
        for (const { resolve, lead } of waiting) {
          resolve(failed("malformed_body", "A value of this lead cannot be stored.", lead));
        }
      }
    }
  }

  async function decideBatch(db: Queryable, leads: readonly Lead[]): Promise<Batch> {
    const { campaign, facts } = await lockCurrent(db, leads);
    if (campaign === undefined || facts === undefined) return { answers: leads.map(noSuchCampaign) };
    const now = clock.now();
    const known = knownFrom(facts, campaign, leads, outbox.isDown, now);
    const onRecord: Taken[] = [];
    const answers = leads.map((lead) => {
      const replayed = replay(lead, facts.answers, now);
      if (replayed !== undefined) return replayed;
      const decision = decide(lead, known, now);
      const answer = answerTo(decision.ending, lead, campaign);
      const taken = takenIn(lead, decision, answer, campaign);
      if (taken !== undefined) onRecord.push(taken);
      remember(known, lead, decision, now);
      rememberAnswer(facts, lead, decision.ending, answer, now);
      return answer;
    });
    await Promise.all([record(db, known, onRecord, now), outbox.write(db, campaign, onRecord, now)]);
    return { answers, committed: () => outbox.committed(campaign, onRecord) };
  }

  /** Locks the campaign; when it is no longer the one that this process holds, loads the new one and reads again by that. */
  async function lockCurrent(
    db: Queryable,
    leads: readonly Lead[],
  ): Promise<{ campaign?: Campaign | undefined; facts?: Facts }> {
    const id = leads[0]?.campaignId ?? "";
    let campaign = catalog.held(id) ?? (await catalog.load(db, id));
    while (campaign !== undefined) {
      const facts = await lockAndRead(db, campaign, leads);
      if (facts.revision === campaign.revision) return { campaign, facts };
      campaign = await catalog.load(db, id);
    }
    return {};
  }

  return {
    takeIn,
    async close() {
      closed = true;
      await Promise.all([...lanes.values()].map((lane) => lane.running));
    },
  };
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  const first: T[] = [];
  const second: T[] = [];
  for (const item of items) (isFirst(item) ? first : second).push(item);
  return [first, second];
}

function rememberAnswer(
  facts: Facts,
  lead: Lead,
  ending: Parameters<typeof statusOf>[0],
  answer: Answer,
  now: Date,
): void {
  if (lead.idempotency === null || statusOf(ending) === null) return;
  facts.answers.set(lead.idempotency.key, {
    requestHash: lead.idempotency.requestHash,
    httpStatus: answer.httpStatus,
    answer: answer.body,
    createdAt: now.getTime(),
  });
}

function refused(error: unknown): unknown {
  if (!(error instanceof DatabaseUnavailable)) return error;
  return new NotTakenIn("The database is not available.", 2);
}
