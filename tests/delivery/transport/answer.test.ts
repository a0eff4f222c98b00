import { describe, expect, test } from "bun:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { decodeBody, retryAfterSeconds } from "#delivery/transport/answer.ts";
import { MAX_ANSWER_BYTES } from "#endpoints/answers/answer-reader.ts";

const NOW = new Date("2026-03-01T12:00:00Z");

describe("the text of an answer", () => {
  const plain = { contentType: "application/json", contentEncoding: null };

  test("is whatever UTF-8 was sent, but for NUL", () =>
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(decodeBody(Buffer.from(text), plain)).toBe(text.replaceAll("\0", "\ufffd"));
      }),
    ));

  test("can be had from any bytes, and never holds a NUL, which the database refuses", () =>
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), (bytes, charset) => {
        expect(decodeBody(bytes, { ...plain, contentType: `text/plain; charset=${charset}` })).not.toContain(
          "\0",
        );
      }),
    ));

  test("ends before a character whose end was cut off", () =>
    expect(decodeBody(Buffer.from("Zoë").subarray(0, 3), plain)).toBe("Zo"));

  test.each([
    ["text/xml; charset=ISO-8859-1", Buffer.from("Zo\u00eb", "latin1")],
    ['text/xml;charset="utf-16le"', Buffer.from("Zo\u00eb", "utf16le")],
    ["text/xml; charset=no-such-thing", Buffer.from("Zo\u00eb")],
    ["text/xml", Buffer.from("Zo\u00eb")],
  ])("is decoded as %s says", (contentType, bytes) =>
    expect(decodeBody(bytes, { contentType, contentEncoding: "Identity" })).toBe("Zo\u00eb"),
  );

  test.each([
    ["gzip", gzipSync],
    ["x-gzip", gzipSync],
    ["deflate", deflateSync],
    ["BR", brotliCompressSync],
  ])("is expanded when it was compressed with %s all the same", (contentEncoding, compress) => {
    expect(decodeBody(compress('{"price":1}'), { ...plain, contentEncoding })).toBe('{"price":1}');
    const long = compress(Buffer.alloc(100_000, "a"));
    expect(decodeBody(long, { ...plain, contentEncoding })).toBe("a".repeat(MAX_ANSWER_BYTES));
  });

  test("is the beginning of what was compressed and then cut off", () => {
    const words = Array.from({ length: 5000 }, (_, index) => `${index * 7919}`).join(" ");
    const cut = gzipSync(words).subarray(0, 4000);
    const text = decodeBody(cut, { ...plain, contentEncoding: "gzip" });
    expect(words).toStartWith(text.slice(0, 1000));
    expect(text.length).toBeGreaterThan(1000);
  });

  test.each(["gzip", "br", "deflate, gzip", "zstd"])(
    "is empty when it is no %s, or would expand to more than 256 KiB",
    (contentEncoding) => {
      expect(decodeBody(Buffer.from("{}"), { ...plain, contentEncoding })).toBe("");
      const bomb = gzipSync(Buffer.alloc(10_000_000));
      expect(decodeBody(bomb.subarray(0, MAX_ANSWER_BYTES), { ...plain, contentEncoding })).toBe("");
    },
  );
});

describe("Retry-After", () => {
  test.each([
    ["7", 7],
    [" 0 ", 0],
    ["86400", 86_400],
    ["Sun, 01 Mar 2026 12:01:00 GMT", 60],
    ["Sun, 01 Mar 2026 11:00:00 GMT", 0],
    ["-7", null],
    ["1.5", null],
    ["9999999999", null],
    ["soon", null],
    ["2026-03-01T12:01:00Z", null],
    ["Sun, 99 Mar 2026 12:01:00 GMT", null],
    ["", null],
    [undefined, null],
  ])("%p asks for %p seconds", (header, seconds) => expect(retryAfterSeconds(header, NOW)).toBe(seconds));
});
