import { Type } from "@sinclair/typebox";
import type { FieldType } from "./field-type.ts";
import { invalidType } from "./refusal.ts";

const SPELLINGS = new Map([
  ["true", true],
  ["yes", true],
  ["on", true],
  ["1", true],
  ["false", false],
  ["no", false],
  ["off", false],
  ["0", false],
]);

/** True or false, as JSON, as 1 or 0, or as a form says it. */
export const boolean: FieldType = {
  options: [],
  normaliser: () => (raw) =>
    typeof raw === "boolean" ? raw : (SPELLINGS.get(String(raw).toLowerCase()) ?? invalidType),
  schema: () => Type.Boolean(),
  expects: () => "true or false (or yes, no, on, off, 1, 0)",
};
