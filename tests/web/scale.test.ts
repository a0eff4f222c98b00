import { expect, test } from "bun:test";
import { placesToAWord } from "#web/parts/scale.ts";

test("words below a chart stand as close as there is room for", () => {
  const steps = [1, 2, 3, 4, 6, 12, 24];
  expect([30, 24, 12, 9, 3, 1].map((atMost) => placesToAWord(24, atMost, steps))).toEqual([
    1, 1, 2, 3, 12, 24,
  ]);
  expect(placesToAWord(400, 5, steps)).toBe(400);
});
