import { FormatRegistry, Type } from "@sinclair/typebox";
import {
  type CountryCode,
  isSupportedCountry,
  ParseError,
  parsePhoneNumberWithError,
} from "libphonenumber-js/max";
import {
  isNorthAmerican,
  type LibraryNumber,
  readTenDigitsAfterPlus,
  usualNorthAmerican,
} from "#fields/places/north-america.ts";
import type { FieldType } from "./field-type.ts";
import { expectedWithPattern, withPattern } from "./pattern.ts";
import { ambiguousPhone, invalidFormat, invalidType, type ValueRefusal } from "./refusal.ts";

const FORMAT = "leadgate:phone";
FormatRegistry.Set(FORMAT, (value) => /^\+[1-9]\d{2,14}$/.test(value));

/**
 * A telephone number of possible length, stored as E.164; with `strict` it must lie in an assigned range. Numbers without
 * "+" are read as the campaign's country dials them; in North America so are ten digits behind "+", where they can mean nothing
 * else. An extension is no part of the stored form, and is kept beside it.
 *
 * The library's `max` metadata: with `min` and `mobile` the length is the same, but `strict` is not (of random German
 * numbers `min` judged one in five otherwise, and `mobile` refuses landlines).
 */
export const phone: FieldType = {
  options: ["strict", "pattern"],
  normaliser: (field, country) => {
    const strict = field.strict === true;
    return (raw) => e164From(raw, country, strict);
  },
  schema: (field) => withPattern(Type.String({ format: FORMAT }), field),
  beside(raw, country) {
    const value = extensionOf(raw, country);
    return value === undefined ? undefined : { name: "extension", value };
  },
  expects: (field, country) =>
    expectedWithPattern(
      field.strict === true
        ? `a telephone number in service (${country}, or with + and country code)`
        : `a telephone number (${country}, or with + and country code)`,
      field,
    ),
};

const LONGEST = 100;
// Marks of writing direction and zero-width spaces, which come along when a number is copied from an address book.
const INVISIBLE = /[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
// What spreadsheets, links, Meta's exports and lists put around a number: 'digits, ="digits", tel:digits, p:+digits, digits with a comma.
const BEFORE = /^[\s=]*['"‘’“”`]?\s*(?:tel:|p:)?(?:\/\/)?\s*/i;
const AFTER = /[\s'"‘’“”`,;.]+$/;
/** An extension is shorter than any telephone number. */
const LONGEST_EXTENSION = 6;

function e164From(raw: string | number | boolean, country: string, strict: boolean): string | ValueRefusal {
  if (typeof raw === "boolean") return invalidType;
  if (typeof raw === "number") {
    // A JSON number that happens to be a whole telephone number is one; any other is simply not text.
    const digits =
      Number.isSafeInteger(raw) && raw > 0 ? e164From(String(raw), country, strict) : invalidType;
    return typeof digits === "string" ? digits : invalidType;
  }
  const usual = usualNorthAmerican(raw, country);
  if (usual !== undefined && !strict) return usual;
  if (raw.length > LONGEST) return invalidFormat;
  return dialled(usual ?? withoutMarks(raw), country, strict);
}

function withoutMarks(raw: string): string {
  const text = raw.replace(INVISIBLE, "").replace(BEFORE, "").replace(AFTER, "");
  return text.replace(/^\(\s*(\+\d{1,3})\s*\)/, "$1");
}

function dialled(text: string, country: string, strict: boolean): string | ValueRefusal {
  const home = isSupportedCountry(country) ? country : undefined;
  const meant =
    home !== undefined && isNorthAmerican(home)
      ? readTenDigitsAfterPlus(text, strict, (each) => understood(each, home))
      : undefined;
  if (meant === null) return ambiguousPhone;
  const { number, valid } = understood(meant ?? text, home) ?? {};
  if (number === undefined || (strict && !valid) || isNobodys(number)) return invalidFormat;
  // Some dialled forms are of possible length at home only (seven digits in Canada), or read back as another number
  // (a doubled trunk 0 in Germany, Australia, Brazil; from the US, 011 and ten digits that could be its own): those
  // are no E.164.
  if (number === text) return number;
  const again = dialled(number, country, strict);
  return again === number || typeof again !== "string" ? again : invalidFormat;
}

/** Area codes of North America begin with 2 to 9; no country has a number of zeros. */
function isNobodys(number: string): boolean {
  return /^\+1[01]/.test(number) || /^\+\d{1,3}?0+$/.test(number);
}

/** What the library makes of a number of possible length, or nothing. */
function understood(text: string, home: CountryCode | undefined): LibraryNumber | undefined {
  try {
    const number = parsePhoneNumberWithError(text, {
      extract: false,
      ...(home === undefined ? {} : { defaultCountry: home }),
    });
    if (!number.isPossible() || (number.ext?.length ?? 0) > LONGEST_EXTENSION) return undefined;
    return { number: number.number, valid: number.isValid() };
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}

/** The digits of an extension, as in `512-555-2846 x123`; undefined without one. */
function extensionOf(raw: unknown, country: string): string | undefined {
  if (typeof raw !== "string" || raw.length > LONGEST || !/\d\D*(?:x|ext|#|;)/i.test(raw)) return undefined;
  try {
    const home = isSupportedCountry(country) ? country : undefined;
    const options = { extract: false, ...(home === undefined ? {} : { defaultCountry: home }) };
    return parsePhoneNumberWithError(withoutMarks(raw), options).ext;
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}
