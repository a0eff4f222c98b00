import { timingSafeEqual } from "node:crypto";
import type { Database } from "#database/database.ts";
import type { Recipient } from "#delivery/outbox.ts";
import type { Answer } from "#intake/answer.ts";
import type { NotOpen } from "#intake/redistribute.ts";
import { errorReply, requestIdOf } from "#reply.ts";

/** What the operator API works with. */
export interface AdminContext {
  database: Database;
  /** The key that makes a caller an operator. */
  operatorKey: string;
  /** Keys the hashes under which suppression entries are kept. */
  pepper: Uint8Array;
  /** What signing secrets are sealed under. */
  secretKey: Uint8Array;
  /** Says that keys or suppliers were changed. */
  keysChanged(): void;
  /** Says that deliveries of a campaign to these recipients were made due. */
  wake(campaignId: string, recipients: Iterable<Recipient>): void;
  /** Decides a lead on record (a UUID) once more. */
  redistribute(leadId: string): Promise<Answer | NotOpen>;
  /** The address of a campaign's page, signed: a path when it is not known where callers reach the server. */
  docsLink(target: { campaignId: string; reader: DocsReader }, expiresAt: Date): string;
  now(): Date;
}

/** Whom a link to a campaign's page is made for. */
export type DocsReader = { kind: "anybody" } | { kind: "supplier" | "buyer"; id: string };

/**
 * The 401 for a caller who is not an operator, the same whatever was wrong with the key; undefined for one who is. Routes ask
 * it in `onBeforeHandle` and read bodies by themselves (`parse: "none"`, no body schema): Elysia parses and validates
 * before that hook, and a stranger would hear what is wrong with the body first.
 */
export function refusalOfStranger(request: Request, context: AdminContext): Response | undefined {
  const [scheme, key, ...more] = (request.headers.get("authorization") ?? "").split(" ");
  const isBearer = scheme?.toLowerCase() === "bearer" && more.length === 0;
  if (isBearer && key !== undefined && isSame(key, context.operatorKey)) return undefined;
  const refusal = errorReply(
    "unauthorized",
    "Send the operator key as Authorization: Bearer …",
    requestIdOf(request),
  );
  refusal.headers.set("www-authenticate", "Bearer");
  return refusal;
}

/** Digests are of one length, so neither the length of the key nor a common beginning shows in the time it takes. */
function isSame(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Uint8Array {
  return new Bun.CryptoHasher("sha256").update(text).digest();
}
