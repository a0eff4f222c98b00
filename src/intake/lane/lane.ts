import { type Database, DatabaseUnavailable, type Queryable, StatementRefused } from "#database/database.ts";
import { lockShardHere, readShardNames } from "#database/nodes/nodes-records.ts";
import { namingShards } from "#database/nodes/on-shards.ts";
import { refusalOf } from "#database/refusal.ts";
import type { Reading } from "#intake/decide/reading.ts";
import { supplierError } from "#intake/reply/reply.ts";
import { ShortOfShares } from "#intake/shares/asks.ts";
import { SharesUnavailable } from "#intake/shares/obtain.ts";
import type { ShareRow } from "#intake/shares/share-records.ts";
import type { Arrived, Reopened } from "#leads/candidate.ts";
import type { Log } from "#telemetry/log.ts";
import type { Observer, Tracing } from "#telemetry/observer.ts";
import type { Clock } from "#time/clock.ts";
import type { Running } from "#time/running.ts";
import {
  type BatchParts,
  type DecidedBatch,
  decideBatch,
  type LaneResult,
  type WaitingLead,
} from "./batch.ts";

/**
 * Each campaign has a lane, in which its leads queue. The lanes share their transactions: a batch is whatever queued in all of them while
 * the last one was committed, one lead when the server is idle, at most `maxBatch`; of a wave half, which is decided while the other half
 * is answered and read. No timer, no waiting for company. A campaign that somebody else holds is left out of it, and goes on in a
 * transaction of its own, which waits; when as many wait as may, it is tried again a little later. Where tables are spread over nodes of
 * Citus, for which rows of one campaign are of one shard, each campaign has transactions of its own.
 */
export interface Lanes extends Running {
  /**
   * Takes a lead in and says how that came out, once it is certain. Rejects with NotTakenIn when nothing was changed.
   * `reading`: what was made of it at the door, which is good while the campaign is the same.
   */
  takeIn(lead: Arrived | Reopened, reading: Reading | null): Promise<LaneResult>;
  /** How many leads wait for each campaign that has any. */
  waiting(): Iterable<readonly [campaignId: string, leads: number]>;
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

/** The campaign is on another node of a database that is spread: through this one nobody could say what becomes of a COMMIT. */
export class OnAnotherNode extends NotTakenIn {
  readonly campaignId: string;
  constructor(campaignId: string) {
    super("This server is connected to a node of the database that does not have the campaign.", 2);
    this.campaignId = campaignId;
  }
}

/** Nothing was changed about a lead on record, since somebody else held it. */
class LeadHeld extends NotTakenIn {
  constructor() {
    super("Somebody else is at this lead just now.", 1);
  }
}

export interface LaneSettings {
  /** Leads in one transaction, of however many campaigns. */
  maxBatch: number;
  /** Leads that may wait for one campaign. */
  queueLimit: number;
  /** Campaigns that others hold and that may wait for that at once, each of which takes a connection. */
  mostWaiting: number;
  /** A lead that waited longer, in ms, is refused: its supplier has given up on it or soon will. */
  waitLimitMs: number;
}

export interface LaneParts extends BatchParts {
  database: Database;
  log: Log;
  observer: Observer;
  tracing?: Tracing | undefined;
}

interface QueuedLead extends WaitingLead {
  /** By the clock that never runs backwards, in ms. */
  since: number;
  resolve: (outcome: LaneResult) => void;
  reject: (error: unknown) => void;
}

export function openLanes(parts: LaneParts, settings: LaneSettings): Lanes {
  const lanes = new Map<string, Lane>();
  const writer = openWriter(parts, settings.waitLimitMs);
  /** The batches of all lanes that are not apart, one after another. */
  let together: Promise<void> | undefined;
  /** Campaigns that wait, each in a transaction of its own, for whoever holds them. */
  let waits = 0;
  let isOpen = false;

  async function runTogether(): Promise<void> {
    let batch = nextBatch(lanes.values(), 0, settings.maxBatch);
    while (batch.length > 0) {
      setApart(await writer.answer(batch, "leave"));
      forgetEmpty(lanes);
      batch = nextBatch(lanes.values(), batch.length, settings.maxBatch);
    }
    together = undefined;
  }

  /** The next batch of one campaign by itself. */
  async function runAlone(lane: Lane): Promise<void> {
    const left = await writer.answer(lane.queue.splice(0, settings.maxBatch), "leave");
    if (left.length > 0) setApart(left);
    else goOn(lane);
  }

  /** What becomes of leads whose campaigns somebody else holds. */
  function setApart(left: readonly QueuedLead[]): void {
    for (const [campaignId, leads] of Map.groupBy(left, ({ lead }) => lead.campaignId)) {
      const lane = laneOf(lanes, campaignId);
      lane.apart = waits < settings.mostWaiting ? waitFor(lane, leads) : tryLater(lane, leads);
    }
  }

  /** One batch of a campaign that waits until whoever holds it lets go. */
  async function waitFor(lane: Lane, leads: readonly QueuedLead[]): Promise<void> {
    waits += 1;
    const more = lane.queue.splice(0, Math.max(0, settings.maxBatch - leads.length));
    await writer.answer([...leads, ...more], "wait");
    waits -= 1;
    goOn(lane);
  }

  /** Those that waited too long are refused then. */
  async function tryLater(lane: Lane, leads: readonly QueuedLead[]): Promise<void> {
    lane.queue.unshift(...leads);
    await Bun.sleep(TRY_AGAIN_MS);
    goOn(lane);
  }

  function goOn(lane: Lane): void {
    lane.apart = undefined;
    forgetEmpty(lanes);
    if (lane.queue.length > 0) begin(lane);
  }

  /** Has what queues in a lane taken, unless somebody is at it. */
  function begin(lane: Lane): void {
    if (lane.apart !== undefined) return;
    if (parts.database.isSpread) lane.apart = runAlone(lane);
    else together ??= runTogether();
  }

  function queue(lead: Arrived | Reopened, reading: Reading | null): Promise<LaneResult> {
    const { promise, resolve, reject } = Promise.withResolvers<LaneResult>();
    const lane = laneOf(lanes, lead.campaignId);
    lane.queue.push({ lead, reading, since: parts.clock.elapsedMs(), resolve, reject });
    begin(lane);
    return promise;
  }

  return {
    takeIn(lead, reading) {
      if (lead.kind === "reopened")
        return onceFree(() => queue(lead, reading), parts.clock, settings.waitLimitMs);
      if (!isOpen) return Promise.reject(new NotTakenIn("The server is shutting down.", 1));
      if ((lanes.get(lead.campaignId)?.queue.length ?? 0) >= settings.queueLimit) {
        return Promise.reject(new NotTakenIn("Too many leads are waiting for this campaign.", 1));
      }
      return queue(lead, reading);
    },
    waiting: () => [...lanes].map(([campaignId, { queue }]) => [campaignId, queue.length] as const),
    start() {
      isOpen = true;
    },
    async stop() {
      isOpen = false;
      for (;;) {
        const apart = [...lanes.values()].map((lane) => lane.apart);
        const running = [together, ...apart].filter((each) => each !== undefined);
        if (running.length === 0) return;
        await Promise.all(running);
      }
    },
  };
}

/** One campaign's queue. It is made for the first lead, and given up when there is none left. */
interface Lane {
  readonly queue: QueuedLead[];
  /** While somebody else holds the campaign, or it has a transaction of its own: until its leads may be taken again. */
  apart: Promise<void> | undefined;
}

function laneOf(lanes: Map<string, Lane>, campaignId: string): Lane {
  const known = lanes.get(campaignId);
  if (known !== undefined) return known;
  const lane: Lane = { queue: [], apart: undefined };
  lanes.set(campaignId, lane);
  return lane;
}

function forgetEmpty(lanes: Map<string, Lane>): void {
  for (const [campaignId, { queue, apart }] of lanes) {
    if (queue.length === 0 && apart === undefined) lanes.delete(campaignId);
  }
}

/** How soon it is tried again what others hold, in ms: a lead, or a campaign while as many wait as may. */
const TRY_AGAIN_MS = 100;

/** Takes a lead on record in, again while somebody else holds it: nothing waits for that with its campaign locked. */
async function onceFree<T>(takeIn: () => Promise<T>, clock: Clock, waitLimitMs: number): Promise<T> {
  const until = clock.elapsedMs() + waitLimitMs;
  for (;;) {
    try {
      return await takeIn();
    } catch (error) {
      if (!(error instanceof LeadHeld) || clock.elapsedMs() >= until) throw error;
      await Bun.sleep(TRY_AGAIN_MS);
    }
  }
}

/** So few leads are not parted: halves of 32 made 64 callers a little slower, halves of 64 made 128 callers 40 % quicker. */
const ONE_WAVE = 48;

/**
 * How many of the leads that wait a batch has, by how many the last one had. Callers who send their next lead once they are answered come
 * in waves: all but one wait for the batch of that one, and none comes while theirs is decided. The middle makes two halves of both.
 */
function partOfWave(last: number, waiting: number): number {
  return Math.max(ONE_WAVE, Math.ceil((last + waiting) / 2));
}

/** Takes what comes next out of the lanes, after a batch of `last` leads. Who waits longest is never left out. */
function nextBatch(lanes: Iterable<Lane>, last: number, most: number): QueuedLead[] {
  const queues = [...lanes].flatMap(({ queue, apart }) =>
    apart === undefined && queue.length > 0 ? [queue] : [],
  );
  const waiting = queues.reduce((sum, queue) => sum + queue.length, 0);
  const longest = queues.toSorted((one, other) => (one[0]?.since ?? 0) - (other[0]?.since ?? 0));
  return waiting > most ? sharesOf(longest, most) : waveOf(longest, partOfWave(last, waiting));
}

/** About `part` leads: campaigns as a whole, as each costs a batch something by itself, and only one that has many in part. */
function waveOf(queues: readonly QueuedLead[][], part: number): QueuedLead[] {
  const batch: QueuedLead[] = [];
  for (const queue of queues) {
    const left = part - batch.length;
    const rest = queue.length - left;
    if (left >= ONE_WAVE && rest >= ONE_WAVE) batch.push(...queue.splice(0, left));
    else if (rest <= left) batch.push(...queue.splice(0));
    else break;
  }
  return batch;
}

/** Of each campaign its share of `most`, and of what others leave of theirs. */
function sharesOf(queues: readonly QueuedLead[][], most: number): QueuedLead[] {
  const sharing = queues.slice(0, most).toSorted((one, other) => one.length - other.length);
  const batch: QueuedLead[] = [];
  for (const [index, queue] of sharing.entries()) {
    batch.push(...queue.splice(0, Math.ceil((most - batch.length) / (sharing.length - index))));
  }
  return batch;
}

/** Decides and writes batches, and answers their leads. */
interface Writer {
  /** Resolves with the leads that are not answered, since somebody else holds their campaigns: only where those may be left. */
  answer(batch: readonly QueuedLead[], ofHeld: "wait" | "leave"): Promise<readonly QueuedLead[]>;
}

function openWriter(parts: LaneParts, waitLimitMs: number): Writer {
  const { clock, log } = parts;
  const warn = warningNowAndThen(parts);
  const onShards = decidingOnShards();

  async function answer(batch: readonly QueuedLead[], ofHeld: "wait" | "leave") {
    const oldest = clock.elapsedMs() - waitLimitMs;
    const [late, inTime] = partition(batch, ({ since }) => since < oldest);
    for (const { reject } of late) {
      reject(new NotTakenIn("The database is too slow to take this lead in.", 1));
    }
    return inTime.length === 0 ? [] : await decideAll(inTime, ofHeld);
  }

  /**
   * One transaction for all; when one of them cannot be decided or written, one for each half, so that in the end it fails alone. Never
   * rejects, and decides nothing again that was committed.
   */
  async function decideAll(
    waiting: readonly QueuedLead[],
    ofHeld: "wait" | "leave",
  ): Promise<readonly QueuedLead[]> {
    try {
      return await commitWithShares(waiting, ofHeld);
    } catch (error) {
      const isRefused = error instanceof StatementRefused;
      if (failsAll(error) || (waiting.length === 1 && !isRefused)) {
        if (!(error instanceof OnAnotherNode)) warn(error, waiting.length);
        for (const { reject } of waiting) reject(toNotTakenIn(error));
        return [];
      }
      if (waiting.length === 1 && isRefused) {
        log.error("the database refused a lead", { error });
        for (const each of waiting) answerRefused(each, error);
        return [];
      }
      const half = Math.ceil(waiting.length / 2);
      const first = await decideAll(waiting.slice(0, half), ofHeld);
      return [...first, ...(await decideAll(waiting.slice(half), ofHeld))];
    }
  }

  /**
   * Again each time that the campaign was given more of a buyer's limits for the first of the leads, or nobody was found to have more.
   * Those before one that lacks something are committed first: what is granted to a campaign must not wait for what others were granted.
   */
  async function commitWithShares(
    waiting: readonly QueuedLead[],
    ofHeld: "wait" | "leave",
    granted: ShareRow[] = [],
  ): Promise<readonly QueuedLead[]> {
    for (let asked = 0; ; asked++) {
      try {
        return await commit(waiting, ofHeld, granted);
      } catch (error) {
        if (!(error instanceof ShortOfShares) || parts.shares === undefined) throw error;
        const [before, others] = partition(waiting, ({ lead }) => error.before.has(lead));
        if (before.length > 0) {
          const left = await commitWithShares(before, ofHeld, granted);
          return [...left, ...(await decideAll(others, ofHeld))];
        }
        if (asked === MOST_ASKED) throw new SharesUnavailable("what was asked for was gone again");
        granted.push(...(await parts.shares.ask(error.asks)));
      }
    }
  }

  async function commit(
    waiting: readonly QueuedLead[],
    ofHeld: "wait" | "leave",
    granted: readonly ShareRow[],
  ) {
    const { database, tracing } = parts;
    const decided = () =>
      database.write((db) => {
        const decide = (on: Queryable) => decideBatch(on, waiting, ofHeld, { ...parts, granted });
        return db.isSpread === true ? onShards(db, waiting, decide) : decide(db);
      });
    const batch = await (tracing?.ofBatch(waiting, decided) ?? decided());
    const [unanswered, others] = partition(waiting, ({ lead }) => batch.left.has(lead.campaignId));
    const [held, answered] = partition(others, ({ lead }) => batch.held.has(lead));
    for (const { reject } of held) reject(new LeadHeld());
    answerCommitted(parts, answered, batch);
    return unanswered;
  }

  return { answer };
}

/**
 * Decides leads of campaigns that are on the node that is connected to, and stay there until it is committed: what another node had to
 * commit could be lost though it was acknowledged. What is read and written of one campaign is so on its shards, past Citus, which would
 * plan each statement anew and copy what is inserted: that took three quarters of what a lead took.
 */
function decidingOnShards() {
  const known = new Map<string, (text: string) => string>();
  return async <T>(
    db: Queryable,
    waiting: readonly WaitingLead[],
    decide: (on: Queryable) => Promise<T>,
  ): Promise<T> => {
    const campaigns = new Set(waiting.map(({ lead }) => lead.campaignId));
    const shards = new Set<string>();
    for (const campaign of campaigns) {
      const shard = await lockShardHere(db, campaign);
      if (shard === undefined) throw new OnAnotherNode(campaign);
      shards.add(shard);
    }
    const [shard, ...others] = shards;
    if (shard === undefined || others.length > 0) return await decide(db);
    const onShards = known.get(shard) ?? namingShards(await readShardNames(db, shard));
    known.set(shard, onShards);
    return await decide({ ...db, onShards });
  };
}

/** Whether none of a batch can be taken in now. Anything else may be one lead's, or one campaign's: a value, a share, a fault of ours. */
export function failsAll(error: unknown): boolean {
  return error instanceof DatabaseUnavailable || error instanceof NotTakenIn;
}

/** Never throws, as who called would decide the leads again. */
function answerCommitted(parts: LaneParts, answered: readonly QueuedLead[], batch: DecidedBatch): void {
  try {
    const results = batch.committed();
    tell(parts, answered, batch.onRecord);
    for (const { lead, resolve, reject } of answered) {
      const result = results.get(lead);
      if (result === undefined) reject(new Error("a lead of the batch was not answered"));
      else resolve(result);
    }
  } catch (error) {
    parts.log.error("leads that were taken in could not be answered", { count: answered.length, error });
    for (const { reject } of answered) reject(error);
  }
}

/** Tells who watches of a batch that is committed, campaign by campaign. */
function tell(
  { observer, clock, peers }: LaneParts,
  answered: readonly QueuedLead[],
  onRecord: DecidedBatch["onRecord"],
): void {
  const endedAt = clock.elapsedMs();
  const entries = Map.groupBy(onRecord, ({ lead }) => lead.campaignId);
  for (const [campaignId, leads] of Map.groupBy(answered, ({ lead }) => lead.campaignId)) {
    peers?.decided(campaignId, leads.length);
    observer.batchCommitted({ campaignId, leads, endedAt, onRecord: entries.get(campaignId) ?? [] });
  }
}

/**
 * What is wrong with the lead is its supplier's to mend; what is wrong with the database is not: a supplier throws away what is 400. A lead
 * on record is nobody's to mend, and stands as it stood: who has it decided once more must not take that for done.
 */
function answerRefused({ lead, resolve, reject }: QueuedLead, refused: StatementRefused): void {
  const isAboutValue = refusalOf(refused) !== undefined || refused.sqlstate.startsWith("54");
  if (lead.kind === "reopened" || !isAboutValue) {
    return reject(new NotTakenIn("The database could not take this lead in.", 2));
  }
  resolve({ answer: supplierError("malformed_body", "A value of this lead cannot be stored.", lead) });
}

/** A batch may have leads for several buyers, and each of them limits of several periods. */
const MOST_ASKED = 20;

const WARN_EVERY_MS = 5_000;

/** An outage fails every batch of every campaign: one line in a while says so. */
function warningNowAndThen({ clock, log }: LaneParts): (error: unknown, leads: number) => void {
  let warnedAt = Number.NEGATIVE_INFINITY;
  return (error, leads) => {
    if (clock.elapsedMs() - warnedAt < WARN_EVERY_MS) return;
    warnedAt = clock.elapsedMs();
    log.warn("leads cannot be taken in", { count: leads, error });
  };
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  const first: T[] = [];
  const second: T[] = [];
  for (const item of items) (isFirst(item) ? first : second).push(item);
  return [first, second];
}

/** What a supplier is told when nothing was taken in. */
export function toNotTakenIn(error: unknown): unknown {
  if (error instanceof SharesUnavailable) return new NotTakenIn(SHARES_UNKNOWN, 2);
  if (!(error instanceof DatabaseUnavailable)) return error;
  return new NotTakenIn(error.certain ? "The database is not available." : LOST_AT_COMMIT, 2);
}

const SHARES_UNKNOWN = "Whether a buyer's caps or balance have room for this lead cannot be found out now.";

const LOST_AT_COMMIT =
  "The database was lost at the last moment, and whether the lead was taken in is not known. Send it again with the same Idempotency-Key.";
