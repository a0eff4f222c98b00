import { type TString, Type } from "@sinclair/typebox";
import type { FieldType } from "./field-type.ts";
import { expectedWithPattern, withPattern } from "./pattern.ts";
import { invalidFormat, invalidType, notAllowed } from "./refusal.ts";

// USPS Publication 28, appendix B: states, DC, territories and freely associated states, military "states".
const US_STATES = new Set(
  [
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR",
    "PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR VI FM MH PW AA AE AP",
  ]
    .join(" ")
    .split(" "),
);

/** A state by its code, upper case. In the US one of the two-letter codes; elsewhere one to three letters or digits (ISO 3166-2). */
export const state: FieldType = {
  options: ["pattern"],
  normaliser: (_, country) => (raw) => {
    if (typeof raw !== "string") return invalidType;
    const code = raw.toUpperCase();
    if (!(country === "US" ? /^[A-Z]{2}$/ : /^[A-Z0-9]{1,3}$/).test(code)) return invalidFormat;
    return country !== "US" || US_STATES.has(code) ? code : notAllowed;
  },
  schema: (field, country) => withPattern(stateSchema(country), field),
  expects: (field, country) =>
    expectedWithPattern(
      country === "US" ? "a two-letter US state code" : "a state or region code of 1 to 3 characters",
      field,
    ),
};

function stateSchema(country: string): TString {
  return country === "US"
    ? Type.String({ pattern: "^[A-Z]{2}$" })
    : Type.String({ pattern: "^[A-Z0-9]{1,3}$" });
}
