import { sql } from "drizzle-orm";
import type { OperatorKeyHolder } from "#access/operator-key-records.ts";
import { isRole } from "#access/role.ts";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** A session as it is kept. */
export interface NewSession {
  /** The hash of its cookie, in hex. */
  hash: string;
  /** Null: it was opened by the key of the settings. */
  operatorKeyId: string | null;
  expiresAt: Date;
}

/** Writes a session, and takes away those that are over. */
export async function insertSession(tx: Queryable, session: NewSession, now: Date): Promise<void> {
  await deleteExpired.run(tx, { now: now.toISOString() });
  await insert.run(tx, {
    hash: session.hash,
    operatorKeyId: session.operatorKeyId,
    now: now.toISOString(),
    expiresAt: session.expiresAt.toISOString(),
  });
}

const deleteExpired = statement<unknown, { now: string }>(
  "delete_expired_operator_sessions",
  "unspread",
  ($) => sql`delete from operator_sessions where expires_at <= ${$.now}::timestamptz`,
);

const insert = statement<
  unknown,
  { hash: string; operatorKeyId: string | null; now: string; expiresAt: string }
>(
  "insert_operator_session",
  "unspread",
  ($) => sql`insert into operator_sessions (sha256, operator_key_id, created_at, expires_at)
      values (decode(${$.hash}::text, 'hex'), ${$.operatorKeyId}, ${$.now}::timestamptz, ${$.expiresAt}::timestamptz)`,
);

/** Ends a session at once, on every server. */
export async function deleteSession(tx: Queryable, hashes: SessionHashes): Promise<void> {
  await remove.run(tx, hashes);
}

const remove = statement<unknown, SessionHashes>(
  "delete_operator_session",
  "unspread",
  ($) =>
    sql`delete from operator_sessions where sha256 in (decode(${$.ofKey}::text, 'hex'), decode(${$.ofMaster}::text, 'hex'))`,
);

/** What a cookie is looked up by, in hex: as one opened by a key on record, and as one opened by the key of the settings. */
export type SessionHashes = {
  ofKey: string;
  ofMaster: string;
};

export interface SessionHolder {
  /** Whose key opened it; null: the key of the settings. */
  holder: OperatorKeyHolder | null;
  expiresAt: Date;
}

/** Who opened a session; undefined when there is none, or its key was revoked. Whether it is over is the caller's to see. */
export async function readSession(db: Queryable, hashes: SessionHashes): Promise<SessionHolder | undefined> {
  const [row] = await select.run(db, hashes);
  if (row === undefined) return undefined;
  const expiresAt = new Date(row.expiresAt);
  if (row.operatorKeyId === null) return { holder: null, expiresAt };
  if (row.name === null || !isRole(row.role)) return undefined;
  const keyExpiresAt = row.keyExpiresAt === null ? null : new Date(row.keyExpiresAt);
  const { operatorKeyId: keyId, name, role } = row;
  return { holder: { keyId, name, role, expiresAt: keyExpiresAt }, expiresAt };
}

const select = statement<
  {
    operatorKeyId: string | null;
    name: string | null;
    role: string | null;
    keyExpiresAt: number | null;
    expiresAt: number;
  },
  SessionHashes
>(
  "select_operator_session",
  "unspread",
  (
    $,
  ) => sql`select s.operator_key_id as "operatorKeyId", k.name, k.role, ${ms("k.expires_at")} as "keyExpiresAt",
        ${ms("s.expires_at")} as "expiresAt"
      from operator_sessions s left join operator_keys k on k.id = s.operator_key_id and k.revoked_at is null
      where s.sha256 = decode(${$.ofKey}::text, 'hex') and s.operator_key_id is not null
        or s.sha256 = decode(${$.ofMaster}::text, 'hex') and s.operator_key_id is null`,
);
