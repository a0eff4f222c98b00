import { type TSchema, Type } from "@sinclair/typebox";
import type { FieldType } from "./field-type.ts";
import { invalidType, notAllowed } from "./refusal.ts";

/** One of the declared values, matched in any case and stored as it was declared. */
export const enumeration: FieldType = {
  options: ["values"],
  normaliser: ({ values = [] }) => {
    const declared = new Map(values.map((value) => [comparedWord(value), value]));
    return (raw) =>
      declared.get(comparedWord(String(raw))) ?? (typeof raw === "string" ? notAllowed : invalidType);
  },
  schema: ({ values = [] }): TSchema => Type.Union(values.map((value) => Type.Literal(value))),
  expects: ({ values = [] }) => `one of ${listValues(values)}`,
};

/** A word as it is matched: in any case, and with an accent that came behind its letter. */
export function comparedWord(text: string): string {
  return text.trim().toLowerCase().normalize();
}

const MOST_LISTED = 20;

function listValues(values: readonly string[]): string {
  const shown = values.slice(0, MOST_LISTED).join(", ");
  return values.length > MOST_LISTED ? `${shown} and ${values.length - MOST_LISTED} more` : shown;
}
