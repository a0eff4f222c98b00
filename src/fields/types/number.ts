import { Type } from "@sinclair/typebox";
import type { FieldDefinition } from "./definition.ts";
import type { FieldType, Stored } from "./field-type.ts";
import { invalidType, marked, tooLarge, type ValueRefusal } from "./refusal.ts";

/**
 * A finite number, or its usual decimal text. In the US also with a dollar sign and with commas at the thousands; elsewhere "1,200" is
 * 1200 to some and 1.2 to others, and so is "1.200" where cents stand behind a comma.
 */
export const number: FieldType = {
  options: ["min", "max"],
  normaliser: (_, country) => (raw) => numberFrom(raw, country),
  schema: (field) => Type.Number(bounds(field)),
  expects: (field) => `a number${rangeOf(field)}`,
};

const DECIMAL = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d{1,4})?$/i;
const THOUSANDS_OR_FRACTION = /^[+-]?[1-9]\d{0,2}\.\d{3}$/;
const US_MONEY = /^([+-]?)(?:\$ ?)?([+-]?)(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)$/;
const LONGEST = 64;

/** Reads a JSON number or its text. JSON's 1e400 arrives as Infinity: it was a number, so it is `out_of_range`. */
export function numberFrom(raw: Stored, country: string): number | ValueRefusal {
  if (typeof raw === "boolean") return invalidType;
  if (typeof raw === "number") return finite(raw);
  if (raw.length > LONGEST) return invalidType;
  if (THOUSANDS_OR_FRACTION.test(raw) && hasDecimalComma(country)) return marked;
  if (DECIMAL.test(raw)) return finite(Number(raw));
  if (country === "US") return usNumber(raw) ?? invalidType;
  return /^[+-]?\p{Sc}?[\d.,' \u00a0]+\p{Sc}?$/u.test(raw) ? marked : invalidType;
}

/** Whether the country's people write 1,5 for one and a half (CLDR, in the language that most of them speak). */
function hasDecimalComma(country: string): boolean {
  const known = decimalCommas.get(country);
  if (known !== undefined) return known;
  const { language } = new Intl.Locale(`und-${country}`).maximize();
  const parts = new Intl.NumberFormat(`${language}-${country}`).formatToParts(1.5);
  const isComma = parts.some(({ type, value }) => type === "decimal" && value === ",");
  decimalCommas.set(country, isComma);
  return isComma;
}

const decimalCommas = new Map<string, boolean>();

/** `$1,200.50`, `-$5`, `1,200`; not `1,20`, in which the comma can't part thousands. */
function usNumber(raw: string): number | ValueRefusal | undefined {
  const [, before = "", behind = "", digits] = US_MONEY.exec(raw) ?? [];
  if (digits === undefined) return /^[+-]?\$?[\d.,]+$/.test(raw) ? marked : undefined;
  return before !== "" && behind !== ""
    ? undefined
    : finite(Number(before + behind + digits.replaceAll(",", "")));
}

function finite(value: number): number | ValueRefusal {
  if (Number.isNaN(value)) return invalidType;
  if (!Number.isFinite(value)) return tooLarge;
  return value + 0; // -0 is stored as 0
}

/** The numeric bounds of a definition as JSON Schema has them. */
export function bounds(field: FieldDefinition): { minimum?: number; maximum?: number } {
  return {
    ...(typeof field.min === "number" ? { minimum: field.min } : {}),
    ...(typeof field.max === "number" ? { maximum: field.max } : {}),
  };
}

/** " from 0 to 120", " of at least 0", " of at most 120", or nothing. */
export function rangeOf(field: FieldDefinition): string {
  if (field.min !== undefined && field.max !== undefined) return ` from ${field.min} to ${field.max}`;
  if (field.min !== undefined) return ` of at least ${field.min}`;
  if (field.max !== undefined) return ` of at most ${field.max}`;
  return "";
}
