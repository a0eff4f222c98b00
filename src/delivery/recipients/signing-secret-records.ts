import { sql } from "drizzle-orm";
import type { Database, Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { makeSecret } from "#delivery/transport/sign.ts";
import { SecretNotOpened, seal, unseal } from "#endpoints/credentials/sealed-secret.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import { newUuid } from "#text/ids.ts";

/** The secrets that sign for a recipient now, newest first; `locked`: it has some, of which none opens. */
export type SecretsByRecipient = ReadonlyMap<Recipient, readonly string[] | "locked">;

/** All secrets in force at `at` (ISO 8601). `key` is what they are sealed under. */
export async function readSecrets(db: Queryable, key: Uint8Array, at: string): Promise<SecretsByRecipient> {
  const rows = await selectSecrets.run(db, { at });
  const byRecipient = Map.groupBy(rows, (row) => row.recipient);
  return new Map(
    [...byRecipient].map(([recipient, held]) => {
      const opened = held.flatMap(({ sealed }) => tryOpening(sealed, recipient, key) ?? []);
      return [recipient, opened.length === 0 ? "locked" : opened];
    }),
  );
}

const selectSecrets = statement<{ recipient: Recipient; sealed: string }, { at: string }>(
  "select_signing_secrets",
  "unspread",
  ($) => sql`select recipient, sealed from signing_secrets
      where expires_at is null or expires_at > ${$.at}::timestamptz
      order by recipient, id desc`,
);

/**
 * Whether `key` may be what this database was begun with: it opens one of the secrets in force at `at` (ISO 8601), or there are none
 * to try it on. One that does not open beside others that do was changed, which is no sign of another key.
 */
export async function fitsSecrets(db: Queryable, key: Uint8Array, at: string): Promise<boolean> {
  const rows = await selectSecrets.run(db, { at });
  return (
    rows.length === 0 ||
    rows.some(({ sealed, recipient }) => tryOpening(sealed, recipient, key) !== undefined)
  );
}

/** The secret; undefined when it does not open. */
function tryOpening(sealed: string, recipient: Recipient, key: Uint8Array): string | undefined {
  try {
    return unseal(sealed, recipient, key);
  } catch (error) {
    if (error instanceof SecretNotOpened) return undefined;
    throw error;
  }
}

/** Who has a secret in force at `at` (ISO 8601). */
export async function recipientsWithSecret(db: Queryable, at: string): Promise<ReadonlySet<Recipient>> {
  return new Set((await selectSecrets.run(db, { at })).map(({ recipient }) => recipient));
}

/**
 * Gives a recipient a new secret and answers with it, the one time that it can be seen. The one before signs too for
 * `overlapSeconds`, and no other does.
 */
export async function rotateSecret(
  tx: Queryable,
  recipient: Recipient,
  key: Uint8Array,
  now: Date,
  overlapSeconds: number,
): Promise<string> {
  const secret = makeSecret();
  await storeSecret(tx, recipient, secret, key, { now, overlapSeconds });
  return secret;
}

/** Gives a recipient this secret. The one before is good beside it for `overlapSeconds`, and no other is. */
export async function storeSecret(
  tx: Queryable,
  recipient: Recipient,
  secret: string,
  key: Uint8Array,
  { now, overlapSeconds }: { now: Date; overlapSeconds: number },
): Promise<void> {
  const at = now.toISOString();
  await lockSecrets.run(tx, { recipient });
  await expireSecrets.run(tx, {
    recipient,
    at,
    until: new Date(now.getTime() + overlapSeconds * 1000).toISOString(),
  });
  await insertSecret.run(tx, { recipient, id: newUuid(), sealed: seal(secret, recipient, key), at });
}

/** Gives recipients that have never had one their first secret; a server that is second leaves the first one's in place. */
export async function makeFirstSecrets(
  database: Database,
  recipients: readonly Recipient[],
  key: Uint8Array,
  now: Date,
): Promise<void> {
  const at = now.toISOString();
  await database.write(async (tx) => {
    for (const recipient of recipients) {
      await lockSecrets.run(tx, { recipient });
      await insertFirstSecret.run(tx, {
        recipient,
        id: newUuid(),
        sealed: seal(makeSecret(), recipient, key),
        at,
      });
    }
  });
}

/** There may be no row to lock yet, so the name itself is locked until the transaction ends. */
const lockSecrets = statement<unknown, { recipient: string }>(
  "lock_signing_secrets",
  "unspread",
  ($) => sql`select pg_advisory_xact_lock(hashtextextended('signing_secrets ' || ${$.recipient}::text, 0))`,
);

/** The newest goes on until the overlap ends; one that was being rotated out already ends now. */
const expireSecrets = statement<unknown, { recipient: string; at: string; until: string }>(
  "expire_signing_secrets",
  "unspread",
  ($) => sql`update signing_secrets
      set expires_at = case when expires_at is null then ${$.until}::timestamptz
        else least(expires_at, ${$.at}::timestamptz) end
      where recipient = ${$.recipient}`,
);

const insertSecret = statement<unknown, { recipient: string; id: string; sealed: string; at: string }>(
  "insert_signing_secret",
  "unspread",
  ($) => sql`insert into signing_secrets (recipient, id, sealed, created_at)
      values (${$.recipient}, ${$.id}::text::uuid, ${$.sealed},
        ${$.at}::timestamptz)`,
);

const insertFirstSecret = statement<unknown, { recipient: string; id: string; sealed: string; at: string }>(
  "insert_first_signing_secret",
  "unspread",
  ($) => sql`insert into signing_secrets (recipient, id, sealed, created_at)
      select ${$.recipient}::text, ${$.id}::text::uuid, ${$.sealed}::text,
        ${$.at}::timestamptz
      where not exists (select 1 from signing_secrets where recipient = ${$.recipient}::text)`,
);
