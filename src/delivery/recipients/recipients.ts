import type { Database, Queryable } from "#database/database.ts";
import { type BidReading, compileBidRules } from "#endpoints/answers/bid-rules.ts";
import { compileResponseRules, type Verdict } from "#endpoints/answers/response-rules.ts";
import type { DeliverySettings, PingSettings } from "#endpoints/delivery-settings.ts";
import type { Template } from "#endpoints/message/template.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { Clock } from "#time/clock.ts";
import { afterAttempt, type Breaker, CLOSED, isOpen, mayTry, probing } from "./breaker.ts";
import {
  type EndpointState,
  pauseEndpoint,
  readEndpoints,
  readRecipients,
  takeProbe,
  writeBreaker,
} from "./endpoint-records.ts";
import { makeFirstSecrets, readSecrets } from "./signing-secret-records.ts";

/**
 * Everyone whom deliveries go to: how they are reached, the secrets that sign for them, and whether their endpoints are worth trying.
 * Held in memory and read again every second; what a server learns of an endpoint it tells the others through the database.
 */
export interface Recipients {
  /** Reads again what operators and other servers have changed. Throws DatabaseUnavailable. */
  refresh(): Promise<void>;
  /** What was read may be older than what has to be sent. */
  invalidate(): void;
  /** Resolves when what was read is no older than the last `invalidate()`. Throws DatabaseUnavailable. */
  upToDate(): Promise<void>;
  find(recipient: Recipient): CompiledRecipient;
  /** Whether the buyer's leads should go to others, because nothing can be sent to it now. */
  isDown(buyerId: string): boolean;
  /** Whether requests to the recipient may simply be sent, by what is held: it has a delivery, and nothing is known against its endpoint. */
  isReachable(recipient: Recipient): boolean;
  /** How the endpoints stand of those who have a delivery; `paused`: one answered 410. */
  endpoints(): Iterable<readonly [Recipient, Breaker["state"] | "paused"]>;
  /** How many requests may be in flight to a recipient at once; takes an open breaker's one probe. Throws DatabaseUnavailable. */
  mostInFlight(recipient: Recipient): Promise<number>;
  /** Learns from an attempt's end: `gone` is a 410. */
  learn(recipient: Recipient, outcome: "ok" | "failed" | "gone"): Promise<void>;
}

export interface CompiledRecipient {
  /** Null: the recipient was removed, or has no delivery any more. */
  delivery: DeliverySettings | null;
  /** Newest first. */
  secrets: readonly string[];
  /** What its answers mean. */
  judge(answer: { status: number; body: string; contentType: string | null }): Verdict;
  mostInFlight: number;
  /** How it is asked for bids; the same object for as long as that stays the same. Null: it is not asked. */
  ping: CompiledPing | null;
}

export interface CompiledPing {
  readonly how: PingSettings;
  /** Null: the default body. */
  readonly template: Template | null;
  readonly legacySignatureHeader: string | null;
  /** What its answers mean. */
  read(answer: { status: number; body: string; contentType: string | null }): BidReading;
}

export function openRecipients(database: Database, clock: Clock, secretKey: Uint8Array): Recipients {
  let known = new Map<Recipient, CompiledRecipient>();
  const endpoints = new Map<Recipient, EndpointState>();
  /** When each endpoint was last changed here: what was read of it before is older than what is held. */
  const changedAt = new Map<Recipient, number>();
  const beingTold = new Set<Recipient>();
  let changes = 0;
  let wanted = 1;
  let held = 0;
  let reading: Promise<void> | undefined;

  async function upToDate(): Promise<void> {
    // A reading that began before may have missed what was written since.
    while (held < wanted) await refresh();
  }

  function refresh(): Promise<void> {
    reading ??= read().finally(() => (reading = undefined));
    return reading;
  }

  async function read(): Promise<void> {
    const now = clock.now();
    const reached = wanted;
    const readAt = changes;
    const [stored, secrets, remembered] = await database.read((db) =>
      Promise.all([readRecipients(db), readSecrets(db, secretKey, now.toISOString()), readEndpoints(db)]),
    );
    known = new Map(
      stored.map(({ recipient, delivery }) => [
        recipient,
        { ...knownAs(delivery, known.get(recipient)), secrets: secrets.get(recipient) ?? [] },
      ]),
    );
    for (const [recipient, state] of remembered) {
      const isOld = beingTold.has(recipient) || (changedAt.get(recipient) ?? 0) > readAt;
      if (!isOld) endpoints.set(recipient, merged(endpoints.get(recipient), state));
    }
    const unsigned = stored.filter(
      (each) => each.delivery?.method === "webhook" && !secrets.has(each.recipient),
    );
    if (unsigned.length > 0) {
      await makeFirstSecrets(
        database,
        unsigned.map((each) => each.recipient),
        secretKey,
        now,
      );
      return read();
    }
    for (const [recipient, { breaker }] of endpoints) {
      // What could not be told to the other servers when it was learnt.
      if (breaker.state !== "closed" && !remembered.has(recipient))
        await database.write((db) => writeBreaker(db, recipient, breaker));
    }
    held = reached;
  }

  function endpointOf(recipient: Recipient): EndpointState {
    return endpoints.get(recipient) ?? { breaker: CLOSED, paused: false };
  }

  async function mostInFlight(recipient: Recipient): Promise<number> {
    await upToDate();
    const { breaker, paused } = endpointOf(recipient);
    if (paused) return 0;
    switch (mayTry(breaker, clock.now())) {
      case "yes":
        return find(recipient).mostInFlight;
      case "no":
        return 0;
      case "probe": {
        const to = probing(breaker, clock.now());
        if (!(await database.write((db) => takeProbe(db, recipient, { from: breaker, to })))) return 0;
        hold(recipient, { breaker: to, paused });
        return 1;
      }
    }
  }

  async function learn(recipient: Recipient, outcome: "ok" | "failed" | "gone"): Promise<void> {
    const before = endpointOf(recipient);
    const breaker = afterAttempt(before.breaker, outcome === "failed" ? "failed" : "ok", clock.now());
    const paused = before.paused || outcome === "gone";
    hold(recipient, { breaker, paused });
    if (breaker.state !== before.breaker.state)
      await tell(recipient, (db) => writeBreaker(db, recipient, breaker));
    if (paused !== before.paused) {
      await tell(recipient, (db) => pauseEndpoint(db, recipient, breaker, clock.now().toISOString()));
    }
  }

  function hold(recipient: Recipient, endpoint: EndpointState): void {
    endpoints.set(recipient, endpoint);
    changes += 1;
    changedAt.set(recipient, changes);
  }

  /** Tells the other servers. */
  async function tell(recipient: Recipient, write: (db: Queryable) => Promise<void>): Promise<void> {
    beingTold.add(recipient);
    try {
      await database.write(write);
    } finally {
      beingTold.delete(recipient);
      changes += 1;
      changedAt.set(recipient, changes);
    }
  }

  function find(recipient: Recipient): CompiledRecipient {
    return known.get(recipient) ?? NOBODY;
  }

  return {
    refresh,
    invalidate: () => {
      wanted += 1;
    },
    upToDate,
    find,
    isReachable(recipient) {
      const { breaker, paused } = endpointOf(recipient);
      return find(recipient).delivery !== null && !paused && mayTry(breaker, clock.now()) === "yes";
    },
    *endpoints() {
      for (const [recipient, { delivery }] of known) {
        const { breaker, paused } = endpointOf(recipient);
        if (delivery !== null) yield [recipient, paused ? "paused" : breaker.state];
      }
    },
    mostInFlight,
    learn,
    isDown(buyerId) {
      const { breaker, paused } = endpointOf(`buyer:${buyerId}`);
      const passesOn = find(`buyer:${buyerId}`).delivery?.whenDown === "skip";
      return passesOn && (paused || isOpen(breaker, clock.now()));
    },
  };
}

const NOBODY: CompiledRecipient = knownAs(null, undefined);

/** Rules are compiled once for as long as they stay the same. */
function knownAs(
  delivery: DeliverySettings | null,
  before: CompiledRecipient | undefined,
): CompiledRecipient {
  if (before !== undefined && Bun.deepEquals(before.delivery, delivery)) return before;
  const rules = delivery?.method === "webhook" ? delivery.responseRules : [];
  const values = delivery?.method === "webhook" ? delivery.responseValues : {};
  return {
    delivery,
    secrets: [],
    judge: compileResponseRules(rules, values),
    mostInFlight: delivery?.maxInFlight ?? 1,
    ping: knownPing(delivery, before),
  };
}

function knownPing(
  delivery: DeliverySettings | null,
  before: CompiledRecipient | undefined,
): CompiledPing | null {
  if (delivery?.method !== "webhook" || delivery.ping === null) return null;
  const { ping: how, legacySignatureHeader } = delivery;
  const known = before?.ping ?? null;
  const isSame = known?.legacySignatureHeader === legacySignatureHeader && Bun.deepEquals(known.how, how);
  if (known !== null && isSame) return known;
  return {
    how,
    template: how.template === null ? null : (JSON.parse(how.template) as Template),
    legacySignatureHeader,
    read: compileBidRules(how.responseRules, how.responseValues),
  };
}

/** Closed breakers count by themselves on each server; an open one is everybody's, and so is its closing. */
function merged(own: EndpointState | undefined, stored: EndpointState): EndpointState {
  const bothClosed = own?.breaker.state === "closed" && stored.breaker.state === "closed";
  return { breaker: bothClosed ? own.breaker : stored.breaker, paused: stored.paused };
}
