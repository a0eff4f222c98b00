import { expect, test } from "bun:test";
import { createDailyBytes } from "#access/daily-bytes.ts";

const HOUR = 3_600_000;

test("a supplier may have so many bytes stored in a day, and gets room back as the day passes", () => {
  const daily = createDailyBytes(24_000);
  expect(daily.take("acme", 20_000, 0)).toBe(0);
  expect(daily.take("acme", 5_000, 0)).toBe(3_600);
  expect(daily.take("other", 5_000, 0)).toBe(0);
  expect(daily.take("acme", 5_000, HOUR - 1_000)).toBe(1);
  expect(daily.take("acme", 5_000, HOUR)).toBe(0);
  expect(daily.take("acme", 24_000, 25 * HOUR)).toBe(0);
});

test("without a limit any number of bytes may be stored", () => {
  const daily = createDailyBytes(0);
  for (let i = 0; i < 10; i += 1) expect(daily.take("acme", 1e12, 0)).toBe(0);
});
