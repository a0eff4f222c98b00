import type { Recipients } from "#delivery/recipients/recipients.ts";
import { parseRecipient, type Recipient } from "#endpoints/recipient.ts";
import type { Log } from "#telemetry/log.ts";
import type { Observer, Tracing } from "#telemetry/observer.ts";
import { newUuid } from "#text/ids.ts";
import type { Jobs } from "#time/jobs.ts";
import type { Running } from "#time/running.ts";
import { type AttemptParts, type AttemptResult, attempt } from "./attempt.ts";
import { type EndpointAfter, failureReason, goesElsewhere } from "./attempt-record.ts";
import { AttemptRecorder } from "./attempt-recorder.ts";
import { attemptTogether } from "./attempt-together.ts";
import { attemptWarnings } from "./attempt-warnings.ts";
import type { AttemptRecord, Claimed, Due } from "./outbox-records.ts";
import type { OutboxStore } from "./outbox-store.ts";
import { type Leased, RecipientQueue } from "./recipient-queue.ts";

/** How long a claim holds, in ms: longer than the longest attempt, and the time after which a dead worker's work is taken over. */
export const LEASE_MS = 60_000;
/** How much of a lease must be left for an attempt to begin, in ms: the longest attempt's time, and some for recording it. */
const LEAST_LEFT_MS = 35_000;
/** How long a lease may be held before it is asked whether its delivery is still to be sent, in ms: most go out sooner. */
const ASK_AFTER_MS = 1_000;
/** Deliveries claimed for one recipient at once. */
const MOST_CLAIMED = 100;
/** How long what is in flight may take when the server stops, in ms; what is broken off then is sent again by the next one. */
const PATIENCE_MS = 10_000;
/**
 * How soon the outbox is looked at again, in ms: `busy` while something is due, at the moment when the next is, and `quiet` at the latest,
 * for what a server that died has left: before its leases end. `deaf`: what changes is told by nobody, or could not be read.
 */
const LOOK_AGAIN_MS = { busy: 200, deaf: 1_000, quiet: 30_000 };
/** How often deliveries are given up that wait in vain for an endpoint to come back, in ms: each time walks through all that are due. */
const GIVE_UP_EVERY_MS = 60_000;
export interface DispatcherParts extends AttemptParts {
  outbox: OutboxStore;
  recipients: Recipients;
  log: Log;
  observer: Observer;
  tracing?: Tracing | undefined;
  /** Called when it is recorded that a buyer has refused something, or answered what a server had asked that died. */
  refused(): void;
  answered(): void;
  /** Whether this server is told when recipients change, and need not look. */
  isTold(): boolean;
  jobs: Jobs;
}

/**
 * Sends what the outbox holds: what this server has just written for recipients that keep up, at once; for others it claims what is
 * due. It records how each attempt ended. No transaction is open while a request is; the work of a server that dies is due again when
 * its leases end.
 */
export class Dispatcher implements Running {
  readonly #parts: DispatcherParts;
  readonly #recorder: AttemptRecorder;
  readonly #warn: ReturnType<typeof attemptWarnings>;
  readonly #queues = new Map<Recipient, RecipientQueue>();
  /** Something may be due for these. */
  readonly #due = new Map<string, Due>();
  /** More is due for these than may be leased at once. */
  readonly #saturated = new Map<string, Due>();
  /** Work that has to end before the server may stop. */
  readonly #running = new Set<Promise<unknown>>();
  readonly #breakOff = new AbortController();
  #isClosed = false;
  #gaveUpAt = Number.NEGATIVE_INFINITY;
  #claiming: Promise<void> | undefined;
  #looking: Promise<void> | undefined;
  /** When it is looked next, by the clock that never runs backwards; `#cancelLook` takes that back. */
  #looksAt = Number.POSITIVE_INFINITY;
  #cancelLook = () => {};
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#warn = attemptWarnings(parts.log);
    this.#recorder = new AttemptRecorder({
      ...parts,
      again: (at) => this.#lookIn(this.#until(at)),
    });
  }

  /** Begins to look at the outbox. */
  start(): void {
    this.look();
  }

  /** Looks soon: recipients may have changed. */
  look(): void {
    this.#lookIn(0);
  }

  /**
   * How many deliveries to a recipient may now be written as leased by this server, to be given to `send`: none while others are due,
   * which came first, or when nothing can be sent to it.
   */
  spareLeases(recipient: Recipient): number {
    const isBehind = [...this.#due.values(), ...this.#saturated.values()].some(
      (pair) => pair.recipient === recipient,
    );
    const { recipients } = this.#parts;
    const mayLease = !this.#isClosed && !isBehind && recipients.isReachable(recipient);
    // What can go out together with others waits for them.
    const goesAlone = recipients.find(recipient).mostTogether === 1;
    return mayLease && goesAlone ? this.#spare(recipient) : 0;
  }

  /** Sends deliveries that were written as leased, and are committed. */
  send(leased: readonly Leased[]): void {
    void this.#untilEnded(this.#sendLeased(leased));
  }

  /** Claims at once what was just committed for these recipients of a campaign. */
  wake(campaignId: string, recipients: Iterable<Recipient>): void {
    for (const recipient of recipients) {
      const pair = { campaignId, recipient };
      this.#due.set(pairKey(pair), pair);
    }
    if (this.#isClosed || this.#due.size === 0) return;
    this.#claiming ??= this.#claimAll();
  }

  /**
   * Asks at once with a delivery that the caller has written as leased; resolves with how the attempt ended. `not_asked`: nothing
   * was sent, because the endpoint is known to be down, the server stops, or the lease might end before the answer is recorded. The
   * number in flight does not matter: leads are not to be lost because they came together.
   */
  async ask({ delivery, lease }: Leased, withinMs: number): Promise<AttemptRecord | "not_asked"> {
    const mayAsk = !this.#isClosed && (await this.#isReady(delivery.recipient));
    // Behind the reading, which may take long.
    if (!mayAsk || lease.endsAt - this.#parts.clock.now().getTime() < LEAST_LEFT_MS) return "not_asked";
    this.#queueOf(delivery.recipient).takePlaces(1);
    return (await this.#track(delivery, this.#attempt(delivery, lease.id, { withinMs }))).result;
  }

  /** Whether a buyer can be asked. It is not while that cannot be read: its lead is on record, and must not fail like one that is not. */
  async #isReady(recipient: Recipient): Promise<boolean> {
    const { recipients, log } = this.#parts;
    try {
      return (await recipients.mostInFlight(recipient)) > 0;
    } catch (error) {
      log.warn("a buyer cannot be asked", { buyer_id: parseRecipient(recipient).id, error });
      return false;
    }
  }

  /**
   * Attempts at once what the caller has written as leased, whatever is known against the endpoint: somebody waits to hear of it.
   * Undefined: nothing was sent, because the server stops.
   */
  async tryOut({ delivery, lease }: Leased): Promise<AttemptRecord | undefined> {
    if (this.#isClosed) return undefined;
    this.#queueOf(delivery.recipient).takePlaces(1);
    return (await this.#track(delivery, this.#attempt(delivery, lease.id))).result;
  }

  /** Attempts that are on their way. */
  inFlight(): number {
    return [...this.#queues.values()].reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  /** Stops claiming, lets what is in flight end, and records it. */
  async stop(): Promise<void> {
    this.#isClosed = true;
    this.#recorder.hurry();
    this.#cancelLook();
    const patience = setTimeout(() => this.#breakOff.abort(), PATIENCE_MS);
    // A look may write what it finds that others do not know of endpoints.
    await this.#looking;
    await this.#claiming;
    for (const recipient of this.#queues.keys()) this.#sendWaiting(recipient);
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    clearTimeout(patience);
    await this.#recorder.done();
    await Promise.allSettled(this.#running);
  }

  /** Looks in so many ms, unless it does so before. */
  #lookIn(wanted: number): void {
    const { clock } = this.#parts;
    const ms = Math.min(wanted, LOOK_AGAIN_MS.quiet);
    const at = clock.elapsedMs() + ms;
    if (this.#isClosed || at >= this.#looksAt) return;
    this.#cancelLook();
    this.#looksAt = at;
    this.#cancelLook = clock.after(ms, () => {
      this.#looksAt = Number.POSITIVE_INFINITY;
      if (this.#looking !== undefined) this.#lookIn(LOOK_AGAIN_MS.busy);
      else this.#looking = this.#look();
    });
  }

  async #look(): Promise<void> {
    try {
      await this.#refreshRecipients();
      const { due, nextAt } = await this.#parts.outbox.whatIsDue(this.#now());
      await this.#giveUpNowAndThen(due);
      for (const { campaignId, recipient } of due) this.wake(campaignId, [recipient]);
      this.#lookIn(this.#parts.isTold() ? LOOK_AGAIN_MS.quiet : LOOK_AGAIN_MS.deaf);
      this.#lookIn(this.#until(nextAt));
      for (const { recipient } of due) this.#lookIn(this.#untilTried(recipient));
    } catch (error) {
      this.#parts.log.warn("the outbox cannot be read", { error });
      this.#lookIn(LOOK_AGAIN_MS.deaf);
    }
    this.#looking = undefined;
  }

  /** Reads recipients again when they are known to have changed, and now and again whatever is known. */
  async #refreshRecipients(): Promise<void> {
    const { recipients, clock, isTold } = this.#parts;
    const often = isTold() ? LOOK_AGAIN_MS.quiet : LOOK_AGAIN_MS.deaf;
    if (clock.elapsedMs() < this.#refreshedAt + often) return await recipients.upToDate();
    await recipients.refresh();
    this.#refreshedAt = clock.elapsedMs();
  }

  /** ms until then; not less than a busy server lets pass. */
  #until(at: number): number {
    return Math.max(LOOK_AGAIN_MS.busy, at - this.#parts.clock.now().getTime());
  }

  /** ms until something may be sent to the recipient that is due. */
  #untilTried(recipient: Recipient): number {
    return this.#until(this.#parts.recipients.mayTryAt(recipient));
  }

  /** What cannot be given up of one recipient holds up no other. */
  async #giveUpNowAndThen(found: readonly Due[]): Promise<void> {
    const { outbox, clock, jobs, log } = this.#parts;
    if (!jobs.areOurs() || clock.elapsedMs() < this.#gaveUpAt + GIVE_UP_EVERY_MS) return;
    this.#gaveUpAt = clock.elapsedMs();
    for (const pair of found) {
      try {
        await outbox.giveUp(pair, this.#now());
      } catch (error) {
        log.warn("deliveries that are too late cannot be given up", { campaign_id: pair.campaignId, error });
      }
    }
  }

  async #claimAll(): Promise<void> {
    try {
      while (this.#due.size > 0 && !this.#isClosed) {
        const byRecipient = Map.groupBy(this.#due.values(), ({ recipient }) => recipient);
        this.#due.clear();
        await Promise.all([...byRecipient.values()].map((pairs) => this.#claimInTurn(pairs)));
      }
    } finally {
      // Here, not once the promise is kept: what became due between the two waited for the next look.
      this.#claiming = undefined;
    }
  }

  /** One recipient's campaigns share its places, so they are claimed for one after another. */
  async #claimInTurn(pairs: readonly Due[]): Promise<void> {
    for (const pair of pairs) await this.#claimFor(pair);
  }

  async #claimFor(pair: Due): Promise<void> {
    const { recipient } = pair;
    let plan = { wanted: 0, places: 0, together: false };
    let claimed: Leased[] = [];
    try {
      plan = await this.#planClaim(recipient);
      if (plan.wanted <= 0) {
        if (this.#queueOf(recipient).size > 0) this.#saturated.set(pairKey(pair), pair);
        else this.#lookIn(this.#untilTried(recipient));
        return;
      }
      this.#queueOf(recipient).takePlaces(plan.places);
      claimed = await this.#claim(pair, plan.wanted);
      if (plan.together && claimed.length > 0) this.#startTogether(recipient, claimed);
      if (!plan.together) {
        for (const leased of claimed.slice(0, plan.places)) this.#start(leased);
        this.#queueOf(recipient).add(claimed.slice(plan.places));
      }
    } catch (error) {
      this.#parts.log.warn("deliveries cannot be claimed", { error });
      this.#lookIn(LOOK_AGAIN_MS.deaf);
    }
    this.#release(recipient, Math.max(0, plan.places - claimed.length));
    if (claimed.length > 0 && claimed.length === plan.wanted)
      (this.#isSaturated(recipient) ? this.#saturated : this.#due).set(pairKey(pair), pair);
  }

  /** How many deliveries to claim for a recipient, and how many of them may go out at once. A probe goes out whatever is in flight. */
  async #planClaim(recipient: Recipient): Promise<{ wanted: number; places: number; together: boolean }> {
    const { recipients } = this.#parts;
    const mostInFlight = await recipients.mostInFlight(recipient);
    const { mostTogether } = recipients.find(recipient);
    const together = mostTogether > 1;
    if (mostInFlight <= 0) return { wanted: 0, places: 0, together };
    const isProbe = !recipients.isReachable(recipient);
    if (isProbe) return { wanted: mostInFlight, places: mostInFlight, together };
    if (together) {
      const isFree = this.#queueOf(recipient).inFlight < mostInFlight;
      return { wanted: isFree ? mostTogether : 0, places: isFree ? 1 : 0, together };
    }
    const wanted = Math.min(this.#spare(recipient), MOST_CLAIMED);
    const free = mostInFlight - this.#queueOf(recipient).size;
    return { wanted, places: Math.max(0, Math.min(wanted, free)), together };
  }

  async #claim(pair: Due, limit: number): Promise<Leased[]> {
    const { outbox, clock } = this.#parts;
    const now = clock.now().getTime();
    const lease = { id: newUuid(), endsAt: now + LEASE_MS };
    const claimed = await outbox.claim(pair, {
      id: lease.id,
      at: iso(now),
      endsAt: iso(lease.endsAt),
      limit,
    });
    return claimed.map((delivery) => ({ delivery, lease }));
  }

  /** How many more deliveries this server may lease for a recipient. */
  #spare(recipient: Recipient): number {
    const { recipients, clock } = this.#parts;
    return this.#queueOf(recipient).spare(recipients.find(recipient).mostInFlight, clock.elapsedMs());
  }

  /** A claim costs a transaction: it waits until several more may be leased rather than being made for one. */
  #isSaturated(recipient: Recipient): boolean {
    return this.#queueOf(recipient).size > this.#spare(recipient);
  }

  #queueOf(recipient: Recipient): RecipientQueue {
    const queue = this.#queues.get(recipient) ?? new RecipientQueue();
    this.#queues.set(recipient, queue);
    return queue;
  }

  /** Attempts a delivery whose place is taken. */
  #start({ delivery, lease }: Leased): void {
    // Who asks waits for the answer: what has to be claimed is not waited for any more.
    const isTakenOver = delivery.asks;
    void this.#track(delivery, this.#attempt(delivery, lease.id, { isTakenOver })).catch((error: unknown) => {
      this.#parts.log.error("an attempt to deliver failed within the server", {
        delivery_id: delivery.id,
        error,
      });
    });
  }

  /** Attempts in one request what goes out together, by the one place that is taken. */
  #startTogether(recipient: Recipient, leased: readonly Leased[]): void {
    void this.#trackFor(recipient, this.#attemptTogether(recipient, leased)).catch((error: unknown) => {
      this.#parts.log.error("an attempt to deliver failed within the server", {
        conversion_id: parseRecipient(recipient).id,
        count: leased.length,
        error,
      });
    });
  }

  #track<T>({ recipient }: Claimed, attempting: Promise<T>): Promise<T> {
    return this.#trackFor(recipient, attempting);
  }

  async #trackFor<T>(recipient: Recipient, attempting: Promise<T>): Promise<T> {
    try {
      return await this.#untilEnded(attempting);
    } finally {
      this.#queueOf(recipient).recordThroughput(this.#parts.clock.elapsedMs());
      this.#release(recipient, 1);
    }
  }

  async #untilEnded<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  async #attempt(
    delivery: Claimed,
    lease: string,
    { withinMs, isTakenOver = false }: { withinMs?: number; isTakenOver?: boolean } = {},
  ): Promise<AttemptResult> {
    const { recipients, tracing } = this.#parts;
    const recipient = recipients.find(delivery.recipient);
    const signal = this.#breakOff.signal;
    const attempting = (trace: string | null) =>
      attempt({ delivery: { ...delivery, trace }, lease, recipient, signal, withinMs }, this.#parts);
    const ended = await (tracing?.ofAttempt(delivery, attempting) ?? attempting(null));
    this.#warn(delivery.recipient, recipient.delivery, ended.result);
    // Whoever sees that a delivery is paused finds its endpoint paused.
    if (!goesElsewhere(delivery, recipient.delivery))
      await this.#learn(delivery.recipient, ended.endpoint, failureReason(ended.result));
    this.#record(delivery, ended.result, isTakenOver);
    return ended;
  }

  async #attemptTogether(recipient: Recipient, leased: readonly Leased[]): Promise<void> {
    const compiled = this.#parts.recipients.find(recipient);
    const [first] = leased;
    if (compiled.delivery?.method !== "meta" || first === undefined) return await this.#giveBack(leased);
    const ended = await attemptTogether(
      {
        deliveries: leased.map(({ delivery }) => delivery),
        lease: first.lease.id,
        recipient: compiled,
        settings: compiled.delivery,
        signal: this.#breakOff.signal,
      },
      this.#parts,
    );
    const last = ended.results.at(-1);
    await this.#learn(recipient, ended.endpoint, last && failureReason(last));
    for (const result of ended.results) this.#record(first.delivery, result, false);
    const unsent = new Set(ended.unsent);
    await this.#giveBack(leased.filter(({ delivery }) => unsent.has(delivery)));
  }

  #record({ campaignId, recipient }: Claimed, result: AttemptRecord, isTakenOver: boolean): void {
    this.#parts.observer.attemptEnded(parseRecipient(recipient).kind, result);
    this.#recorder.add({ campaignId, result, isTakenOver });
  }

  async #learn(recipient: Recipient, endpoint: EndpointAfter, reason?: string): Promise<void> {
    if (endpoint === null) return;
    const { recipients, log } = this.#parts;
    const wasReachable = recipients.isReachable(recipient);
    try {
      await recipients.learn(recipient, endpoint, reason);
      if (!wasReachable && recipients.isReachable(recipient)) this.look();
    } catch (error) {
      log.warn("what was learnt of an endpoint cannot be told to other servers", { error });
    }
  }

  /** Frees places, fills them with what waits, and claims more once there is room for several. */
  #release(recipient: Recipient, places: number): void {
    this.#queueOf(recipient).freePlaces(places);
    this.#sendWaiting(recipient);
    if (this.#isSaturated(recipient)) return;
    for (const [key, pair] of this.#saturated) {
      if (pair.recipient !== recipient) continue;
      this.#saturated.delete(key);
      this.wake(pair.campaignId, [recipient]);
    }
  }

  /** Sends what waits as far as there are places, and gives back what cannot be sent in its time. */
  #sendWaiting(recipient: Recipient): void {
    const { recipients, clock } = this.#parts;
    const queue = this.#queueOf(recipient);
    const { mostInFlight } = recipients.find(recipient);
    const isReachable = !this.#isClosed && recipients.isReachable(recipient);
    const tooLate = isReachable ? [] : queue.takeAll();
    const doubtful: Leased[] = [];
    for (let next = queue.takeNext(mostInFlight); next !== undefined; next = queue.takeNext(mostInFlight)) {
      const left = next.lease.endsAt - clock.now().getTime();
      if (left < LEAST_LEFT_MS) {
        tooLate.push(next);
        continue;
      }
      queue.takePlaces(1);
      if (left < LEASE_MS - ASK_AFTER_MS) doubtful.push(next);
      else this.#start(next);
    }
    if (tooLate.length > 0) void this.#untilEnded(this.#giveBack(tooLate));
    if (doubtful.length > 0) void this.#untilEnded(this.#startIfPending(recipient, doubtful));
  }

  /** Attempts what has waited and whose places are taken, unless its lead was taken back or erased meanwhile. */
  async #startIfPending(recipient: Recipient, leased: readonly Leased[]): Promise<void> {
    const { outbox, log } = this.#parts;
    const byCampaign = Map.groupBy(leased, ({ delivery }) => delivery.campaignId);
    let started = 0;
    for (const [campaignId, each] of byCampaign) {
      try {
        const pending = await outbox.stillPending(campaignId, leasesOf(each), this.#now());
        for (const next of each.filter(({ delivery }) => pending.has(delivery.id))) {
          started += 1;
          this.#start(next);
        }
      } catch (error) {
        log.warn("what waited cannot be sent before its lease ends", { count: each.length, error });
      }
    }
    if (started < leased.length) this.#release(recipient, leased.length - started);
  }

  async #giveBack(leased: readonly Leased[]): Promise<void> {
    const { outbox, log } = this.#parts;
    const byCampaign = Map.groupBy(leased, ({ delivery }) => delivery.campaignId);
    for (const [campaignId, unsent] of byCampaign) {
      try {
        await outbox.giveBack(campaignId, leasesOf(unsent), this.#now());
        for (const { delivery } of unsent) this.#lookIn(this.#untilTried(delivery.recipient));
      } catch (error) {
        log.warn("deliveries cannot be given back before their leases end", { count: unsent.length, error });
      }
    }
  }

  async #sendLeased(leased: readonly Leased[]): Promise<void> {
    const { recipients, log } = this.#parts;
    // Without the database, they are given back, or left until their leases end.
    await recipients.upToDate().catch((error: unknown) => log.warn("recipients cannot be read", { error }));
    const byRecipient = Map.groupBy(leased, ({ delivery }) => delivery.recipient);
    for (const [recipient, each] of byRecipient) this.#queueOf(recipient).add(each);
    for (const recipient of byRecipient.keys()) this.#sendWaiting(recipient);
  }

  #now(): string {
    return this.#parts.clock.now().toISOString();
  }
}

function leasesOf(leased: readonly Leased[]): { id: string; lease: string }[] {
  return leased.map(({ delivery, lease }) => ({ id: delivery.id, lease: lease.id }));
}

function pairKey({ campaignId, recipient }: Due): string {
  return `${campaignId} ${recipient}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
