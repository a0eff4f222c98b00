import { Type } from "@sinclair/typebox";
import type { FieldType } from "./field-type.ts";
import { expectedWithPattern, withPattern } from "./pattern.ts";
import { invalidFormat, invalidType } from "./refusal.ts";

/** How the postal codes of one country are understood. */
interface PostalCodes {
  /** The stored form of text in upper case with single blanks, or nothing. */
  read(code: string): string | undefined;
  /** What the stored form matches. */
  readonly pattern: string;
  readonly expects: string;
}

const US: PostalCodes = {
  read: (code) => {
    // Spreadsheets put ' before a code to keep its zero, Meta's exports Z: .
    const [, five, four] = /^(?:['’]|Z:)?(\d{5})(?: ?[-–—]? ?(\d{4}))?$/.exec(code) ?? [];
    if (five === undefined) return undefined;
    return four === undefined ? five : `${five}-${four}`;
  },
  pattern: "^\\d{5}(?:-\\d{4})?$",
  expects: "a ZIP code as text (12345 or 12345-6789)",
};

// Canada Post: never D, F, I, O, Q or U, and W and Z not in the first place.
const CA: PostalCodes = {
  read: (code) => spaced(code, /^([ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z])[ -]*(\d[ABCEGHJ-NPRSTV-Z]\d)$/),
  pattern: "^[ABCEGHJ-NPRSTVXY]\\d[ABCEGHJ-NPRSTV-Z] \\d[ABCEGHJ-NPRSTV-Z]\\d$",
  expects: "a Canadian postal code (K1A 0B1)",
};

// Royal Mail's PAF: the last three are a digit and two letters, none of C, I, K, M, O and V.
const GB: PostalCodes = {
  read: (code) => spaced(code, /^([A-Z]{1,2}\d[A-Z\d]?|GIR|BFPO)[ -]*(\d[ABD-HJLNP-UW-Z]{2})$/),
  pattern: "^(?:[A-Z]{1,2}\\d[A-Z\\d]?|GIR|BFPO) \\d[ABD-HJLNP-UW-Z]{2}$",
  expects: "a British postcode (SW1A 1AA)",
};

const ELSEWHERE: PostalCodes = {
  read: (code) => (/^[A-Z0-9][A-Z0-9 -]{0,10}[A-Z0-9]$/.test(code) ? code : undefined),
  pattern: "^[A-Z0-9][A-Z0-9 -]{0,10}[A-Z0-9]$",
  expects: "a postal code as text",
};

const COUNTRIES: Readonly<Record<string, PostalCodes>> = { US, CA, GB };

function codesOf(country: string): PostalCodes {
  return COUNTRIES[country] ?? ELSEWHERE;
}

function spaced(code: string, parts: RegExp): string | undefined {
  const [, first, last] = parts.exec(code) ?? [];
  return first === undefined ? undefined : `${first} ${last}`;
}

/**
 * A postal code in one stored form: in the US `12345` or `12345-6789`, in Canada `K1A 0B1`, in Great Britain with a blank before the last
 * three; elsewhere 2 to 12 letters, digits, blanks and hyphens, upper case.
 */
export const zip: FieldType = {
  options: ["pattern"],
  normaliser: (_, country) => (raw) => {
    if (typeof raw === "boolean") return invalidType;
    if (typeof raw === "string") {
      return codesOf(country).read(raw.toUpperCase().replace(/\s+/g, " ")) ?? invalidFormat;
    }
    // 02134 sent as a JSON number has lost its zero; only a number that can't have lost one is read.
    return country === "US" && /^[1-9](?:\d{4}|\d{8})$/.test(String(raw))
      ? (US.read(String(raw)) ?? invalidType)
      : invalidType;
  },
  schema: (field, country) => withPattern(Type.String({ pattern: codesOf(country).pattern }), field),
  expects: (field, country) => expectedWithPattern(codesOf(country).expects, field),
};

/** The five digits for which a US ZIP code stands in comparisons: all its +4 are one place. Others stand for themselves. */
export function placeOfZip(stored: string): string {
  return /^\d{5}-\d{4}$/.test(stored) ? stored.slice(0, 5) : stored;
}
