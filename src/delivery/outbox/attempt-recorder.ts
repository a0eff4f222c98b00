import { DatabaseUnavailable } from "#database/database.ts";
import type { Log } from "#telemetry/log.ts";
import type { Clock } from "#time/clock.ts";
import type { AttemptRecord } from "./outbox-records.ts";
import type { OutboxStore } from "./outbox-store.ts";

/** Attempts recorded in one transaction. */
const MOST_RECORDED = 256;
/** How long recordings are apart, in ms, so that a busy server records several attempts at once; the first one never waits. */
const RECORD_AGAIN_MS = 50;
/** How soon what could not be recorded is tried again, and how long: by then its lease has ended, and it was made again, in ms. */
const TRY_AGAIN_MS = 1_000;
const KEPT_MS = 60_000;

interface EndedAttempt {
  readonly campaignId: string;
  readonly result: AttemptRecord;
  /** Asked what another server had asked, and died: nobody waits for the answer. */
  readonly isTakenOver: boolean;
}

interface RecorderParts {
  outbox: Pick<OutboxStore, "finish">;
  clock: Clock;
  log: Log;
  /** Called when it is recorded that a buyer has refused something. */
  refused(): void;
  /** Called when the answer to an asking is recorded that nobody waits for. */
  answered(): void;
  /** Called when it is recorded that something may be tried again then, in ms since 1970. */
  again(at: number): void;
}

/** An attempt and when it was handed over, by the clock that never runs backwards. */
interface Unrecorded extends EndedAttempt {
  readonly since: number;
}

/**
 * Records how attempts ended, several in one transaction; while the database is away, again and again. An attempt that is not recorded is
 * made again when its lease has ended.
 */
export class AttemptRecorder {
  readonly #parts: RecorderParts;
  readonly #ended: Unrecorded[] = [];
  /** Those that could not be recorded, until that is tried again. */
  #postponed: Unrecorded[] = [];
  #cancelRetry = () => {};
  #isHurried = false;
  #recording: Promise<void> | undefined;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  add(attempt: EndedAttempt): void {
    this.#begin([{ ...attempt, since: this.#parts.clock.elapsedMs() }]);
  }

  /** From now on, recordings follow each other without a pause, and none is tried again. */
  hurry(): void {
    this.#isHurried = true;
    this.#retry();
  }

  /** Resolves when all that was added is recorded, or could not be. */
  async done(): Promise<void> {
    await this.#recording;
  }

  #begin(attempts: readonly Unrecorded[]): void {
    this.#ended.push(...attempts);
    if (this.#ended.length > 0) this.#recording ??= this.#recordAll();
  }

  async #recordAll(): Promise<void> {
    try {
      while (this.#ended.length > 0) {
        const byCampaign = Map.groupBy(this.#ended.splice(0, MOST_RECORDED), ({ campaignId }) => campaignId);
        const at = this.#parts.clock.now().toISOString();
        await Promise.all([...byCampaign].map(([campaignId, ended]) => this.#record(campaignId, ended, at)));
        if (!this.#isHurried && this.#ended.length < MOST_RECORDED) await Bun.sleep(RECORD_AGAIN_MS);
      }
    } finally {
      // Here, not once the promise is kept: what was added between the two was recorded with the next attempt, if its lease had not ended.
      this.#recording = undefined;
    }
  }

  async #record(campaignId: string, ended: readonly Unrecorded[], at: string): Promise<void> {
    const { outbox, log, refused, answered, again } = this.#parts;
    const results = ended.map(({ result }) => result);
    try {
      await outbox.finish(campaignId, results, at);
      if (results.some(({ verdict }) => verdict === "rejected" || verdict === "duplicate")) refused();
      if (ended.some(({ isTakenOver }) => isTakenOver)) answered();
      // What was to be held back is due if its endpoint was resumed meanwhile.
      for (const { state, nextAt } of results)
        if (state === "pending" || state === "paused") again(Date.parse(nextAt));
    } catch (error) {
      if (error instanceof DatabaseUnavailable) return this.#postpone(ended, error);
      if (ended.length === 1) return log.warn(NOT_RECORDED, { count: 1, error });
      // One of them is refused, and fails alone.
      const half = Math.ceil(ended.length / 2);
      await this.#record(campaignId, ended.slice(0, half), at);
      await this.#record(campaignId, ended.slice(half), at);
    }
  }

  /** Whether an attempt was recorded is not always known: to record it twice changes nothing. */
  #postpone(ended: readonly Unrecorded[], error: DatabaseUnavailable): void {
    const { clock, log } = this.#parts;
    const oldest = clock.elapsedMs() - KEPT_MS;
    const kept = this.#isHurried ? [] : ended.filter(({ since }) => since > oldest);
    const isFirst = this.#postponed.length === 0;
    if (isFirst || kept.length < ended.length) log.warn(NOT_RECORDED, { count: ended.length, error });
    this.#postponed.push(...kept);
    if (isFirst && kept.length > 0) this.#cancelRetry = clock.after(TRY_AGAIN_MS, () => this.#retry());
  }

  #retry(): void {
    this.#cancelRetry();
    const postponed = this.#postponed;
    this.#postponed = [];
    this.#begin(postponed);
  }
}

const NOT_RECORDED = "attempts cannot be recorded";
