import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { parsePhoneNumberWithError } from "libphonenumber-js/max";
import { compileMapping } from "#fields/mapping.ts";
import { runs } from "../support/runs.ts";

function read(phone: unknown, country = "US", strict = false): string | number | boolean | undefined {
  const result = mappingOf(country, strict).read({ phone }, "ping");
  return result.ok ? result.values["phone"] : result.errors[0]?.code;
}

function mappingOf(country: string, strict = false) {
  return compileMapping([{ name: "phone", type: "phone", strict }], { country, unknownFields: "keep" });
}

describe("phone", () => {
  const spellings = [
    "5125550199",
    "(512) 555-0199",
    "512-555-0199",
    "512.555.0199",
    "512 555 0199",
    "+1 512 555 0199",
    "1-512-555-0199",
    "+15125550199",
    "1 (512) 555-0199",
    "+1 (512) 555-0199",
    "011 1 512 555 0199",
    "５１２５５５０１９９",
    "512/555/0199",
    "512 555 0199 ext. 7",
    "512-555-0199 x7",
    "\u202a512-555-0199\u202c",
    "(+1) 512-555-0199",
    "( +1 )(512) 555-0199",
    "tel:+15125550199",
    "p:+15125550199",
    "TEL: 512-555-0199",
    "tel:+1-512-555-0199;ext=7",
    "'5125550199",
    '="512-555-0199"',
    "5125550199,",
    "512-555-0199;",
    "512-555-0199.",
    "+5125550199",
    "+512-555-0199",
    "+(512) 555-0199",
    "+512.555.0199 x7",
  ];
  for (const spelling of spellings) {
    test(`a phone is one and the same when written ${JSON.stringify(spelling)}`, () => {
      expect(read(spelling)).toBe("+15125550199");
    });
  }

  test("a phone passes with a possible length though no such range is assigned", () => {
    expect(read("5551234567")).toBe("+15551234567");
  });
  test("a phone must lie in an assigned range when the field is strict", () => {
    expect(read("5551234567", "US", true)).toBe("invalid_format");
    expect(read("(512) 555-0199", "US", true)).toBe("+15125550199");
    expect(read("+44 20 7946 0958", "US", true)).toBe("+442079460958");
  });
  test("a phone is dialled as in the campaign's country", () => {
    expect(read("020 7946 0958", "GB")).toBe("+442079460958");
    expect(read("030 901820", "DE")).toBe("+4930901820");
    expect(read("604 555 0199", "CA")).toBe("+16045550199");
  });
  test("a phone with + is the same in every country", () => {
    expect(read("+1 512 555 0199", "GB")).toBe("+15125550199");
    expect(read("+44 20 7946 0958")).toBe("+442079460958");
  });
  test("a phone is read from a JSON number", () => {
    expect(read(5125550199)).toBe("+15125550199");
    expect(read(12345)).toBe("invalid_type");
    expect(read(51255501.99)).toBe("invalid_type");
    expect(read(-5125550199)).toBe("invalid_type");
  });
  for (const refused of [
    "1234567",
    "call 5125550199",
    "512-555-019A",
    "+999123456789",
    "5".repeat(15),
    "5".repeat(5000),
    "0000000000",
    "1111111111",
    "+1 0125550199",
    "(112) 555-0199",
    "+",
    "tel:",
    "512-555-0199, 512-555-0198",
    "5125550199,5125550198",
    "5125550199;5125550198",
    "5125550199/5125550198",
    "5125550199 x5125550198",
    "512-555-0199 or 512-555-0198",
  ]) {
    test(`a phone is not ${JSON.stringify(refused.slice(0, 20))}`, () => {
      expect(read(refused)).toBe("invalid_format");
    });
  }
  for (const country of ["US", "CA", "PR"]) {
    test(`a phone of ten digits behind + is one of North America in a campaign of ${country}`, () => {
      expect(read("+5126664321", country)).toBe("+15126664321");
      expect(read("+5551234567", country)).toBe("+15551234567");
      expect(read("+2125551234", country)).toBe("+12125551234");
    });
  }
  test("a phone of ten digits behind + is refused when it is a number of the country that it begins with too", () => {
    // Of Louisville or of Aalborg, of Texas or of Gothenburg.
    for (const phone of ["+4582124567", "+4692124567", "+458-212-4567"]) {
      expect(read(phone)).toBe("invalid_format");
    }
    const { errors } = mappingOf("US").read({ phone: "+4582124567" }, "ping") as { errors?: unknown };
    expect(errors).toEqual([
      {
        field: "phone",
        code: "invalid_format",
        message:
          "Phone could be of two countries: with + it must begin with its country code, as in +1 and ten digits",
      },
    ]);
  });
  test("a phone of ten digits behind + is of the one country where there is such a number", () => {
    expect(read("+4520123456")).toBe("+4520123456");
    expect(read("+6561234567")).toBe("+6561234567");
    expect(read("+6512345678")).toBe("+16512345678");
  });
  test("a phone of ten digits behind + is refused when the field is strict and it is no number of that country", () => {
    expect(read("+5126664321", "US", true)).toBe("invalid_format");
    expect(read("+6561234567", "US", true)).toBe("+6561234567");
  });
  test("a phone of ten digits behind + that are grouped as elsewhere is never one of North America", () => {
    expect(read("+45 20 12 34 56")).toBe("+4520123456");
    expect(read("+51 26 66 43 21")).toBe("invalid_format");
  });
  test("a phone of ten digits behind + is of the country that it begins with outside North America", () => {
    expect(read("+4520123456", "GB")).toBe("+4520123456");
  });
  test("a phone of zeros is nobody's anywhere", () => {
    expect(read("0000000000", "GB")).toBe("invalid_format");
    expect(read("0000000000", "DE")).toBe("invalid_format");
  });
  test("a phone is refused when it is of possible length at home only", () => {
    expect(read("265 2987", "CA")).toBe("invalid_format");
  });
  test("a phone is refused when its E.164 would read back as another number", () => {
    expect(read("0030934", "AU")).toBe("invalid_format");
  });
  test("a phone in a country that has no numbering plan is understood with + only", () => {
    expect(read("+15125550199", "ZZ")).toBe("+15125550199");
    expect(read("5125550199", "ZZ")).toBe("invalid_format");
  });

  test("a phone of North America is read without the library exactly as the library reads it", () => {
    const separator = fc.constantFrom("", " ", ".", "-");
    const digits = (length: number) =>
      fc
        .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
        .map((all) => all.join(""));
    const spelling = fc
      .tuple(
        fc.constantFrom("", "1", "+1"),
        separator,
        fc.boolean(),
        digits(3),
        separator,
        digits(3),
        separator,
        digits(4),
      )
      .map(([code, a, bracketed, area, b, exchange, c, line]) =>
        [code, a, bracketed ? `(${area})` : area, b, exchange, c, line].join(""),
      )
      // Dials abroad.
      .filter((text) => !/^\D*011/.test(text));
    const byLibrary = (text: string, strict: boolean) => {
      try {
        const number = parsePhoneNumberWithError(text, { defaultCountry: "US", extract: false });
        const isSomebodys = strict ? number.isValid() : number.isPossible();
        return isSomebodys && /^\+1[2-9]/.test(number.number) ? number.number : "invalid_format";
      } catch {
        return "invalid_format";
      }
    };
    const loose = compileMapping([], { country: "US", unknownFields: "keep" });
    const strict = compileMapping([{ name: "phone", type: "phone", strict: true }], {
      country: "US",
      unknownFields: "keep",
    });
    fc.assert(
      fc.property(spelling, (phone) => {
        for (const [mapping, isStrict] of [
          [loose, false],
          [strict, true],
        ] as const) {
          const result = mapping.read({ phone }, "ping");
          const answer = result.ok ? result.values["phone"] : result.errors[0]?.code;
          expect(answer).toBe(byLibrary(phone.trim(), isStrict));
        }
      }),
      { numRuns: runs(2000) },
    );
  });

  test("a phone once stored reads back as itself", () => {
    const countries = fc.constantFrom("US", "CA", "GB", "DE", "AU", "MX", "AR", "BR", "IT");
    fc.assert(
      fc.property(countries, fc.stringMatching(/^0{0,2}[0-9]{6,12}$/), (country, digits) => {
        const stored = read(digits, country);
        if (String(stored).startsWith("+")) expect(read(stored, country)).toBe(stored);
      }),
      { numRuns: runs(300), examples: [["US", "0118100000010"]] },
    );
  });
});

test.each([
  ["512-555-2846 x123", "123"],
  ["(512) 555-2846 ext. 77", "77"],
  ["+1 512 555 2846 #9", "9"],
  ["tel:+1-512-555-2846;ext=5", "5"],
  ["512-555-2846", undefined],
  ["512-555-2846 home", undefined],
])("%s has the extension %p, which is kept beside the number", (raw, extension) => {
  const body = { first_name: "Ann", last_name: "Lee", email: "a@b.co", phone: raw };
  const read = compileMapping([], { country: "US", unknownFields: "drop" }).read(body, "post");
  if (!read.ok) return expect(extension).toBeUndefined();
  expect(read.values.phone).toBe("+15125552846");
  expect(read.values).not.toHaveProperty("phone_extension");
  expect(read.extra.phone_extension).toBe(extension);
});
