import { Type } from "@sinclair/typebox";
import { instantFrom } from "#http/instant.ts";
import type { ReplyFieldError } from "#http/reply.ts";
import { named, objectOf, text, time, timeOrNull, wordOf } from "#http/schema.ts";

/** When a key was made, ends, was ended and was used. */
export interface KeyDates {
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** As far as it was written down: to the minute. */
  lastUsedAt: Date | null;
}

/** Since when and until when a key is good, as it is listed; `lastUse` is what this server has not written down yet. */
export function keyDatesAnswer(key: KeyDates, lastUse: Date | undefined, now: Date) {
  const recorded = key.lastUsedAt;
  const lastUsedAt = lastUse !== undefined && (recorded === null || lastUse > recorded) ? lastUse : recorded;
  return {
    status: keyStatus(key, now),
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    last_used_at: lastUsedAt?.toISOString() ?? null,
  };
}

function keyStatus(key: KeyDates, now: Date): "live" | "expired" | "revoked" {
  if (key.revokedAt !== null) return "revoked";
  return key.expiresAt !== null && key.expiresAt <= now ? "expired" : "live";
}

const TO_COME = "must be a time to come such as 2030-01-31T00:00:00Z";

/** When a key that is to be made ends; null: never. */
export const EXPIRES_AT = Type.Optional(
  Type.Unsafe<string | null>(Type.Any({ ...timeOrNull, description: "Absent or null: never" })),
);

/** What is wrong with when a key is to end. */
export function expiryErrors(
  { expires_at: expires }: { expires_at?: unknown },
  now: Date,
): ReplyFieldError[] {
  if (expires === undefined || expires === null) return [];
  const expiresAt = instantFrom(expires);
  if (expiresAt !== undefined && expiresAt > now) return [];
  const code = expiresAt === undefined ? "invalid_format" : "out_of_range";
  return [{ field: "expires_at", code, message: TO_COME }];
}

export function expiryOf(expires: string | null | undefined): Date | null {
  return instantFrom(expires) ?? null;
}

export const KEY_DATES = {
  status: wordOf(["live", "expired", "revoked"]),
  created_at: time,
  expires_at: timeOrNull,
  revoked_at: timeOrNull,
  last_used_at: { ...timeOrNull, description: "To the minute." },
};

/** A key at the one moment at which it is shown. */
export const CREATED_KEY = named(
  "CreatedKey",
  objectOf({
    id: text,
    key: { type: "string", description: "Shown this once; only its SHA-256 is kept." },
    prefix: text,
  }),
);
