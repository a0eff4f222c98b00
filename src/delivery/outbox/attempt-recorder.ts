import type { Log } from "#telemetry/log.ts";
import type { Clock } from "#time/clock.ts";
import type { AttemptRecord } from "./outbox-records.ts";
import type { OutboxStore } from "./outbox-store.ts";

/** Attempts recorded in one transaction. */
const MOST_RECORDED = 256;
/** How long recordings are apart, in ms, so that a busy server records several attempts at once; the first one never waits. */
const RECORD_AGAIN_MS = 50;

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

/** Records how attempts ended, several in one transaction. An attempt whose recording fails is made again when its lease ends. */
export class AttemptRecorder {
  readonly #parts: RecorderParts;
  readonly #ended: EndedAttempt[] = [];
  #isHurried = false;
  #recording: Promise<void> | undefined;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
  }

  add(attempt: EndedAttempt): void {
    this.#ended.push(attempt);
    this.#recording ??= this.#recordAll();
  }

  /** From now on, recordings follow each other without a pause. */
  hurry(): void {
    this.#isHurried = true;
  }

  /** Resolves when all that was added is recorded, or could not be. */
  async done(): Promise<void> {
    await this.#recording;
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

  async #record(campaignId: string, ended: readonly EndedAttempt[], at: string): Promise<void> {
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
      log.warn("attempts cannot be recorded", { count: ended.length, error });
    }
  }
}
