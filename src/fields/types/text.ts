import { Type } from "@sinclair/typebox";
import type { FieldType } from "./field-type.ts";
import { expectedWithPattern, withPattern } from "./pattern.ts";
import { invalidType } from "./refusal.ts";

/** In UTF-16 units, as JavaScript and JSON Schema validators here count. */
const LONGEST = 2000;

/** Free text, trimmed, otherwise kept as it was sent. */
export const text: FieldType = {
  options: ["min_length", "max_length", "pattern"],
  normaliser: () => (raw) => (typeof raw === "string" ? raw : invalidType),
  schema: (field) =>
    withPattern(
      Type.String({ minLength: field.min_length ?? 1, maxLength: field.max_length ?? LONGEST }),
      field,
    ),
  expects: (field) => expectedWithPattern("text", field),
};
