import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { userData } from "#endpoints/conversion/user-data.ts";

const HEX = /^[0-9a-f]{64}$/;

const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

const dataOf = (fields: Record<string, unknown>, map: Record<string, string> = {}, country = "US") =>
  userData({ leadId: "lead_1", country, fields }, map);

describe("what Meta matches a person by", () => {
  test.each([
    [
      "em",
      "email",
      "John_Smith@gmail.com",
      "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f",
    ],
    ["ph", "phone", "+16505551212", "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"],
    ["fn", "first_name", "Mary", "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"],
    ["fn", "first_name", "정", "8fa8cd9c440be61d0151429310034083132b35975c4bea67fdd74158eb51db14"],
    ["fn", "first_name", "Valéry", "08e1996b5dd49e62a4b4c010d44e4345592a863bb9f8e3976219bac29417149c"],
    ["ln", "last_name", "Mary", "6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"],
  ] as const)(
    "has the hash of %s that Meta publishes for an example of %s",
    (parameter, field, value, hash) => {
      expect(dataOf({ [field]: value })[parameter]).toEqual([hash]);
    },
  );

  test.each([
    ["ln", "last_name", " O'Brien-Smith ", "US", "obriensmith"],
    ["fn", "first_name", "Mary  Ann", "US", "mary ann"],
    ["fn", "first_name", "Vale\u0301ry", "US", "valéry"],
    ["st", "state", "TX", "US", "tx"],
    ["zp", "zip_code", "94035-1234", "US", "94035"],
    ["zp", "zip_code", "SW1A 1AA", "GB", "sw1a1aa"],
    ["ct", "city", "St. Louis", "US", "stlouis"],
    ["db", "birth_date", "1997-02-16", "US", "19970216"],
    ["external_id", "customer", " C-17 ", "US", "C-17"],
  ] as const)(
    "has %s of the %s %p in %s as the hash of %p",
    (parameter, field, value, country, normalised) => {
      expect(dataOf({ [field]: value }, { [parameter]: field }, country)[parameter]).toEqual([
        sha256(normalised),
      ]);
    },
  );

  test("has the campaign's country, and the lead's id where no field is named for an id", () => {
    expect(dataOf({})).toEqual({ country: [sha256("us")], external_id: [sha256("lead_1")] });
  });

  test("has a country that a field tells, and none that is no country's code", () => {
    expect(dataOf({ land: "DE" }, { country: "land" }).country).toEqual([sha256("de")]);
    expect(dataOf({ land: "Germany" }, { country: "land" })).not.toHaveProperty("country");
  });

  test("has no id of the lead's where the field that is named for one is empty", () => {
    expect(dataOf({}, { external_id: "customer" })).not.toHaveProperty("external_id");
  });

  test("has what is not to be hashed as it is", () => {
    const map = { fbc: "fbc", fbp: "fbp", client_ip_address: "ip", client_user_agent: "agent" };
    const fields = {
      fbc: "fb.1.1554763741205.AbC",
      fbp: "fb.1.2.3",
      ip: "203.0.113.7",
      agent: "Mozilla/5.0",
    };
    expect(dataOf(fields, map)).toMatchObject({
      fbc: "fb.1.1554763741205.AbC",
      fbp: "fb.1.2.3",
      client_ip_address: "203.0.113.7",
      client_user_agent: "Mozilla/5.0",
    });
  });

  test.each([
    ["525645896321548", "525645896321548"],
    ["l:1234567890123456", "1234567890123456"],
    [525_645_896_321_548, "525645896321548"],
    ["12345", undefined],
    ["abc525645896321548", undefined],
    ["", undefined],
  ])("has of the lead id %p Meta's own, %p", (given, sent) => {
    expect(dataOf({ meta_lead_id: given }, { lead_id: "meta_lead_id" }).lead_id).toEqual(sent as string);
  });

  test("never has a person's values in the clear, whatever they are", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1 });
    fc.assert(
      fc.property(
        fc.record({
          email: text,
          phone: text,
          first_name: text,
          last_name: text,
          state: text,
          zip_code: text,
        }),
        (fields) => Object.values(dataOf(fields)).every((sent) => Array.isArray(sent) && HEX.test(sent[0])),
      ),
    );
  });
});
