import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { placesToAWord, roundValues } from "#web/parts/scale.ts";

describe("the values beside a chart", () => {
  test("are round", () => {
    expect(roundValues(0, 4.3, 4)).toEqual([0, 2, 4]);
    expect(roundValues(0, 91, 4)).toEqual([0, 40, 80]);
    expect(roundValues(-2_300, 6_100, 5)).toEqual([-2_000, 0, 2_000, 4_000, 6_000]);
  });

  test("are on the chart, each once, two or more of them, and no more than there is room for", () => {
    const heights = fc.record({
      least: fc.double({ min: -1e9, max: 0, noNaN: true }),
      most: fc.double({ min: 4, max: 1e9, noNaN: true }),
      atMost: fc.integer({ min: 4, max: 12 }),
    });
    fc.assert(
      fc.property(heights, ({ least, most, atMost }) => {
        const values = roundValues(least, most, atMost);
        expect(new Set(values).size).toBe(values.length);
        expect(values.length).toBeWithin(2, atMost + 2);
        expect(Math.min(...values)).toBeGreaterThanOrEqual(least);
        expect(Math.max(...values)).toBeLessThanOrEqual(most);
      }),
    );
  });
});

test("words below a chart stand as close as there is room for", () => {
  const steps = [1, 2, 3, 4, 6, 12, 24];
  expect([30, 24, 12, 9, 3, 1].map((atMost) => placesToAWord(24, atMost, steps))).toEqual([
    1, 1, 2, 3, 12, 24,
  ]);
  expect(placesToAWord(400, 5, steps)).toBe(400);
});
