import { type Database, DatabaseUnavailable, StatementRefused } from "#database/database.ts";
import { refusalOf } from "#database/refusal.ts";
import type { Reading } from "#intake/decide/reading.ts";
import { supplierError } from "#intake/reply/reply.ts";
import type { Arrived, Reopened } from "#leads/candidate.ts";
import type { Log } from "#telemetry/log.ts";
import type { Observer, Tracing } from "#telemetry/observer.ts";
import type { Running } from "#time/running.ts";
import { type BatchParts, decideBatch, type LaneResult, type WaitingLead } from "./batch.ts";

/**
 * Each campaign has a lane: its leads queue, and one batch at a time is in flight. A batch is whatever queued while the
 * last one was committed: one lead when the campaign is idle, at most `maxBatch`. No timer, no waiting for company.
 */
export interface Lanes extends Running {
  /**
   * Takes a lead in and says how that came out, once it is certain. Throws NotTakenIn when nothing was changed.
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

export interface LaneSettings {
  /** Leads in one transaction. */
  maxBatch: number;
  /** Leads that may wait for one campaign. */
  queueLimit: number;
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
  const { maxBatch, queueLimit, waitLimitMs } = settings;
  const shared = { ...parts, maxBatch, queueLimit, waitLimitMs, warn: warningNowAndThen(parts) };
  let isOpen = false;

  return {
    async takeIn(lead, reading) {
      const { campaignId } = lead;
      const lane = lanes.get(campaignId) ?? new Lane(shared, () => lanes.delete(campaignId));
      if (lead.kind === "arrived") {
        if (!isOpen) throw new NotTakenIn("The server is shutting down.", 1);
        if (lane.waiting >= settings.queueLimit) {
          throw new NotTakenIn("Too many leads are waiting for this campaign.", 1);
        }
      }
      lanes.set(campaignId, lane);
      return lane.takeIn(lead, reading);
    },
    waiting: () => [...lanes].map(([campaignId, lane]) => [campaignId, lane.waiting] as const),
    start() {
      isOpen = true;
    },
    async stop() {
      isOpen = false;
      await Promise.all([...lanes.values()].map((lane) => lane.idle()));
    },
  };
}

interface SharedByLanes extends LaneParts, LaneSettings {
  warn(error: unknown, leads: number): void;
}

/** One campaign's queue. It is made for the first lead, and given up when there is none left. */
class Lane {
  readonly #shared: SharedByLanes;
  readonly #whenEmpty: () => void;
  readonly #queue: QueuedLead[] = [];
  /** The batches in flight and to come. */
  #running: Promise<void> | undefined;

  constructor(shared: SharedByLanes, whenEmpty: () => void) {
    this.#shared = shared;
    this.#whenEmpty = whenEmpty;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  async idle(): Promise<void> {
    await this.#running;
  }

  takeIn(lead: Arrived | Reopened, reading: Reading | null): Promise<LaneResult> {
    const { promise, resolve, reject } = Promise.withResolvers<LaneResult>();
    this.#queue.push({ lead, reading, since: this.#shared.clock.elapsedMs(), resolve, reject });
    this.#running ??= this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) await this.#answerBatch(this.#queue.splice(0, this.#shared.maxBatch));
    this.#whenEmpty();
  }

  async #answerBatch(batch: readonly QueuedLead[]): Promise<void> {
    const oldest = this.#shared.clock.elapsedMs() - this.#shared.waitLimitMs;
    const [late, inTime] = partition(batch, ({ since }) => since < oldest);
    for (const { reject } of late) {
      reject(new NotTakenIn("The database is too slow to take this lead in.", 1));
    }
    if (inTime.length > 0) await this.#answer(inTime);
  }

  /** One transaction for all; when the database refuses a value, one for each, so that a lead cannot fail its neighbours. */
  async #answer(waiting: readonly QueuedLead[]): Promise<void> {
    try {
      await this.#commit(waiting);
    } catch (error) {
      if (!(error instanceof StatementRefused)) {
        this.#shared.warn(error, waiting.length);
        for (const { reject } of waiting) reject(toNotTakenIn(error));
      } else if (waiting.length > 1) {
        for (const each of waiting) await this.#answer([each]);
      } else {
        this.#shared.log.error("the database refused a lead", { error });
        for (const each of waiting) answerRefused(each, error);
      }
    }
  }

  async #commit(waiting: readonly QueuedLead[]): Promise<void> {
    const { database, tracing, observer, clock } = this.#shared;
    const decided = () => database.write((db) => decideBatch(db, waiting, this.#shared));
    const batch = tracing === undefined ? decided() : tracing.ofBatch(waiting, decided);
    const { onRecord, committed } = await batch;
    const results = committed();
    const campaignId = waiting[0]?.lead.campaignId ?? "";
    const endedAt = clock.elapsedMs();
    observer.batchCommitted({ campaignId, leads: waiting, endedAt, onRecord });
    for (const [index, { resolve, reject }] of waiting.entries()) {
      const result = results[index];
      if (result === undefined) reject(new Error("a lead of the batch was not answered"));
      else resolve(result);
    }
  }
}

/** What is wrong with the lead is its supplier's to mend; what is wrong with the database is not: a supplier throws away what is 400. */
function answerRefused({ lead, resolve, reject }: QueuedLead, refused: StatementRefused): void {
  const isAboutValue = refusalOf(refused) !== undefined || refused.sqlstate.startsWith("54");
  if (!isAboutValue) return reject(new NotTakenIn("The database could not take this lead in.", 2));
  resolve({ answer: supplierError("malformed_body", "A value of this lead cannot be stored.", lead) });
}

const WARN_EVERY_MS = 5_000;

/** An outage fails every batch of every campaign: one line in a while says so. */
function warningNowAndThen({ clock, log }: LaneParts): SharedByLanes["warn"] {
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

function toNotTakenIn(error: unknown): unknown {
  if (!(error instanceof DatabaseUnavailable)) return error;
  return new NotTakenIn(error.certain ? "The database is not available." : LOST_AT_COMMIT, 2);
}

const LOST_AT_COMMIT =
  "The database was lost at the last moment, and whether the lead was taken in is not known. Send it again with the same Idempotency-Key.";
