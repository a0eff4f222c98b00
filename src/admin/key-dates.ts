import { instantFrom } from "#http/instant.ts";
import type { ReplyFieldError } from "#http/reply.ts";

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
    status: statusOf(key, now),
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
    last_used_at: lastUsedAt?.toISOString() ?? null,
  };
}

function statusOf(key: KeyDates, now: Date): "live" | "expired" | "revoked" {
  if (key.revokedAt !== null) return "revoked";
  return key.expiresAt !== null && key.expiresAt <= now ? "expired" : "live";
}

/** When a key that is to be made ends, null: never; what is wrong with that goes to `errors`. */
export function expiryFrom(expires: unknown, now: Date, errors: ReplyFieldError[]): Date | null {
  if (expires === null) return null;
  const expiresAt = instantFrom(expires);
  if (expiresAt !== undefined && expiresAt > now) return expiresAt;
  errors.push({
    field: "expires_at",
    code: expiresAt === undefined ? "invalid_format" : "out_of_range",
    message: "must be a time to come such as 2030-01-31T00:00:00Z",
  });
  return null;
}
