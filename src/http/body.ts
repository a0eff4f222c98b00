import { isForbiddenKey, type JsonFlaw, type JsonLimits, readJson } from "#text/json.ts";
import { isMapping } from "#text/problem.ts";

/**
 * Request bodies as plain values, read within bounds: size, nesting, number of keys and of values. What is refused is refused before
 * anything walks the value, and in words that repeat nothing of it.
 */

export interface BodyLimits extends JsonLimits {
  maxBytes: number;
}

/** What a lead may be (contract, section 2). */
export const LEAD_LIMITS: BodyLimits = { maxBytes: 256 * 1024, maxDepth: 8, maxKeys: 200, maxValues: 2000 };

export interface RefusedBody {
  ok: false;
  error: "malformed_body" | "payload_too_large" | "unsupported_media_type";
  message: string;
}

export type ReadBody = { ok: true; body: Readonly<Record<string, unknown>> } | RefusedBody;

/** Reads a JSON or form body whose outermost value is an object. `turn` is waited for once its bytes are there, before they are parsed. */
export async function readBody(
  request: Request,
  limits: BodyLimits,
  turn?: (bytes: number) => Promise<void>,
): Promise<ReadBody> {
  const type = request.headers.get("content-type") ?? "";
  const form = isCompressed(request) ? undefined : FORMS.get(mediaTypeIn(type));
  if (form === undefined) return UNSUPPORTED;
  const bytes = await readBytes(request, limits.maxBytes);
  if (bytes === undefined) return tooLarge(`The body is larger than ${sizeInWords(limits.maxBytes)}.`);
  if (turn !== undefined) await turn(bytes.byteLength);
  const charset = type.includes(";") ? /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(type)?.[1] : undefined;
  if (form === "form") return readForm(bytes, charset, limits);
  const text = jsonText(bytes, charset);
  return text === undefined ? malformed("The body is not UTF-8.") : readJsonObject(text, limits);
}

/** JSON is UTF-8 whatever its media type says (RFC 8259); what is not may be in the charset that was named. */
function jsonText(bytes: Uint8Array, charset: string | undefined): string | undefined {
  return decoded(bytes, utf8) ?? (charset === undefined ? undefined : decoded(bytes, decoderOf(charset)));
}

/** Undefined where the bytes are not in the decoder's charset, or there is none. */
function decoded(bytes: Uint8Array, decoder: TextDecoder | undefined): string | undefined {
  try {
    return decoder?.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The same bytes compressed could be of any size; nobody compresses a lead. */
function isCompressed(request: Request): boolean {
  const encoding = request.headers.get("content-encoding");
  return encoding !== null && encoding !== "identity";
}

const FORMS: ReadonlyMap<string, "json" | "form"> = new Map([
  ["application/json", "json"],
  ["application/x-www-form-urlencoded", "form"],
]);

const UNSUPPORTED: RefusedBody = {
  ok: false,
  error: "unsupported_media_type",
  message: "Send the lead as application/json or application/x-www-form-urlencoded, not compressed.",
};

/** The media type in lower case and without parameters; empty when none was named. */
export function mediaTypeOf(request: Request): string {
  return mediaTypeIn(request.headers.get("content-type") ?? "");
}

function mediaTypeIn(type: string): string {
  const end = type.indexOf(";");
  return (end < 0 ? type : type.slice(0, end)).trim().toLowerCase();
}

/** The whole body as text, at most `maxBytes` of UTF-8; of a larger one no more is read than it takes to know. */
export async function readBodyText(
  request: Request,
  maxBytes: number,
): Promise<{ ok: true; text: string } | RefusedBody> {
  const bytes = await readBytes(request, maxBytes);
  if (bytes === undefined) return tooLarge(`The body is larger than ${sizeInWords(maxBytes)}.`);
  try {
    return { ok: true, text: utf8.decode(bytes) };
  } catch {
    return malformed("The body is not UTF-8.");
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) <= maxBytes) return new Uint8Array(await request.arrayBuffer());
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (reader !== undefined && length <= maxBytes) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, length);
    length += value.byteLength;
    chunks.push(value);
  }
  if (reader === undefined) return new Uint8Array();
  await discardRest(reader);
  return undefined;
}

/** What is read of a body that is not wanted, before its sender is cut off. */
const MOST_DISCARDED_BYTES = 16 * 1024 * 1024;

/**
 * Reads and forgets the body of a request that is refused whatever it holds. An unread one keeps its connection from being used again, and
 * the server from stopping (Bun 1.4.5); and many senders listen for the answer only when all is sent.
 */
export async function discardBody(request: Request): Promise<void> {
  if (request.bodyUsed || request.body === null || request.body.locked) return;
  await discardRest(request.body.getReader());
}

/** The same for what was read in part. */
export async function discardRest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  let discarded = 0;
  try {
    while (discarded < MOST_DISCARDED_BYTES) {
      const { done, value } = await reader.read();
      if (done) return;
      discarded += value.byteLength;
    }
    await reader.cancel();
  } catch {
    // The sender has gone away: there is nothing left to read.
  }
}

function sizeInWords(bytes: number): string {
  const kibibytes = bytes / 1024;
  return kibibytes < 1024 ? `${kibibytes} KiB` : `${kibibytes / 1024} MiB`;
}

/** Reads a JSON text whose outermost value is an object. */
export function readJsonObject(text: string, limits: JsonLimits): ReadBody {
  const read = readJson(text, limits);
  if (!read.ok) return flawed(read.flaw, limits);
  return isMapping(read.value)
    ? { ok: true, body: read.value }
    : malformed("The body must be one JSON object.");
}

function flawed(flaw: JsonFlaw, { maxDepth, maxKeys, maxValues }: JsonLimits): RefusedBody {
  switch (flaw) {
    case "malformed":
      return malformed("The body is not valid JSON.");
    case "too_deep":
      return tooLarge(`The body is nested more than ${maxDepth} deep.`);
    case "too_many_keys":
      return tooLarge(`The body has more than ${maxKeys} keys.`);
    case "too_many_values":
      return tooLarge(`The body has more than ${maxValues} values, those in lists counted.`);
    case "forbidden_key":
      return malformed(FORBIDDEN_KEY);
    case "key_twice":
      return malformed("The body names the same key twice in one object.");
  }
}

/** A form, in the charset that its media type names, or else the field `_charset_` that browsers fill in; UTF-8 when neither does. */
function readForm(bytes: Uint8Array, charset: string | undefined, limits: BodyLimits): ReadBody {
  const form = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  if (hasMorePairs(form, limits.maxKeys)) return flawed("too_many_keys", limits);
  const decoder = decoderOf(charset ?? /(?:^|&)_charset_=([\w.:-]+)/.exec(form)?.[1] ?? "utf-8");
  if (decoder === undefined) return UNKNOWN_CHARSET;
  try {
    return readPairs(form, decoder);
  } catch {
    return malformed(`The body is not ${decoder.encoding.toUpperCase()}. Name its charset in content-type.`);
  }
}

const UNKNOWN_CHARSET: RefusedBody = {
  ok: false,
  error: "unsupported_media_type",
  message: "The charset of the form is not known. Send UTF-8.",
};

/** The decoder of a charset by its name in the Encoding standard; undefined for none, and for UTF-16, which no form is in. */
function decoderOf(charset: string): TextDecoder | undefined {
  try {
    const decoder = new TextDecoder(charset.toLowerCase(), { fatal: true });
    return decoder.encoding.startsWith("utf-16") ? undefined : decoder;
  } catch {
    return undefined;
  }
}

/**
 * Reads `application/x-www-form-urlencoded` as the URL standard does, from bytes as Latin-1. A key that comes more than once is a list, and
 * so is one that ends in `[]`.
 */
function readPairs(form: string, decoder: TextDecoder): ReadBody {
  const body: Record<string, unknown> = {};
  for (const pair of form.split("&")) {
    if (pair === "") continue;
    const [key, value] = keyAndValue(pair).map((part) => decoder.decode(percentDecoded(part)));
    if (key === undefined || value === undefined) continue;
    if (isForbiddenKey(key)) return malformed(FORBIDDEN_KEY);
    const before = Object.hasOwn(body, key) ? body[key] : undefined;
    if (Array.isArray(before)) before.push(value);
    else if (before !== undefined) body[key] = [before, value];
    else body[key] = key.endsWith("[]") ? [value] : value;
  }
  return { ok: true, body };
}

function keyAndValue(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return at === -1 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
}

function percentDecoded(latin1: string): Buffer {
  const spaced = latin1.replaceAll("+", " ");
  const bytes = spaced.includes("%")
    ? spaced.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : spaced;
  return Buffer.from(bytes, "latin1");
}

/** Counted before they are decoded: 256 KiB hold 130,000. */
function hasMorePairs(text: string, max: number): boolean {
  let pairs = 0;
  for (let start = 0; start < text.length && pairs <= max; ) {
    const end = text.indexOf("&", start);
    if (end !== start) pairs += 1;
    if (end === -1) break;
    start = end + 1;
  }
  return pairs > max;
}

const FORBIDDEN_KEY = "The body has a key that is not allowed: __proto__, constructor or prototype.";

function malformed(message: string): RefusedBody {
  return { ok: false, error: "malformed_body", message };
}

function tooLarge(message: string): RefusedBody {
  return { ok: false, error: "payload_too_large", message };
}
