import { and, asc, eq, sql } from "drizzle-orm";
import { typeid } from "typeid-js";
import { hashKey, makeKey } from "#access/api-key.ts";
import type { Party } from "#access/party-key.ts";
import { partyExists } from "#access/party-key-records.ts";
import { builderOn } from "#database/builder.ts";
import type { Database, Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { portalLinks } from "#database/tables.ts";
import { DAY_MS } from "#time/durations.ts";

/** What the secret of a link begins with. */
export const LINK_MARK = "lg_link_";

/** For so long it is on record that there was a link, in ms after its end. */
const REMEMBERED_MS = 30 * DAY_MS;

export interface NewPortalLink {
  /** Where it is sent, in lower case; null: an operator hands it over. */
  email: string | null;
  /** Good for one login alone. */
  once: boolean;
  expiresAt: Date;
}

/** A link at the one moment at which its secret is known. */
export interface CreatedPortalLink {
  id: string;
  secret: string;
}

/** Makes a link to a party's portal. */
export async function createPortalLink(
  tx: Queryable,
  party: Party,
  { email, once, expiresAt }: NewPortalLink,
  now: Date,
): Promise<CreatedPortalLink | "no_such_party"> {
  if (!(await partyExists(tx, party))) return "no_such_party";
  const before = new Date(now.getTime() - REMEMBERED_MS).toISOString();
  await deleteEndedSessions.run(tx, { now: now.toISOString() });
  await deleteEndedLinks.run(tx, { before });
  const id = typeid("link").toString();
  const secret = makeKey(LINK_MARK);
  await builderOn(tx)
    .insert(portalLinks)
    .values({
      id,
      ...(party.kind === "supplier" ? { supplierId: party.id } : { buyerId: party.id }),
      sha256: hashKey(secret),
      email,
      once,
      createdAt: now.toISOString(),
      expiresAt: expiresAt.toISOString(),
    });
  return { id, secret };
}

const deleteEndedSessions = statement<unknown, { now: string }>(
  "delete_ended_portal_sessions",
  "unspread",
  ($) => sql`delete from portal_sessions where expires_at <= ${$.now}::timestamptz`,
);

/** A session outlasts its link by half a day at most. */
const deleteEndedLinks = statement<unknown, { before: string }>(
  "delete_ended_portal_links",
  "unspread",
  ($) => sql`delete from portal_links where expires_at <= ${$.before}::timestamptz`,
);

/** A link as it is listed: everything but itself. */
export interface ListedPortalLink {
  id: string;
  email: string | null;
  once: boolean;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
  usedAt: Date | null;
}

/** A party's links, oldest first, ended ones too; null when there is no such party. */
export async function listPortalLinks(database: Database, party: Party): Promise<ListedPortalLink[] | null> {
  return database.read(async (db) => {
    if (!(await partyExists(db, party))) return null;
    const rows = await builderOn(db)
      .select()
      .from(portalLinks)
      .where(isOf(party))
      .orderBy(asc(portalLinks.createdAt), asc(portalLinks.id));
    return rows.map(({ id, email, once, ...row }) => ({
      id,
      email,
      once,
      createdAt: new Date(row.createdAt),
      expiresAt: new Date(row.expiresAt),
      revokedAt: row.revokedAt === null ? null : new Date(row.revokedAt),
      usedAt: row.usedAt === null ? null : new Date(row.usedAt),
    }));
  });
}

/** Takes a link back, and with it the sessions that it opened; true also when it was before, false when this party has none such. */
export async function revokePortalLink(tx: Queryable, party: Party, id: string, now: Date): Promise<boolean> {
  const revoked = await builderOn(tx)
    .update(portalLinks)
    .set({ revokedAt: sql`coalesce(${portalLinks.revokedAt}, ${now.toISOString()}::timestamptz)` })
    .where(and(eq(portalLinks.id, id), isOf(party)))
    .returning({ id: portalLinks.id });
  return revoked.length > 0;
}

function isOf({ kind, id }: Party) {
  return eq(kind === "supplier" ? portalLinks.supplierId : portalLinks.buyerId, id);
}

/** A party that has an address, as people call it. */
export type NamedParty = Party & { name: string };

/** Whose portal an address (in lower case) may log in to, and how many links were sent to it since a moment. */
export async function readPortalAddress(
  db: Queryable,
  email: string,
  since: Date,
): Promise<{ parties: NamedParty[]; mails: number }> {
  const [parties, [sent]] = await Promise.all([
    selectParties.run(db, { email }),
    countMails.run(db, { email, since: since.toISOString() }),
  ]);
  return { parties, mails: sent?.mails ?? 0 };
}

const selectParties = statement<NamedParty, { email: string }>(
  "select_parties_of_portal_address",
  "unspread",
  ($) => sql`select kind, id, name from (
        select 'buyer' as kind, id, definition ->> 'name' as name, definition, archived_at from buyers
        union all select 'supplier', id, definition ->> 'name', definition, archived_at from suppliers) as parties
      where archived_at is null and exists (
        select 1 from jsonb_array_elements_text(definition #> '{portal,email}') as each (address)
        where lower(address) = ${$.email}::text)
      order by kind, id`,
);

/** Those of one e-mail were made at one time. */
const countMails = statement<{ mails: number }, { email: string; since: string }>(
  "count_portal_mails",
  "unspread",
  ($) => sql`select count(distinct created_at)::int as mails from portal_links
      where email = ${$.email}::text and created_at > ${$.since}::timestamptz`,
);
