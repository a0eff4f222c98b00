import { expect, test } from "bun:test";
import { isWholeNumber } from "#text/whole-number.ts";

test.each(["0", "7", "007", "999999999"])("%j is a whole number", (text) =>
  expect(isWholeNumber(text)).toBe(true),
);

test.each(["", " 7", "-1", "+1", "1.0", "1e3", "0x1f", "1_000", "٣", "1000000000"])(
  "%j is no whole number",
  (text) => expect(isWholeNumber(text)).toBe(false),
);
