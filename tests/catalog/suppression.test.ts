import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type SuppressionKind, suppressionKeysOf } from "#catalog/suppression.ts";
import { readEntry, readPerson } from "#catalog/suppression-entry.ts";

const pepper = new Uint8Array(32).fill(7);

const keysOfEntry = (entry: object) => {
  const read = readEntry(entry, pepper);
  return read.ok ? read.keys : read.errors;
};
const found = (lead: Record<string, string>, entry: object) => {
  const keys = new Set<unknown>(keysOfEntry(entry));
  return suppressionKeysOf(lead, pepper)
    .filter(({ key }) => keys.has(key))
    .map(({ field }) => field);
};
const hex = (algorithm: "md5" | "sha256", text: string) =>
  new Bun.CryptoHasher(algorithm).update(text).digest("hex");

describe("a lead is found on a list", () => {
  const lead = { phone: "+15551234567", email: "ann@example.com" };

  test.each([
    ["as the lead has it", "+15551234567"],
    ["as people write it", "(555) 123-4567"],
    ["with the country's digit", "1-555-123-4567"],
  ])("that holds its phone %s", (_, phone) => {
    expect(found(lead, { phone })).toEqual(["phone"]);
  });

  test("that holds its e-mail in any case", () => {
    expect(found(lead, { email: " Ann@Example.COM " })).toEqual(["email"]);
  });

  test.each(["+15551234567", "15551234567", "5551234567"])(
    "that was hashed from %s, either way and in any case",
    (spelling) => {
      expect(found(lead, { phone_sha256: hex("sha256", spelling) })).toEqual(["phone"]);
      expect(found(lead, { phone_md5: hex("md5", spelling).toUpperCase() })).toEqual(["phone"]);
    },
  );

  test("that holds its e-mail hashed, either way", () => {
    expect(found(lead, { email_sha256: hex("sha256", "ann@example.com") })).toEqual(["email"]);
    expect(found(lead, { email_md5: hex("md5", "ann@example.com") })).toEqual(["email"]);
  });

  test("by the hashes that a ping sends instead", () => {
    const phone_sha256 = hex("sha256", "5551234567");
    expect(found({ phone_sha256: phone_sha256.toUpperCase() }, { phone_sha256 })).toEqual(["phone"]);
  });

  test("of another installation never", () => {
    const keys = keysOfEntry({ phone: lead.phone });
    const elsewhere = suppressionKeysOf(lead, new Uint8Array(32).fill(8)).map(({ key }) => key);
    expect(elsewhere.filter((key) => keys.some((other) => other === key))).toEqual([]);
  });
});

test("somebody else's number or address is not found, whichever way a list holds it", () => {
  const digits = fc.integer({ min: 2_000_000_000, max: 9_999_999_999 }).map((n) => `+1${n}`);
  fc.assert(
    fc.property(digits, digits, (one, other) => {
      fc.pre(one !== other);
      const keys = new Set(
        suppressionKeysOf({ phone: one, email: "a@b.example" }, pepper).map(({ key }) => key),
      );
      return suppressionKeysOf({ phone: other, email: "b@b.example" }, pepper).every(
        ({ key }) => !keys.has(key),
      );
    }),
  );
});

test("a key is a UUID that tells nothing, and another for each kind", () => {
  const keys = suppressionKeysOf({ phone: "+15551234567", email: "ann@example.com" }, pepper).map(
    ({ key }) => key,
  );
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(new Set(keys).size).toBe(10);
});

describe("an entry", () => {
  const field = (entry: unknown) => {
    const read = readEntry(entry, pepper);
    return read.ok ? "" : read.errors.map((error) => `${error.field} ${error.code}`).join();
  };

  test.each([
    ["that is no mapping", "+15551234567", " invalid_type"],
    ["that is empty", {}, " required"],
    ["of blanks", { phone: "  " }, " required"],
    ["with a phone that is none", { phone: "12" }, "phone invalid_format"],
    ["with an address that is none", { email: "ann" }, "email invalid_format"],
    ["with a hash too short", { phone_md5: "abc" }, "phone_md5 invalid_format"],
    ["with SHA-256 under the name of MD5", { email_md5: hex("sha256", "x") }, "email_md5 invalid_format"],
    ["with a name that is not known", { phone: "+15551234567", name: "Ann" }, " unknown_field"],
  ])("%s is refused", (_, entry, error) => {
    expect(field(entry)).toBe(error);
  });

  test("of several kinds is several keys", () => {
    const kinds: Partial<Record<SuppressionKind, string>> = { phone: "5551234567", email: "a@b.example" };
    expect(keysOfEntry(kinds)).toHaveLength(2);
  });

  test("never repeats what was sent", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("phone", "email", "phone_md5"),
        fc.string({ minLength: 6 }),
        (kind, value) => {
          const read = readEntry({ [kind]: value }, pepper);
          for (const { message } of read.ok ? [] : read.errors)
            expect(message).not.toContain(value.trim() || "\0");
        },
      ),
    );
  });
});

test("a person is asked for by phone or e-mail, not by hash", () => {
  expect(readPerson({ phone: "5551234567" }, pepper)).toMatchObject({ ok: true });
  expect(readPerson({ phone_md5: hex("md5", "x") }, pepper)).toMatchObject({ ok: false });
});
