import { hashKey, prefixOf } from "./api-key.ts";

/** What is stored of a new key, whoever holds it: enough to know it again, never the key. */
export function newKeyRow(key: string, mark: string, expiresAt: Date | null, now: Date) {
  return {
    sha256: hashKey(key),
    prefix: prefixOf(key, mark),
    createdAt: now.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}

/** A key as it is listed: everything but itself. */
export interface ListedKey {
  id: string;
  prefix: string;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** As far as it was written down: to the minute. */
  lastUsedAt: Date | null;
}

type KeyRow = Record<"id" | "prefix" | "createdAt", string> &
  Record<"expiresAt" | "revokedAt" | "lastUsedAt", string | null>;

export function listedKeyOf(row: KeyRow): ListedKey {
  return {
    id: row.id,
    prefix: row.prefix,
    createdAt: new Date(row.createdAt),
    expiresAt: dateOf(row.expiresAt),
    revokedAt: dateOf(row.revokedAt),
    lastUsedAt: dateOf(row.lastUsedAt),
  };
}

function dateOf(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
