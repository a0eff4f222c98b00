import { type CountryCode, getCountryCallingCode } from "libphonenumber-js/max";

/** A number as the library understands it. */
export interface LibraryNumber {
  /** E.164. */
  readonly number: string;
  readonly valid: boolean;
}

// The library takes 5 µs; this takes 0.2 µs and gives the same for every number it reads (a property test says so).
const USUAL = /^(?:(\+1)|1)?[ .-]?(?:\(([2-9]\d\d)\) ?|([2-9]\d\d)[ .-]?)(\d{3})[ .-]?(\d{4})$/;

/** The E.164 of a number in one of the usual North American spellings, or nothing. Without +1 it is one in the US only. */
export function usualNorthAmerican(raw: string, country: string): string | undefined {
  const [, plus, bracketed, area, exchange, line] = USUAL.exec(raw) ?? [];
  if (line === undefined || (plus === undefined && country !== "US")) return undefined;
  return `+1${bracketed ?? area}${exchange}${line}`;
}

/** Whether numbers of this country have ten digits behind +1. */
export function isNorthAmerican(country: CountryCode): boolean {
  return getCountryCallingCode(country) === "1";
}

const EXTENSION = /[\s,;]*(?:;ext=|ext\.?|x|#)[\s.:]*\d{1,6}$/i;
const TEN_DIGITS = /^\+(?:[\s()./-]*\d){10}$/;
const GROUPED = /^\+\s?\(?[2-9]\d\d\)?[\s.-]?\d{3}[\s.-]?\d{4}$/;

/**
 * `+` and ten digits as North America writes them: many senders put + before a number without its 1, and read by the + alone half of all
 * US area codes lead abroad. `undefined` for other text; `null` where it could mean two things; else the text to be understood.
 */
export function readTenDigitsAfterPlus(
  text: string,
  strict: boolean,
  understand: (text: string) => LibraryNumber | undefined,
): string | null | undefined {
  const number = text.replace(EXTENSION, "");
  if (!TEN_DIGITS.test(number)) return undefined;
  const home = `+1${number.replace(/\D/g, "")}`;
  if (!/^\+1[2-9]/.test(home)) return undefined;
  const abroad = understand(number)?.valid === true;
  // Grouped in another way it is abroad or nowhere.
  if (!GROUPED.test(number)) return abroad ? number : null;
  if (!abroad) return strict ? null : home;
  return understand(home)?.valid === true ? null : number;
}
