import { asc, eq, sql } from "drizzle-orm";
import { typeid } from "typeid-js";
import { builderOn } from "#database/builder.ts";
import { ms } from "#database/columns.ts";
import type { Database, Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { operatorKeys } from "#database/tables.ts";
import { hasKeyForm, makeKey } from "./api-key.ts";
import { type ListedKey, listedKeyOf, newKeyRow } from "./key-row.ts";
import { isRole, ROLES, type Role } from "./role.ts";

/** A key at the one moment at which it is known. */
export interface CreatedOperatorKey {
  id: string;
  key: string;
  prefix: string;
}

export interface NewOperatorKey {
  name: string;
  role: Role;
  expiresAt: Date | null;
}

export async function createOperatorKey(
  tx: Queryable,
  { name, role, expiresAt }: NewOperatorKey,
  now: Date,
): Promise<CreatedOperatorKey> {
  const id = typeid("opkey").toString();
  const key = makeKey(markOf(role));
  const row = newKeyRow(key, markOf(role), expiresAt, now);
  await builderOn(tx)
    .insert(operatorKeys)
    .values({ id, name, role, ...row });
  return { id, key, prefix: row.prefix };
}

/** Keys begin with what they may do: `lg_read_`, `lg_operate_`, `lg_admin_`. */
function markOf(role: Role): string {
  return `lg_${role}_`;
}

/** Whether a text has the form of an operator's key; what has not is none, and needs no look-up. */
export function hasOperatorKeyForm(text: string): boolean {
  return ROLES.some((role) => hasKeyForm(text, markOf(role)));
}

export interface ListedOperatorKey extends ListedKey {
  name: string;
  role: string;
}

/** All keys of operators, oldest first, revoked and expired ones too. */
export async function listOperatorKeys(database: Database): Promise<ListedOperatorKey[]> {
  const rows = await database.read((db) =>
    builderOn(db).select().from(operatorKeys).orderBy(asc(operatorKeys.createdAt), asc(operatorKeys.id)),
  );
  return rows.map((row) => ({ ...listedKeyOf(row), name: row.name, role: row.role }));
}

/** Takes a key back; true also when it was revoked before, false when there is no such key. */
export async function revokeOperatorKey(tx: Queryable, id: string, now: Date): Promise<boolean> {
  const revoked = await builderOn(tx)
    .update(operatorKeys)
    .set({ revokedAt: sql`coalesce(${operatorKeys.revokedAt}, ${now.toISOString()}::timestamptz)` })
    .where(eq(operatorKeys.id, id))
    .returning({ id: operatorKeys.id });
  return revoked.length > 0;
}

/** Who holds a key. */
export interface OperatorKeyHolder {
  keyId: string;
  name: string;
  role: Role;
  expiresAt: Date | null;
}

/**
 * The holder of the key with this SHA-256 (hex); undefined when there is none, or it was revoked. Whether it has expired is the caller's
 * to see.
 */
export async function readOperatorKeyHolder(
  db: Queryable,
  sha256: string,
): Promise<OperatorKeyHolder | undefined> {
  const [row] = await selectHolder.run(db, { sha256 });
  if (row === undefined || !isRole(row.role)) return undefined;
  return {
    keyId: row.keyId,
    name: row.name,
    role: row.role,
    expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt),
  };
}

const selectHolder = statement<
  { keyId: string; name: string; role: string; expiresAt: number | null },
  { sha256: string }
>(
  "select_operator_key_holder",
  "unspread",
  ($) => sql`select id as "keyId", name, role, ${ms("expires_at")} as "expiresAt" from operator_keys
      where sha256 = decode(${$.sha256}::text, 'hex') and revoked_at is null`,
);
