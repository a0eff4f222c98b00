import { type Answer, failed, type StoredAnswer } from "./answer.ts";
import type { Idempotency, Lead } from "./lead.ts";

/** How long the first answer to a key is given again, in ms. */
export const REMEMBERED_MS = 24 * 3_600_000;

/** 1–255 printable ASCII characters; the quotes of a structured-field string are taken off. */
const KEY = /^[\x20-\x7e]{1,255}$/;

/**
 * What an `Idempotency-Key` header stands for, with the body that came with it; null without the header, undefined when it
 * is malformed. Bodies that differ only in white space or in the order of their keys are the same body.
 */
export function readIdempotency(
  header: string | null,
  supplierId: string,
  body: Readonly<Record<string, unknown>>,
  pepper: Uint8Array,
): Idempotency | null | undefined {
  if (header === null) return null;
  const key = /^".*"$/.test(header) ? header.slice(1, -1) : header;
  if (!KEY.test(key)) return undefined;
  return {
    key: hashed(pepper, `idempotency\0${supplierId}\0${key}`),
    requestHash: hashed(pepper, `request\0${canonical(body)}`),
  };
}

function hashed(pepper: Uint8Array, text: string): string {
  const hex = new Bun.CryptoHasher("sha256", pepper).update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1)))
      : item,
  );
}

/** The answer that the lead's key already has; undefined when this is the first request with it. */
export function replay(
  lead: Lead,
  answers: ReadonlyMap<string, StoredAnswer>,
  now: Date,
): Answer | undefined {
  const stored = lead.idempotency === null ? undefined : answers.get(lead.idempotency.key);
  if (stored === undefined || now.getTime() - stored.createdAt >= REMEMBERED_MS) return undefined;
  if (stored.requestHash !== lead.idempotency?.requestHash) {
    return failed("idempotency_key_reused", "This Idempotency-Key came with another body before.", lead);
  }
  return { httpStatus: stored.httpStatus, body: stored.answer, replayed: true };
}
