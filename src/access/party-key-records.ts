import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { typeid } from "typeid-js";
import { lockConfigurations, nextRevision } from "#campaigns/campaign-lock-records.ts";
import type { KeyPlace } from "#campaigns/campaign-records.ts";
import { builderOn } from "#database/builder.ts";
import { campaignByCampaign } from "#database/by-campaign-records.ts";
import type { Database, Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { buyers, partyKeys, suppliers } from "#database/tables.ts";
import { hashKey } from "./api-key.ts";
import { type ListedKey, listedKeyOf, newKeyRow } from "./key-row.ts";
import { makePartyKey, PARTY_MARKS, type Party } from "./party-key.ts";

/** A key at the one moment at which it is known. */
export interface CreatedKey {
  id: string;
  key: string;
  prefix: string;
}

export interface NewKey {
  name: string | null;
  expiresAt: Date | null;
  /** A key that the party has already, from another system; null: one is made. */
  secret: string | null;
}

/** Gives a supplier or buyer one more key. `taken`: this secret is somebody's key already, live or not. */
export async function createPartyKey(
  tx: Queryable,
  party: Party,
  wanted: NewKey,
  now: Date,
): Promise<CreatedKey | "no_such_party" | "taken"> {
  await lockConfigurations(tx);
  if (!(await partyExists(tx, party))) return "no_such_party";
  const key = wanted.secret ?? makePartyKey(party.kind);
  const known = await builderOn(tx)
    .select({ id: partyKeys.id })
    .from(partyKeys)
    .where(eq(partyKeys.sha256, hashKey(key)));
  if (known.length > 0) return "taken";
  const created = await insertKey(tx, party, { ...wanted, key }, now);
  await keysChanged(tx, party);
  return created;
}

/** The first key of a new supplier. */
export interface FirstKey extends CreatedKey {
  supplierId: string;
}

/** Writes the first keys of new suppliers. Their campaigns are written in the same transaction, so no revision is bumped. */
export async function insertFirstKeys(
  tx: Queryable,
  supplierIds: readonly string[],
  now: Date,
): Promise<FirstKey[]> {
  const created: FirstKey[] = [];
  for (const supplierId of supplierIds) {
    const wanted = { name: "first key", expiresAt: null, key: makePartyKey("supplier") };
    created.push({
      supplierId,
      ...(await insertKey(tx, { kind: "supplier", id: supplierId }, wanted, now)),
    });
  }
  return created;
}

export interface ListedPartyKey extends ListedKey {
  name: string | null;
}

/** A party's keys, oldest first, revoked and expired ones too; null when there is no such party. */
export async function listPartyKeys(database: Database, party: Party): Promise<ListedPartyKey[] | null> {
  return database.read(async (db) => {
    if (!(await partyExists(db, party))) return null;
    const rows = await builderOn(db)
      .select()
      .from(partyKeys)
      .where(and(isOf(party), eq(partyKeys.shownIn, "header")))
      .orderBy(asc(partyKeys.createdAt), asc(partyKeys.id));
    return rows.map((row) => ({ ...listedKeyOf(row), name: row.name }));
  });
}

/** A key of a party's, by its id and by where it is shown. */
export interface KeyOfParty {
  party: Party;
  keyId: string;
  shownIn: KeyPlace;
}

/** Takes a key or posting URL back; true also when it was revoked before, false when this party has none such. */
export async function revokePartyKey(tx: Queryable, key: KeyOfParty, now: Date): Promise<boolean> {
  const { party } = key;
  await lockConfigurations(tx);
  const isThisKey = isKey(key);
  const known = await builderOn(tx).select({ id: partyKeys.id }).from(partyKeys).where(isThisKey);
  if (known.length === 0) return false;
  const revoked = await builderOn(tx)
    .update(partyKeys)
    .set({ revokedAt: now.toISOString() })
    .where(and(isThisKey, isNull(partyKeys.revokedAt)))
    .returning({ id: partyKeys.id });
  if (revoked.length > 0) await keysChanged(tx, party);
  return true;
}

/** What a rotation made, and when the key before it ends. */
export interface RotatedKey extends CreatedKey {
  replacedUntil: Date;
}

/**
 * Gives a party a new key in place of one that is live, which goes on for `overlapSeconds` at most. `not_live`: the key to be replaced
 * has ended already.
 */
export async function rotatePartyKey(
  tx: Queryable,
  key: Omit<KeyOfParty, "shownIn">,
  overlapSeconds: number,
  now: Date,
): Promise<RotatedKey | "no_such_key" | "not_live"> {
  const { party } = key;
  await lockConfigurations(tx);
  const isThisKey = isKey({ ...key, shownIn: "header" });
  const [old] = await builderOn(tx).select().from(partyKeys).where(isThisKey);
  if (old === undefined || !(await partyExists(tx, party))) return "no_such_key";
  const end = old.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(old.expiresAt);
  if (old.revokedAt !== null || end <= now.getTime()) return "not_live";
  const replacedUntil = new Date(Math.min(end, now.getTime() + overlapSeconds * 1000));
  await builderOn(tx).update(partyKeys).set({ expiresAt: replacedUntil.toISOString() }).where(isThisKey);
  const wanted = { name: old.name, expiresAt: null, key: makePartyKey(party.kind) };
  const created = await insertKey(tx, party, wanted, now);
  await keysChanged(tx, party);
  return { ...created, replacedUntil };
}

function isKey({ party, keyId, shownIn }: KeyOfParty) {
  return and(eq(partyKeys.id, keyId), isOf(party), eq(partyKeys.shownIn, shownIn));
}

function isOf({ kind, id }: Party) {
  return eq(kind === "supplier" ? partyKeys.supplierId : partyKeys.buyerId, id);
}

export async function partyExists(db: Queryable, { kind, id }: Party): Promise<boolean> {
  const table = kind === "supplier" ? suppliers : buyers;
  const rows = await builderOn(db)
    .select({ id: table.id })
    .from(table)
    .where(and(eq(table.id, id), isNull(table.archivedAt)));
  return rows.length > 0;
}

async function insertKey(
  tx: Queryable,
  party: Party,
  wanted: { name: string | null; expiresAt: Date | null; key: string },
  now: Date,
): Promise<CreatedKey> {
  const id = typeid("key").toString();
  const row = newKeyRow(wanted.key, PARTY_MARKS[party.kind], wanted.expiresAt, now);
  const owner = party.kind === "supplier" ? { supplierId: party.id } : { buyerId: party.id };
  await builderOn(tx)
    .insert(partyKeys)
    .values({ id, ...owner, name: wanted.name, ...row });
  return { id, key: wanted.key, prefix: row.prefix };
}

/** No lead is let in by a buyer's key. */
async function keysChanged(tx: Queryable, { kind, id }: Party): Promise<void> {
  if (kind === "supplier") await bumpCampaignsOf(tx, id);
}

/** A lane that decides after this sees another revision and loads the keys anew; one that is deciding is waited for. */
export async function bumpCampaignsOf(tx: Queryable, supplierId: string): Promise<void> {
  const link = JSON.stringify({ suppliers: [{ supplier: { id: supplierId } }] });
  await lockCampaignsOf.run(tx, { link });
  await bumpLinked.run(tx, { link, revision: await nextRevision(tx) });
}

const lockCampaignsOf = campaignByCampaign((narrow) =>
  statement<{ id: string }, { link: string }>(
    "lock_campaigns_of_supplier",
    "all campaigns",
    ($) =>
      sql`select id from campaigns where definition @> ${$.link}::text::jsonb${narrow("id")} order by id for update`,
  ),
);

const bumpLinked = statement<unknown, { link: string; revision: number }>(
  "bump_campaigns_of_supplier",
  "all campaigns",
  ($) => sql`update campaigns set revision = ${$.revision}::int
      where definition @> ${$.link}::text::jsonb`,
);
