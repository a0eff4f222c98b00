import { Type } from "@sinclair/typebox";
import type { FieldType } from "./field-type.ts";
import { invalidType } from "./refusal.ts";

const SPELLINGS = new Map([
  ["true", true],
  ["t", true],
  ["yes", true],
  ["y", true],
  ["on", true],
  ["1", true],
  ["false", false],
  ["f", false],
  ["no", false],
  ["n", false],
  ["off", false],
  ["0", false],
]);

/** True or false, as JSON, as 1 or 0, as a form says it, or as a database writes it: one letter, in any case. */
export const boolean: FieldType = {
  options: [],
  normaliser: () => (raw) =>
    typeof raw === "boolean" ? raw : (SPELLINGS.get(String(raw).toLowerCase()) ?? invalidType),
  schema: () => Type.Boolean(),
  expects: () => "true or false (or yes, no, y, n, t, f, on, off, 1, 0)",
};
