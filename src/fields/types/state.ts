import { type TString, Type } from "@sinclair/typebox";
import { codesByName, lettersOf } from "#fields/places/state-names.ts";
import type { FieldType } from "./field-type.ts";
import { expectedWithPattern, withPattern } from "./pattern.ts";
import { invalidFormat, invalidType, notAllowed } from "./refusal.ts";

/**
 * A state by its code, upper case. In the US and Canada one of the two-letter codes, also read from the name in full; elsewhere one to
 * three letters or digits (ISO 3166-2). The country may stand before the code: US-TX.
 */
export const state: FieldType = {
  options: ["pattern"],
  normaliser: (_, country) => {
    const listed = codesByName(country);
    const prefix = `${country}-`;
    return (raw) => {
      if (typeof raw !== "string") return invalidType;
      const upper = raw.toUpperCase();
      const code = upper.startsWith(prefix) ? upper.slice(prefix.length) : upper;
      if (listed === undefined) return /^[A-Z0-9]{1,3}$/.test(code) ? code : invalidFormat;
      return listed.get(lettersOf(code)) ?? (/^[A-Z]{2}$/.test(code) ? notAllowed : invalidFormat);
    };
  },
  schema: (field, country) => withPattern(stateSchema(country), field),
  expects: (field, country) => expectedWithPattern(EXPECTED[country] ?? EXPECTED_ELSEWHERE, field),
};

const EXPECTED: Readonly<Record<string, string>> = {
  US: "a two-letter US state code",
  CA: "a two-letter code of a Canadian province or territory",
};
const EXPECTED_ELSEWHERE = "a state or region code of 1 to 3 characters";

function stateSchema(country: string): TString {
  return Type.String({ pattern: country in EXPECTED ? "^[A-Z]{2}$" : "^[A-Z0-9]{1,3}$" });
}
