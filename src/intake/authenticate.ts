import { type KeyHolder, readKeyHolder } from "#catalog/campaign-records.ts";
import type { Clock } from "#clock.ts";
import { type Database, DatabaseUnavailable } from "#database/database.ts";

/**
 * How long a key that was found good is believed at the door, in ms, when another server has revoked it. It gets no lead in for
 * even that long: the lane asks again, by the campaign's own revision.
 */
const BELIEVED_MS = 1_000;

/** Longer keys are refused unread, so that nobody makes the server hash a novel. */
const LONGEST_KEY = 512;

export interface Keyring {
  /** Who holds this key; undefined when it is unknown, malformed, revoked or expired, all alike. */
  holderOf(key: string | null): Promise<KeyHolder | undefined>;
  /** Keys or suppliers were changed here: what was believed is asked anew. */
  forget(): void;
}

/** The suppliers' keys, looked up by their SHA-256: the table holds no key, and a look-up by digest tells no timing. */
export function createKeyring(database: Database, clock: Clock): Keyring {
  const believed = new Map<string, { holder: KeyHolder; since: number }>();
  const asking = new Map<string, Promise<KeyHolder | undefined>>();

  async function ask(sha256: string): Promise<KeyHolder | undefined> {
    const holder = await database.read((db) => readKeyHolder(db, sha256));
    if (holder === undefined) believed.delete(sha256);
    else believed.set(sha256, { holder, since: clock.now().getTime() });
    return holder;
  }

  function askOnce(sha256: string): Promise<KeyHolder | undefined> {
    const under = asking.get(sha256) ?? ask(sha256).finally(() => asking.delete(sha256));
    asking.set(sha256, under);
    return under;
  }

  async function current(sha256: string): Promise<KeyHolder | undefined> {
    const known = believed.get(sha256);
    const age =
      known === undefined ? Number.POSITIVE_INFINITY : Math.abs(clock.now().getTime() - known.since);
    if (known !== undefined && age < BELIEVED_MS) return known.holder;
    try {
      return await askOnce(sha256);
    } catch (error) {
      // The lane will say that the database is away; a supplier known a moment ago should not hear "unauthorized".
      if (known !== undefined && error instanceof DatabaseUnavailable) return known.holder;
      throw error;
    }
  }

  return {
    forget: () => believed.clear(),
    async holderOf(key) {
      if (key === null || key.length === 0 || key.length > LONGEST_KEY) return undefined;
      const holder = await current(new Bun.CryptoHasher("sha256").update(key).digest("hex"));
      const expiresAt = holder?.expiresAt ?? null;
      return expiresAt !== null && expiresAt <= clock.now() ? undefined : holder;
    },
  };
}
