import { type SQL, sql } from "drizzle-orm";
import { compileSupplier } from "#campaigns/campaign.ts";
import type { KeyHolder } from "#campaigns/campaign-records.ts";
import type { SupplierDefinition } from "#campaigns/definition.ts";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** Who has come to the portal: as who holds a key, by the id of the link in its place; and what people call the party. */
export interface PortalVisitor {
  holder: KeyHolder;
  name: string;
  /** By which its days and caps begin; null: a supplier's, which begin by each campaign's. */
  timezone: string | null;
}

/** Hashes in hex. */
interface Redeemed {
  link: string;
  session: string;
  expiresAt: Date;
}

/**
 * Opens a session by a link. Undefined when there is none such, it has ended or was used up, or its party or the address that it was
 * sent to is there no more.
 */
export async function redeemPortalLink(
  tx: Queryable,
  { link, session, expiresAt }: Redeemed,
  now: Date,
): Promise<PortalVisitor | undefined> {
  const at = now.toISOString();
  const [used] = await use.run(tx, { link, now: at });
  if (used === undefined) return undefined;
  await insert.run(tx, { session, linkId: used.id, now: at, expiresAt: expiresAt.toISOString() });
  return (await readPortalSession(tx, session))?.visitor;
}

/** Who is told by the link `l`, as long as the party is there, and the address that it was sent to is still one of it. */
const parties: SQL = sql`left join suppliers s on s.id = l.supplier_id and s.archived_at is null
    left join buyers b on b.id = l.buyer_id and b.archived_at is null`;
const isKnown: SQL = sql`coalesce(s.id, b.id) is not null and (l.email is null or exists (
    select 1 from jsonb_array_elements_text(coalesce(s.definition, b.definition) #> '{portal,email}') as each (address)
    where lower(address) = l.email))`;

/** Of two who come by a link that is good once, the second waits for the first, and sees that it was used. */
const use = statement<{ id: string }, { link: string; now: string }>(
  "use_portal_link",
  "unspread",
  ($) => sql`update portal_links as used set used_at = ${$.now}::timestamptz
      where sha256 = decode(${$.link}::text, 'hex') and revoked_at is null and expires_at > ${$.now}::timestamptz
        and not (once and used_at is not null)
        and exists (select 1 from portal_links l ${parties} where l.id = used.id and ${isKnown})
      returning id`,
);

const insert = statement<unknown, { session: string; linkId: string; now: string; expiresAt: string }>(
  "insert_portal_session",
  "unspread",
  ($) => sql`insert into portal_sessions (sha256, link_id, created_at, expires_at)
      values (decode(${$.session}::text, 'hex'), ${$.linkId}, ${$.now}::timestamptz, ${$.expiresAt}::timestamptz)`,
);

/** Ends a session at once, on every server. */
export async function deletePortalSession(tx: Queryable, session: string): Promise<void> {
  await remove.run(tx, { session });
}

const remove = statement<unknown, { session: string }>(
  "delete_portal_session",
  "unspread",
  ($) => sql`delete from portal_sessions where sha256 = decode(${$.session}::text, 'hex')`,
);

/** Who opened a session; undefined when there is none, or what it was opened by is good no more. Whether it is over is the caller's. */
export async function readPortalSession(
  db: Queryable,
  session: string,
): Promise<{ visitor: PortalVisitor; expiresAt: Date } | undefined> {
  const [row] = await select.run(db, { session });
  if (row === undefined) return undefined;
  const { linkId: keyId, supplier, buyer, name, timezone } = row;
  const expiresAt = new Date(row.expiresAt);
  if (supplier !== null) {
    const compiled = compileSupplier(JSON.parse(supplier) as SupplierDefinition);
    const holder = {
      kind: "supplier",
      keyId,
      expiresAt,
      campaignId: null,
      supplier: compiled,
      inBrowser: true,
    } as const;
    return { visitor: { holder, name, timezone }, expiresAt };
  }
  if (buyer === null) return undefined;
  return {
    visitor: { holder: { kind: "buyer", keyId, expiresAt, buyerId: buyer, inBrowser: true }, name, timezone },
    expiresAt,
  };
}

const select = statement<
  {
    linkId: string;
    expiresAt: number;
    supplier: string | null;
    buyer: string | null;
    name: string;
    timezone: string | null;
  },
  { session: string }
>(
  "select_portal_session",
  "unspread",
  (
    $,
  ) => sql`select l.id as "linkId", ${ms("session.expires_at")} as "expiresAt", s.definition::text as supplier, b.id as buyer,
        coalesce(s.definition, b.definition) ->> 'name' as name,
        coalesce(s.definition, b.definition) ->> 'timezone' as timezone
      from portal_sessions session join portal_links l on l.id = session.link_id ${parties}
      where session.sha256 = decode(${$.session}::text, 'hex') and l.revoked_at is null and ${isKnown}`,
);

/** A session in the portal as operators see it: by the beginning of its cookie's hash, which opens nothing. */
export interface ListedPortalSession {
  id: string;
  kind: "supplier" | "buyer";
  partyId: string;
  /** What people call the party. */
  name: string;
  linkId: string;
  /** Where the link was sent; null: an operator handed it over. */
  email: string | null;
  createdAt: Date;
  expiresAt: Date;
}

/** The sessions of suppliers and buyers that are not over, the newest first; at most so many. */
export async function listPortalSessions(
  db: Queryable,
  now: Date,
  most: number,
): Promise<ListedPortalSession[]> {
  const rows = await selectOpen.run(db, { now: now.toISOString(), most });
  return rows.map(({ createdAt, expiresAt, ...session }) => ({
    ...session,
    createdAt: new Date(createdAt),
    expiresAt: new Date(expiresAt),
  }));
}

const selectOpen = statement<
  Omit<ListedPortalSession, "createdAt" | "expiresAt"> & { createdAt: number; expiresAt: number },
  { now: string; most: number }
>(
  "select_open_portal_sessions",
  "unspread",
  (
    $,
  ) => sql`select left(encode(session.sha256, 'hex'), 24) as id, case when s.id is null then 'buyer' else 'supplier' end as kind,
        coalesce(s.id, b.id) as "partyId", coalesce(s.definition, b.definition) ->> 'name' as name, l.id as "linkId", l.email,
        ${ms("session.created_at")} as "createdAt", ${ms("session.expires_at")} as "expiresAt"
      from portal_sessions session join portal_links l on l.id = session.link_id ${parties}
      where session.expires_at > ${$.now}::timestamptz and l.revoked_at is null and ${isKnown}
      order by session.created_at desc, session.sha256 limit ${$.most}::int`,
);

/** Ends a session in the portal by the id that it is listed under; false when there is none such. */
export async function deleteListedPortalSession(tx: Queryable, id: string): Promise<boolean> {
  return (await removeListed.run(tx, { id })).length > 0;
}

const removeListed = statement<{ id: string }, { id: string }>(
  "delete_listed_portal_session",
  "unspread",
  ($) =>
    sql`delete from portal_sessions where left(encode(sha256, 'hex'), 24) = ${$.id}::text returning link_id as id`,
);
