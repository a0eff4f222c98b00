import type { Database } from "#database/database.ts";
import type { Recipients } from "#delivery/recipients/recipients.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { Log } from "#telemetry/log.ts";
import type { Observer, Tracing } from "#telemetry/observer.ts";
import { newUuid } from "#text/ids.ts";
import { type AttemptParts, type AttemptVerdict, attempt, type Ended } from "./attempt.ts";
import {
  type Claimed,
  claim,
  type Due,
  finish,
  giveBack,
  giveUp,
  type Result,
  whatIsDue,
} from "./outbox-records.ts";
import { emptyLine, type Held, heldBy, type Line, mostHeld, quickened } from "./recipient-queue.ts";

/**
 * Sends what the outbox holds: what this server has just written for recipients that keep up, at once; for others it claims what is
 * due. It records how each attempt ended. No transaction is open while a request is; a worker that dies gives its work back when its
 * leases end.
 */
export interface Dispatch {
  /**
   * How many deliveries to a recipient may now be written as held by this server, to be given to `send`: none while others are due, which
   * came first, or when nothing can be sent to it.
   */
  mayHold(recipient: Recipient): number;
  /** These were written as held, and are committed. */
  send(held: readonly Held[]): void;
  /** Something was just committed for these recipients of a campaign: claims it at once. */
  wake(campaignId: string, recipients: Iterable<Recipient>): void;
  /**
   * Asks at once with a delivery that the caller has written with this lease; resolves with what the answer means. `not_asked`: nothing
   * was sent, because the endpoint is known to be down or the server stops.
   */
  ask(delivery: Claimed, lease: string, withinMs: number): Promise<AttemptVerdict | "not_asked">;
  /**
   * Attempts at once what the caller has written with this lease, whatever is known against the endpoint: somebody waits to hear of it.
   * Undefined: nothing was sent, because the server stops.
   */
  tryOut(delivery: Claimed, lease: string): Promise<Result | undefined>;
  /** Attempts that are on their way. */
  inFlight(): number;
  /** Stops claiming, lets what is in flight end, and records it. */
  close(): Promise<void>;
}

/** How long a claim holds, in ms: longer than the longest attempt, and the time after which a dead worker's work is taken over. */
export const LEASE_MS = 60_000;
/** What a lease must have left for an attempt to begin, in ms: the longest attempt's time, and some for recording it. */
const LEAST_LEFT_MS = 35_000;
/** Deliveries claimed for one recipient at once. */
const MOST_CLAIMED = 100;
/** Attempts recorded in one transaction. */
const MOST_RECORDED = 256;
/** How long recordings are apart, in ms, so that a busy server records several attempts at once; the first one never waits. */
const RECORD_AGAIN_MS = 20;
/** How long what is in flight may take when the server stops, in ms; what is broken off then is sent again by the next one. */
const PATIENCE_MS = 10_000;
/** How often the outbox is looked at for what other processes wrote and what is due again, in ms; the longer one when it was empty. */
const LOOK_AGAIN_MS = { busy: 200, idle: 1_000 };
/** How often deliveries are given up that wait in vain for an endpoint to come back, in ms: each time walks through all that are due. */
const GIVE_UP_EVERY_MS = 60_000;

export interface DispatchParts extends AttemptParts {
  database: Database;
  recipients: Recipients;
  log: Log;
  observer: Observer;
  tracing?: Tracing | undefined;
}

export function openDispatch(parts: DispatchParts): Dispatch {
  const { database, recipients, clock, log, observer, tracing } = parts;
  const due = new Map<string, Due>();
  /** More is due for these than may be in flight at once. */
  const crowded = new Map<string, Due>();
  const lines = new Map<Recipient, Line>();
  /** What has to end before the server may. */
  const running = new Set<Promise<unknown>>();
  const results: { campaignId: string; result: Result }[] = [];
  const breakOff = new AbortController();
  let closed = false;
  let givenUpAt = Number.NEGATIVE_INFINITY;
  let claiming: Promise<void> | undefined;
  let recording: Promise<void> | undefined;
  let timer = setTimeout(() => void look(), 0);

  function wake(campaignId: string, woken: Iterable<Recipient>): void {
    for (const recipient of woken) due.set(keyOf({ campaignId, recipient }), { campaignId, recipient });
    if (!closed) claiming ??= claimAll().finally(() => (claiming = undefined));
  }

  async function look(): Promise<void> {
    let found: Due[] = [];
    try {
      await recipients.refresh();
      found = await database.read((db) => whatIsDue(db, clock.now().toISOString()));
      if (clock.elapsedMs() >= givenUpAt + GIVE_UP_EVERY_MS) {
        givenUpAt = clock.elapsedMs();
        for (const pair of found) await database.write((db) => giveUp(db, pair, clock.now().toISOString()));
      }
      for (const { campaignId, recipient } of found) wake(campaignId, [recipient]);
    } catch (error) {
      log.warn("the outbox cannot be read", { error });
    }
    if (!closed)
      timer = setTimeout(() => void look(), found.length > 0 ? LOOK_AGAIN_MS.busy : LOOK_AGAIN_MS.idle);
  }

  async function claimAll(): Promise<void> {
    while (due.size > 0 && !closed) {
      const byRecipient = Map.groupBy(due.values(), (pair) => pair.recipient);
      due.clear();
      // One recipient's campaigns share its room, so they are claimed for one after another.
      await Promise.all([...byRecipient.values()].map((pairs) => pairs.reduce(claimNext, Promise.resolve())));
    }
  }

  async function claimNext(before: Promise<void>, pair: Due): Promise<void> {
    await before;
    await claimFor(pair);
  }

  async function claimFor(pair: Due): Promise<void> {
    const { recipient } = pair;
    const line = lineOf(recipient);
    let claimed: Claimed[] = [];
    let wanted = 0;
    let room = 0;
    try {
      const mostInFlight = await recipients.room(recipient, 0);
      const isProbe = !recipients.isReachable(recipient);
      wanted = isProbe ? mostInFlight : Math.min(ahead(recipient), MOST_CLAIMED);
      if (mostInFlight <= 0 || wanted <= 0) {
        if (heldBy(line) > 0) crowded.set(keyOf(pair), pair);
        return;
      }
      room = isProbe ? wanted : Math.max(0, Math.min(wanted, mostInFlight - heldBy(line)));
      line.inFlight += room;
      const now = clock.now().getTime();
      const lease = { id: newUuid(), endsAt: now + LEASE_MS };
      const terms = { id: lease.id, at: iso(now), endsAt: iso(lease.endsAt), limit: wanted };
      claimed = await database.write((db) => claim(db, pair, terms));
      const held = claimed.map((delivery) => ({ delivery, lease }));
      for (const each of held.slice(0, room)) start(each);
      line.waiting.push(...held.slice(room));
    } catch (error) {
      log.warn("deliveries cannot be claimed", { error });
    }
    release(recipient, Math.max(0, room - claimed.length));
    if (claimed.length > 0 && claimed.length === wanted)
      (isWellFilled(recipient) ? crowded : due).set(keyOf(pair), pair);
  }

  /** How many more deliveries this server may hold for a recipient. */
  function ahead(recipient: Recipient): number {
    const line = lineOf(recipient);
    return mostHeld(line, recipients.find(recipient).mostInFlight, clock.elapsedMs()) - heldBy(line);
  }

  /** A claim costs a transaction: it waits for room for several rather than being made for one. */
  function isWellFilled(recipient: Recipient): boolean {
    return heldBy(lineOf(recipient)) > ahead(recipient);
  }

  function lineOf(recipient: Recipient): Line {
    const line = lines.get(recipient) ?? emptyLine();
    lines.set(recipient, line);
    return line;
  }

  function start({ delivery, lease }: Held): void {
    void track(delivery, run(delivery, lease.id)).catch((error: unknown) => {
      log.error("an attempt to deliver failed within the server", { delivery_id: delivery.id, error });
    });
  }

  async function track<T>(delivery: Claimed, attempting: Promise<T>): Promise<T> {
    try {
      return await untilEnded(attempting);
    } finally {
      const line = lineOf(delivery.recipient);
      line.pace = quickened(line.pace, clock.elapsedMs());
      release(delivery.recipient, 1);
    }
  }

  async function untilEnded<T>(work: Promise<T>): Promise<T> {
    running.add(work);
    try {
      return await work;
    } finally {
      running.delete(work);
    }
  }

  async function run(delivery: Claimed, lease: string, withinMs?: number): Promise<Ended> {
    const recipient = recipients.find(delivery.recipient);
    const attempting = (trace: string | null) =>
      attempt({ ...delivery, trace }, lease, recipient, parts, breakOff.signal, withinMs);
    const ended = await (tracing?.ofAttempt(delivery, attempting) ?? attempting(null));
    observer.attemptEnded(delivery.recipient, ended.result);
    results.push({ campaignId: delivery.campaignId, result: ended.result });
    recording ??= recordAll().finally(() => (recording = undefined));
    try {
      await recipients.learn(delivery.recipient, ended.endpoint);
    } catch (error) {
      log.warn("what was learnt of an endpoint cannot be told to other servers", { error });
    }
    return ended;
  }

  function release(recipient: Recipient, count: number): void {
    const line = lineOf(recipient);
    line.inFlight -= count;
    sendWaiting(recipient);
    if (isWellFilled(recipient)) return;
    for (const [key, pair] of crowded) {
      if (pair.recipient !== recipient) continue;
      crowded.delete(key);
      wake(pair.campaignId, [recipient]);
    }
  }

  /** Sends what is held as far as there is room, and gives back what cannot be sent in its time. */
  function sendWaiting(recipient: Recipient): void {
    const line = lineOf(recipient);
    if (line.waiting.length === 0) return;
    const isReachable = !closed && recipients.isReachable(recipient);
    const { mostInFlight } = recipients.find(recipient);
    const tooLate: Held[] = isReachable ? [] : line.waiting.splice(0);
    while (line.waiting.length > 0 && line.inFlight < mostInFlight) {
      const [held] = line.waiting.splice(0, 1);
      if (held === undefined) break;
      if (held.lease.endsAt - clock.now().getTime() < LEAST_LEFT_MS) tooLate.push(held);
      else {
        line.inFlight += 1;
        start(held);
      }
    }
    if (tooLate.length > 0) void untilEnded(handBack(tooLate));
  }

  async function handBack(held: readonly Held[]): Promise<void> {
    const byCampaign = Map.groupBy(held, ({ delivery }) => delivery.campaignId);
    for (const [campaignId, unsent] of byCampaign) {
      const leases = unsent.map(({ delivery, lease }) => ({ id: delivery.id, lease: lease.id }));
      try {
        await database.write((db) => giveBack(db, campaignId, leases, clock.now().toISOString()));
      } catch (error) {
        log.warn("deliveries cannot be given back before their leases end", { count: unsent.length, error });
      }
    }
  }

  async function sendHeld(held: readonly Held[]): Promise<void> {
    // Without the database, they are given back, or left until their leases end.
    await recipients.upToDate().catch((error: unknown) => log.warn("recipients cannot be read", { error }));
    for (const each of held) lineOf(each.delivery.recipient).waiting.push(each);
    for (const recipient of new Set(held.map(({ delivery }) => delivery.recipient))) sendWaiting(recipient);
  }

  /** Records what has ended since the last recording; an attempt whose recording fails is made again when its lease ends. */
  async function recordAll(): Promise<void> {
    while (results.length > 0) {
      const byCampaign = Map.groupBy(results.splice(0, MOST_RECORDED), (each) => each.campaignId);
      const at = clock.now().toISOString();
      await Promise.all(
        [...byCampaign].map(async ([campaignId, ended]) => {
          const batch = ended.map((each) => each.result);
          try {
            await database.write((db) => finish(db, campaignId, batch, at));
          } catch (error) {
            log.warn("attempts cannot be recorded", { count: batch.length, error });
          }
        }),
      );
      if (!closed && results.length < MOST_RECORDED) await Bun.sleep(RECORD_AGAIN_MS);
    }
  }

  return {
    mayHold(recipient) {
      const isBehind = [...due.values(), ...crowded.values()].some((pair) => pair.recipient === recipient);
      return closed || isBehind || !recipients.isReachable(recipient) ? 0 : ahead(recipient);
    },
    send(held) {
      void untilEnded(sendHeld(held));
    },
    wake,
    async ask(delivery, lease, withinMs) {
      // However many are being asked about: leads are not to be lost because they came together.
      const mayAsk = closed ? false : (await recipients.room(delivery.recipient, 0)) > 0;
      if (!mayAsk) return "not_asked";
      lineOf(delivery.recipient).inFlight += 1;
      return (await track(delivery, run(delivery, lease, withinMs))).verdict;
    },
    async tryOut(delivery, lease) {
      if (closed) return undefined;
      lineOf(delivery.recipient).inFlight += 1;
      return (await track(delivery, run(delivery, lease))).result;
    },
    inFlight: () => [...lines.values()].reduce((sum, { inFlight }) => sum + inFlight, 0),
    async close() {
      closed = true;
      clearTimeout(timer);
      const patience = setTimeout(() => breakOff.abort(), PATIENCE_MS);
      await claiming;
      for (const recipient of lines.keys()) sendWaiting(recipient);
      while (running.size > 0) await Promise.allSettled(running);
      clearTimeout(patience);
      await recording;
    },
  };
}

function keyOf({ campaignId, recipient }: Due): string {
  return `${campaignId} ${recipient}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
