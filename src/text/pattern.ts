import { RE2JS } from "re2js";

/**
 * Time is linear in the input, but each character may visit every instruction of the pattern. `(a?){500}a{500}` has 2,502 of
 * them and took 48 ms on 256 characters; the dearest pattern allowed here takes some tens of milliseconds on 4,096, and common
 * ones take 0.2 µs.
 */
const MOST_INSTRUCTIONS = 1000;
const LONGEST_PATTERN = 500;

/** How a pattern looks at a text. */
interface PatternOptions {
  readonly ignoreCase: boolean;
  /** In UTF-16 units; what stands behind is not looked at. Infinity for all of it. */
  readonly longestInput: number;
}

interface Pattern {
  isIn(text: string): boolean;
  /** The pattern's first group if it has one, else all that it matches; undefined when it is not there. */
  find(text: string): string | undefined;
}

/** The message ends a sentence about the pattern: "must be …". */
export class PatternRefused extends RangeError {
  override readonly name = "PatternRefused";
  readonly why: "empty" | "too_long" | "no_re2" | "too_costly";
  constructor(why: PatternRefused["why"], cause?: Error) {
    super(MESSAGES[why], { cause });
    this.why = why;
  }
}

const MESSAGES = {
  empty: "must not be empty",
  too_long: `must be a pattern of at most ${LONGEST_PATTERN} characters`,
  no_re2: "must be a pattern in RE2 syntax (no look-around, no back-references)",
  too_costly: "must be a simpler pattern: its repetitions multiply to too many steps",
} satisfies Record<PatternRefused["why"], string>;

/**
 * A pattern in RE2 syntax (https://github.com/google/re2/wiki/Syntax), found anywhere in a text unless anchored, on an engine
 * whose time is linear. Throws PatternRefused.
 */
export function compilePattern(source: string, { ignoreCase, longestInput }: PatternOptions): Pattern {
  if (source === "") throw new PatternRefused("empty");
  if (source.length > LONGEST_PATTERN) throw new PatternRefused("too_long");
  const compiled = compiledSyntax(source, ignoreCase);
  if (compiled.programSize() > MOST_INSTRUCTIONS) throw new PatternRefused("too_costly");
  const lookedAt = (text: string) => (text.length > longestInput ? text.slice(0, longestInput) : text);
  return {
    isIn: (text) => compiled.test(lookedAt(text)),
    find(text) {
      const matcher = compiled.matcher(lookedAt(text));
      if (!matcher.find()) return undefined;
      return (matcher.groupCount() > 0 ? matcher.group(1) : matcher.group()) ?? "";
    },
  };
}

function compiledSyntax(source: string, ignoreCase: boolean): RE2JS {
  try {
    return RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    if (error instanceof Error && error.name.startsWith("RE2JS")) throw new PatternRefused("no_re2", error);
    throw error;
  }
}

/** Why a text cannot be such a pattern; undefined when it can. */
export function patternProblem(source: string): PatternRefused | undefined {
  try {
    compilePattern(source, { ignoreCase: false, longestInput: 0 });
    return undefined;
  } catch (error) {
    if (error instanceof PatternRefused) return error;
    throw error;
  }
}
