import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { seal, unseal } from "#endpoints/credentials/sealed-secret.ts";
import { keyFor } from "#runtime/secrets.ts";

const KEY = keyFor("stored-secrets", "a master key of more than 32 bytes, for tests");
const OTHER_KEY = keyFor("stored-secrets", "another master key of more than 32 bytes");

describe("a stored secret", () => {
  test("opens for its owner, whatever it is", () =>
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (plain, owner) => {
        expect(unseal(seal(plain, owner, KEY), owner, KEY)).toBe(plain);
      }),
    ));

  test("names its key, shows nothing of itself, and is another text each time", () => {
    const sealed = seal("whsec_abc", "buyer_1", KEY);
    expect(sealed).toMatch(/^k1\.[\w-]{16}\.[\w-]+$/);
    expect(Buffer.from(sealed).includes("whsec")).toBe(false);
    expect(seal("whsec_abc", "buyer_1", KEY)).not.toBe(sealed);
  });

  test("does not open for another owner, nor under another master key", () => {
    const sealed = seal("whsec_abc", "buyer_1", KEY);
    expect(() => unseal(sealed, "buyer_2", KEY)).toThrow("cannot be opened");
    expect(() => unseal(sealed, "buyer_1", OTHER_KEY)).toThrow("cannot be opened");
    expect(() =>
      unseal(sealed, "buyer_1", keyFor("pepper", "a master key of more than 32 bytes, for tests")),
    ).toThrow("cannot be opened");
  });

  test("does not open when a single character was changed", () => {
    const sealed = seal("whsec_abc", "buyer_1", KEY);
    // The last character of base64url may hold bits that belong to no byte.
    fc.assert(
      fc.property(fc.integer({ min: 0, max: sealed.length - 2 }), (index) => {
        const changed =
          sealed.slice(0, index) + (sealed[index] === "A" ? "B" : "A") + sealed.slice(index + 1);
        expect(() => unseal(changed, "buyer_1", KEY)).toThrow("cannot be opened");
      }),
    );
  });

  test.each(["", "k1", "k1..", "k2.AAAAAAAAAAAAAAAA.AAAA", "k1.AAAAAAAAAAAAAAAA.AAAA", "k1.a.b.c"])(
    "does not open when it is %j, and the error does not repeat it",
    (sealed) => {
      expect(() => unseal(sealed, "buyer_1", KEY)).toThrow(
        /^A stored secret cannot be opened: [^.]*LEADGATE_SECRET\.$/,
      );
    },
  );
});
