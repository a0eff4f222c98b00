import { sql } from "drizzle-orm";
import type { OperatorKeyHolder } from "#access/operator-key-records.ts";
import { isRole } from "#access/role.ts";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { OperatorPerson } from "./person-records.ts";

/** A session as it is kept. */
export interface NewSession {
  /** The hash of its cookie, in hex. */
  hash: string;
  /** Null: it was opened by a person, or by the key of the settings. */
  operatorKeyId: string | null;
  personId: string | null;
  expiresAt: Date;
}

/** Writes a session, and takes away those that are over. */
export async function insertSession(tx: Queryable, session: NewSession, now: Date): Promise<void> {
  await deleteExpired.run(tx, { now: now.toISOString() });
  await insert.run(tx, {
    hash: session.hash,
    operatorKeyId: session.operatorKeyId,
    personId: session.personId,
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
  { hash: string; operatorKeyId: string | null; personId: string | null; now: string; expiresAt: string }
>(
  "insert_operator_session",
  "unspread",
  ($) => sql`insert into operator_sessions (sha256, operator_key_id, person_id, created_at, expires_at)
      values (decode(${$.hash}::text, 'hex'), ${$.operatorKeyId}, ${$.personId}, ${$.now}::timestamptz, ${$.expiresAt}::timestamptz)`,
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
  /** Whose key opened it; null: a person, or the key of the settings. */
  holder: OperatorKeyHolder | null;
  /** Who opened it by a link; null: a key did. */
  person: OperatorPerson | null;
  expiresAt: Date;
}

/**
 * Who opened a session; undefined when there is none, its key was revoked, or its person removed. Whether it is over is the caller's to
 * see.
 */
export async function readSession(db: Queryable, hashes: SessionHashes): Promise<SessionHolder | undefined> {
  const [row] = await select.run(db, hashes);
  if (row === undefined) return undefined;
  const { operatorKeyId: keyId, personId, name, role, email } = row;
  const expiresAt = new Date(row.expiresAt);
  if (keyId === null && personId === null) return { holder: null, person: null, expiresAt };
  if (name === null || !isRole(role)) return undefined;
  if (personId !== null) {
    return { holder: null, person: { id: personId, email: email ?? "", name, role }, expiresAt };
  }
  const keyExpiresAt = row.keyExpiresAt === null ? null : new Date(row.keyExpiresAt);
  return { holder: { keyId: keyId ?? "", name, role, expiresAt: keyExpiresAt }, person: null, expiresAt };
}

const select = statement<
  {
    operatorKeyId: string | null;
    personId: string | null;
    name: string | null;
    role: string | null;
    email: string | null;
    keyExpiresAt: number | null;
    expiresAt: number;
  },
  SessionHashes
>(
  "select_operator_session",
  "unspread",
  (
    $,
  ) => sql`select s.operator_key_id as "operatorKeyId", s.person_id as "personId", coalesce(p.name, k.name) as name,
        coalesce(p.role, k.role) as role, p.email, ${ms("k.expires_at")} as "keyExpiresAt", ${ms("s.expires_at")} as "expiresAt"
      from operator_sessions s
      left join operator_keys k on k.id = s.operator_key_id and k.revoked_at is null
      left join operator_people p on p.id = s.person_id and p.removed_at is null
      where s.sha256 = decode(${$.ofKey}::text, 'hex') and coalesce(s.operator_key_id, s.person_id) is not null
        or s.sha256 = decode(${$.ofMaster}::text, 'hex') and coalesce(s.operator_key_id, s.person_id) is null`,
);

/** A session as operators see it: by the beginning of its cookie's hash, which opens nothing. */
export interface ListedSession {
  id: string;
  /** Of the person or the key; null: the key of the settings. */
  name: string | null;
  personId: string | null;
  keyId: string | null;
  createdAt: Date;
  expiresAt: Date;
}

/** The sessions of operators that are not over, the newest first. */
export async function listSessions(db: Queryable, now: Date): Promise<ListedSession[]> {
  return (await selectOpen.run(db, { now: now.toISOString() })).map(
    ({ createdAt, expiresAt, ...session }) => ({
      ...session,
      createdAt: new Date(createdAt),
      expiresAt: new Date(expiresAt),
    }),
  );
}

/** Those whose key was revoked or whose person was removed are over too. */
const selectOpen = statement<
  Omit<ListedSession, "createdAt" | "expiresAt"> & { createdAt: number; expiresAt: number },
  { now: string }
>(
  "select_open_operator_sessions",
  "unspread",
  (
    $,
  ) => sql`select left(encode(s.sha256, 'hex'), 24) as id, coalesce(p.name, k.name) as name, s.person_id as "personId",
        s.operator_key_id as "keyId", ${ms("s.created_at")} as "createdAt", ${ms("s.expires_at")} as "expiresAt"
      from operator_sessions s
      left join operator_keys k on k.id = s.operator_key_id
      left join operator_people p on p.id = s.person_id
      where s.expires_at > ${$.now}::timestamptz and k.revoked_at is null and p.removed_at is null
      order by s.created_at desc, s.sha256`,
);

/** Ends a session by the id that it is listed under; false when there is none such. */
export async function deleteListedSession(tx: Queryable, id: string): Promise<boolean> {
  return (await removeListed.run(tx, { id })).length > 0;
}

const removeListed = statement<{ id: string }, { id: string }>(
  "delete_listed_operator_session",
  "unspread",
  ($) =>
    sql`delete from operator_sessions where left(encode(sha256, 'hex'), 24) = ${$.id}::text returning operator_key_id as id`,
);
