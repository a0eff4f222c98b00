/**
 * Request bodies as plain values, read within bounds: size, nesting, number of keys. What is refused is refused before
 * anything walks the value, and in words that repeat nothing of it.
 */

export interface BodyLimits {
  maxBytes: number;
  /** Objects and arrays within one another, the outermost counted. */
  maxDepth: number;
  /** Keys in all objects together. */
  maxKeys: number;
}

/** What a lead may be (contract, section 2). */
export const LEAD_LIMITS: BodyLimits = { maxBytes: 256 * 1024, maxDepth: 8, maxKeys: 200 };

export type ReadBody =
  | { ok: true; body: Record<string, unknown> }
  | { ok: false; error: "malformed_body" | "payload_too_large" | "unsupported_media_type"; message: string };

/** Reads a JSON or form body whose outermost value is an object. */
export async function readBody(request: Request, limits: BodyLimits): Promise<ReadBody> {
  const mediaType = mediaTypeOf(request);
  if (mediaType === undefined) return UNSUPPORTED;
  const bytes = await readBytes(request, limits.maxBytes);
  if (bytes === undefined) return tooLarge(`The body is larger than ${limits.maxBytes / 1024} KiB.`);
  const text = decode(bytes);
  if (text === undefined) return malformed("The body is not UTF-8.");
  return mediaType === "json" ? readJson(text, limits) : readForm(text, limits);
}

function mediaTypeOf(request: Request): "json" | "form" | undefined {
  // The same bytes compressed could be of any size; nobody compresses a lead.
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity") return undefined;
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  return MEDIA_TYPES.get(type.trim().toLowerCase());
}

const MEDIA_TYPES: ReadonlyMap<string, "json" | "form"> = new Map([
  ["application/json", "json"],
  ["application/x-www-form-urlencoded", "form"],
]);

const UNSUPPORTED: ReadBody = {
  ok: false,
  error: "unsupported_media_type",
  message: "Send the lead as application/json or application/x-www-form-urlencoded, not compressed.",
};

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const declared = request.headers.get("content-length");
  if (declared !== null) {
    return Number(declared) > maxBytes ? undefined : new Uint8Array(await request.arrayBuffer());
  }
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks, length);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function readJson(text: string, limits: BodyLimits): ReadBody {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return malformed("The body is not valid JSON.");
  }
  if (!isObject(value)) return malformed("The body must be one JSON object.");
  const shape = { keys: 0, tooDeep: false, forbidden: false };
  measure(value, 1, limits.maxDepth, shape);
  if (shape.tooDeep) return tooLarge(`The body is nested more than ${limits.maxDepth} deep.`);
  if (shape.keys > limits.maxKeys) return tooLarge(`The body has more than ${limits.maxKeys} keys.`);
  if (shape.forbidden)
    return malformed("The body has a key that is not allowed: __proto__, constructor or prototype.");
  if (keysWritten(text) !== shape.keys) return malformed("The body names the same key twice in one object.");
  return { ok: true, body: value };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Shape {
  keys: number;
  tooDeep: boolean;
  forbidden: boolean;
}

/** `JSON.parse` takes any depth in its stride; recursion would not, so it stops at the limit. */
function measure(value: object, depth: number, maxDepth: number, shape: Shape): void {
  if (depth > maxDepth) {
    shape.tooDeep = true;
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value)
      if (typeof item === "object" && item !== null) measure(item, depth + 1, maxDepth, shape);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    shape.keys += 1;
    if (key === "__proto__" || key === "constructor" || key === "prototype") shape.forbidden = true;
    if (typeof item === "object" && item !== null) measure(item, depth + 1, maxDepth, shape);
  }
}

/**
 * How many keys the text names. In valid JSON a string before a colon is a key and a quote only ever opens or closes a
 * string; so where this counts more than the parsed value has, one of them was named twice and silently lost.
 */
function keysWritten(text: string): number {
  let keys = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)) if (colon !== undefined) keys += 1;
  return keys;
}

function readForm(text: string, limits: BodyLimits): ReadBody {
  const body: Record<string, unknown> = {};
  let keys = 0;
  for (const [key, value] of new URLSearchParams(text)) {
    keys += 1;
    if (keys > limits.maxKeys) return tooLarge(`The body has more than ${limits.maxKeys} keys.`);
    if (key === "__proto__" || key === "constructor" || key === "prototype") {
      return malformed("The body has a key that is not allowed: __proto__, constructor or prototype.");
    }
    if (Object.hasOwn(body, key)) return malformed("The body names the same field twice.");
    body[key] = value;
  }
  return { ok: true, body };
}

function malformed(message: string): ReadBody {
  return { ok: false, error: "malformed_body", message };
}

function tooLarge(message: string): ReadBody {
  return { ok: false, error: "payload_too_large", message };
}
