import type { TSchema, TString } from "@sinclair/typebox";
import { RE2JS } from "re2js";
import type { FieldDefinition } from "./definition.ts";
import { narrowed } from "./narrowed.ts";
import { invalidFormat } from "./refusal.ts";

/** A value that a pattern is tried on is at most this long, in UTF-16 units. */
export const LONGEST_MATCHED = 256;

// `^.{0,250}$` has 504 instructions; `(a?){500}a{500}` has 2,502 and took 48 ms on its first 256 characters.
const MOST_INSTRUCTIONS = 1000;

/**
 * Compiles an operator's pattern for the linear-time engine; found anywhere in the text unless anchored, as in JSON Schema.
 * Throws an Error in plain words when the engine refuses the pattern or finds it too costly.
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  const compiled = compileOrExplain(pattern);
  if (compiled.programSize() > MOST_INSTRUCTIONS) throw new Error("is too costly: use smaller repeat counts");
  return (text) => compiled.test(text);
}

function compileOrExplain(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`is not a pattern of RE2 (no look-around, no back-references): ${reason}`);
  }
}

/** `base`, and the field's pattern when it has one. Throws as `compilePattern` does. */
export function withPattern(base: TString, field: FieldDefinition): TSchema {
  if (field.pattern === undefined) return base;
  const found = compilePattern(field.pattern);
  return narrowed(base, { pattern: field.pattern, maxLength: LONGEST_MATCHED }, (stored) => {
    if (stored.length > LONGEST_MATCHED) return { code: "too_long", limit: LONGEST_MATCHED };
    return found(stored) ? undefined : invalidFormat;
  });
}

/** `plainly`, and the pattern and example when the field has them: `text that matches ^[A-Z]{2}$, such as TX`. */
export function expectedWithPattern(plainly: string, field: FieldDefinition): string {
  const example = field.example === undefined ? "" : `, such as ${field.example}`;
  return field.pattern === undefined ? plainly : `${plainly} that matches ${field.pattern}${example}`;
}
