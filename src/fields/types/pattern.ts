import type { TSchema, TString } from "@sinclair/typebox";
import { compilePattern } from "#text/pattern.ts";
import type { FieldDefinition } from "./definition.ts";
import { narrowed } from "./narrowed.ts";
import { invalidFormat } from "./refusal.ts";

/** A value that a pattern is tried on is at most this long, in UTF-16 units. */
export const LONGEST_MATCHED = 256;

/**
 * `base`, and the field's pattern when it has one: in its own case, and anywhere unless anchored, as in JSON Schema.
 *
 * @throws PatternRefused
 */
export function withPattern(base: TString, field: FieldDefinition): TSchema {
  if (field.pattern === undefined) return base;
  const pattern = compilePattern(field.pattern, { ignoreCase: false, longestInput: LONGEST_MATCHED });
  return narrowed(base, { pattern: field.pattern, maxLength: LONGEST_MATCHED }, (stored) => {
    if (stored.length > LONGEST_MATCHED) return { code: "too_long", limit: LONGEST_MATCHED };
    return pattern.isIn(stored) ? undefined : invalidFormat;
  });
}

/** `plainly`, and the pattern and example when the field has them: `text that matches ^[A-Z]{2}$, such as TX`. */
export function expectedWithPattern(plainly: string, field: FieldDefinition): string {
  const example = field.example === undefined ? "" : `, such as ${field.example}`;
  return field.pattern === undefined ? plainly : `${plainly} that matches ${field.pattern}${example}`;
}
