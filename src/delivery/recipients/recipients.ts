import { readRecipients, rememberOpened, type StoredRecipient } from "#campaigns/recipient-records.ts";
import type { Database } from "#database/database.ts";
import { ALERT_SETTINGS } from "#endpoints/alert-settings.ts";
import { parseRecipient, type Recipient } from "#endpoints/recipient.ts";
import type { TellIn } from "#handover/alert.ts";
import type { Log } from "#telemetry/log.ts";
import type { Clock } from "#time/clock.ts";
import { type Breaker, isOpen } from "./breaker.ts";
import { type CompiledRecipient, compileRecipient } from "./compiled-recipient.ts";
import { recipientFields } from "./endpoint-alert.ts";
import { EndpointHealth } from "./endpoint-health.ts";
import { readEndpoints } from "./endpoint-records.ts";
import { makeFirstSecrets, readSecrets, type SecretsByRecipient } from "./signing-secret-records.ts";

export interface RecipientsParts {
  database: Database;
  clock: Clock;
  /** The key under which signing secrets are sealed. */
  secretKey: Uint8Array;
  tellIn: TellIn;
  log: Pick<Log, "warn">;
}

/**
 * All that deliveries go to: how they are reached, the secrets that sign for them, and whether their endpoints are worth trying.
 * Kept in memory and read again when they change; what a server learns of an endpoint it tells the others through the database.
 */
export interface Recipients {
  /** Reads again what operators and other servers have changed. Throws DatabaseUnavailable. */
  refresh(): Promise<void>;
  /** Says that what was read may be older than what has to be sent. */
  invalidate(): void;
  /** The configuration has this revision: what was read before it was first seen may be older. */
  requireRevision(revision: number): void;
  /** Resolves when what was read is no older than the last `invalidate()` or new revision. Throws DatabaseUnavailable. */
  upToDate(): Promise<void>;
  /** Of one that is locked, one that nothing can be sent to. */
  find(recipient: Recipient): CompiledRecipient;
  /** Those whose stored secrets do not open: what is for them waits until they have others, and leads go by them as by one that is down. */
  locked(): readonly Recipient[];
  /** Whether the buyer's leads should go to others, because nothing can be sent to it now. */
  isDown(buyerId: string): boolean;
  /** Whether requests to the recipient may simply be sent, as last read: it has a delivery, and nothing is known against its endpoint. */
  isReachable(recipient: Recipient): boolean;
  /** When an attempt may be made, in ms since 1970: 0 when it may be now, Infinity while the endpoint is paused or there is none. */
  mayTryAt(recipient: Recipient): number;
  /** How the endpoints stand of those who have a delivery; `paused`: one answered 410. */
  endpoints(): Iterable<readonly [Recipient, Breaker["state"] | "paused"]>;
  /** How many requests may be in flight to a recipient at once; takes an open breaker's one probe. Throws DatabaseUnavailable. */
  mostInFlight(recipient: Recipient): Promise<number>;
  /** Learns from an attempt's end: `gone` is a 410, `reason` the failure's name. */
  learn(recipient: Recipient, outcome: "ok" | "failed" | "gone", reason?: string): Promise<void>;
}

export function openRecipients({ database, clock, secretKey, tellIn, log }: RecipientsParts): Recipients {
  const health = new EndpointHealth(database, clock, tellIn);
  const openTexts = rememberOpened(secretKey);
  let compiled = new Map<Recipient, CompiledRecipient>();
  /** How those that are locked would be sent to. */
  let locked = new Map<Recipient, CompiledRecipient["delivery"]>();
  let reading: Promise<void> | undefined;
  /** The reading that is asked for and the last one that was made, by number. */
  let wanted = 1;
  let reached = 0;
  let newestRevision = 0;

  async function upToDate(): Promise<void> {
    // A reading that began before may have missed what was written since.
    while (reached < wanted) await refresh();
  }

  function refresh(): Promise<void> {
    reading ??= read().finally(() => (reading = undefined));
    return reading;
  }

  async function read(): Promise<void> {
    const reaching = wanted;
    const readAt = health.changes;
    const at = clock.now().toISOString();
    const [stored, secrets, endpoints] = await database.read((db) =>
      Promise.all([readRecipients(db, openTexts()), readSecrets(db, secretKey, at), readEndpoints(db)]),
    );
    locked = lockedAmong(stored, secrets);
    const [first] = locked.keys();
    if (first !== undefined) log.warn(LOCKED, { ...recipientFields(first), count: locked.size });
    compiled = new Map(
      stored.map(({ recipient, delivery }) => [
        recipient,
        locked.has(recipient)
          ? NOBODY
          : {
              ...compileRecipient(delivery, compiled.get(recipient)),
              secrets: openIn(secrets.get(recipient)),
            },
      ]),
    );
    health.merge(endpoints, readAt);
    const unsigned = withoutSecret(stored, secrets);
    if (unsigned.length > 0) {
      await makeFirstSecrets(database, unsigned, secretKey, clock.now());
      return read();
    }
    await health.tellMissing(endpoints, readAt);
    reached = reaching;
  }

  function find(recipient: Recipient): CompiledRecipient {
    return compiled.get(recipient) ?? operatorAt(recipient) ?? NOBODY;
  }

  return {
    refresh,
    invalidate: () => {
      wanted += 1;
    },
    requireRevision(revision) {
      if (revision > newestRevision) wanted += 1;
      newestRevision = Math.max(newestRevision, revision);
    },
    upToDate,
    find,
    locked: () => [...locked.keys()],
    isReachable: (recipient) => find(recipient).delivery !== null && health.isUp(recipient),
    mayTryAt: (recipient) =>
      find(recipient).delivery === null ? Number.POSITIVE_INFINITY : health.mayTryAt(recipient),
    *endpoints() {
      for (const [recipient, { delivery }] of compiled) {
        const { breaker, paused } = health.stateOf(recipient);
        if (delivery !== null) yield [recipient, paused ? "paused" : breaker.state];
      }
    },
    async mostInFlight(recipient) {
      await upToDate();
      if (locked.has(recipient)) return 0;
      switch (await health.mayTry(recipient)) {
        case "yes":
          return find(recipient).mostInFlight;
        case "probe":
          return 1;
        case "no":
          return 0;
      }
    },
    learn: (recipient, outcome, reason) => health.learn(recipient, outcome, reason),
    isDown(buyerId) {
      const recipient = `buyer:${buyerId}` as const;
      const { breaker, paused } = health.stateOf(recipient);
      const isWell = !locked.has(recipient) && !paused && !isOpen(breaker, clock.now());
      return !isWell && passesOn(locked.get(recipient) ?? find(recipient).delivery);
    },
  };
}

/** Of all such in one line: under another master key there can be hundreds. */
const LOCKED =
  "nothing is sent to a recipient, as its stored secret does not open: it was changed, or sealed under another LEADGATE_SECRET. Set that " +
  "one, or give the recipient a new secret, and apply the document with the credentials of its endpoint";

/** Whether its leads go to others while nothing can be sent to it. */
function passesOn(delivery: CompiledRecipient["delivery"]): boolean {
  return delivery !== null && delivery.method !== "meta" && delivery.whenDown === "skip";
}

const NOBODY: CompiledRecipient = compileRecipient(null);

/** An address of the operators' is a recipient by itself: what was written to it is sent, whatever the document says by now. */
function operatorAt(recipient: Recipient): CompiledRecipient | undefined {
  const { kind, id } = parseRecipient(recipient);
  return kind === "alert" ? compileRecipient({ ...ALERT_SETTINGS, to: [id] }) : undefined;
}

/** Those whose stored secrets do not open, and how they would be sent to. What goes out by e-mail is not signed. */
function lockedAmong(stored: readonly StoredRecipient[], secrets: SecretsByRecipient) {
  const isLocked = ({ recipient, delivery, isLocked: isSealed }: StoredRecipient) =>
    isSealed || (secrets.get(recipient) === "locked" && delivery !== null && delivery.method !== "email");
  return new Map(stored.filter(isLocked).map(({ recipient, delivery }) => [recipient, delivery]));
}

function openIn(secrets: readonly string[] | "locked" | undefined): readonly string[] {
  return secrets === undefined || secrets === "locked" ? [] : secrets;
}

function withoutSecret(stored: readonly StoredRecipient[], secrets: SecretsByRecipient): Recipient[] {
  return stored
    .filter(({ recipient, delivery }) => delivery?.method === "webhook" && !secrets.has(recipient))
    .map(({ recipient }) => recipient);
}
