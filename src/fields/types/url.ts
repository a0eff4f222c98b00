import { FormatRegistry, Type } from "@sinclair/typebox";
import type { FieldType } from "./field-type.ts";
import { expectedWithPattern, withPattern } from "./pattern.ts";
import { invalidType } from "./refusal.ts";

FormatRegistry.Set("leadgate:url", (value) => isUrl(value, /^https?:\/\//i));
FormatRegistry.Set("leadgate:https-url", (value) => isUrl(value, /^https:\/\//i));

/** An address of the web, http or https, kept as it was sent. */
export const url: FieldType = {
  options: ["pattern"],
  normaliser: () => (raw) => (typeof raw === "string" ? raw : invalidType),
  schema: (field) => withPattern(Type.String({ format: "leadgate:url", maxLength: 2000 }), field),
  expects: (field) => expectedWithPattern("an http or https URL", field),
};

/** As `url`, https only: a consent certificate is evidence. */
export const httpsUrl: FieldType = {
  ...url,
  schema: (field) => withPattern(Type.String({ format: "leadgate:https-url", maxLength: 2000 }), field),
  expects: (field) => expectedWithPattern("an https URL", field),
};

// The URL parser forgives blanks and control characters by dropping them, so they are looked for first.
function isUrl(value: string, scheme: RegExp): boolean {
  return scheme.test(value) && !/[\s\p{Cc}\\]/u.test(value) && URL.canParse(value);
}
