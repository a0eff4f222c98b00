import type { Database } from "#database/database.ts";
import { newUuid } from "#ids.ts";
import type { Log } from "#log.ts";
import { type AttemptParts, attempt } from "./attempt.ts";
import { type Claimed, claim, type Due, finish, type Recipient, type Result, whatIsDue } from "./outbox.ts";
import type { Recipients } from "./recipients.ts";
import type { Verdict } from "./response-rules.ts";

/**
 * Sends what the outbox holds: claims due deliveries for each recipient, as many as may be in flight to it, and records how each
 * attempt ended. No transaction is open while a request is; a worker that dies gives its work back when its leases end.
 */
export interface Dispatch {
  /** Something was just committed for these recipients of a campaign: claims it at once. */
  wake(campaignId: string, recipients: Iterable<Recipient>): void;
  /** Asks at once with a delivery that the caller has written with this lease; resolves with what the answer means. */
  ask(delivery: Claimed, lease: string, withinMs: number): Promise<Verdict>;
  /** Stops claiming, lets what is in flight end, and records it. */
  close(): Promise<void>;
}

/** How long a claim holds, in ms: longer than the longest attempt, and the time after which a dead worker's work is taken over. */
const LEASE_MS = 60_000;
/** Deliveries claimed for one recipient at once. */
const MOST_CLAIMED = 50;
/** Attempts recorded in one transaction. */
const MOST_RECORDED = 256;
/** How long what is in flight may take when the server stops, in ms; what is broken off then is sent again by the next one. */
const PATIENCE_MS = 10_000;
/** How often the outbox is looked at for what other processes wrote and what is due again, in ms; the longer one when it was empty. */
const LOOK_AGAIN_MS = { busy: 200, idle: 1_000 };

export interface DispatchParts extends AttemptParts {
  database: Database;
  recipients: Recipients;
  log: Log;
}

export function openDispatch(parts: DispatchParts): Dispatch {
  const { database, recipients, clock, log } = parts;
  const due = new Map<string, Due>();
  /** More is due for these than may be in flight at once. */
  const crowded = new Map<string, Due>();
  const inFlight = new Map<Recipient, number>();
  const attempts = new Set<Promise<unknown>>();
  const results: { campaignId: string; result: Result }[] = [];
  const breakOff = new AbortController();
  let closed = false;
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
    const busy = inFlight.get(pair.recipient) ?? 0;
    let claimed: Claimed[] = [];
    let room = 0;
    try {
      room = Math.min(await recipients.room(pair.recipient, busy), MOST_CLAIMED);
      if (room <= 0) {
        if (busy > 0) crowded.set(keyOf(pair), pair);
        return;
      }
      inFlight.set(pair.recipient, (inFlight.get(pair.recipient) ?? 0) + room);
      const now = clock.now().getTime();
      const lease = { id: newUuid(), at: iso(now), endsAt: iso(now + LEASE_MS), limit: room };
      claimed = await database.write((db) => claim(db, pair, lease));
      for (const delivery of claimed) start(delivery, lease.id);
    } catch (error) {
      log.warn("deliveries cannot be claimed", { error });
    }
    release(pair.recipient, room - claimed.length);
    if (claimed.length > 0 && claimed.length === room) due.set(keyOf(pair), pair);
  }

  function start(delivery: Claimed, lease: string): void {
    void track(delivery, run(delivery, lease)).catch((error: unknown) => {
      log.error("an attempt to deliver failed within the server", { delivery_id: delivery.id, error });
    });
  }

  async function track<T>(delivery: Claimed, running: Promise<T>): Promise<T> {
    attempts.add(running);
    try {
      return await running;
    } finally {
      attempts.delete(running);
      release(delivery.recipient, 1);
    }
  }

  async function run(delivery: Claimed, lease: string, withinMs?: number): Promise<Verdict> {
    const recipient = recipients.find(delivery.recipient);
    const { result, verdict, endpoint } = await attempt(
      delivery,
      lease,
      recipient,
      parts,
      breakOff.signal,
      withinMs,
    );
    results.push({ campaignId: delivery.campaignId, result });
    recording ??= recordAll().finally(() => (recording = undefined));
    await recipients.learn(delivery.recipient, endpoint);
    return verdict;
  }

  function release(recipient: Recipient, count: number): void {
    const left = (inFlight.get(recipient) ?? 0) - count;
    if (left > 0) inFlight.set(recipient, left);
    else inFlight.delete(recipient);
    // A claim costs a transaction: wait for room for several rather than claiming one by one.
    if (left > recipients.find(recipient).mostInFlight / 2) return;
    for (const [key, pair] of crowded) {
      if (pair.recipient !== recipient) continue;
      crowded.delete(key);
      wake(pair.campaignId, [recipient]);
    }
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
    }
  }

  return {
    wake,
    async ask(delivery, lease, withinMs) {
      // Without the database, what is held is good enough: the lead is committed, and somebody waits for its answer.
      await recipients.upToDate().catch((error: unknown) => log.warn("recipients cannot be read", { error }));
      inFlight.set(delivery.recipient, (inFlight.get(delivery.recipient) ?? 0) + 1);
      return await track(delivery, run(delivery, lease, withinMs));
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      const patience = setTimeout(() => breakOff.abort(), PATIENCE_MS);
      await claiming;
      await Promise.allSettled(attempts);
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
