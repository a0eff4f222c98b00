import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { keyedHash } from "#text/hmac.ts";

test("a keyed hash is the first half of HMAC-SHA256, as a UUID: what is stored must be found again by any version", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.string(), (pepper, text) => {
      const hex = createHmac("sha256", pepper).update(text).digest("hex").slice(0, 32);
      expect(keyedHash(pepper, text)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(keyedHash(pepper, text).replaceAll("-", "")).toBe(hex);
    }),
  );
});
