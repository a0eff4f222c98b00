import { type KeyHolder, type KeyPlace, readKeyHolder } from "#campaigns/campaign-records.ts";
import { type Database, DatabaseUnavailable } from "#database/database.ts";
import type { Clock } from "#time/clock.ts";
import type { LoginThrottle } from "./login-throttle.ts";
import { hasPostingKeyForm, importProblem } from "./party-key.ts";

/**
 * How long a key that was found good is believed at the door, in ms, when another server has revoked it. It gets no lead in for
 * even that long: the lane asks again, by the campaign's own revision. A buyer may look for that long.
 */
const BELIEVED_MS = 1_000;

/** Longer keys are refused unread, so that hashing one costs next to nothing. */
const LONGEST_KEY = 512;

export interface KeyringParts {
  database: Database;
  clock: Clock;
  attempts: LoginThrottle;
  /** Where a request comes from, for counting what fails; undefined when it came by no connection. */
  addressOf(request: Request): string | undefined;
  /** Is told of each good key that it was used. */
  used(keyId: string, at: Date): void;
}

export interface Keyring {
  /**
   * Who holds the key that a request came with; undefined when it has none, or one that is unknown, malformed, revoked or expired, all
   * alike.
   *
   * @throws TooManyFailures when the key is not good and too many from the same address were not.
   */
  holderOf(request: Request): Promise<KeyHolder | undefined>;
  /** The same of the key that stands in the address of a request. */
  holderOfPosting(key: string, request: Request): Promise<KeyHolder | undefined>;
  /** Keys or those who hold them were changed here: what was believed is asked anew. */
  forget(): void;
}

/** A key as it was shown, and where: one that is good in one place is none in the other. */
interface Shown {
  sha256: string;
  place: KeyPlace;
}

function nameOf({ sha256, place }: Shown): string {
  return `${place} ${sha256}`;
}

interface Believed {
  holder: KeyHolder;
  /** In ms since 1970; never, once it was forgotten. */
  since: number;
}

/** The keys of suppliers and buyers, looked up by their SHA-256: the table holds no key, and a look-up by digest tells no timing. */
export function createKeyring({ database, clock, attempts, addressOf, used }: KeyringParts): Keyring {
  const believed = new Map<string, Believed>();
  const asking = new Map<string, Promise<KeyHolder | undefined>>();

  async function current(key: string, place: KeyPlace, request: Request): Promise<KeyHolder | undefined> {
    if (key.length > LONGEST_KEY) return attempts.try(addressOf(request), async () => undefined);
    const shown = { sha256: Bun.SHA256.hash(key, "hex"), place };
    const known = believed.get(nameOf(shown));
    if (known === undefined) {
      const mayBeGood = place === "url" ? hasPostingKeyForm(key) : importProblem(key) === undefined;
      return attempts.try(addressOf(request), () => askOnce(shown), mayBeGood);
    }
    if (isFresh(known)) return known.holder;
    try {
      return await askOnce(shown);
    } catch (error) {
      // The lane will say that the database is away; who was known a moment ago should not hear "unauthorized".
      const isRemembered = known.since !== NEVER && isLive(known.holder);
      if (isRemembered && error instanceof DatabaseUnavailable) return known.holder;
      throw error;
    }
  }

  /** One look-up for all who wait for the same key, and none when it was found good while they waited for their turn. */
  async function askOnce(shown: Shown): Promise<KeyHolder | undefined> {
    const name = nameOf(shown);
    const known = believed.get(name);
    if (known !== undefined && isFresh(known)) return known.holder;
    const under = asking.get(name) ?? ask(shown).finally(() => asking.delete(name));
    asking.set(name, under);
    return under;
  }

  async function ask(shown: Shown): Promise<KeyHolder | undefined> {
    const holder = await database.read((db) => readKeyHolder(db, shown.sha256, shown.place));
    if (holder === undefined || !isLive(holder)) {
      believed.delete(nameOf(shown));
      return undefined;
    }
    believed.set(nameOf(shown), { holder, since: clock.now().getTime() });
    return holder;
  }

  function isFresh({ holder, since }: Believed): boolean {
    return Math.abs(clock.now().getTime() - since) < BELIEVED_MS && isLive(holder);
  }

  function isLive({ expiresAt }: KeyHolder): boolean {
    return expiresAt === null || expiresAt > clock.now();
  }

  async function useOf(key: string, place: KeyPlace, request: Request): Promise<KeyHolder | undefined> {
    const holder = await current(key, place, request);
    if (holder !== undefined) used(holder.keyId, clock.now());
    return holder;
  }

  return {
    forget() {
      // They stay known: their holders are asked for anew, but are no guesses.
      for (const known of believed.values()) known.since = NEVER;
    },
    holderOf(request) {
      const key = request.headers.get("x-api-key");
      return key === null || key === "" ? NOBODY : useOf(key, "header", request);
    },
    holderOfPosting: (key, request) => useOf(key, "url", request),
  };
}

const NEVER = Number.NEGATIVE_INFINITY;

const NOBODY: Promise<undefined> = Promise.resolve(undefined);
