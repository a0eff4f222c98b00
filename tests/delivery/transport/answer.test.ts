import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { decodeBody, retryAfterSeconds } from "#delivery/transport/answer.ts";

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

  test.each(["gzip", "br", "deflate, gzip"])("is empty when it is compressed with %s", (contentEncoding) =>
    expect(decodeBody(Buffer.from("{}"), { ...plain, contentEncoding })).toBe(""),
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
