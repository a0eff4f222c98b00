import { Type } from "@sinclair/typebox";
import type { FieldType } from "./field-type.ts";
import { bounds, numberFrom, rangeOf } from "./number.ts";
import { invalidType, tooLarge } from "./refusal.ts";

/** A whole number that JavaScript and JSON keep exactly: up to 2^53 - 1 either way. */
export const integer: FieldType = {
  options: ["min", "max"],
  normaliser: (_, country) => (raw) => {
    const value = numberFrom(raw, country);
    if (typeof value !== "number") return value;
    if (!Number.isInteger(value)) return invalidType;
    return Number.isSafeInteger(value) ? value : tooLarge;
  },
  schema: (field) => Type.Integer(bounds(field)),
  expects: (field) => `a whole number${rangeOf(field)}`,
};
