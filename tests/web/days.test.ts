import { afterEach, expect, test } from "bun:test";
import { aWeekBefore, dayText, startOfDay } from "#web/times/days.ts";

const zone = process.env["TZ"];

afterEach(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

test.each(["2030-03-12", "2030-11-05", "2030-07-01"])("the day a week before %s is a whole day", (day) => {
  process.env["TZ"] = "America/New_York";
  const before = aWeekBefore(startOfDay(day));
  expect(before).toEqual(startOfDay(dayText(before)));
  expect(before.getDay()).toBe(startOfDay(day).getDay());
});
