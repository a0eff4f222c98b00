import { describe, expect, test } from "bun:test";
import { compileMapping } from "#fields/mapping.ts";
import { compileFilter, type FilterDefinition } from "#rules/filter.ts";

const at = new Date("2026-01-13T17:00:00Z");

/** Whether a lead with this value passes a filter in a campaign of the country. */
function passes(rule: FilterDefinition, values: Record<string, string>, country = "US"): boolean {
  const mapping = compileMapping([{ name: "reference", type: "text" }], { country, unknownFields: "keep" });
  const read = mapping.read(values, "ping");
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  return compileFilter(rule, "UTC", mapping.spellings).check(read.values, at).length === 0;
}

describe("a filter on a ZIP code", () => {
  const zipIn = (...value: string[]): FilterDefinition => ({ field: "zip_code", op: "in", value });

  test("a filter's five digits stand for every ZIP code that has four more", () => {
    expect(passes(zipIn("02134"), { zip_code: "02134-1234" })).toBe(true);
    expect(passes(zipIn("02134"), { zip_code: "021341234" })).toBe(true);
    expect(passes(zipIn("02134"), { zip_code: "02134" })).toBe(true);
    expect(passes(zipIn("02135"), { zip_code: "02134-1234" })).toBe(false);
    expect(passes({ field: "zip_code", op: "eq", value: "02134" }, { zip_code: "02134-1234" })).toBe(true);
    expect(passes({ field: "zip_code", op: "eq", value: 78701 }, { zip_code: "78701-1234" })).toBe(true);
  });
  test("a filter's five digits also keep out what has four more", () => {
    expect(passes({ field: "zip_code", op: "ne", value: "02134" }, { zip_code: "02134-1234" })).toBe(false);
    expect(passes({ field: "zip_code", op: "not_in", value: ["02134"] }, { zip_code: "02134-1234" })).toBe(
      false,
    );
    expect(passes({ field: "zip_code", op: "not_in", value: ["02134"] }, {})).toBe(true);
  });
  test("a filter's nine digits stand for themselves only, however they are written", () => {
    expect(passes(zipIn("021341234"), { zip_code: "02134-1234" })).toBe(true);
    expect(passes(zipIn("02134-1234"), { zip_code: "02134-1235" })).toBe(false);
    expect(passes(zipIn("02134-1234"), { zip_code: "02134" })).toBe(false);
  });
  test("a filter's five digits bound every ZIP code that has four more", () => {
    const texas: FilterDefinition = { field: "zip_code", op: "between", value: ["75000", "79999"] };
    expect(passes(texas, { zip_code: "75001-1234" })).toBe(true);
    expect(passes(texas, { zip_code: "80001-1234" })).toBe(false);
    expect(passes({ not: texas }, { zip_code: "75001-1234" })).toBe(false);
    expect(passes({ field: "zip_code", op: "gte", value: 75_000 }, { zip_code: "75001-1234" })).toBe(true);
    expect(passes({ field: "zip_code", op: "ends_with", value: "01" }, { zip_code: "75001-1234" })).toBe(
      true,
    );
    expect(
      passes({ not: { field: "zip_code", op: "matches", value: "^7500[1-5]$" } }, { zip_code: "75001-1234" }),
    ).toBe(false);
  });
  test("a filter's five digits stand for nothing else in a field that is no ZIP code", () => {
    expect(passes({ field: "reference", op: "eq", value: "02134" }, { reference: "02134-1234" })).toBe(false);
  });
  test("a filter's postal code is read as a lead's is", () => {
    expect(passes(zipIn("k1a0b1"), { zip_code: "K1A-0B1" }, "CA")).toBe(true);
    expect(passes(zipIn("sw1a1aa"), { zip_code: "SW1A 1AA" }, "GB")).toBe(true);
  });
});

describe("a filter's value is read as a lead's is", () => {
  test("a filter's phone may be written as people write it", () => {
    expect(passes({ field: "phone", op: "eq", value: "(512) 555-0199" }, { phone: "+5125550199" })).toBe(
      true,
    );
  });
  test("a filter's state may be named in full", () => {
    expect(passes({ field: "state", op: "not_in", value: ["Texas"] }, { state: "tx" })).toBe(false);
  });
  test("a filter's value has no blanks around it, as no lead's value has", () => {
    expect(passes({ field: "reference", op: "in", value: ["radio ", "tv"] }, { reference: "Radio" })).toBe(
      true,
    );
    expect(passes({ field: "source", op: "not_in", value: [" radio"] }, { source: "radio" })).toBe(false);
    expect(passes({ field: "unmapped", op: "ne", value: "radio\u200b" }, { unmapped: "radio" })).toBe(false);
  });
  test("a filter's value that the field can't read stays as it is written", () => {
    expect(passes({ field: "phone", op: "ne", value: "none" }, { phone: "5125550199" })).toBe(true);
  });
});
