import { RE2JS } from "re2js";

/**
 * Time is linear in the input, but each character may visit every instruction of the pattern. These bounds hold the
 * dearest allowed pattern on the longest input looked at to some tens of milliseconds; common ones take 0.2 µs.
 */
const MAX_PATTERN_LENGTH = 500;
const MAX_INSTRUCTIONS = 1000;
const MAX_INPUT_LENGTH = 4096;

/** Whether the pattern occurs in a text. Only the first 4,096 characters of the text are looked at. */
export type Pattern = (text: string) => boolean;

/**
 * A pattern in RE2 syntax (no look-around, no back-references), found anywhere in a text unless anchored, in upper or
 * lower case. Throws a RangeError whose message is a sentence's end: "must be …".
 */
export function compilePattern(source: string): Pattern {
  if (source === "") throw new RangeError("must not be empty");
  if (source.length > MAX_PATTERN_LENGTH) {
    throw new RangeError(`must be a pattern of at most ${MAX_PATTERN_LENGTH} characters`);
  }
  const compiled = compiledSyntax(source);
  if (compiled.programSize() > MAX_INSTRUCTIONS) {
    throw new RangeError("must be a simpler pattern: its repetitions multiply to too many steps");
  }
  return (text) => compiled.test(text.length > MAX_INPUT_LENGTH ? text.slice(0, MAX_INPUT_LENGTH) : text);
}

function compiledSyntax(source: string): RE2JS {
  try {
    return RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    if (error instanceof Error && error.name.startsWith("RE2JS")) {
      throw new RangeError("must be a pattern in RE2 syntax (no look-around, no back-references)", {
        cause: error,
      });
    }
    throw error;
  }
}
