import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  compileMapping,
  type FieldError,
  type MappingResult,
  type Purpose,
  type UnknownFields,
} from "#fields/mapping.ts";
import type { FieldDefinition } from "#fields/types/definition.ts";
import { runs } from "../support/runs.ts";

const person = { first_name: "Ann", last_name: "Lee", phone: "512-555-0199", email: "Ann@Example.com" };

function mappingOf(
  fields: readonly FieldDefinition[] = [],
  unknownFields: UnknownFields = "keep",
  country = "US",
) {
  return compileMapping(fields, { country, unknownFields });
}

function accepted(result: MappingResult) {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.errors)}`);
  return { values: { ...result.values }, sent: { ...result.sent }, extra: { ...result.extra } };
}

function refused(result: MappingResult): readonly FieldError[] {
  if (result.ok) throw new Error("accepted");
  return result.errors;
}

const codes = (result: MappingResult) => refused(result).map(({ field, code }) => `${field}: ${code}`);

describe("posted lead", () => {
  test("a posted lead is read into its stored forms, beside what was sent where that differs", () => {
    const { values, sent } = accepted(mappingOf().read({ ...person, state: "tx", source: "web" }, "post"));
    expect(values).toEqual({
      first_name: "Ann",
      last_name: "Lee",
      phone: "+15125550199",
      email: "ann@example.com",
      state: "TX",
      source: "web",
    });
    expect(sent).toEqual({ phone: "512-555-0199", email: "Ann@Example.com", state: "tx" });
  });
  test("a posted lead must have a first name, a last name, a phone and an e-mail", () => {
    const errors = refused(mappingOf().read({ first_name: "  ", last_name: null, email: "" }, "post"));
    expect(errors).toEqual([
      { field: "first_name", code: "required", message: "First name is required" },
      { field: "last_name", code: "required", message: "Last name is required" },
      { field: "phone", code: "required", message: "Phone is required" },
      { field: "email", code: "required", message: "E-mail is required" },
    ]);
  });
  test("a posted lead has names of at most 200 characters", () => {
    expect(refused(mappingOf().read({ ...person, first_name: "x".repeat(201) }, "post"))).toEqual([
      { field: "first_name", code: "too_long", message: "First name must be at most 200 characters long" },
    ]);
  });
  test("a posted lead has a TrustedForm certificate at an https URL only", () => {
    const read = (url: string) => mappingOf().read({ ...person, trustedform_cert_url: url }, "post");
    expect(read("https://cert.trustedform.com/abc").ok).toBe(true);
    expect(codes(read("http://cert.trustedform.com/abc"))).toEqual(["trustedform_cert_url: invalid_format"]);
  });
  test("a posted lead is refused with all errors at once, in the order of definition and then of sending", () => {
    const mapping = mappingOf([
      { name: "roof_age", type: "integer", min: 0, max: 120 },
      { name: "case_type", type: "enum", values: ["auto", "slip"], required: true, label: "Case type" },
      { name: "zip_code", type: "zip", required: true },
      { name: "policy", type: "text", pattern: "^[A-Z]{2}$", example: "TX" },
      { name: "note", type: "text", min_length: 3 },
    ]);
    const body = {
      "x\0y": 1,
      note: "a",
      policy: "abc",
      roof_age: 300,
      email: "no",
      first_name: "A",
      last_name: "L",
    };
    expect(refused(mapping.read(body, "post"))).toEqual([
      { field: "phone", code: "required", message: "Phone is required" },
      { field: "email", code: "invalid_format", message: "E-mail must be an e-mail address" },
      { field: "zip_code", code: "required", message: "ZIP code is required" },
      { field: "roof_age", code: "out_of_range", message: "Roof age must be a whole number from 0 to 120" },
      { field: "case_type", code: "required", message: "Case type is required" },
      {
        field: "policy",
        code: "invalid_format",
        message: "Policy must be text that matches ^[A-Z]{2}$, such as TX",
      },
      { field: "note", code: "too_short", message: "Note must be at least 3 characters long" },
      { field: "x?y", code: "unknown_field", message: "This is not a field of this campaign" },
    ]);
  });
  test("a posted lead may be made to bring a system field", () => {
    const mapping = mappingOf([{ name: "source", type: "text", required: true }]);
    expect(codes(mapping.read(person, "post"))).toEqual(["source: required"]);
  });
  test("a posted lead keeps its source to a list when the campaign says so", () => {
    const mapping = mappingOf([{ name: "source", type: "enum", values: ["Web"] }]);
    expect(accepted(mapping.read({ ...person, source: "web" }, "post")).values.source).toBe("Web");
    expect(codes(mapping.read({ ...person, source: "tv" }, "post"))).toEqual(["source: not_allowed"]);
  });
  test("a posted lead must bring a phone even when the campaign's definition of it does not say so", () => {
    const mapping = mappingOf([{ name: "phone", type: "phone", strict: true }]);
    expect(codes(mapping.read({ ...person, phone: "" }, "post"))).toEqual(["phone: required"]);
    expect(codes(mapping.read({ ...person, phone: "5551234567" }, "post"))).toEqual([
      "phone: invalid_format",
    ]);
  });
});

describe("alias", () => {
  const mapping = mappingOf([{ name: "roof_age", type: "integer", aliases: ["roofAge", "Roof Age"] }]);
  const read = (body: object) => mapping.read({ ...body }, "ping");

  test("an alias brings the field under its own name", () => {
    expect(accepted(read({ "Roof Age": "12" }))).toEqual({
      values: { roof_age: 12 },
      sent: { roof_age: "12" },
      extra: {},
    });
  });
  test("an alias names any key that can come", () => {
    const aliases = [
      "Prénom",
      "How old is your roof?",
      "City, State",
      "$group",
      "",
      "n".repeat(65),
      "a.b[0]",
    ];
    for (const alias of aliases) {
      const { values } = accepted(
        mappingOf([{ name: "answer", type: "text", aliases: [alias] }], "reject").read(
          { [alias]: "x" },
          "ping",
        ),
      );
      expect(values).toEqual({ answer: "x" });
    }
  });
  test("an alias may come beside the name when both say the same", () => {
    expect(accepted(read({ roof_age: 12, roofAge: " 12 " })).values).toEqual({ roof_age: 12 });
  });
  test("an alias is not heard when it is blank", () => {
    expect(accepted(read({ roofAge: "", roof_age: 12, "Roof Age": null })).values).toEqual({ roof_age: 12 });
  });
  test("an alias is refused when it contradicts the name", () => {
    expect(refused(read({ roof_age: 12, roofAge: 12, "Roof Age": 13 }))).toEqual([
      {
        field: "roof_age",
        code: "not_allowed",
        message: "Roof age came under several names with different values",
      },
    ]);
  });
  test("an alias is refused for its own fault before it is compared", () => {
    expect(codes(read({ roof_age: 12, roofAge: "x" }))).toEqual(["roof_age: invalid_type"]);
  });
});

describe("alias that is a path", () => {
  const columns = (...pairs: [string, unknown][]) => ({
    user_column_data: pairs.map(([column_id, string_value]) => ({ column_id, string_value })),
  });
  const google = (name: string, column: string): FieldDefinition => ({
    name,
    type: name === "email" || name === "phone" ? name : "text",
    aliases: [`user_column_data[column_id=${column}].string_value`],
  });
  const fields = [
    google("email", "EMAIL"),
    google("phone", "PHONE_NUMBER"),
    google("full_name", "FULL_NAME"),
  ];

  test("an alias that is a path leads to the item of a list that has a value, and the list is kept", () => {
    const body = columns(
      ["FULL_NAME", "Ann Lee"],
      ["EMAIL", "Ann@example.com"],
      ["PHONE_NUMBER", "+15125550199"],
    );
    const { values, extra } = accepted(mappingOf(fields).read(body, "post"));
    expect(values).toEqual({
      first_name: "Ann",
      last_name: "Lee",
      full_name: "Ann Lee",
      email: "ann@example.com",
      phone: "+15125550199",
    });
    expect(extra).toEqual(body);
    expect(accepted(mappingOf(fields, "drop").read(body, "post")).extra).toEqual({});
    expect(accepted(mappingOf(fields, "reject").read(body, "post")).values).toEqual(values);
  });

  test.each([
    ["data.email[0]", { data: { email: ["a@b.co", "c@d.co"] } }],
    ["data.email", { data: [{ email: ["a@b.co"] }] }],
    [
      "field_data[name=email].values",
      {
        field_data: [
          { name: "x", values: 1 },
          { name: "email", values: ["a@b.co"] },
        ],
      },
    ],
    ["answers[id=7].value", { answers: [{ id: 7, value: "a@b.co" }] }],
    ["email.value", { email: { value: "a@b.co" } }],
    ["a.b", { "a.b": "a@b.co" }],
  ])("an alias that is a path may be %s", (alias, body) => {
    const mapping = mappingOf([{ name: "email", type: "email", aliases: [alias] }]);
    expect(accepted(mapping.read(body, "ping")).values).toMatchObject({ email: "a@b.co" });
  });

  test("an alias that is a path brings nothing where nothing stands", () => {
    for (const body of [
      {},
      { data: 1 },
      { data: { email: [] } },
      { data: { email: "a@b.co" } },
      { data: [] },
    ]) {
      const mapping = mappingOf([{ name: "mail", type: "email", aliases: ["data.email[0]"] }]);
      expect(accepted(mapping.read(body, "ping")).values).not.toHaveProperty("mail");
    }
  });

  test("an alias that is a path is refused when it finds two values", () => {
    const mapping = mappingOf([google("email", "EMAIL")]);
    expect(codes(mapping.read(columns(["EMAIL", "a@b.co"], ["EMAIL", "c@d.co"]), "ping"))).toEqual([
      "email: not_allowed",
    ]);
    expect(accepted(mapping.read(columns(["EMAIL", "a@b.co"], ["EMAIL", "A@b.co"]), "ping")).values).toEqual({
      email: "a@b.co",
    });
  });
});

describe("list of a mapped field", () => {
  const mapping = mappingOf([
    { name: "owner", type: "boolean" },
    { name: "age", type: "integer" },
  ]);
  const read = (body: object) => mapping.read({ ...body }, "ping");

  test("a list of a mapped field is the one value that its items say", () => {
    const { values, sent } = accepted(
      read({ email: ["Ann@b.co"], age: ["7", 7, "", null], phone: [], state: [""] }),
    );
    expect(values).toEqual({ email: "ann@b.co", age: 7 });
    expect(sent).toEqual({ email: ["Ann@b.co"], age: ["7", 7, "", null] });
  });
  test("a list of a mapped field that comes from a form may have brackets behind its name", () => {
    expect(accepted(read({ "age[]": ["7"] })).values).toEqual({ age: 7 });
  });
  test("a list of a checkbox and the hidden field before it is true", () => {
    expect(accepted(read({ owner: ["0", "1"] })).values).toEqual({ owner: true });
    expect(accepted(read({ owner: ["0"] })).values).toEqual({ owner: false });
  });
  test("a list of a mapped field with different values is refused", () => {
    const message = "Age came with several different values";
    expect(refused(read({ age: [1, 2] }))).toEqual([{ field: "age", code: "not_allowed", message }]);
    for (const body of [{ owner: [true, false] }, { owner: ["0", "1", "0"] }, { age: [0, 1] }]) {
      expect(refused(read(body))[0]?.code).toBe("not_allowed");
    }
    expect(codes(read({ age: Array.from({ length: 2000 }, (_, index) => index) }))).toEqual([
      "age: not_allowed",
    ]);
    expect(codes(read({ age: [[1], { a: 1 }] }))).toEqual(["age: invalid_type"]);
  });
  test("a list that no field describes is kept as a list", () => {
    expect(accepted(read({ "interest[]": ["a", "b"] })).extra).toEqual({ "interest[]": ["a", "b"] });
  });
});

describe("full name", () => {
  const { first_name: _first, last_name: _last, ...nameless } = person;
  const namesOf = (body: object, unknown: UnknownFields = "keep") =>
    mappingOf([], unknown).read({ ...nameless, ...body }, "post");

  test.each([
    ["full_name", "Ann Lee", "Ann", "Lee"],
    ["fullName", "  Ann   van der Lee ", "Ann", "van der Lee"],
    ["Full Name", "Dr. Ann Lee", "Ann", "Lee"],
    ["FULL_NAME", "Dr Lee", "Dr", "Lee"],
  ])("a full name under %s is split when neither name came: %s", (key, fullName, first, last) => {
    for (const unknown of ["keep", "drop", "reject"] as const) {
      const { values, sent } = accepted(namesOf({ [key]: fullName }, unknown));
      expect(values).toMatchObject({ first_name: first, last_name: last });
      expect(sent).toMatchObject({ first_name: fullName, last_name: fullName });
    }
  });
  test("a full name of one word, or with a comma, is not split", () => {
    for (const full_name of ["Ann", "Lee, Ann", "", 7, ["Ann Lee", "Bob Lee"], "x ".repeat(300)]) {
      expect(codes(namesOf({ full_name }))).toEqual(["first_name: required", "last_name: required"]);
    }
  });
  test("a full name changes nothing where a name came", () => {
    expect(codes(namesOf({ full_name: "Ann Lee", first_name: "Ann" }))).toEqual(["last_name: required"]);
    expect(accepted(namesOf({ full_name: "X Y", first_name: "Ann", last_name: "Lee" })).values).toMatchObject(
      {
        first_name: "Ann",
        last_name: "Lee",
      },
    );
  });
});

describe("value map", () => {
  const mapping = mappingOf([
    { name: "own_home", type: "boolean", map: { Owner: true, " Tenant ": "no", "2": false } },
    { name: "case_type", type: "enum", values: ["auto"], map: { Car: "AUTO" } },
  ]);
  test("a value map is applied in any case before the value is read, and what was sent is kept", () => {
    expect(accepted(mapping.read({ own_home: " OWNER", case_type: "car" }, "ping"))).toEqual({
      values: { own_home: true, case_type: "auto" },
      sent: { own_home: " OWNER", case_type: "car" },
      extra: {},
    });
  });
  test("a value map is applied to numbers by their text", () => {
    expect(accepted(mapping.read({ own_home: 2 }, "ping")).values).toEqual({ own_home: false });
  });
  test("a value map leaves alone what it does not name", () => {
    expect(accepted(mapping.read({ own_home: "yes" }, "ping")).values).toEqual({ own_home: true });
  });
});

describe("field that is not mapped", () => {
  const body = {
    ...person,
    Extra: " a ",
    count: 3,
    flag: false,
    nothing: null,
    blank: " ",
    list: [1, { a: "b" }],
  };

  test("a field that is not mapped is kept when the campaign says so: plain values among the others, the rest apart", () => {
    const { values, sent, extra } = accepted(mappingOf().read(body, "post"));
    expect(values).toMatchObject({ Extra: "a", count: 3, flag: false });
    expect(Object.keys(values)).not.toContain("nothing");
    expect(Object.keys(values)).not.toContain("blank");
    expect(sent["Extra"]).toBe(" a ");
    expect(extra).toEqual({ list: [1, { a: "b" }] });
  });
  test("a field that is not mapped is dropped when the campaign drops such fields", () => {
    const { values, extra } = accepted(mappingOf([], "drop").read(body, "post"));
    expect(Object.keys(values)).toEqual(["first_name", "last_name", "phone", "email"]);
    expect(extra).toEqual({});
  });
  test("a field that is not mapped is refused when the campaign refuses such fields", () => {
    expect(codes(mappingOf([], "reject").read({ ...person, Extra: "a" }, "post"))).toEqual([
      "Extra: unknown_field",
    ]);
  });
  const asTheyCome = {
    Prénom: "Ann",
    "How old is your roof?": 12,
    "City, State": "Austin, TX",
    $group: "a",
    "": "b",
    "<b>": "c",
    ["n".repeat(65)]: "d",
    ["é".repeat(700)]: "e",
  };
  test("a field that is not mapped is kept under any name that a form can have", () => {
    expect(accepted(mappingOf().read(asTheyCome, "ping")).values).toEqual(asTheyCome);
  });
  test("a field that is not mapped is dropped under any name that a form can have", () => {
    const { values } = accepted(mappingOf([], "drop").read({ ...asTheyCome, "a\0": 1 }, "ping"));
    expect(values).toEqual({});
  });
  test("a field that is not mapped is refused by a name of at most 64 printable characters", () => {
    const errors = refused(mappingOf([], "reject").read(asTheyCome, "ping"));
    expect(errors.map(({ field }) => field)).toEqual([
      "Pr?nom",
      "How old is your roof?",
      "City, State",
      "$group",
      "",
      "<b>",
      "n".repeat(64),
      "?".repeat(64),
    ]);
  });
  test("a field that is not mapped is refused when its name cannot be stored", () => {
    expect(codes(mappingOf().read({ "a\0": 1, "\ud800": 1 }, "ping"))).toEqual([
      "a?: unknown_field",
      "?: unknown_field",
    ]);
  });
  for (const mode of ["keep", "drop", "reject"] as const) {
    test(`a field that is not mapped is refused for its name though the campaign says ${mode}`, () => {
      const bad = { constructor: 1, ["__proto__"]: { polluted: true } };
      const errors = refused(mappingOf([], mode).read(bad, "ping"));
      expect(errors.map(({ field }) => field)).toEqual(["constructor", "__proto__"]);
      expect(errors.every(({ code }) => code === "unknown_field")).toBe(true);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    });
  }
  const unstorable: [string, unknown, string][] = [
    ["text with NUL", "\0", "invalid_format"],
    ["half of a surrogate pair inside a list", ["\udc00"], "invalid_format"],
    ["NUL in a key", { a: { "b\0": 1 } }, "invalid_format"],
    ["__proto__ as a key", JSON.parse('{"a":{"__proto__":1}}'), "invalid_format"],
    ["a number too great for a double", JSON.parse("[1e400]"), "out_of_range"],
    ["nesting over 8 deep", JSON.parse("[".repeat(9) + "]".repeat(9)), "invalid_format"],
  ];
  for (const [what, value, code] of unstorable) {
    test(`a field that is not mapped is refused when it cannot be stored: ${what}`, () => {
      expect(codes(mappingOf().read({ extra: value }, "ping"))).toEqual([`extra: ${code}`]);
    });
  }
  test("a list in a field that is not mapped is walked by its items, and no keys are made of their places", () => {
    let keysMade = 0;
    const list = new Proxy([1, ["a"], { b: 2 }], { ownKeys: () => ((keysMade += 1), []) });
    expect(accepted(mappingOf().read({ list }, "ping")).extra).toHaveProperty("list", list);
    expect(keysMade).toBe(0);
  });
  test("a field that is not mapped may be nested 8 deep", () => {
    const deep = JSON.parse("[".repeat(8) + "]".repeat(8));
    expect(accepted(mappingOf().read({ deep }, "ping")).extra).toEqual({ deep });
  });
});

describe("ping", () => {
  const fields: FieldDefinition[] = [
    { name: "phone", type: "phone", required_for_ping: true },
    { name: "zip_code", type: "zip", required: true, required_for_ping: true },
    { name: "roof_age", type: "integer", required: true, max: 120 },
  ];
  test("a ping must bring only what is required for a ping", () => {
    expect(
      accepted(mappingOf(fields).read({ phone: "5125550199", zip_code: "78701" }, "ping")).values,
    ).toEqual({
      phone: "+15125550199",
      zip_code: "78701",
    });
    expect(codes(mappingOf(fields).read({}, "ping"))).toEqual(["phone: required", "zip_code: required"]);
  });
  test("a ping has what it brings checked", () => {
    const body = { phone: "1", zip_code: "78701", roof_age: 121, email: "no" };
    expect(codes(mappingOf(fields).read(body, "ping"))).toEqual([
      "phone: invalid_format",
      "email: invalid_format",
      "roof_age: out_of_range",
    ]);
  });
  test("a ping may bring a hash of the phone instead of the phone", () => {
    const body = { phone_sha256: "AB".repeat(32), email_md5: "0f".repeat(16), zip_code: "78701" };
    expect(accepted(mappingOf(fields, "reject").read(body, "ping")).values).toEqual({
      phone_sha256: "ab".repeat(32),
      email_md5: "0f".repeat(16),
      zip_code: "78701",
    });
  });
  test("a ping is refused with a hash of the wrong length or alphabet", () => {
    const body = { email_sha256: "ab".repeat(16), email_md5: "xy".repeat(16), phone_md5: 5 };
    expect(codes(mappingOf().read(body, "ping"))).toEqual([
      "phone_md5: invalid_type",
      "email_sha256: invalid_format",
      "email_md5: invalid_format",
    ]);
  });
  test("a ping does not bend the post that follows it", () => {
    const mapping = mappingOf(fields);
    mapping.read({}, "ping");
    expect(codes(mapping.read({ ...person, phone_sha256: "ab".repeat(32), phone: "" }, "post"))).toEqual([
      "phone: required",
      "zip_code: required",
      "roof_age: required",
    ]);
  });
});

describe("mapping", () => {
  const everyType: FieldDefinition[] = [
    { name: "a_text", type: "text" },
    { name: "a_number", type: "number" },
    { name: "an_integer", type: "integer" },
    { name: "a_boolean", type: "boolean" },
    { name: "a_date", type: "date" },
    { name: "a_datetime", type: "datetime" },
    { name: "an_email", type: "email" },
    { name: "a_phone", type: "phone" },
    { name: "a_state", type: "state" },
    { name: "a_zip", type: "zip" },
    { name: "a_url", type: "url" },
    { name: "an_enum", type: "enum", values: ["Auto", "Slip"] },
    { name: "a_code", type: "text", pattern: "^[A-Z]{2}$" },
  ];
  const purposes = fc.constantFrom<Purpose>("post", "ping");
  const names = fc.oneof(
    fc.constantFrom(...everyType.map(({ name }) => name), ...Object.keys(person), "__proto__", "constructor"),
    fc.string({ unit: "binary" }),
  );
  const bodies = (value: fc.Arbitrary<unknown>) => fc.dictionary(names, value, { noNullPrototype: true });

  test("a mapping never throws, and refuses or stores well-formed scalars, whatever JSON it reads", () => {
    const mapping = mappingOf(everyType);
    const anything = fc.oneof(
      fc.jsonValue({ stringUnit: "binary" }),
      fc.string({ unit: "binary" }),
      fc.double(),
    );
    fc.assert(
      fc.property(bodies(anything), purposes, (body, purpose) => {
        const result = mapping.read(body, purpose);
        if (!result.ok) {
          expect(result.errors.length).toBeGreaterThan(0);
          return;
        }
        expect(Object.getPrototypeOf(result.values)).toBeNull();
        for (const value of Object.values(result.values)) {
          expect(["string", "number", "boolean"]).toContain(typeof value);
          if (typeof value === "string") expect(value.includes("\0") || !value.isWellFormed()).toBe(false);
          if (typeof value === "number") expect(Number.isFinite(value)).toBe(true);
        }
      }),
      { numRuns: runs(500) },
    );
  });

  test("a mapping never repeats in a message what was submitted", () => {
    const mapping = mappingOf(everyType, "reject");
    const secret = fc.stringMatching(/^[A-Za-z0-9@.+-]{0,6}SECRET[0-9]{3}[A-Za-z0-9@. -]{0,6}$/);
    const values = fc.oneof(secret, fc.array(secret), fc.dictionary(secret, secret));
    fc.assert(
      fc.property(bodies(values), purposes, (body, purpose) => {
        const result = mapping.read(body, purpose);
        for (const { message } of result.ok ? [] : result.errors) expect(message).not.toContain("SECRET");
      }),
      { numRuns: runs(500) },
    );
  });

  test("a mapping reads a stored form as the same stored form", () => {
    const mapping = mappingOf(everyType);
    const answers = fc.record(
      {
        a_text: fc.string({ unit: "grapheme" }),
        a_number: fc.oneof(fc.double(), fc.double().map(String), fc.integer().map(String)),
        an_integer: fc.oneof(fc.integer(), fc.maxSafeInteger().map(String)),
        a_boolean: fc.constantFrom("yes", "NO", "on", 0, 1, true),
        a_date: fc.oneof(
          fc.date({ noInvalidDate: true }).map((day) => day.toISOString().slice(0, 10)),
          fc
            .tuple(fc.nat(13), fc.nat(32), fc.integer({ min: 1000, max: 2100 }))
            .map((parts) => parts.join("/")),
        ),
        a_datetime: fc
          .tuple(fc.date({ noInvalidDate: true }), fc.constantFrom("Z", "+05:30", "-08:00"))
          .map(([day, offset]) => day.toISOString().replace("Z", offset)),
        an_email: fc.oneof(
          fc.emailAddress(),
          fc.string({ unit: "grapheme" }).map((name) => `${name}@EXAMPLE.com`),
        ),
        a_phone: fc.stringMatching(/^\+?1?[0-9]{10}$/),
        a_state: fc.stringMatching(/^[A-Za-z]{2}$/),
        a_zip: fc.stringMatching(/^[0-9]{5}([ -]?[0-9]{4})?$/),
        a_url: fc.webUrl(),
        an_enum: fc.constantFrom("AUTO", "slip", " Auto "),
      },
      { requiredKeys: [] },
    );
    // Answer by answer, so that one that is refused does not hide the others.
    fc.assert(
      fc.property(answers, (body) => {
        for (const [name, raw] of Object.entries(body)) {
          const once = mapping.read({ [name]: raw }, "ping");
          if (!once.ok) continue;
          expect({ ...accepted(mapping.read(once.values, "ping")) }).toEqual({
            values: { ...once.values },
            sent: {},
            extra: {},
          });
        }
      }),
      { numRuns: runs(300) },
    );
  });

  test("a mapping runs no code from names, labels, values, patterns or messages", () => {
    const state = globalThis as { injected?: true };
    const evil = "'];globalThis.injected=true;//${globalThis.injected=true}\\u2028\"`";
    const mapping = mappingOf([
      { name: "a", type: "enum", values: [evil, "b"], label: evil, description: evil, example: evil },
      { name: "b", type: "text", pattern: "['\"`]\\];globalThis\\.injected=true;//" },
      { name: evil, type: "text", required: true },
    ]);
    expect(accepted(mapping.read({ a: evil }, "ping")).values).toEqual({ a: evil });
    expect(mapping.read({ a: "x", b: evil, [evil]: evil }, "post").ok).toBe(false);
    expect(state.injected).toBeUndefined();
  });

  test("a mapping answers at once on patterns and texts that stall a backtracking engine", () => {
    const evil = [
      "(a+)+$",
      "^(([a-z])+.)+[A-Z]([a-z])+$",
      "(a|aa)+$",
      "^(a|a?)+$",
      "^(\\w+\\s?)*$",
      "(x+x+)+y",
      "(.*)*b",
    ];
    const texts = [`${"a".repeat(255)}!`, `${"x".repeat(255)}!`, `${"a ".repeat(127)}!`];
    for (const pattern of evil) {
      const mapping = mappingOf([{ name: "a", type: "text", pattern }]);
      // A backtracking engine would not come back from these within the lifetime of the test run.
      for (const a of texts) expect(codes(mapping.read({ a }, "ping"))).toEqual(["a: invalid_format"]);
    }
  });

  test("a mapping shows its schema with labels, examples and what is required", () => {
    const { schema } = mappingOf([
      {
        name: "roof_age",
        type: "integer",
        min: 0,
        required: true,
        label: "Age of roof",
        example: 12,
        description: "Years",
      },
      { name: "policy", type: "text", pattern: "^[A-Z]$" },
      { name: "day", type: "date", min: "2024-01-01" },
    ]);
    expect(schema.required).toEqual(["first_name", "last_name", "phone", "email", "roof_age"]);
    expect(JSON.parse(JSON.stringify(schema.properties))).toMatchObject({
      roof_age: { type: "integer", minimum: 0, title: "Age of roof", examples: [12], description: "Years" },
      policy: { allOf: [{ type: "string" }, { pattern: "^[A-Z]$" }] },
      day: { allOf: [{ format: "leadgate:date" }, { formatMinimum: "2024-01-01" }] },
    });
  });
  test("a mapping lists the system fields first, each with what the campaign says about it", () => {
    const { fields } = mappingOf([
      { name: "roof_age", type: "integer" },
      { name: "phone", type: "phone", strict: true },
    ]);
    expect(fields.map(({ name }) => name)).toEqual([
      "first_name",
      "last_name",
      "phone",
      "email",
      "state",
      "zip_code",
      "source",
      "trustedform_cert_url",
      "roof_age",
    ]);
    expect(fields[2]).toEqual({ name: "phone", type: "phone", required: true, strict: true });
  });
});
