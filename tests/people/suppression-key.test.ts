import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type SuppressionKind, suppressionKeysOf } from "#people/suppression-key.ts";
import { readEntry, readHeld, readPerson } from "#suppression/entry.ts";
import { recipesNamed } from "#suppression/recipe.ts";

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

  test("a lead is found on a list that holds its e-mail in any case", () => {
    expect(found(lead, { email: " Ann@Example.COM " })).toEqual(["email"]);
  });

  test.each(["+15551234567", "15551234567", "5551234567"])(
    "that was hashed from %s, either way and in any case",
    (spelling) => {
      expect(found(lead, { phone_sha256: hex("sha256", spelling) })).toEqual(["phone"]);
      expect(found(lead, { phone_md5: hex("md5", spelling).toUpperCase() })).toEqual(["phone"]);
    },
  );

  test("a lead is found on a list that holds its e-mail hashed, either way", () => {
    expect(found(lead, { email_sha256: hex("sha256", "ann@example.com") })).toEqual(["email"]);
    expect(found(lead, { email_md5: hex("md5", "ann@example.com") })).toEqual(["email"]);
  });

  test.each(["jörg@müller.de", "JÖRG@xn--mller-kva.de", "jo\u0308rg@mu\u0308ller.de"])(
    "a lead with an international e-mail is found on a list that holds it as %s, plain and hashed in either form",
    (email) => {
      const german = { email: "jörg@müller.de" };
      expect(found(german, { email })).toEqual(["email"]);
      expect(found(german, { email_sha256: hex("sha256", "jörg@müller.de") })).toEqual(["email"]);
      expect(found(german, { email_md5: hex("md5", "jörg@xn--mller-kva.de") })).toEqual(["email"]);
    },
  );

  test.each(["+5551234567", "+555-123-4567", "tel:5551234567", "'5551234567"])(
    "a lead is found on a list that holds its phone as %s",
    (phone) => {
      expect(found(lead, { phone })).toEqual(["phone"]);
    },
  );

  test("a lead is found on a list by the hashes that a ping sends instead", () => {
    const phone_sha256 = hex("sha256", "5551234567");
    expect(found({ phone_sha256: phone_sha256.toUpperCase() }, { phone_sha256 })).toEqual(["phone"]);
  });

  test("a lead is never found on a list of another installation", () => {
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
  expect(new Set(keys).size).toBe(20);
});

describe("a list that says how its hashes were made", () => {
  const lead = { phone: "+15551234567", email: "ann.lee@gmail.com" };
  /** What a lead is found by when the list holds entries of one kind alone, as its campaign looks it up. */
  const foundBy = (entry: object, recipe: string, values: Record<string, string> = lead) => {
    const read = readEntry(entry, pepper, recipesNamed(recipe));
    if (!read.ok) return "refused";
    const keys = suppressionKeysOf(values, pepper, new Set(read.kinds));
    return keys.some(({ key }) => read.keys.includes(key));
  };

  test.each([
    ["e164", "+15551234567"],
    ["digits", "15551234567"],
    ["last_ten", "5551234567"],
    ["google", "+15551234567"],
    ["meta", "15551234567"],
    ["drop", "5551234567"],
  ])("%s matches a phone by that spelling alone", (recipe, spelling) => {
    expect(foundBy({ phone_md5: hex("md5", spelling) }, recipe)).toBe(true);
    expect(foundBy({ phone_sha256: hex("sha256", spelling) }, recipe)).toBe(true);
    for (const other of ["+15551234567", "15551234567", "5551234567"].filter((each) => each !== spelling)) {
      expect(foundBy({ phone_md5: hex("md5", other) }, recipe)).toBe(false);
    }
  });

  test.each([
    ["lower", "ann.lee@gmail.com", "annlee@gmail.com"],
    ["gmail", "annlee@gmail.com", "ann.lee@gmail.com"],
  ])("%s matches an e-mail by that spelling alone", (recipe, spelling, other) => {
    expect(foundBy({ email_sha256: hex("sha256", spelling) }, recipe)).toBe(true);
    expect(foundBy({ email_sha256: hex("sha256", other) }, recipe)).toBe(false);
  });

  test("a list that says how its hashes were made matches as others published it: Meta's and California's examples", () => {
    const meta = "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176";
    expect(foundBy({ phone_sha256: meta }, "meta", { phone: "+16505551212" })).toBe(true);
    const drop = "vGM7y5n+hBXRSEAklhHDPCbysyNgYTmXdMcagGUOY8E=";
    expect(foundBy({ phone_sha256: drop }, "drop", { phone: "+14155559317" })).toBe(true);
    expect(foundBy({ phone_md5: drop }, "drop")).toBe("refused");
  });

  test("a list that does not say how its hashes were made matches by all of them, and costs only what it may hold", () => {
    for (const spelling of ["ann.lee@gmail.com", "annlee@gmail.com"]) {
      expect(found(lead, { email_md5: hex("md5", spelling) })).toEqual(["email"]);
    }
    const looked = (...kinds: SuppressionKind[]) => suppressionKeysOf(lead, pepper, new Set(kinds)).length;
    expect(looked("phone_md5:digits")).toBe(1);
    expect(looked("phone_md5", "email")).toBe(4);
    expect(looked()).toBe(0);
  });

  test("a hash is taken off a list by the person or by the hash", () => {
    const entry = readEntry({ phone_md5: hex("md5", "5551234567") }, pepper, { phone: "last_ten" });
    for (const off of [{ phone: "555-123-4567" }, { phone_md5: hex("md5", "5551234567") }]) {
      expect(readHeld(off, pepper)).toMatchObject({
        ok: true,
        keys: expect.arrayContaining(entry.ok ? entry.keys : []),
      });
    }
  });

  test("a list that says how its hashes were made names a recipe that there is, and one of a field at most", () => {
    expect(recipesNamed("digits,gmail")).toEqual({ phone: "digits", email: "gmail" });
    for (const none of ["", "md5", "digits,e164", "drop,lower", "digits,"]) {
      expect(recipesNamed(none)).toBeUndefined();
    }
  });
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

  test("an entry of several kinds is several keys", () => {
    const kinds: Partial<Record<SuppressionKind, string>> = { phone: "5551234567", email: "a@b.example" };
    expect(keysOfEntry(kinds)).toHaveLength(2);
  });

  test("an entry that is refused never repeats what was sent", () => {
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
