import type { Campaign } from "#campaigns/campaign.ts";
import type { Candidate, Idempotency } from "#leads/candidate.ts";
import { keyedHash } from "#text/hmac.ts";
import { HOUR_MS } from "#time/durations.ts";
import { replyOnRecord, type StoredReply, type SupplierReply, supplierError } from "./reply.ts";

/** How long the first answer to a key is given again, in ms. */
export const REMEMBERED_MS = 24 * HOUR_MS;

/** 1–255 printable ASCII characters; the quotes of a structured-field string are taken off. */
const KEY = /^[\x20-\x7e]{1,255}$/;

/**
 * What an `Idempotency-Key` header stands for, with the body that came with it; null without the header, undefined when it
 * is malformed. Bodies that differ only in white space or in the order of their keys are the same body. Of a list of bodies
 * it stands for each by its `place`.
 */
export function readIdempotency(
  header: string | null,
  supplierId: string,
  body: Readonly<Record<string, unknown>>,
  pepper: Uint8Array,
  place?: number,
): Idempotency | null | undefined {
  if (header === null) return null;
  const key = /^".*"$/.test(header) ? header.slice(1, -1) : header;
  if (!KEY.test(key)) return undefined;
  return {
    key: keyedHash(pepper, `idempotency\0${supplierId}\0${key}${place === undefined ? "" : `\0${place}`}`),
    requestHash: keyedHash(pepper, `request\0${canonical(body)}`),
  };
}

/**
 * What the key of a row of a file stands for, which no key of the supplier's own does; undefined when it is malformed. Its answer is
 * remembered for 30 days. A row that was refused is decided anew once it is mended, and with `again` also when it is not.
 */
export function readRowKey(
  key: string,
  supplierId: string,
  body: Readonly<Record<string, unknown>>,
  pepper: Uint8Array,
  again: boolean,
): Idempotency | undefined {
  const read = readIdempotency(key, `${supplierId}\0row`, body, pepper);
  return read ? { ...read, row: { again } } : undefined;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1)))
      : item,
  );
}

/** A file is sent again days later, when somebody has mended it. */
const ROW_REMEMBERED_MS = 30 * REMEMBERED_MS;

/** What is remembered of a key whose lead is pending: its buyer is being asked. */
const NO_ANSWER_YET = 0;

/** What is remembered for a lead's key. */
export function storedReplyFor(
  { answer, lead }: { answer: SupplierReply | null; lead: Pick<Candidate, "id"> },
  idempotency: Idempotency,
  now: Date,
): StoredReply {
  return {
    requestHash: idempotency.requestHash,
    httpStatus: answer?.httpStatus ?? NO_ANSWER_YET,
    answer: answer?.body ?? lead.id,
    // All answers are forgotten by one rule; one that is remembered for longer counts as given later.
    createdAt: now.getTime() + (idempotency.row === undefined ? 0 : ROW_REMEMBERED_MS - REMEMBERED_MS),
  };
}

const KEY_REUSED = "This Idempotency-Key came with another body before.";

/** The least status of an answer to a lead that was turned away. */
const REFUSED = 400;

/** The answer that the lead's key already has, which is `stored`; undefined when this is the first request with it. */
export function replay(
  lead: Candidate,
  stored: StoredReply | undefined,
  now: Date,
  { showBuyers }: Pick<Campaign, "showBuyers">,
): SupplierReply | undefined {
  if (lead.kind !== "arrived" || lead.idempotency === null) return undefined;
  if (stored === undefined || now.getTime() - stored.createdAt >= REMEMBERED_MS) return undefined;
  const { requestHash, row } = lead.idempotency;
  const isSame = stored.requestHash === requestHash;
  if (row !== undefined && stored.httpStatus >= REFUSED && (row.again || !isSame)) return undefined;
  if (!isSame) {
    const message =
      row === undefined ? KEY_REUSED : "A row with this key was imported before, with other values.";
    return supplierError("idempotency_key_reused", message, lead);
  }
  if (stored.httpStatus !== NO_ANSWER_YET) {
    return { httpStatus: stored.httpStatus, body: stored.answer, replayed: true };
  }
  if (stored.standing === null) return undefined;
  const ended = stored.standing && replyOnRecord(stored.answer, stored.standing, lead, showBuyers);
  if (ended !== undefined) return ended;
  return supplierError(
    "idempotency_in_flight",
    "The first request with this Idempotency-Key is not answered yet.",
    lead,
    {
      retry_after: 1,
    },
  );
}
