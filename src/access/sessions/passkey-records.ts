import { sql } from "drizzle-orm";
import { typeid } from "typeid-js";
import { hexHashOf } from "#access/api-key.ts";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** What a device gave out when a passkey was made on it. */
export interface NewPasskey {
  /** What the device calls it, in base64url. */
  credentialId: string;
  /** As COSE writes it. */
  publicKey: Uint8Array<ArrayBuffer>;
  /** How often it was used; 0 from devices that do not count. */
  counter: number;
  /** How the device is reached: `internal`, `usb`, `hybrid`, … */
  transports: readonly string[];
}

/** A passkey of a person who is an operator. */
export interface Passkey extends NewPasskey {
  id: string;
  personId: string;
  name: string;
  createdAt: Date;
  /** Null: not since it was added. */
  lastUsedAt: Date | null;
}

/** Adds a passkey to a person's; `taken`: it is on record already. */
export async function insertPasskey(
  tx: Queryable,
  personId: string,
  { name, ...wanted }: NewPasskey & { name: string },
  now: Date,
): Promise<Passkey | "taken"> {
  const id = typeid("passkey").toString();
  const [made] = await insert.run(tx, {
    id,
    personId,
    credentialId: wanted.credentialId,
    publicKey: Buffer.from(wanted.publicKey).toString("base64"),
    counter: wanted.counter,
    transports: wanted.transports.join(","),
    name,
    now: now.toISOString(),
  });
  return made === undefined ? "taken" : { id, personId, name, ...wanted, createdAt: now, lastUsedAt: null };
}

const insert = statement<
  { id: string },
  {
    id: string;
    personId: string;
    credentialId: string;
    publicKey: string;
    counter: number;
    transports: string;
    name: string;
    now: string;
  }
>(
  "insert_operator_passkey",
  "unspread",
  (
    $,
  ) => sql`insert into operator_passkeys (id, person_id, credential_id, public_key, counter, transports, name, created_at)
      values (${$.id}, ${$.personId}, ${$.credentialId}, decode(${$.publicKey}::text, 'base64'), ${$.counter}, ${$.transports}, ${$.name},
        ${$.now}::timestamptz)
      on conflict (credential_id) do nothing returning id`,
);

/** The passkeys of a person, in the order in which they were added; none of who is no operator any more. */
export async function listPasskeys(db: Queryable, personId: string): Promise<Passkey[]> {
  return (await select.run(db, { personId })).map(({ publicKey, transports, ...row }) => ({
    ...row,
    personId,
    publicKey: new Uint8Array(Buffer.from(publicKey, "base64")),
    transports: transports === "" ? [] : transports.split(","),
    createdAt: new Date(row.createdAt),
    lastUsedAt: row.lastUsedAt === null ? null : new Date(row.lastUsedAt),
  }));
}

const select = statement<
  Pick<Passkey, "id" | "credentialId" | "counter" | "name"> & {
    publicKey: string;
    transports: string;
    createdAt: number;
    lastUsedAt: number | null;
  },
  { personId: string }
>(
  "select_operator_passkeys",
  "unspread",
  (
    $,
  ) => sql`select k.id, k.credential_id as "credentialId", encode(k.public_key, 'base64') as "publicKey", k.counter::float8 as counter,
        k.transports, k.name, ${ms("k.created_at")} as "createdAt", ${ms("k.last_used_at")} as "lastUsedAt"
      from operator_passkeys k join operator_people p on p.id = k.person_id and p.removed_at is null
      where k.person_id = ${$.personId} order by k.created_at, k.id`,
);

/** Gives a passkey of a person another name, and tells the one that it had; undefined when the person has none such. */
export async function renamePasskey(
  tx: Queryable,
  { personId, id }: Pick<Passkey, "personId" | "id">,
  name: string,
): Promise<string | undefined> {
  return (await rename.run(tx, { personId, id, name }))[0]?.name;
}

const rename = statement<{ name: string }, { personId: string; id: string; name: string }>(
  "rename_operator_passkey",
  "unspread",
  ($) => sql`with before as (
        select id, name from operator_passkeys where id = ${$.id} and person_id = ${$.personId} for update)
      update operator_passkeys k set name = ${$.name} from before where k.id = before.id returning before.name`,
);

/** Takes a passkey from a person, and tells its name; undefined when the person has none such. */
export async function deletePasskey(
  tx: Queryable,
  { personId, id }: Pick<Passkey, "personId" | "id">,
): Promise<string | undefined> {
  return (await remove.run(tx, { personId, id }))[0]?.name;
}

const remove = statement<{ name: string }, { personId: string; id: string }>(
  "delete_operator_passkey",
  "unspread",
  ($) => sql`delete from operator_passkeys where id = ${$.id} and person_id = ${$.personId} returning name`,
);

/**
 * Takes note that a passkey was used. False when it is there no more, or its device counts and was ahead of this: of a passkey and its copy
 * one is refused.
 */
export async function notePasskeyUse(
  tx: Queryable,
  { id, counter }: Pick<Passkey, "id" | "counter">,
  now: Date,
): Promise<boolean> {
  return (await noteUse.run(tx, { id, counter, now: now.toISOString() })).length > 0;
}

const noteUse = statement<{ id: string }, { id: string; counter: number; now: string }>(
  "note_operator_passkey_use",
  "unspread",
  ($) => sql`update operator_passkeys set counter = ${$.counter}, last_used_at = ${$.now}::timestamptz
      where id = ${$.id} and (counter < ${$.counter} or (counter = 0 and ${$.counter} = 0)) returning id`,
);

/** What a passkey is asked to sign something for: to be added, or to log in. */
export type PasskeyPurpose = "add" | "log_in";

/** Writes that a person was asked to sign a challenge, and takes away those that are over. */
export async function insertChallenge(
  tx: Queryable,
  asked: { challenge: string; personId: string; purpose: PasskeyPurpose; expiresAt: Date },
  now: Date,
): Promise<void> {
  await deleteOver.run(tx, { now: now.toISOString() });
  await insertAsked.run(tx, {
    sha256: hexHashOf(asked.challenge),
    personId: asked.personId,
    purpose: asked.purpose,
    expiresAt: asked.expiresAt.toISOString(),
  });
}

const deleteOver = statement<unknown, { now: string }>(
  "delete_ended_passkey_challenges",
  "unspread",
  ($) => sql`delete from passkey_challenges where expires_at <= ${$.now}::timestamptz`,
);

const insertAsked = statement<
  unknown,
  { sha256: string; personId: string; purpose: string; expiresAt: string }
>(
  "insert_passkey_challenge",
  "unspread",
  ($) => sql`insert into passkey_challenges (sha256, person_id, purpose, expires_at)
      values (decode(${$.sha256}::text, 'hex'), ${$.personId}, ${$.purpose}, ${$.expiresAt}::timestamptz)`,
);

/** Who was asked to sign a challenge, which is used up by that, on every server; undefined when nobody was, or it is over. */
export async function takeChallenge(
  tx: Queryable,
  challenge: string,
  purpose: PasskeyPurpose,
  now: Date,
): Promise<string | undefined> {
  const wanted = { sha256: hexHashOf(challenge), purpose, now: now.toISOString() };
  return (await take.run(tx, wanted))[0]?.personId;
}

const take = statement<{ personId: string }, { sha256: string; purpose: string; now: string }>(
  "take_passkey_challenge",
  "unspread",
  (
    $,
  ) => sql`delete from passkey_challenges where sha256 = decode(${$.sha256}::text, 'hex') and purpose = ${$.purpose}
        and expires_at > ${$.now}::timestamptz returning person_id as "personId"`,
);
