import { expect, test } from "bun:test";
import fc from "fast-check";
import { brandColors, colorIn, contrast } from "#web/portal/brand/brand-color.ts";

const AA = 4.5;
const color = fc.integer({ min: 0, max: 0xff_ff_ff }).map((each) => `#${each.toString(16).padStart(6, "0")}`);

test("whatever color an operator chooses, texts in it and on it can be read in both schemes", () => {
  fc.assert(
    fc.property(color, (chosen) => {
      const { onLight, onDark, shades } = brandColors(chosen);
      expect(contrast(colorIn(onLight), [255, 255, 255])).toBeGreaterThanOrEqual(AA);
      expect(contrast(colorIn(onLight), colorIn("#f6f7f8"))).toBeGreaterThanOrEqual(AA);
      for (const ground of ["#14181c", "#1a1f24", "#242a31"]) {
        expect(contrast(colorIn(onDark), colorIn(ground))).toBeGreaterThanOrEqual(AA);
      }
      expect([shades.length, shades[7]]).toEqual([10, onLight]);
    }),
  );
});

test("a color that can be read stays as it is, and Leadgate's own takes the place of none", () => {
  expect(brandColors("#1d5fae").onLight).toBe("#1d5fae");
  expect(brandColors(null).onLight).toBe("#16725a");
});
