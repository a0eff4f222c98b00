import { sql } from "drizzle-orm";
import { typeid } from "typeid-js";
import { hexHashOf, makeKey } from "#access/api-key.ts";
import { isRole, type Role } from "#access/role.ts";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** What the secret of a link by which an operator logs in begins with. */
export const LOGIN_MARK = "lg_login_";

/** A person who is an operator, beside those who hold keys. */
export interface OperatorPerson {
  id: string;
  /** In lower case. */
  email: string;
  name: string;
  role: Role;
}

/** Makes a person an operator; `taken`: there is one with this address. */
export async function createPerson(
  tx: Queryable,
  { email, name, role }: Omit<OperatorPerson, "id">,
  now: Date,
): Promise<OperatorPerson | "taken"> {
  const id = typeid("person").toString();
  const [made] = await insert.run(tx, { id, email, name, role, now: now.toISOString() });
  return made === undefined ? "taken" : { id, email, name, role };
}

const insert = statement<{ id: string }, Omit<OperatorPerson, "role"> & { role: string; now: string }>(
  "insert_operator_person",
  "unspread",
  ($) => sql`insert into operator_people (id, email, name, role, created_at)
      values (${$.id}, ${$.email}, ${$.name}, ${$.role}, ${$.now}::timestamptz)
      on conflict (email) where removed_at is null do nothing returning id`,
);

/** A person as it is listed. */
export interface ListedPerson extends OperatorPerson {
  createdAt: Date;
  /** When it logged in last; null: never. */
  lastLoginAt: Date | null;
  /** How many passkeys it has; with one and more, a link alone lets nobody in. */
  passkeys: number;
}

/** Those who are operators, in the order in which they became it. */
export async function listPeople(db: Queryable): Promise<ListedPerson[]> {
  return (await select.run(db, {})).map(({ createdAt, lastLoginAt, ...person }) => ({
    ...personOf(person),
    createdAt: new Date(createdAt),
    lastLoginAt: lastLoginAt === null ? null : new Date(lastLoginAt),
  }));
}

const select = statement<PersonRow & { createdAt: number; lastLoginAt: number | null; passkeys: number }>(
  "select_operator_people",
  "unspread",
  sql`select id, email, name, role, ${ms("created_at")} as "createdAt", ${ms("last_login_at")} as "lastLoginAt",
        (select count(*)::int from operator_passkeys k where k.person_id = p.id) as passkeys
      from operator_people p where removed_at is null order by created_at, id`,
);

/** What of a person may become otherwise. */
export type PersonChange = Partial<Pick<OperatorPerson, "name" | "role">>;

/** Changes a person, and tells who it was before; undefined when there is none such. */
export async function changePerson(
  tx: Queryable,
  id: string,
  { name, role }: PersonChange,
): Promise<OperatorPerson | undefined> {
  const [before] = await change.run(tx, { id, name: name ?? null, role: role ?? null });
  return before && personOf(before);
}

const change = statement<PersonRow, { id: string; name: string | null; role: string | null }>(
  "change_operator_person",
  "unspread",
  ($) => sql`with before as (
        select id, email, name, role from operator_people where id = ${$.id} and removed_at is null for update)
      update operator_people p set name = coalesce(${$.name}::text, p.name), role = coalesce(${$.role}::text, p.role)
      from before where p.id = before.id returning before.id, before.email, before.name, before.role`,
);

/** Ends that a person is an operator, and all its sessions and links; false when there is none such. */
export async function removePerson(tx: Queryable, id: string, now: Date): Promise<boolean> {
  return (await remove.run(tx, { id, now: now.toISOString() })).length > 0;
}

/** Its sessions are looked up by the row, which says then that it is over; its passkeys are of no more use. */
const remove = statement<{ id: string }, { id: string; now: string }>(
  "remove_operator_person",
  "unspread",
  ($) => sql`with passkeys as (delete from operator_passkeys where person_id = ${$.id})
      update operator_people set removed_at = ${$.now}::timestamptz
      where id = ${$.id} and removed_at is null returning id`,
);

/** Makes a link by which the person with this address logs in once; undefined: nobody has it, or it was sent too many since then. */
export async function createLoginLink(
  tx: Queryable,
  email: string,
  { since, most, expiresAt }: { since: Date; most: number; expiresAt: Date },
  now: Date,
): Promise<{ name: string; secret: string } | undefined> {
  const secret = makeKey(LOGIN_MARK);
  const at = now.toISOString();
  await deleteEnded.run(tx, { before: since.toISOString() });
  const [made] = await insertLink.run(tx, {
    email,
    sha256: hexHashOf(secret),
    since: since.toISOString(),
    most,
    now: at,
    expiresAt: expiresAt.toISOString(),
  });
  return made && { name: made.name, secret };
}

const deleteEnded = statement<unknown, { before: string }>(
  "delete_ended_login_links",
  "unspread",
  ($) => sql`delete from operator_login_links where expires_at <= ${$.before}::timestamptz`,
);

const insertLink = statement<
  { name: string },
  { email: string; sha256: string; since: string; most: number; now: string; expiresAt: string }
>(
  "insert_login_link",
  "unspread",
  ($) => sql`with person as (
        select id, name from operator_people where email = ${$.email}::text and removed_at is null
      ), made as (
        insert into operator_login_links (sha256, person_id, created_at, expires_at)
        select decode(${$.sha256}::text, 'hex'), id, ${$.now}::timestamptz, ${$.expiresAt}::timestamptz from person
        where (select count(*) from operator_login_links sent where sent.person_id = person.id
          and sent.created_at > ${$.since}::timestamptz) < ${$.most}::int
        returning person_id)
      select name from person join made on made.person_id = person.id`,
);

/** The person of a link, which is used up by that; undefined when it is none, was used or has ended. */
export async function redeemLoginLink(
  tx: Queryable,
  link: string,
  now: Date,
): Promise<OperatorPerson | undefined> {
  const [row] = await redeem.run(tx, { link, now: now.toISOString() });
  return row && personOf(row);
}

/** Of two who come by one link, the second waits for the first, and finds it gone. */
const redeem = statement<PersonRow, { link: string; now: string }>(
  "redeem_login_link",
  "unspread",
  ($) => sql`with used as (
        delete from operator_login_links
        where sha256 = decode(${$.link}::text, 'hex') and expires_at > ${$.now}::timestamptz returning person_id
      )
      select p.id, p.email, p.name, p.role from operator_people p join used on p.id = used.person_id
      where p.removed_at is null`,
);

/** Takes note that a person logs in, and tells who it is; undefined when it is no operator any more. */
export async function noteLogin(tx: Queryable, id: string, now: Date): Promise<OperatorPerson | undefined> {
  const [row] = await note.run(tx, { id, now: now.toISOString() });
  return row && personOf(row);
}

const note = statement<PersonRow, { id: string; now: string }>(
  "note_login_of_operator_person",
  "unspread",
  ($) => sql`update operator_people set last_login_at = ${$.now}::timestamptz
      where id = ${$.id} and removed_at is null returning id, email, name, role`,
);

type PersonRow = Omit<OperatorPerson, "role"> & { role: string };

/** A role that is none lets nobody do more than look. */
function personOf<Row extends { role: string }>(row: Row): Omit<Row, "role"> & { role: Role } {
  return { ...row, role: isRole(row.role) ? row.role : "read" };
}
