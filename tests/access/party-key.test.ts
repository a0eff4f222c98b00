import { describe, expect, test } from "bun:test";
import { hashKey, hasKeyForm, prefixOf } from "#access/api-key.ts";
import { importProblem, makePartyKey, PARTY_MARKS } from "#access/party-key.ts";

describe("made key", () => {
  test("a made key has a readable beginning, 32 random characters and a checksum", () => {
    const key = makePartyKey("supplier");
    expect(key).toMatch(/^lg_sup_[0-9A-Za-z]{38}$/);
    expect(hasKeyForm(key, PARTY_MARKS.supplier)).toBe(true);
    expect(importProblem(key)).toBeUndefined();
  });

  test("a made key is another each time", () => {
    expect(new Set(Array.from({ length: 1000 }, () => makePartyKey("supplier"))).size).toBe(1000);
  });

  test("a made key is no longer one with any single character changed", () => {
    const key = makePartyKey("supplier");
    for (let place = 0; place < key.length; place++) {
      const other = key[place] === "x" ? "y" : "x";
      expect(hasKeyForm(key.slice(0, place) + other + key.slice(place + 1), PARTY_MARKS.supplier)).toBe(
        false,
      );
    }
  });

  test("a made key is told from others by a beginning that gives nothing else away", () => {
    const key = makePartyKey("supplier");
    expect(prefixOf(key, PARTY_MARKS.supplier)).toBe(key.slice(0, 11));
    expect(prefixOf("abcdefghijklmnopqrstuvwxyz", PARTY_MARKS.supplier)).toBe("abcd");
  });

  test("a made key is kept as its SHA-256", () => {
    expect(Buffer.from(hashKey("abc")).toString("hex")).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });
});

describe("key from another system", () => {
  test.each([
    ["23 characters", "a".repeat(23), "must have at least 24 characters"],
    ["257 characters", "a".repeat(257), "must have at most 256 characters"],
    ["a space", `${"a".repeat(24)} b`, "must be printable ASCII characters without spaces"],
    ["letters beyond ASCII", `${"a".repeat(24)}é`, "must be printable ASCII characters without spaces"],
    ["a line break", `${"a".repeat(24)}\n`, "must be printable ASCII characters without spaces"],
    ["no text", 123456789012345678901234n, "must be text"],
  ])("a key from another system with %s is refused", (_, secret, problem) => {
    expect(importProblem(secret)).toBe(problem);
  });

  test("a key from another system of 24 to 256 printable characters is taken", () => {
    expect([importProblem("!".repeat(24)), importProblem("~".repeat(256))]).toEqual([undefined, undefined]);
  });
});
