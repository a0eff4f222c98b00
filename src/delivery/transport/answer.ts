import { brotliDecompressSync, constants, unzipSync } from "node:zlib";
import { MAX_ANSWER_BYTES } from "#endpoints/answers/answer-reader.ts";
import { isWholeNumber } from "#text/whole-number.ts";
import type { EndpointFailure, TransportFailure } from "./failure.ts";

/** One try at sending something, as it is recorded. */
export interface Attempt {
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly result: EndpointAnswer | NoAnswer;
}

/** The other side has answered. Whether that is good news is for the status and the buyer's rules to say. */
export interface EndpointAnswer {
  readonly kind: "answered";
  /** Of HTTP, 200 to 299 or 400 to 599; of a mail server, 250. */
  readonly status: number;
  readonly contentType: string | null;
  readonly retryAfterSeconds: number | null;
  /** The beginning of the body, as text. Empty when it was compressed, although we asked for it plain, and cannot be expanded. */
  readonly body: string;
  /** There was more than `MAX_ANSWER_BYTES`; the rest was not read. */
  readonly truncated: boolean;
}

export interface NoAnswer {
  readonly kind: "failed";
  readonly failure: EndpointFailure;
  /** The status that had arrived before it failed; null when none had. */
  readonly status: number | null;
}

/**
 * The text of a body that may have been cut off. It is decoded as its content type says, else as UTF-8, and never fails: what cannot be
 * read becomes U+FFFD, and so does NUL, which Postgres refuses in a text. One that was compressed although we asked for it plain is
 * expanded to at most `mostBytes`; 16 KiB can hold 16 MiB.
 */
export function decodeBody(
  bytes: Uint8Array,
  headers: { readonly contentType: string | null; readonly contentEncoding: string | null },
  mostBytes = MAX_ANSWER_BYTES,
): string {
  const plain = expanded(bytes, headers.contentEncoding?.trim().toLowerCase() ?? "");
  if (plain === undefined) return "";
  const charset = /;\s*charset="?([^\s";]+)/i.exec(headers.contentType ?? "")?.[1];
  // Streaming leaves out a character whose end was cut off.
  return decoderFor(charset)
    .decode(plain.subarray(0, mostBytes), { stream: true })
    .replaceAll("\0", "\ufffd");
}

/** No more is expanded, so that it takes less than a millisecond. */
const MOST_EXPANDED = 256 * 1024;

/** The bytes without their compression, as far as they came; undefined for what cannot be expanded, or to more than 256 KiB. */
function expanded(bytes: Uint8Array, encoding: string): Uint8Array | undefined {
  const options = {
    maxOutputLength: MOST_EXPANDED,
    finishFlush: constants.Z_SYNC_FLUSH,
  };
  try {
    switch (encoding) {
      case "":
      case "identity":
        return bytes;
      case "gzip":
      case "x-gzip":
      case "deflate":
        return unzipSync(bytes, options);
      case "br":
        return brotliDecompressSync(bytes, { maxOutputLength: MOST_EXPANDED });
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

function decoderFor(charset = "utf-8"): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

/**
 * The seconds that a Retry-After header asks for: a number, or a date in the form of RFC 9110 section 5.6.7 (0 when it has passed);
 * null for anything else. How long is honoured is for `retry.ts` to say.
 */
export function retryAfterSeconds(header: string | undefined, now: Date): number | null {
  const text = header?.trim() ?? "";
  if (isWholeNumber(text)) return Number(text);
  const date = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now.getTime()) / 1000));
}

/** An attempt that ended in one of the failures that need no further saying. */
export function noAnswer(kind: TransportFailure, status: number | null = null): NoAnswer {
  return { kind: "failed", failure: { kind }, status };
}
