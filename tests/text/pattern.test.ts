import { describe, expect, test } from "bun:test";
import { compilePattern, PatternRefused, patternProblem } from "#text/pattern.ts";

const ALL = { ignoreCase: true, longestInput: Number.POSITIVE_INFINITY };

describe("pattern", () => {
  test("a pattern is found anywhere unless it is anchored", () => {
    expect(compilePattern("b+", ALL).isIn("abbc")).toBe(true);
    expect(compilePattern("^b+$", ALL).isIn("abbc")).toBe(false);
  });

  test("a pattern heeds case only when it is asked to", () => {
    expect(compilePattern("sold", ALL).isIn("SOLD")).toBe(true);
    expect(compilePattern("sold", { ...ALL, ignoreCase: false }).isIn("SOLD")).toBe(false);
  });

  test("a pattern is not looked for behind the longest input", () => {
    const { isIn, find } = compilePattern("x", { ...ALL, longestInput: 3 });
    expect([isIn("abx"), find("abx")]).toEqual([true, "x"]);
    expect([isIn("abcx"), find("abcx")]).toEqual([false, undefined]);
  });

  test("a pattern finds its first group, else all that it matches, and nothing where it is not", () => {
    expect(compilePattern("id=(\\d+)", ALL).find("a id=12 id=13")).toBe("12");
    expect(compilePattern("id=\\d+", ALL).find("a id=12 id=13")).toBe("id=12");
    expect(compilePattern("a(b)?", ALL).find("ac")).toBe("");
    expect(compilePattern("id", ALL).find("none")).toBeUndefined();
  });

  test.each([
    ["", "empty"],
    ["a".repeat(501), "too_long"],
    ["(", "no_re2"],
    ["(?=a)b", "no_re2"],
    ["(a)\\1", "no_re2"],
    ["((a?){30}){30}", "too_costly"],
  ] as const)("a pattern: %p is refused as %s", (source, why) => {
    expect(patternProblem(source)?.why).toBe(why);
    expect(() => compilePattern(source, ALL)).toThrow(PatternRefused);
  });

  test("a pattern that can be had has no problem", () =>
    expect(patternProblem("^[A-Z]{2}$")).toBeUndefined());
});
