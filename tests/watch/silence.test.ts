import { expect, test } from "bun:test";
import { silentSince } from "#watch/silence.ts";

const HOUR = 3_600_000;
const hoursOf = (...hours: number[]) => hours.map((hour) => hour * HOUR);
const at = (hour: number) => new Date(hour * HOUR);
const steady = hoursOf(...Array.from({ length: 24 }, (_, hour) => hour));

test("a supplier that sends every hour is silent after a day without a lead, since its last hour ended", () => {
  expect(silentSince(steady, at(48))).toBeUndefined();
  expect(silentSince(steady, at(49))).toBe(24 * HOUR);
});

test("a supplier that rests over the weekend is not silent on a Monday morning, but on the Tuesday after", () => {
  const weekend = [...steady, ...hoursOf(88, 89, 90)];
  expect(silentSince(weekend, at(91 + 64))).toBeUndefined();
  expect(silentSince(weekend, at(91 + 98))).toBe(91 * HOUR);
});

test("a supplier that hardly ever sends is never silent", () => {
  expect(silentSince(hoursOf(0, 5, 9), at(1_000))).toBeUndefined();
  expect(silentSince([], at(1_000))).toBeUndefined();
});
