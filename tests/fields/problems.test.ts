import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { compileMapping } from "#fields/mapping.ts";
import { problemsOf } from "#fields/problems.ts";
import { FieldDefinition } from "#fields/types/definition.ts";

const text = (name: string, more: Partial<FieldDefinition> = {}): FieldDefinition => ({
  name,
  type: "text",
  ...more,
});

describe("the schema of a definition", () => {
  test("takes every option in its form", () => {
    const definition = {
      name: "roof_age",
      type: "integer",
      required: true,
      required_for_ping: false,
      label: "Roof age",
      description: "In years",
      example: 12,
      aliases: ["roofAge", "data[roof age]"],
      map: { new: 0 },
      min: 0,
      max: 120,
    };
    expect(Value.Check(FieldDefinition, definition)).toBe(true);
  });
  const refused: [string, object][] = [
    ["an unknown option", { name: "a", type: "text", requird: true }],
    ["an unknown type", { name: "a", type: "colour" }],
    ["a name in upper case", { name: "Age", type: "text" }],
    ["a name that is code", { name: "a'];process.exit()//", type: "text" }],
    ["a name with __proto__", { name: "__proto__", type: "text" }],
    ["an alias of more than 1000 characters", { name: "a", type: "text", aliases: ["x".repeat(1001)] }],
    ["a definition without type", { name: "a" }],
    ["a pattern that is very long", { name: "a", type: "text", pattern: "a".repeat(501) }],
  ];
  for (const [what, definition] of refused) {
    test(`refuses ${what}`, () => {
      expect(Value.Check(FieldDefinition, definition)).toBe(false);
    });
  }
});

describe("the problems of a mapping", () => {
  test("are none for a sound one", () => {
    const fields: FieldDefinition[] = [
      { name: "zip_code", type: "zip", required: true },
      { name: "case_type", type: "enum", values: ["auto", "slip"], map: { Car: "AUTO" }, example: "auto" },
      { name: "incident_date", type: "date", min: "2020-01-01", max: "2030-01-01", example: "5/1/2024" },
      { name: "seen_at", type: "datetime", min: "2020-01-01T00:00:00Z" },
      { name: "roof_age", type: "integer", min: 0, max: 120, aliases: ["roofAge"], map: { new: 0 } },
      { name: "source", type: "enum", values: ["web", "tv"] },
      { name: "phone", type: "phone", strict: true, label: "Mobile", example: "512 555 0199" },
      text("policy", { pattern: "^[A-Z]{2}$", max_length: 256, min_length: 2 }),
    ];
    expect(problemsOf(fields)).toEqual([]);
  });

  const table: [title: string, fields: FieldDefinition[], path: string, message: string][] = [
    ["a name used twice", [text("a"), text("a")], "[1].name", "is the name of field 0 too"],
    ["the name of a control field", [text("flo_ping_id")], "[0].name", "is a reserved name"],
    ["the name of a hash", [text("phone_sha256")], "[0].name", "is a reserved name"],
    ["a name that objects are born with", [text("constructor")], "[0].name", "is a reserved name"],
    [
      "an alias that leads into a control field",
      [text("a", { aliases: ["constructor.name"] })],
      "[0].aliases[0]",
      "begins with the reserved name constructor",
    ],
    [
      "an alias that is a field",
      [text("a", { aliases: ["b"] }), text("b")],
      "[0].aliases[0]",
      "is taken: it is a field",
    ],
    [
      "an alias that is a system field",
      [text("a", { aliases: ["email"] })],
      "[0].aliases[0]",
      "is taken: it is a system field",
    ],
    [
      "an alias of two fields",
      [text("a", { aliases: ["x"] }), text("b", { aliases: ["x"] })],
      "[1].aliases[0]",
      "is taken: it is an alias of a",
    ],
    ["a reserved alias", [text("a", { aliases: ["__proto__"] })], "[0].aliases[0]", "is a reserved name"],
    ["min on text", [text("a", { min: 1 })], "[0].min", "is not an option of type text"],
    ["values on text", [text("a", { values: ["x"] })], "[0].values", "is not an option of type text"],
    [
      "strict on an e-mail",
      [{ name: "email", type: "email", strict: true }],
      "[0].strict",
      "is not an option of type email",
    ],
    [
      "a pattern on a number",
      [{ name: "a", type: "number", pattern: "1" }],
      "[0].pattern",
      "is not an option of type number",
    ],
    ["an enum without values", [{ name: "a", type: "enum" }], "[0].values", "is required for type enum"],
    [
      "a value listed twice",
      [{ name: "a", type: "enum", values: ["Yes", "yes"] }],
      "[0].values[1]",
      "is listed twice (values are matched in any case)",
    ],
    [
      "a value with a blank around it",
      [{ name: "a", type: "enum", values: [" x"] }],
      "[0].values[0]",
      "begins or ends with a blank",
    ],
    ["min over max", [{ name: "a", type: "integer", min: 2, max: 1 }], "[0].min", "is greater than max"],
    [
      "a first day after the last",
      [{ name: "a", type: "date", min: "2024-01-02", max: "2024-01-01" }],
      "[0].min",
      "is greater than max",
    ],
    [
      "a bound that is text for a number",
      [{ name: "a", type: "number", min: "1" }],
      "[0].min",
      "is not written as a number is stored",
    ],
    [
      "a bound that does not exist",
      [{ name: "a", type: "date", max: "2023-02-29" }],
      "[0].max",
      "is not written as a date is stored",
    ],
    [
      "a bound with an offset",
      [{ name: "a", type: "datetime", max: "2023-01-01T00:00:00+01:00" }],
      "[0].max",
      "is not written as a datetime is stored",
    ],
    [
      "min_length over max_length",
      [text("a", { min_length: 3, max_length: 2 })],
      "[0].min_length",
      "is greater than max_length",
    ],
    [
      "a length that a pattern can't be tried on",
      [text("a", { pattern: "a", max_length: 257 })],
      "[0].max_length",
      "is at most 256 for a field with a pattern",
    ],
    [
      "an example that is refused",
      [{ name: "a", type: "integer", max: 5, example: 6 }],
      "[0].example",
      "is refused by the field's own definition",
    ],
    [
      "an example that does not match",
      [text("a", { pattern: "^x$", example: "y" })],
      "[0].example",
      "is refused by the field's own definition",
    ],
    [
      "a map to a refused value",
      [{ name: "a", type: "boolean", map: { si: "perhaps" } }],
      '[0].map["si"]',
      "is mapped to a value that the field refuses",
    ],
    [
      "a map to nothing",
      [text("a", { map: { x: " " } })],
      '[0].map["x"]',
      "is mapped to a value that the field refuses",
    ],
    [
      "a map from blanks",
      [text("a", { map: { " ": "x" } })],
      '[0].map[" "]',
      "is empty: blanks mean that nothing was sent",
    ],
    [
      "a word mapped twice",
      [text("a", { map: { Si: "x", si: "y" } })],
      '[0].map["si"]',
      "is mapped twice (words are matched in any case)",
    ],
    ["a system field of another type", [text("phone")], "[0].type", "is phone for the system field phone"],
    [
      "an optional phone",
      [{ name: "phone", type: "phone", required: false }],
      "[0].required",
      "cannot be false: phone is always required",
    ],
    [
      "a certificate that is not https",
      [{ name: "trustedform_cert_url", type: "url", example: "http://a.example/" }],
      "[0].example",
      "is refused by the field's own definition",
    ],
  ];
  for (const [title, fields, path, message] of table) {
    test(`name ${title}`, () => {
      expect(problemsOf(fields)).toEqual([{ path, message }]);
    });
  }

  test("depend on the campaign's country", () => {
    const fields = [{ name: "zip_code", type: "zip", example: "SW1A 1AA" } as const];
    expect(problemsOf(fields, "GB")).toEqual([]);
    expect(problemsOf(fields, "US").map(({ path }) => path)).toEqual(["[0].example"]);
  });

  for (const pattern of [
    "(?=a)",
    "(a)\\1",
    "[",
    "a{1001}",
    "a{1000}{1000}",
    "(.*){1,1000}",
    "(a?){500}a{500}",
  ]) {
    test(`name a pattern that does not run in linear time, or costs too much: ${pattern}`, () => {
      expect(problemsOf([text("a", { pattern })]).map(({ path }) => path)).toEqual(["[0].pattern"]);
      expect(() =>
        compileMapping([text("a", { pattern })], { country: "US", unknownFields: "keep" }),
      ).toThrow();
    });
  }
});
