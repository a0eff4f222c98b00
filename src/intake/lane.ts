import type { Campaign } from "#catalog/campaign.ts";
import type { Catalog } from "#catalog/catalog.ts";
import type { Clock } from "#clock.ts";
import { type Database, DatabaseUnavailable, type Queryable, StatementRefused } from "#database/database.ts";
import type { Log } from "#log.ts";
import { type Answer, answerTo, failed, noSuchCampaign } from "./answer.ts";
import { type Facts, knownFrom } from "./facts.ts";
import { lockAndRead } from "./facts-records.ts";
import { replay } from "./idempotency.ts";
import { decide } from "./intake.ts";
import { remember } from "./known.ts";
import type { Lead } from "./lead.ts";
import { statusOf } from "./outcome.ts";
import { type Decided, record } from "./record.ts";

/**
 * Each campaign has a lane: its leads queue, and one batch at a time is in flight. A batch is whatever queued while the
 * last one was committed: one lead when the campaign is idle, at most `maxBatch`. No timer, no waiting for company.
 */
export interface Lanes {
  /** Takes a lead in and says how it ended, once that is certain. Throws NotTakenIn when nothing was taken in. */
  takeIn(lead: Lead): Promise<Answer>;
  /** Leads that wait or are being decided. */
  waiting(): number;
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

export function openLanes(
  database: Database,
  catalog: Catalog,
  clock: Clock,
  log: Log,
  settings: LaneSettings,
): Lanes {
  const lanes = new Map<string, Lane>();
  let waiting = 0;
  let closed = false;

  async function takeIn(lead: Lead): Promise<Answer> {
    if (closed) throw new NotTakenIn("The server is shutting down.", 1);
    const lane = laneOf(lead.campaignId);
    if (lane.queue.length >= settings.queueLimit)
      throw new NotTakenIn("Too many leads are waiting for this campaign.", 1);
    waiting += 1;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    lane.queue.push({ lead, since: clock.now(), resolve, reject });
    lane.running ??= run(lane);
    return promise.finally(() => {
      waiting -= 1;
    });
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
    try {
      const answers = await decideTogether(inTime.map((each) => each.lead));
      for (const [index, { resolve, reject }] of inTime.entries()) {
        const answer = answers[index];
        if (answer === undefined) reject(new Error("a lead of the batch was not answered"));
        else resolve(answer);
      }
    } catch (error) {
      for (const { reject } of inTime) reject(refused(error));
    }
  }

  /** One transaction for all; when the database refuses a value, one for each, so that a lead cannot fail its neighbours. */
  async function decideTogether(leads: readonly Lead[]): Promise<Answer[]> {
    if (leads.length === 0) return [];
    try {
      return await database.write((db) => decideBatch(db, leads));
    } catch (error) {
      if (!(error instanceof StatementRefused)) throw error;
      if (leads.length > 1) return await decideEach(leads);
      log.error("the database refused a lead", { error });
      return leads.map((lead) => failed("malformed_body", "A value of this lead cannot be stored.", lead));
    }
  }

  async function decideEach(leads: readonly Lead[]): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (const lead of leads) answers.push(...(await decideTogether([lead])));
    return answers;
  }

  async function decideBatch(db: Queryable, leads: readonly Lead[]): Promise<Answer[]> {
    const { campaign, facts } = await lockCurrent(db, leads);
    if (campaign === undefined || facts === undefined) return leads.map(noSuchCampaign);
    const now = clock.now();
    const known = knownFrom(facts, campaign, leads, now);
    const decided: Decided[] = [];
    const answers = leads.map((lead) => {
      const replayed = replay(lead, facts.answers, now);
      if (replayed !== undefined) return replayed;
      const decision = decide(lead, known, now);
      const answer = answerTo(decision.ending, lead, campaign);
      decided.push({ lead, decision, answer });
      remember(known, lead, decision, now);
      rememberAnswer(facts, lead, decision.ending, answer, now);
      return answer;
    });
    await record(db, known, decided, now);
    return answers;
  }

  /** Locks the campaign; when it is no longer the one that this process holds, loads the new one and reads again by that. */
  async function lockCurrent(
    db: Queryable,
    leads: readonly Lead[],
  ): Promise<{ campaign?: Campaign | undefined; facts?: Facts }> {
    const id = leads[0]?.campaignId ?? "";
    const held = await catalog.campaign(id);
    if (held === undefined) return {};
    const facts = await lockAndRead(db, held, leads);
    if (facts.revision === held.revision) return { campaign: held, facts };
    const current = await catalog.load(db, id);
    return current === undefined ? {} : { campaign: current, facts: await lockAndRead(db, current, leads) };
  }

  return {
    takeIn,
    waiting: () => waiting,
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
