import { isAscii } from "node:buffer";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";

/**
 * The text of a file in UTF-8, UTF-16 or Windows-1252, gzipped or not, without its byte order mark. A file without a mark is UTF-16 when
 * every other byte of its beginning is zero, and Windows-1252 when the first characters beyond ASCII are no UTF-8. What cannot be decoded
 * becomes U+FFFD.
 *
 * @throws Error when what begins as gzip is none, or breaks off.
 */
export async function* decodedText(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined> {
  let decoder: TextDecoder | undefined;
  let held = new Uint8Array();
  let isBeginning = true;
  for await (const piece of unzipped(bytes)) {
    if (decoder === undefined) {
      held = joined(held, piece);
      if (isBeginning && held.length < 4) continue;
      const encoding = (isBeginning ? wideEncodingOf(held) : undefined) ?? narrowEncodingOf(held);
      isBeginning = false;
      if (encoding === "unsure") continue;
      if (encoding !== "ascii") decoder = new TextDecoder(encoding);
    }
    const next = held.length > 0 ? held : piece;
    held = new Uint8Array();
    const text = (decoder ?? ASCII).decode(next, { stream: true });
    if (text !== "") yield text;
  }
  const encoding = held.length === 0 ? "utf-8" : narrowEncodingOf(held, true);
  const last = (decoder ?? new TextDecoder(encoding === "windows-1252" ? encoding : "utf-8")).decode(held);
  if (last !== "") yield last;
  return undefined;
}

/** Good for any piece that is ASCII to its end. */
const ASCII = new TextDecoder("utf-8");

/** Of a beginning of four bytes or more: the encoding that its mark names, or that its zeros give away. */
function wideEncodingOf([first, second, third, fourth]: Uint8Array):
  | "utf-8"
  | "utf-16le"
  | "utf-16be"
  | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if ((first === 0xff && second === 0xfe) || (second === 0 && fourth === 0)) return "utf-16le";
  if ((first === 0xfe && second === 0xff) || (first === 0 && third === 0)) return "utf-16be";
  return undefined;
}

/** By the first character beyond ASCII; unsure while not all bytes that it would have in UTF-8 are there. */
function narrowEncodingOf(bytes: Uint8Array, isEnd = false): "ascii" | "unsure" | "utf-8" | "windows-1252" {
  if (isAscii(bytes)) return "ascii";
  const place = bytes.findIndex((byte) => byte >= 0x80);
  const lead = bytes[place] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const character = bytes.subarray(place, place + length);
  if (character.length < length && !isEnd) return "unsure";
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(character);
    return "utf-8";
  } catch {
    return "windows-1252";
  }
}

async function* unzipped(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]();
  const { done, value: first } = await source.next();
  if (done === true) return;
  const whole = withFirst(first, source);
  if (first[0] !== 0x1f || first[1] !== 0x8b) return yield* whole;
  const zipped = Readable.from(whole, { objectMode: false });
  // Whatever goes wrong is thrown to who reads.
  yield* pipeline(zipped, createGunzip(), () => undefined) as AsyncIterable<Uint8Array>;
}

async function* withFirst(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat([one, other]));
}
