import { readRecipients, rememberOpened, type StoredRecipient } from "#campaigns/recipient-records.ts";
import type { Database } from "#database/database.ts";
import { ALERT_SETTINGS } from "#endpoints/alert-settings.ts";
import { parseRecipient, type Recipient } from "#endpoints/recipient.ts";
import type { TellIn } from "#handover/alert.ts";
import type { Clock } from "#time/clock.ts";
import { type Breaker, isOpen } from "./breaker.ts";
import { type CompiledRecipient, compileRecipient } from "./compiled-recipient.ts";
import { EndpointHealth } from "./endpoint-health.ts";
import { readEndpoints } from "./endpoint-records.ts";
import { makeFirstSecrets, readSecrets, type SecretsByRecipient } from "./signing-secret-records.ts";

export interface RecipientsParts {
  database: Database;
  clock: Clock;
  /** The key under which signing secrets are sealed. */
  secretKey: Uint8Array;
  tellIn: TellIn;
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
  find(recipient: Recipient): CompiledRecipient;
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

export function openRecipients({ database, clock, secretKey, tellIn }: RecipientsParts): Recipients {
  const health = new EndpointHealth(database, clock, tellIn);
  const openTexts = rememberOpened(secretKey);
  let compiled = new Map<Recipient, CompiledRecipient>();
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
    compiled = new Map(
      stored.map(({ recipient, delivery }) => [
        recipient,
        { ...compileRecipient(delivery, compiled.get(recipient)), secrets: secrets.get(recipient) ?? [] },
      ]),
    );
    health.merge(endpoints, readAt);
    const unsigned = withoutSecret(stored, secrets);
    if (unsigned.length > 0) {
      await makeFirstSecrets(database, unsigned, secretKey, clock.now());
      return read();
    }
    await health.tellMissing(endpoints);
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
      const { breaker, paused } = health.stateOf(`buyer:${buyerId}`);
      const { delivery } = find(`buyer:${buyerId}`);
      const passesOn = delivery !== null && delivery.method !== "meta" && delivery.whenDown === "skip";
      return passesOn && (paused || isOpen(breaker, clock.now()));
    },
  };
}

const NOBODY: CompiledRecipient = compileRecipient(null);

/** An address of the operators' is a recipient by itself: what was written to it is sent, whatever the document says by now. */
function operatorAt(recipient: Recipient): CompiledRecipient | undefined {
  const { kind, id } = parseRecipient(recipient);
  return kind === "alert" ? compileRecipient({ ...ALERT_SETTINGS, to: [id] }) : undefined;
}

function withoutSecret(stored: readonly StoredRecipient[], secrets: SecretsByRecipient): Recipient[] {
  return stored
    .filter(({ recipient, delivery }) => delivery?.method === "webhook" && !secrets.has(recipient))
    .map(({ recipient }) => recipient);
}
