import { compareMoments, readMoment } from "#time/moment.ts";

/** A value of a lead, as its field type stores it. */
export type FieldValue = string | number | boolean;

/** Fifteen digits always survive the way through a double. */
const NUMERIC_TEXT = /^-?\d{1,15}(\.\d{1,15})?$/;

/**
 * Text made comparable without regard to case. Lower, then upper: that way, and not by either alone, every character of
 * Unicode meets its upper and its lower case ("ß" and "SS", "ς" and "Σ", the Kelvin sign and "k"). Then composed: "é" may come as two.
 */
export function folded(text: string): string {
  return text.toLowerCase().toUpperCase().normalize();
}

/** The number that a value is or spells ("12", "-3.50"; at most 15 digits); undefined for any other. */
export function numberOf(value: FieldValue): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || !NUMERIC_TEXT.test(value)) return undefined;
  return value.replace(/\D/g, "").length <= 15 ? Number(value) : undefined;
}

/**
 * Whether a value is the same as `expected`: numbers as numbers, also where one of the two is text; text without case;
 * a date or date and time against the other by instant, or by day in the zone where either is a plain date.
 */
export function sameAs(expected: FieldValue, zone: string): (value: FieldValue) => boolean {
  if (typeof expected === "number") return (value) => numberOf(value) === expected;
  if (typeof expected === "boolean") return truthSameAs(expected);
  return textSameAs(expected, zone);
}

function truthSameAs(expected: boolean): (value: FieldValue) => boolean {
  const word = folded(String(expected));
  return (value) => value === expected || (typeof value === "string" && folded(value) === word);
}

function textSameAs(expected: string, zone: string): (value: FieldValue) => boolean {
  const word = folded(expected);
  const number = numberOf(expected);
  const moment = readMoment(expected, zone);
  return (value) => {
    if (typeof value === "number") return value === number;
    if (folded(String(value)) === word) return true;
    if (moment === undefined || typeof value !== "string") return false;
    const other = readMoment(value, zone);
    return other !== undefined && compareMoments(other, moment) === 0;
  };
}

/**
 * Whether a value is the same as any of `expected`. A list of ten thousand zip codes costs as little as one of two:
 * only dates, which have several spellings, are gone through one by one.
 */
export function sameAsAny(expected: readonly FieldValue[], zone: string): (value: FieldValue) => boolean {
  const words = new Set(
    expected.filter((entry) => typeof entry !== "number").map((entry) => folded(String(entry))),
  );
  const numbers = new Set(expected.filter((entry) => typeof entry === "number"));
  // A number among the lead's values also meets numbers that the list spells as text.
  const spelt = new Set(expected.filter((entry) => typeof entry === "string").map(numberOf));
  spelt.delete(undefined);
  const moments = expected.flatMap((entry) =>
    typeof entry === "string" && readMoment(entry, zone) ? [sameAs(entry, zone)] : [],
  );
  return (value) => {
    if (typeof value === "number") return numbers.has(value) || spelt.has(value);
    if (words.has(folded(String(value)))) return true;
    const number = numbers.size > 0 ? numberOf(value) : undefined;
    return (number !== undefined && numbers.has(number)) || moments.some((same) => same(value));
  };
}

/**
 * How a value lies to `bound`: negative before, 0 at it, positive after, NaN where the two have no order (then every
 * comparison with 0 is false). Numbers and number-like text have one, dates and times have one, words have none.
 */
export function orderTo(bound: FieldValue, zone: string): (value: FieldValue) => number {
  const number = numberOf(bound);
  if (number !== undefined) {
    return (value) => {
      const other = numberOf(value);
      return other === undefined ? Number.NaN : Math.sign(other - number);
    };
  }
  const moment = typeof bound === "string" ? readMoment(bound, zone) : undefined;
  if (moment === undefined) return () => Number.NaN;
  return (value) => {
    const other = typeof value === "string" ? readMoment(value, zone) : undefined;
    return other === undefined ? Number.NaN : compareMoments(other, moment);
  };
}

/** Whether a value of a rule has an order: a number or number-like text, a date, a date and time. */
export function hasOrder(bound: FieldValue): boolean {
  return numberOf(bound) !== undefined || (typeof bound === "string" && isMoment(bound));
}

/** Whether this is a date or a date and time; which day it is in some zone does not matter for that. */
export function isMoment(text: string): boolean {
  return readMoment(text, "UTC") !== undefined;
}
