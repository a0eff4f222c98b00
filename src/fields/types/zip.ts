import { type TString, Type } from "@sinclair/typebox";
import type { FieldType } from "./field-type.ts";
import { expectedWithPattern, withPattern } from "./pattern.ts";
import { invalidFormat, invalidType, type ValueRefusal } from "./refusal.ts";

/** A postal code. In the US `12345` or `12345-6789`; elsewhere 2 to 12 letters, digits, blanks and hyphens, upper case. */
export const zip: FieldType = {
  options: ["pattern"],
  normaliser: (_, country) => (raw) => {
    if (typeof raw === "boolean") return invalidType;
    if (typeof raw === "string") return country === "US" ? usZip(raw) : postalCode(raw);
    // 02134 sent as a JSON number has lost its zero; only a number that can't have lost one is read.
    return country === "US" && Number.isInteger(raw) && raw >= 10_000 && raw <= 99_999
      ? String(raw)
      : invalidType;
  },
  schema: (field, country) => withPattern(zipSchema(country), field),
  expects: (field, country) =>
    expectedWithPattern(
      country === "US" ? "a ZIP code as text (12345 or 12345-6789)" : "a postal code as text",
      field,
    ),
};

function usZip(raw: string): string | ValueRefusal {
  const [, five, four] = /^(\d{5})(?:[ -]?(\d{4}))?$/.exec(raw) ?? [];
  if (five === undefined) return invalidFormat;
  return four === undefined ? five : `${five}-${four}`;
}

function postalCode(raw: string): string | ValueRefusal {
  const code = raw.toUpperCase().replace(/\s+/g, " ");
  return /^[A-Z0-9][A-Z0-9 -]{0,10}[A-Z0-9]$/.test(code) ? code : invalidFormat;
}

function zipSchema(country: string): TString {
  return country === "US"
    ? Type.String({ pattern: "^\\d{5}(?:-\\d{4})?$" })
    : Type.String({ pattern: "^[A-Z0-9][A-Z0-9 -]{0,10}[A-Z0-9]$" });
}
