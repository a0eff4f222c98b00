import { and, asc, eq, isNull, sql } from "drizzle-orm";
import { typeid } from "typeid-js";
import { lockConfigurations, nextRevision } from "#campaigns/campaign-lock-records.ts";
import type { KeyPlace } from "#campaigns/campaign-records.ts";
import { builderOn } from "#database/builder.ts";
import type { Database, Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { supplierKeys, suppliers } from "#database/tables.ts";
import { hashKey } from "./api-key.ts";
import { type ListedKey, listedKeyOf, newKeyRow } from "./key-row.ts";
import { makeSupplierKey, SUPPLIER_MARK } from "./party-key.ts";

/** A key at the one moment at which it is known. */
export interface CreatedKey {
  supplierId: string;
  id: string;
  key: string;
  prefix: string;
}

export interface NewKey {
  name: string | null;
  expiresAt: Date | null;
  /** A key that the supplier has already, from another system; null: one is made. */
  secret: string | null;
}

/** Gives a supplier one more key. `taken`: this secret is a key already, live or not. */
export async function createSupplierKey(
  tx: Queryable,
  supplierId: string,
  wanted: NewKey,
  now: Date,
): Promise<CreatedKey | "no_such_supplier" | "taken"> {
  await lockConfigurations(tx);
  if (!(await supplierExists(tx, supplierId))) return "no_such_supplier";
  const key = wanted.secret ?? makeSupplierKey();
  const known = await builderOn(tx)
    .select({ id: supplierKeys.id })
    .from(supplierKeys)
    .where(eq(supplierKeys.sha256, hashKey(key)));
  if (known.length > 0) return "taken";
  const created = await insertKey(tx, supplierId, { ...wanted, key }, now);
  await bumpCampaignsOf(tx, supplierId);
  return created;
}

/** Writes the first keys of new suppliers. Their campaigns are written in the same transaction, so no revision is bumped. */
export async function insertFirstKeys(
  tx: Queryable,
  supplierIds: readonly string[],
  now: Date,
): Promise<CreatedKey[]> {
  const created: CreatedKey[] = [];
  for (const supplierId of supplierIds) {
    const wanted = { name: "first key", expiresAt: null, key: makeSupplierKey() };
    created.push(await insertKey(tx, supplierId, wanted, now));
  }
  return created;
}

export interface ListedSupplierKey extends ListedKey {
  name: string | null;
}

/** A supplier's keys, oldest first, revoked and expired ones too; null when there is no such supplier. */
export async function listSupplierKeys(
  database: Database,
  supplierId: string,
): Promise<ListedSupplierKey[] | null> {
  return database.read(async (db) => {
    if (!(await supplierExists(db, supplierId))) return null;
    const rows = await builderOn(db)
      .select()
      .from(supplierKeys)
      .where(and(eq(supplierKeys.supplierId, supplierId), eq(supplierKeys.shownIn, "header")))
      .orderBy(asc(supplierKeys.createdAt), asc(supplierKeys.id));
    return rows.map((row) => ({ ...listedKeyOf(row), name: row.name }));
  });
}

/** Takes a key or posting URL back; true also when it was revoked before, false when this supplier has none such. */
export async function revokeSupplierKey(
  tx: Queryable,
  { supplierId, keyId, shownIn }: { supplierId: string; keyId: string; shownIn: KeyPlace },
  now: Date,
): Promise<boolean> {
  await lockConfigurations(tx);
  const isThisKey = isKeyOf(supplierId, keyId, shownIn);
  const known = await builderOn(tx).select({ id: supplierKeys.id }).from(supplierKeys).where(isThisKey);
  if (known.length === 0) return false;
  const revoked = await builderOn(tx)
    .update(supplierKeys)
    .set({ revokedAt: now.toISOString() })
    .where(and(isThisKey, isNull(supplierKeys.revokedAt)))
    .returning({ id: supplierKeys.id });
  if (revoked.length > 0) await bumpCampaignsOf(tx, supplierId);
  return true;
}

/** What a rotation made, and when the key before it ends. */
export interface RotatedKey extends CreatedKey {
  replacedUntil: Date;
}

/**
 * Gives a supplier a new key in place of one that is live, which goes on for `overlapSeconds` at most. `not_live`: the key to be replaced
 * has ended already.
 */
export async function rotateSupplierKey(
  tx: Queryable,
  { supplierId, keyId }: { supplierId: string; keyId: string },
  overlapSeconds: number,
  now: Date,
): Promise<RotatedKey | "no_such_key" | "not_live"> {
  await lockConfigurations(tx);
  const isThisKey = isKeyOf(supplierId, keyId, "header");
  const [old] = await builderOn(tx).select().from(supplierKeys).where(isThisKey);
  if (old === undefined || !(await supplierExists(tx, supplierId))) return "no_such_key";
  const end = old.expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(old.expiresAt);
  if (old.revokedAt !== null || end <= now.getTime()) return "not_live";
  const replacedUntil = new Date(Math.min(end, now.getTime() + overlapSeconds * 1000));
  await builderOn(tx).update(supplierKeys).set({ expiresAt: replacedUntil.toISOString() }).where(isThisKey);
  const created = await insertKey(
    tx,
    supplierId,
    { name: old.name, expiresAt: null, key: makeSupplierKey() },
    now,
  );
  await bumpCampaignsOf(tx, supplierId);
  return { ...created, replacedUntil };
}

function isKeyOf(supplierId: string, keyId: string, shownIn: KeyPlace) {
  return and(
    eq(supplierKeys.id, keyId),
    eq(supplierKeys.supplierId, supplierId),
    eq(supplierKeys.shownIn, shownIn),
  );
}

export async function supplierExists(db: Queryable, supplierId: string): Promise<boolean> {
  const rows = await builderOn(db)
    .select({ id: suppliers.id })
    .from(suppliers)
    .where(and(eq(suppliers.id, supplierId), isNull(suppliers.archivedAt)));
  return rows.length > 0;
}

async function insertKey(
  tx: Queryable,
  supplierId: string,
  wanted: { name: string | null; expiresAt: Date | null; key: string },
  now: Date,
): Promise<CreatedKey> {
  const id = typeid("key").toString();
  const row = newKeyRow(wanted.key, SUPPLIER_MARK, wanted.expiresAt, now);
  await builderOn(tx)
    .insert(supplierKeys)
    .values({ id, supplierId, name: wanted.name, ...row });
  return { supplierId, id, key: wanted.key, prefix: row.prefix };
}

/** A lane that decides after this sees another revision and loads the keys anew; one that is deciding is waited for. */
export async function bumpCampaignsOf(tx: Queryable, supplierId: string): Promise<void> {
  const link = JSON.stringify({ suppliers: [{ supplier: { id: supplierId } }] });
  await lockCampaignsOf.run(tx, { link });
  await bumpLinked.run(tx, { link, revision: await nextRevision(tx) });
}

const lockCampaignsOf = statement<{ id: string }, { link: string }>(
  "lock_campaigns_of_supplier",
  "all campaigns",
  ($) => sql`select id from campaigns where definition @> ${$.link}::text::jsonb order by id for update`,
);

const bumpLinked = statement<unknown, { link: string; revision: number }>(
  "bump_campaigns_of_supplier",
  "all campaigns",
  ($) => sql`update campaigns set revision = ${$.revision}::int
      where definition @> ${$.link}::text::jsonb`,
);
