import type { Database, Queryable } from "#database/database.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { TellIn } from "#handover/alert.ts";
import type { Clock } from "#time/clock.ts";
import { afterAttempt, CLOSED, mayTry, nextProbeAt, probing } from "./breaker.ts";
import { endpointAlert } from "./endpoint-alert.ts";
import {
  type EndpointState,
  pauseEndpoint,
  type StoredEndpoint,
  takeProbe,
  writeBreaker,
} from "./endpoint-records.ts";

/** What is to be stored of an endpoint; `write` answers with what was stored before. */
interface Learnt {
  becomes: StoredEndpoint;
  write(db: Queryable): Promise<StoredEndpoint>;
}

/** This server's knowledge of the endpoints: what it learnt itself, and what it read of what other servers learnt. */
export class EndpointHealth {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #states = new Map<Recipient, EndpointState>();
  /** When each was last changed here: what was read of it before is older than what is known. */
  readonly #changedAt = new Map<Recipient, number>();
  readonly #beingTold = new Set<Recipient>();
  /** What other servers could not be told yet. */
  readonly #untold = new Map<Recipient, Learnt>();
  readonly #tellOperators: TellIn;
  #changes = 0;

  constructor(database: Database, clock: Clock, tellOperators: TellIn) {
    this.#database = database;
    this.#clock = clock;
    this.#tellOperators = tellOperators;
  }

  /** A moment for `merge` and `tellMissing`: how many changes there have been here. */
  get changes(): number {
    return this.#changes;
  }

  stateOf(recipient: Recipient): EndpointState {
    return this.#states.get(recipient) ?? { breaker: CLOSED, paused: false };
  }

  /** Whether requests may simply be sent: nothing is known against the endpoint. */
  isUp(recipient: Recipient): boolean {
    const { breaker, paused } = this.stateOf(recipient);
    return !paused && mayTry(breaker, this.#clock.now()) === "yes";
  }

  /** When an attempt may be made, in ms since 1970; 0: now; Infinity: not before somebody resumes it. */
  mayTryAt(recipient: Recipient): number {
    const { breaker, paused } = this.stateOf(recipient);
    if (paused) return Number.POSITIVE_INFINITY;
    return breaker.state === "closed" ? 0 : nextProbeAt(breaker);
  }

  /** Whether an attempt may be made; takes an open breaker's one probe, which another server may have taken first. */
  async mayTry(recipient: Recipient): Promise<"yes" | "probe" | "no"> {
    const { breaker, paused } = this.stateOf(recipient);
    const now = this.#clock.now();
    const answer = paused ? "no" : mayTry(breaker, now);
    if (answer !== "probe") return answer;
    const to = probing(breaker, now);
    const isTaken = await this.#database.write((db) => takeProbe(db, recipient, { from: breaker, to }));
    if (!isTaken) return "no";
    this.#change(recipient, { breaker: to, paused });
    return "probe";
  }

  /**
   * Learns from an attempt's end: `gone` is a 410, `reason` the failure's name. Throws DatabaseUnavailable when other servers
   * cannot be told.
   */
  async learn(recipient: Recipient, outcome: "ok" | "failed" | "gone", reason?: string): Promise<void> {
    const now = this.#clock.now();
    const before = this.stateOf(recipient);
    const breaker = afterAttempt(before.breaker, outcome === "failed" ? "failed" : "ok", now, reason);
    const paused = before.paused || outcome === "gone";
    this.#change(recipient, { breaker, paused });
    if (paused !== before.paused) {
      const closed = { ...CLOSED, reason };
      await this.#tell(recipient, {
        becomes: { breaker: closed, paused: true, pausedAt: now.getTime() },
        write: (db) => pauseEndpoint(db, recipient, closed, now.toISOString()),
      });
    } else if (breaker.state !== before.breaker.state) {
      await this.#tell(recipient, {
        becomes: { breaker, paused, pausedAt: null },
        write: (db) => writeBreaker(db, recipient, breaker),
      });
    }
  }

  /**
   * Takes over what was read when there had been `readAt` changes here. An endpoint that others were told of, and that is not on record any
   * more, was removed with its recipient: one that is given the same id is another one.
   */
  merge(stored: ReadonlyMap<Recipient, EndpointState>, readAt: number): void {
    for (const [recipient, state] of stored) {
      if (!this.#hasChangedSince(recipient, readAt))
        this.#states.set(recipient, merged(this.#states.get(recipient), state));
    }
    for (const [recipient, state] of this.#states) {
      const isRemoved = !stored.has(recipient) && !this.#untold.has(recipient) && isKnownAgainst(state);
      if (isRemoved && !this.#hasChangedSince(recipient, readAt)) this.#states.delete(recipient);
    }
  }

  /**
   * Tells other servers what they could not be told when it was learnt: of endpoints that are not among those that were stored when there
   * had been `readAt` changes here. What was learnt since has been told, and may have changed there again.
   */
  async tellMissing(stored: ReadonlyMap<Recipient, EndpointState>, readAt: number): Promise<void> {
    for (const [recipient, learnt] of this.#untold) {
      if (this.#hasChangedSince(recipient, readAt)) continue;
      if (!stored.has(recipient) && isKnownAgainst(learnt.becomes)) await this.#store(recipient, learnt);
      if (this.#untold.get(recipient) === learnt) this.#untold.delete(recipient);
    }
  }

  #hasChangedSince(recipient: Recipient, readAt: number): boolean {
    return this.#beingTold.has(recipient) || (this.#changedAt.get(recipient) ?? 0) > readAt;
  }

  async #tell(recipient: Recipient, learnt: Learnt): Promise<void> {
    this.#beingTold.add(recipient);
    this.#untold.set(recipient, learnt);
    try {
      await this.#store(recipient, learnt);
      this.#untold.delete(recipient);
    } finally {
      this.#beingTold.delete(recipient);
      this.#countChange(recipient);
    }
  }

  /** Stores it for all servers, and tells operators when no server had. */
  async #store(recipient: Recipient, { becomes, write }: Learnt): Promise<void> {
    const committed = await this.#database.write(async (tx) => {
      const alert = endpointAlert(recipient, await write(tx), becomes);
      return await this.#tellOperators(tx, alert === undefined ? [] : [alert]);
    });
    committed();
  }

  #change(recipient: Recipient, state: EndpointState): void {
    this.#states.set(recipient, state);
    this.#countChange(recipient);
  }

  #countChange(recipient: Recipient): void {
    this.#changes += 1;
    this.#changedAt.set(recipient, this.#changes);
  }
}

/** Whether it says anything that other servers are told. */
function isKnownAgainst({ breaker, paused }: EndpointState): boolean {
  return paused || breaker.state !== "closed";
}

/** Closed breakers count by themselves on each server; an open one is everybody's, and so is its closing. */
function merged(own: EndpointState | undefined, stored: EndpointState): EndpointState {
  const bothClosed = own?.breaker.state === "closed" && stored.breaker.state === "closed";
  return { breaker: bothClosed ? own.breaker : stored.breaker, paused: stored.paused };
}
