import {
  LEAD_LIMITS,
  mediaTypeOf,
  type ReadBody,
  type RefusedBody,
  readBodyText,
  readJsonObject,
} from "#http/body.ts";
import type { SupplierReply } from "#intake/reply/reply.ts";
import { textsInList } from "#text/json-list.ts";
import { MOST_BYTES, MOST_LEADS } from "./ingest-batch-words.ts";

/** The leads of a batch, none of them read yet, or why there are none. `turn` is awaited after each. */
export async function readBatchTexts(
  request: Request,
  turn: (characters: number) => Promise<void>,
): Promise<{ ok: true; texts: string[] } | RefusedBody> {
  const isPlain = ["identity", null].includes(request.headers.get("content-encoding"));
  if (mediaTypeOf(request) !== "application/json" || !isPlain) {
    return {
      ok: false,
      error: "unsupported_media_type",
      message: "Send the leads as application/json, not compressed.",
    };
  }
  const read = await readBodyText(request, MOST_BYTES);
  if (!read.ok) return read;
  const limits = { most: MOST_LEADS, longest: LEAD_LIMITS.maxBytes };
  const list = await textsInList(read.text, "leads", limits, turn);
  if (list.ok && list.texts.length > 0) return list;
  const flaw = list.ok ? "malformed" : list.flaw;
  return { ok: false, ...FLAWS[flaw] };
}

const FLAWS = {
  malformed: {
    error: "malformed_body",
    message: 'The body must be { "leads": [ … ] } with 1 to 500 leads.',
  },
  too_many: { error: "payload_too_large", message: `The body has more than ${MOST_LEADS} leads.` },
  too_long: { error: "payload_too_large", message: "One of the leads is larger than 256 KiB." },
} as const;

/** One of those texts, of so many bytes. */
export function readBatchedLead(text: string, bytes: number): ReadBody {
  return bytes > LEAD_LIMITS.maxBytes ? TOO_LARGE : readJsonObject(text, LEAD_LIMITS);
}

const TOO_LARGE: RefusedBody = {
  ok: false,
  error: "payload_too_large",
  message: "The lead is larger than 256 KiB.",
};

/** The body that the lead would have been answered with alone, and its status. */
export function shownAnswer({ httpStatus, body, replayed }: SupplierReply): object {
  const said = JSON.parse(body) as object;
  return { http_status: httpStatus, ...(replayed && { idempotent_replayed: true }), ...said };
}
