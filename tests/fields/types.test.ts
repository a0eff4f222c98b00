import { describe, expect, test } from "bun:test";
import { compileMapping } from "#fields/mapping.ts";
import type { FieldDefinition } from "#fields/types/definition.ts";

/** How one value of a campaign's own field is read: its stored form, `undefined` when nothing was said, or its error's code. */
function read(definition: Omit<FieldDefinition, "name">, raw: unknown, country = "US"): unknown {
  const mapping = compileMapping([{ name: "answer", ...definition }], { country, unknownFields: "keep" });
  const result = mapping.read({ answer: raw }, "ping");
  return result.ok ? result.values["answer"] : result.errors.map(({ code }) => `refused: ${code}`).join();
}

type Row = readonly [title: string, raw: unknown, expected: unknown];

function table(
  type: FieldDefinition["type"],
  rows: readonly Row[],
  options: Partial<FieldDefinition> = {},
  country = "US",
) {
  for (const [title, raw, expected] of rows) {
    test(title, () => {
      expect(read({ ...options, type }, raw, country)).toBe(expected);
    });
  }
}

describe("every field", () => {
  table("text", [
    ["takes null as nothing said", null, undefined],
    ["takes the empty string as nothing said", "", undefined],
    ["takes blanks as nothing said", " \t\u00a0\n", undefined],
    ["refuses an object", { a: 1 }, "refused: invalid_type"],
    ["refuses a list of different values", ["a", "b"], "refused: not_allowed"],
    ["takes what cannot be seen as nothing said", "\u200b\u200d\u2060\ufeff\u00ad", undefined],
    ["takes blanks of other scripts as nothing said", "\u3164 \u2800 \uffa0", undefined],
    ["takes control characters alone as nothing said", "\u0001\u001f\u0085", undefined],
    ["takes NUL alone as what it is", "\0", "refused: invalid_format"],
    ["is read without what cannot be seen around it", "\u202a\u200bAnn\u200b\u202c", "Ann"],
    ["keeps the joiners that emoji are made of", "\u2764\ufe0f", "\u2764\ufe0f"],
    ["keeps what cannot be seen between letters", "A\u200dB", "A\u200dB"],
    ["refuses NUL", "a\0b", "refused: invalid_format"],
    ["refuses half of a surrogate pair", "a\ud800", "refused: invalid_format"],
    ["takes a whole surrogate pair", "a😀", "a😀"],
  ]);
});

describe("a field that is a text", () => {
  table("text", [
    ["is trimmed", "  two  words ", "two  words"],
    ["may have 2000 characters", "x".repeat(2000), "x".repeat(2000)],
    ["may not have 2001 characters", "x".repeat(2001), "refused: too_long"],
    ["is read from a JSON number as its digits", 12345, "12345"],
    ["is read from a negative JSON number", -7, "-7"],
    ["is read from zero, and from minus zero", -0, "0"],
    ["is read from a JSON number with a fraction", 12.5, "12.5"],
    ["may be the greatest number that is kept exactly", 9007199254740991, "9007199254740991"],
    ["is not read from a number that is not kept exactly", 2 ** 53, "refused: invalid_type"],
    ["is not read from a number that is written with an exponent", 1e-7, "refused: invalid_type"],
    ["is not read from a number too great for a double", JSON.parse("1e400"), "refused: invalid_type"],
    ["is not a boolean", true, "refused: invalid_type"],
  ]);
  table(
    "text",
    [
      ["reaches its own least length", "abc", "abc"],
      ["falls short of its own least length", "ab", "refused: too_short"],
      ["reaches its own greatest length", "abcde", "abcde"],
      ["passes its own greatest length", "abcdef", "refused: too_long"],
    ],
    { min_length: 3, max_length: 5 },
  );
  table(
    "text",
    [
      ["matches its pattern", "TX1234", "TX1234"],
      ["does not match its pattern", "TX12345", "refused: invalid_format"],
      ["is too long for a pattern to be tried on it", "T".repeat(257), "refused: too_long"],
    ],
    { pattern: "^[A-Z]{2}\\d{4}$" },
  );
  table("text", [["may hold what its unanchored pattern looks for", "see #12", "see #12"]], {
    pattern: "#\\d+",
  });
});

describe("a field that is a number", () => {
  table("number", [
    ["is read from JSON", 12.5, 12.5],
    ["is read from text", "12.5", 12.5],
    ["is read with a sign", "-3", -3],
    ["is read without a leading zero", ".5", 0.5],
    ["is read with an exponent", "1e3", 1000],
    ["keeps what a double keeps", 0.1, 0.1],
    ["stores minus zero as zero", -0, 0],
    ["is read with commas at its thousands in the US", "1,200", 1200],
    ["is read with commas and cents in the US", "1,234,567.50", 1234567.5],
    ["is read with a dollar sign in the US", "$5", 5],
    ["is read with a dollar sign, a blank and commas in the US", "$ 1,200.50", 1200.5],
    ["is read with a sign before or behind the dollar's", "-$5", -5],
    ["is not read with two signs", "-$-5", "refused: invalid_type"],
    ["is not read with a comma that parts no thousands", "1,20", "refused: invalid_type"],
    ["is not read with commas at some of its thousands", "1,2000,000", "refused: invalid_type"],
    ["is not read with stops at its thousands", "1.200.000", "refused: invalid_type"],
    ["is not read with another currency's sign", "€5", "refused: invalid_type"],
    ["is not read from two numbers", "1,200-1,500", "refused: invalid_type"],
    ["is not read from hexadecimal", "0x10", "refused: invalid_type"],
    ["is not read from Infinity in words", "Infinity", "refused: invalid_type"],
    ["is not read from a boolean", true, "refused: invalid_type"],
    ["is out of range when JSON's 1e400 became Infinity", JSON.parse("1e400"), "refused: out_of_range"],
    ["is out of range when its text is too great for a double", "1e400", "refused: out_of_range"],
    ["is refused when it is NaN", Number.NaN, "refused: invalid_type"],
    ["is not read from very long text", "1".repeat(65), "refused: invalid_type"],
  ]);
  table(
    "number",
    [
      ["may equal min", 0.5, 0.5],
      ["may not be under min", 0.49, "refused: out_of_range"],
      ["may equal max", 2, 2],
      ["may not be over max", 2.01, "refused: out_of_range"],
    ],
    { min: 0.5, max: 2 },
  );
});

describe("a field that is a number outside the US", () => {
  const rows: Row[] = [
    ["is read from text outside the US", "1200.50", 1200.5],
    ["is not read with commas outside the US", "1,200", "refused: invalid_type"],
    ["is not read with a dollar sign outside the US", "$5", "refused: invalid_type"],
  ];
  for (const country of ["CA", "DE", "GB"]) table("number", rows, {}, country);
  const stop = "with a stop that could part its thousands";
  for (const country of ["DE", "FR", "BR", "ES"]) {
    table("number", [[`is not read ${stop} in ${country}`, "1.200", "refused: invalid_type"]], {}, country);
    table("number", [[`is read with a stop that could not in ${country}`, "0.125", 0.125]], {}, country);
    table(
      "number",
      [[`is read from JSON whatever stands behind its stop in ${country}`, 1.234, 1.234]],
      {},
      country,
    );
  }
  for (const country of ["US", "GB", "AU", "IN", "MX"]) {
    table("number", [[`is read with three places behind its stop in ${country}`, "1.200", 1.2]], {}, country);
  }
  test("a number with signs and separators is refused in a sentence that says how to write it", () => {
    for (const [value, country] of [
      ["1,200", "DE"],
      ["£5", "GB"],
      ["1,20", "US"],
    ] as const) {
      const mapping = compileMapping([{ name: "income", type: "number" }], {
        country,
        unknownFields: "keep",
      });
      expect(mapping.read({ income: value }, "ping")).toEqual({
        ok: false,
        errors: [
          {
            field: "income",
            code: "invalid_type",
            message:
              "Income must be written as a plain number such as 1200.50, without currency signs, blanks and commas",
          },
        ],
      });
    }
  });
});

describe("a field that is an integer", () => {
  test("a number that is too large to be kept exactly is refused in a sentence that says that", () => {
    const fields = [
      { name: "income", type: "number" as const },
      { name: "score", type: "integer" as const },
    ];
    const mapping = compileMapping(fields, { country: "US", unknownFields: "keep" });
    expect(mapping.read({ income: "1e400", score: 2 ** 53 }, "ping")).toEqual({
      ok: false,
      errors: [
        { field: "income", code: "out_of_range", message: "Income is larger than a number can be" },
        { field: "score", code: "out_of_range", message: "Score is larger than a number can be" },
      ],
    });
  });
  table("integer", [
    ["is read with commas at its thousands in the US", "$1,200", 1200],
    ["has no cents in the US either", "$1,200.50", "refused: invalid_type"],
    ["is read from JSON", 12, 12],
    ["is read from text", "12", 12],
    ["is read from text with leading zeros", "007", 7],
    ["is read from 12.0", "12.0", 12],
    ["has no fraction", 12.5, "refused: invalid_type"],
    ["is not read from words", "twelve", "refused: invalid_type"],
    ["may be the greatest safe integer", Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    ["may not be greater than the safe integers", "9007199254740992", "refused: out_of_range"],
  ]);
  table("integer", [["is out of range over max", 121, "refused: out_of_range"]], { min: 0, max: 120 });
});

describe("a field that is a boolean", () => {
  for (const yes of [true, "true", "YES", "on", "1", 1, " True ", "Y", "y", "T", "t"]) {
    test(`reads ${JSON.stringify(yes)} as true`, () => {
      expect(read({ type: "boolean" }, yes)).toBe(true);
    });
  }
  for (const no of [false, "false", "No", "off", "0", 0, "N", "n", "F", "f"]) {
    test(`reads ${JSON.stringify(no)} as false`, () => {
      expect(read({ type: "boolean" }, no)).toBe(false);
    });
  }
  table("boolean", [
    ["refuses another word", "maybe", "refused: invalid_type"],
    ["refuses a letter of another language", "J", "refused: invalid_type"],
    ["refuses two answers at once", "Y/N", "refused: invalid_type"],
    ["refuses another number", 2, "refused: invalid_type"],
  ]);
});

describe("a field that is a date", () => {
  table("date", [
    ["is stored as it is written in ISO 8601", "2024-05-01", "2024-05-01"],
    ["is read in US order", "05/01/2024", "2024-05-01"],
    ["is read in US order without leading zeros", "5/1/2024", "2024-05-01"],
    ["may be the leap day of a leap year", "2024-02-29", "2024-02-29"],
    ["may not be the leap day of another year", "2023-02-29", "refused: invalid_format"],
    ["may not be the leap day of 1900", "1900-02-29", "refused: invalid_format"],
    ["is refused when it does not exist in US order", "02/30/2024", "refused: invalid_format"],
    ["is refused when the order is of day and month", "31/12/2024", "refused: invalid_format"],
    ["is refused with two digits of a year", "5/1/24", "refused: invalid_format"],
    ["is read from the midnight that a program adds", "1985-05-15T00:00:00.000Z", "1985-05-15"],
    ["is read from midnight with another offset", "1985-05-15T00:00:00-05:00", "1985-05-15"],
    ["is read from midnight without an offset", "1985-05-15 00:00:00", "1985-05-15"],
    ["is read from midnight in US order", "5/15/1985 12:00:00 AM", "1985-05-15"],
    [
      "is refused with a time that could be of another day elsewhere",
      "1985-05-15T05:00:00.000Z",
      "refused: invalid_format",
    ],
    ["is refused with a time of day", "1985-05-15 13:30", "refused: invalid_format"],
    ["is read with slashes and the year first", "1985/05/15", "1985-05-15"],
    ["is read with stops and the year first", "1985.5.15", "1985-05-15"],
    ["is read with the year first and without leading zeros", "1985-5-1", "1985-05-01"],
    ["is read in US order with hyphens", "05-15-1985", "1985-05-15"],
    ["is read with the month's name first", "May 15, 1985", "1985-05-15"],
    ["is read with the month's name in the middle", "15-MAY-1985", "1985-05-15"],
    ["is read with a month's name that is cut short", "1 Sept. 1985", "1985-09-01"],
    ["is read behind the day of its week", "Wed May 15 1985", "1985-05-15"],
    ["is read behind the day of its week and a comma", "Wednesday, May 15, 1985", "1985-05-15"],
    ["is refused behind a word that is no day of the week", "Due May 15 1985", "refused: invalid_format"],
    ["is refused when its month is none", "15 Mai 1985", "refused: invalid_format"],
    ["is refused with two kinds of separators", "05-15/1985", "refused: invalid_format"],
    ["is refused with stops and the year last", "05.06.1985", "refused: invalid_format"],
    ["is refused with hyphens and two digits of a year", "05-15-85", "refused: invalid_format"],
    ["may be the first day of 1900", "1900-01-01", "1900-01-01"],
    ["may not be before 1900 when nothing allows it", "1899-12-31", "refused: out_of_range"],
    ["may not be of a year that lost its first digits", "0085-05-15", "refused: out_of_range"],
    ["is refused in the year 0", "0000-01-01", "refused: invalid_format"],
    ["is refused without hyphens", "20240501", "refused: invalid_format"],
    ["is refused as a number", 20240501, "refused: invalid_type"],
  ]);
  table(
    "date",
    [
      ["is not read in US order outside the US", "05/01/2024", "refused: invalid_format"],
      ["is not read in US order with hyphens outside the US", "05-15-1985", "refused: invalid_format"],
      ["is read with the year first outside the US", "1985/05/15", "1985-05-15"],
      ["is read with the month's name outside the US", "15 May 1985", "1985-05-15"],
    ],
    {},
    "GB",
  );
  table("date", [["may be before 1900 when the field says so", "1850-06-01", "1850-06-01"]], {
    min: "1800-01-01",
  });
  table("date", [["may be before 1900 when the field ends there", "1850-06-01", "1850-06-01"]], {
    max: "1899-12-31",
  });
  table(
    "date",
    [
      ["may equal its earliest day", "2024-01-01", "2024-01-01"],
      ["may not be before its earliest day", "2023-12-31", "refused: out_of_range"],
      ["may not be after its latest day", "01/01/2025", "refused: out_of_range"],
    ],
    { min: "2024-01-01", max: "2024-12-31" },
  );
});

describe("a field that is a datetime", () => {
  table("datetime", [
    ["is stored in UTC", "2024-02-29T10:00:00+05:00", "2024-02-29T05:00:00Z"],
    ["keeps its fraction of a second", "2024-02-29T10:00:00.250Z", "2024-02-29T10:00:00.25Z"],
    ["is read in lower case and with a blank", "2024-02-29 10:00:00z", "2024-02-29T10:00:00Z"],
    ["reads a leap second as second 59", "2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"],
    ["is read with an offset without a colon", "2017-04-06T22:04:21+0000", "2017-04-06T22:04:21Z"],
    ["is read with an offset of hours only", "2017-04-06T22:04:21-05", "2017-04-07T03:04:21Z"],
    ["is read without seconds", "2017-04-06T13:30Z", "2017-04-06T13:30:00Z"],
    ["is read with a blank before its offset", "2017-04-06 22:04:21 -0500", "2017-04-07T03:04:21Z"],
    ["is read when UTC is named", "2017-04-06 22:04:21 UTC", "2017-04-06T22:04:21Z"],
    ["is read with slashes", "2017/04/06 22:04:21+00:00", "2017-04-06T22:04:21Z"],
    ["is read as HTTP writes it", "Thu, 06 Apr 2017 22:04:21 GMT", "2017-04-06T22:04:21Z"],
    ["is read as mail writes it", "6 Apr 2017 22:04 -0500", "2017-04-07T03:04:00Z"],
    [
      "is read as JavaScript writes it",
      "Thu Apr 06 2017 22:04:21 GMT-0500 (Central Daylight Time)",
      "2017-04-07T03:04:21Z",
    ],
    ["is refused with a name that is no month's", "Thu, 06 Avr 2017 22:04:21 GMT", "refused: invalid_format"],
    ["is refused with another zone's name", "2017-04-06 22:04:21 EST", "refused: invalid_format"],
    ["is refused before 1900 when nothing allows it", "1899-12-31T23:59:59Z", "refused: out_of_range"],
    ["is refused without seconds and offset", "2017-04-06T13:30", "refused: invalid_format"],
    ["is refused without an offset", "2024-02-29T10:00:00", "refused: invalid_format"],
    ["is refused on a day that does not exist", "2023-02-29T10:00:00Z", "refused: invalid_format"],
    ["is refused at hour 25", "2024-02-29T25:00:00Z", "refused: invalid_format"],
    ["is refused with a zone's name", "2024-02-29T10:00:00+09:00[Asia/Tokyo]", "refused: invalid_format"],
    [
      "is refused when it falls out of the four-digit years in UTC",
      "9999-12-31T23:59:59-01:00",
      "refused: invalid_format",
    ],
    ["is refused before the year 1 in UTC", "0001-01-01T00:00:00+01:00", "refused: invalid_format"],
    ["is refused as a number", 1709200800, "refused: invalid_type"],
  ]);
  table(
    "datetime",
    [
      ["may equal its earliest moment", "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"],
      ["may lie half a second after its earliest moment", "2024-01-01T00:00:00.5Z", "2024-01-01T00:00:00.5Z"],
      ["may not lie before its earliest moment", "2024-01-01T00:30:00+01:00", "refused: out_of_range"],
      ["may not lie after its latest moment", "2025-01-01T00:00:00Z", "refused: out_of_range"],
    ],
    { min: "2024-01-01T00:00:00Z", max: "2024-12-31T23:59:59Z" },
  );
});

describe("a field that is an e-mail", () => {
  table("email", [
    ["is trimmed and lower-cased", "  Ann.Lee+x@Example.COM ", "ann.lee+x@example.com"],
    ["may have letters of any script", "jörg@müller.de", "jörg@müller.de"],
    ["is the same with its letters taken apart", "jo\u0308rg@mu\u0308ller.de", "jörg@müller.de"],
    ["is the same with its domain as the mail system knows it", "jörg@XN--Mller-kva.de", "jörg@müller.de"],
    ["is the same with its domain in capitals", "Jörg@MÜLLER.de", "jörg@müller.de"],
    ["is the same in wide letters", "ａｎｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ann@example.com"],
    ["is the same with the stop of another script", "ann@例え。jp", "ann@例え.jp"],
    ["keeps the letters that older domains changed", "ann@straße.de", "ann@straße.de"],
    ["is read from a link", "mailto:ann@example.com", "ann@example.com"],
    ["is read with the stop behind its domain", "ann@example.com.", "ann@example.com"],
    ["is read from quotes", "'ann@example.com'", "ann@example.com"],
    ["is read from pointed brackets", "<ann@example.com>", "ann@example.com"],
    ["is read with what parts it from the next", "ann@example.com;", "ann@example.com"],
    ["is refused with another behind it", "ann@example.com, lee@example.com", "refused: invalid_format"],
    ["is read without what cannot be seen around it", "\u200bann@example.com\u200b", "ann@example.com"],
    [
      "is refused with something behind an international domain",
      "ann@müller.de/x",
      "refused: invalid_format",
    ],
    ["is refused with a code that is no domain", "ann@xn--zz--.de", "refused: invalid_format"],
    ["may have 64 characters before the @", `${"a".repeat(64)}@b.co`, `${"a".repeat(64)}@b.co`],
    ["may not have 65 characters before the @", `${"a".repeat(65)}@b.co`, "refused: invalid_format"],
    [
      "may not have more than 254 characters",
      `${"a".repeat(60)}@${"b.".repeat(100)}com`,
      "refused: too_long",
    ],
    ["has an @", "ann.example.com", "refused: invalid_format"],
    ["has one @ only", "ann@lee@example.com", "refused: invalid_format"],
    ["has something before the @", "@example.com", "refused: invalid_format"],
    ["has a dot in its domain", "ann@localhost", "refused: invalid_format"],
    ["has no blanks", "ann lee@example.com", "refused: invalid_format"],
    ["has no two dots in a row", "ann..lee@example.com", "refused: invalid_format"],
    ["does not begin with a dot", ".ann@example.com", "refused: invalid_format"],
    ["has no empty part in its domain", "ann@example..com", "refused: invalid_format"],
    ["has no domain part beginning with a hyphen", "ann@-example.com", "refused: invalid_format"],
    ["is not at an address of four numbers", "ann@127.0.0.1", "refused: invalid_format"],
    ["is one address, without a name", "Ann <ann@example.com>", "refused: invalid_format"],
    ["holds no line break", "ann@example.com\nbcc:x@example.com", "refused: invalid_format"],
    ["is refused as a number", 5, "refused: invalid_type"],
  ]);
  table("email", [["must match its pattern when it has one", "a@b.com", "refused: invalid_format"]], {
    pattern: "@example\\.com$",
  });
});

describe("a field that is a state", () => {
  table("state", [
    ["is stored in upper case", "tx", "TX"],
    ["may be the District of Columbia", "Dc", "DC"],
    ["may be a territory", "pr", "PR"],
    ["may be a military post office", "AE", "AE"],
    ["is read in full", "Texas", "TX"],
    ["is read in full in any case and spacing", " new  YORK", "NY"],
    ["is read in full when it is of several words", "District of Columbia", "DC"],
    ["is read with stops", "D.C.", "DC"],
    ["is read with the city that is the district", "Washington, D.C.", "DC"],
    ["is the state where the name could only be mistaken for the city", "Washington", "WA"],
    ["is read behind its country", "US-TX", "TX"],
    ["is read behind its country in any case", "us-tx", "TX"],
    ["may be a territory in full", "Puerto Rico", "PR"],
    ["may be a territory with its country", "U.S. Virgin Islands", "VI"],
    ["is refused behind another country", "CA-ON", "refused: invalid_format"],
    ["is refused when its name is of another country", "Ontario", "refused: invalid_format"],
    ["is refused when its name is none", "Texass", "refused: invalid_format"],
    ["is refused when it could be one of two", "Carolina", "refused: invalid_format"],
    ["is refused when there is no such state", "ZZ", "refused: not_allowed"],
    ["is refused as a number", 12, "refused: invalid_type"],
    ["is refused when it only becomes two letters in upper case", "ß", "refused: not_allowed"],
  ]);
  table(
    "state",
    [
      ["is any short code outside the US", "nsw", "NSW"],
      ["is not long outside the US either", "Queensland", "refused: invalid_format"],
      ["is read behind its country outside the US", "AU-NSW", "NSW"],
    ],
    {},
    "AU",
  );
  table(
    "state",
    [
      ["is the code of a province in Canada", "on", "ON"],
      ["is read in full in Canada", "Ontario", "ON"],
      ["is read with and without accents in Canada", "Québec", "QC"],
      ["is read with accents taken apart in Canada", "Que\u0301bec", "QC"],
      ["is read in French in Canada", "Île-du-Prince-Édouard", "PE"],
      ["is read behind its country in Canada", "CA-BC", "BC"],
      ["is refused in Canada when it is of the US", "TX", "refused: not_allowed"],
      ["is refused in full in Canada when it is of the US", "Texas", "refused: invalid_format"],
    ],
    {},
    "CA",
  );
});

describe("a field that is a ZIP code", () => {
  table("zip", [
    ["is read as Meta's exports have it", "z:02134", "02134"],
    ["has five digits", "02134", "02134"],
    ["may have four more", "02134-1234", "02134-1234"],
    ["is stored with a hyphen when it came without", "021341234", "02134-1234"],
    ["is stored with a hyphen when it came with a blank", "02134 1234", "02134-1234"],
    ["is read from a JSON number of five digits", 78701, "78701"],
    ["is read from a JSON number of nine digits", 787011234, "78701-1234"],
    ["is read behind a spreadsheet's apostrophe", "'02134", "02134"],
    ["is stored with a hyphen when it came with a dash between blanks", "02134 – 1234", "02134-1234"],
    ["is refused as a JSON number that has lost its zero", 2134, "refused: invalid_type"],
    ["is refused as a JSON number of nine digits that has lost its zero", 21341234, "refused: invalid_type"],
    ["is refused with a letter for a digit", "O2134", "refused: invalid_format"],
    ["is refused with four digits", "2134", "refused: invalid_format"],
    ["is refused with letters", "SW1A 1AA", "refused: invalid_format"],
  ]);
  table(
    "zip",
    [
      ["is stored in upper case outside the US", "sw1a  1aa", "SW1A 1AA"],
      ["is not read from other signs outside the US", "SW1A_1AA", "refused: invalid_format"],
      ["is not read from a number outside the US", 10115, "refused: invalid_type"],
      ["has a blank before its last three in Great Britain", "sw1a1aa", "SW1A 1AA"],
      ["has no hyphen in Great Britain", "M1-1AE", "M1 1AE"],
      ["may begin with one letter and one digit in Great Britain", "m11ae", "M1 1AE"],
      [
        "is refused in Great Britain with a letter that none ends with",
        "SW1A 1CK",
        "refused: invalid_format",
      ],
      ["is refused in Great Britain when its end is missing", "SW1A", "refused: invalid_format"],
    ],
    {},
    "GB",
  );
  table(
    "zip",
    [
      ["has a blank in the middle in Canada", "k1a0b1", "K1A 0B1"],
      ["has no hyphen in Canada", "K1A-0B1", "K1A 0B1"],
      ["has one blank only in Canada", "K1A  0B1", "K1A 0B1"],
      ["is refused in Canada with a letter that none has", "D1A 0B1", "refused: invalid_format"],
      ["is refused in Canada with O for 0", "K1A OB1", "refused: invalid_format"],
      ["is refused in Canada with W in the first place", "W1A 0B1", "refused: invalid_format"],
      ["is refused in Canada when it is of the US", "02134", "refused: invalid_format"],
      ["is refused in Canada when it is half of one", "K1A", "refused: invalid_format"],
    ],
    {},
    "CA",
  );
  table("zip", [["may be of any usual form elsewhere", "1012 ab", "1012 AB"]], {}, "NL");
});

describe("a field that is a URL", () => {
  table("url", [
    ["is kept as it was sent", "HTTP://Example.com/a b".replace(" ", "%20"), "HTTP://Example.com/a%20b"],
    ["may be https", "https://example.com", "https://example.com"],
    ["has a scheme", "example.com", "refused: invalid_format"],
    ["is not a script", "javascript:alert(1)", "refused: invalid_format"],
    ["is not a file", "file:///etc/passwd", "refused: invalid_format"],
    ["has a host", "https://", "refused: invalid_format"],
    ["has no blanks", "https://example.com/a b", "refused: invalid_format"],
    ["has no line break", "https://example.com/\na", "refused: invalid_format"],
    [
      "may not have more than 2000 characters",
      `https://example.com/${"a".repeat(2000)}`,
      "refused: too_long",
    ],
    ["is refused as a number", 5, "refused: invalid_type"],
  ]);
});

describe("a field that is an enum", () => {
  table(
    "enum",
    [
      ["is stored as it was declared", " AUTO ", "Auto"],
      ["is read with its accents behind their letters", "cafe\u0301", "Caf\u00e9"],
      ["is read from a number that is declared as text", 1, "1"],
      ["is read from a boolean that is declared as text", true, "true"],
      ["is refused when it is not declared", "slip", "refused: not_allowed"],
      ["is refused as a number that is not declared", 2, "refused: invalid_type"],
      ["is not a property that objects are born with", "constructor", "refused: not_allowed"],
    ],
    { values: ["Auto", "1", "true", "Caf\u00e9"] },
  );
  table("enum", [["may have one value only", "only", "only"]], { values: ["only"] });
});
