import { RE2JS } from "re2js";
import { compilePattern } from "#rules/pattern.ts";

/** What a pattern finds in an answer's body: its first group if it has one, else all of it; undefined when it is not there. */
export type BodyPattern = (body: string) => string | undefined;

/**
 * A pattern as filters take them: RE2 syntax, found anywhere, without case. Common ones take some milliseconds on 16 KiB, the
 * dearest that is allowed took 300. Throws a RangeError whose message ends a sentence: "must be …".
 */
export function compileBodyPattern(source: string): BodyPattern {
  // For its bounds. It answers only whether the pattern is there, and looks at the beginning of a text alone.
  compilePattern(source);
  const compiled = RE2JS.compile(source, RE2JS.CASE_INSENSITIVE);
  return (body) => {
    const matcher = compiled.matcher(body);
    if (!matcher.find()) return undefined;
    return (matcher.groupCount() > 0 ? matcher.group(1) : matcher.group()) ?? "";
  };
}
