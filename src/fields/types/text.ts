import { Type } from "@sinclair/typebox";
import type { FieldType } from "./field-type.ts";
import { expectedWithPattern, withPattern } from "./pattern.ts";
import { invalidType, type ValueRefusal } from "./refusal.ts";

/** In UTF-16 units, as JavaScript and JSON Schema validators here count. */
const LONGEST = 2000;

const PLAIN_DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** A JSON number as its digits; one that JavaScript does not keep exactly, or writes with an exponent, may not be what was sent. */
function digitsOf(raw: number): string | ValueRefusal {
  const digits = String(raw + 0);
  const isExact = Number.isSafeInteger(raw) || !Number.isInteger(raw);
  return isExact && PLAIN_DECIMAL.test(digits) ? digits : invalidType;
}

/** Free text, trimmed, otherwise kept as it was sent; a JSON number is its digits. */
export const text: FieldType = {
  options: ["min_length", "max_length", "pattern"],
  normaliser: () => (raw) => {
    if (typeof raw === "string") return raw;
    return typeof raw === "number" ? digitsOf(raw) : invalidType;
  },
  schema: (field) =>
    withPattern(
      Type.String({ minLength: field.min_length ?? 1, maxLength: field.max_length ?? LONGEST }),
      field,
    ),
  expects: (field) => expectedWithPattern("text", field),
};
