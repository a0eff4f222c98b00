import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import fc from "fast-check";
import { compileSchedule, ScheduleDefinition, scheduleProblems } from "#rules/schedule.ts";
import { runs } from "../support/runs.ts";

const chicago = "America/Chicago";

function isOpen(definition: ScheduleDefinition, zone: string, at: string): boolean {
  return compileSchedule(definition, zone).isOpen(new Date(at));
}

/** What the clock in a zone shows, made an instant by Temporal and not by the code under test. */
function local(zone: string, dateTime: string): string {
  return Temporal.PlainDateTime.from(dateTime).toZonedDateTime(zone).toInstant().toString();
}

describe("whether a schedule is open", () => {
  const office = { mon: ["09:00-17:00"], sat: ["10:00-12:00", "13:00-15:00"] };

  // 2 March 2026 is a Monday.
  test.each<[string, boolean]>([
    ["2026-03-02T08:59:59.999", false],
    ["2026-03-02T09:00", true],
    ["2026-03-02T16:59:59.999", true],
    ["2026-03-02T17:00", false],
    ["2026-03-03T12:00", false],
    ["2026-03-07T10:00", true],
    ["2026-03-07T12:30", false],
    ["2026-03-07T13:00", true],
    ["2026-03-07T15:00", false],
    ["2026-03-08T10:00", false],
  ])("by office hours, at %s is %p", (at, open) => {
    expect(isOpen(office, chicago, local(chicago, at))).toBe(open);
  });

  test("a schedule goes by the clock of its own zone", () => {
    expect(isOpen(office, "Asia/Tokyo", "2026-03-02T00:30:00Z")).toBe(true);
    expect(isOpen(office, chicago, "2026-03-02T00:30:00Z")).toBe(false);
  });

  test.each<[string, boolean]>([
    ["2026-03-06T21:59", false],
    ["2026-03-06T22:00", true],
    ["2026-03-07T05:59", true],
    ["2026-03-07T06:00", false],
    ["2026-03-07T22:00", false],
  ])("a window of Friday past midnight belongs to Friday: at %s is %p", (at, open) => {
    expect(isOpen({ fri: ["22:00-06:00"] }, chicago, local(chicago, at))).toBe(open);
  });

  test("a window of Sunday past midnight runs into Monday", () => {
    const schedule = { sun: ["22:00-06:00"] };
    expect(isOpen(schedule, chicago, local(chicago, "2026-03-02T05:59"))).toBe(true);
    expect(isOpen(schedule, chicago, local(chicago, "2026-03-02T06:00"))).toBe(false);
    expect(isOpen(schedule, chicago, local(chicago, "2026-03-03T05:59"))).toBe(false);
  });

  test("the whole day is from 00:00 to 24:00, and a window to 00:00 ends with its day", () => {
    expect(isOpen({ mon: ["00:00-24:00"] }, chicago, local(chicago, "2026-03-02T00:00"))).toBe(true);
    expect(isOpen({ mon: ["00:00-24:00"] }, chicago, local(chicago, "2026-03-02T23:59:59.999"))).toBe(true);
    expect(isOpen({ mon: ["00:00-24:00"] }, chicago, local(chicago, "2026-03-03T00:00"))).toBe(false);
    expect(isOpen({ mon: ["22:00-00:00"] }, chicago, local(chicago, "2026-03-02T23:59"))).toBe(true);
    expect(isOpen({ mon: ["22:00-00:00"] }, chicago, local(chicago, "2026-03-03T00:00"))).toBe(false);
  });

  describe("when clocks go forward", () => {
    test.each<[string, string, string[], string, boolean]>([
      // 02:00 to 03:00 is skipped in Chicago on Sunday 8 March 2026, at 08:00 UTC.
      ["a window before the change ends at it", chicago, ["01:00-02:30"], "2026-03-08T07:59:59Z", true],
      [
        "a window into the skipped time is over at the change",
        chicago,
        ["01:00-02:30"],
        "2026-03-08T08:00:00Z",
        false,
      ],
      [
        "a window within the skipped time never comes",
        chicago,
        ["02:00-03:00"],
        "2026-03-08T08:00:00Z",
        false,
      ],
      [
        "a window after the change opens by the new clock",
        chicago,
        ["03:00-04:00"],
        "2026-03-08T08:00:00Z",
        true,
      ],
      ["nine in the morning is an hour sooner", chicago, ["09:00-17:00"], "2026-03-08T14:00:00Z", true],
      ["and not before", chicago, ["09:00-17:00"], "2026-03-08T13:59:59Z", false],
      ["Berlin changes on its own day", "Europe/Berlin", ["09:00-17:00"], "2026-03-29T07:00:00Z", true],
      ["and is closed until then", "Europe/Berlin", ["09:00-17:00"], "2026-03-29T06:59:59Z", false],
      // 02:00 to 02:30 is skipped on Lord Howe on Sunday 4 October 2026, at 15:30 UTC the day before.
      [
        "half an hour is skipped on Lord Howe",
        "Australia/Lord_Howe",
        ["02:00-02:30"],
        "2026-10-03T15:30:00Z",
        false,
      ],
      ["and 02:30 follows 02:00", "Australia/Lord_Howe", ["02:30-03:00"], "2026-10-03T15:30:00Z", true],
    ])("%s", (_title, zone, sun, at, open) => {
      expect(isOpen({ sun }, zone, at)).toBe(open);
    });
  });

  describe("when clocks go back", () => {
    test.each<[string, string, string[], string, boolean]>([
      // 01:00 to 02:00 comes twice in Chicago on Sunday 1 November 2026, from 06:00 and from 07:00 UTC.
      ["the repeated hour is open the first time", chicago, ["01:00-02:00"], "2026-11-01T06:30:00Z", true],
      ["and the second time", chicago, ["01:00-02:00"], "2026-11-01T07:30:00Z", true],
      ["and then over", chicago, ["01:00-02:00"], "2026-11-01T08:00:00Z", false],
      ["Berlin repeats 02:00 to 03:00", "Europe/Berlin", ["02:00-03:00"], "2026-10-25T01:30:00Z", true],
      // 01:30 to 02:00 comes twice on Lord Howe on Sunday 5 April 2026, from 14:30 and from 15:00 UTC the day before.
      [
        "Lord Howe's half hour is open the first time",
        "Australia/Lord_Howe",
        ["01:30-02:00"],
        "2026-04-04T14:30:00Z",
        true,
      ],
      [
        "and the second time, on Lord Howe",
        "Australia/Lord_Howe",
        ["01:30-02:00"],
        "2026-04-04T15:29:59Z",
        true,
      ],
      ["and then over, on Lord Howe", "Australia/Lord_Howe", ["01:30-02:00"], "2026-04-04T15:30:00Z", false],
    ])("%s", (_title, zone, sun, at, open) => {
      expect(isOpen({ sun }, zone, at)).toBe(open);
    });
  });

  test("a schedule is what the wall clock says, in every zone at every time", () => {
    const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
    const twoDigits = (number: number) => String(number).padStart(2, "0");
    fc.assert(
      fc.property(
        fc.constantFrom(...Intl.supportedValuesOf("timeZone")),
        fc.date({ min: new Date("2000-01-01"), max: new Date("2037-01-01"), noInvalidDate: true }),
        fc.constantFrom(...days),
        fc.integer({ min: 0, max: 1439 }),
        fc.integer({ min: 1, max: 1439 }),
        (zone, now, day, start, length) => {
          const end = (start + length) % 1440;
          const times = [start, end].map((at) => `${twoDigits(Math.floor(at / 60))}:${twoDigits(at % 60)}`);
          const clock = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone);
          const minute = (clock.dayOfWeek - 1) * 1440 + clock.hour * 60 + clock.minute;
          const sinceStart = (minute - (days.indexOf(day) * 1440 + start) + 2 * 10_080) % 10_080;
          expect(compileSchedule({ [day]: [times.join("-")] }, zone).isOpen(now)).toBe(sinceStart < length);
        },
      ),
      { numRuns: runs(1000) },
    );
  });
});

describe("scheduleProblems", () => {
  test.each<[unknown]>([
    [{ mon: ["09:00-17:00"] }],
    [{ mon: ["09:00-12:00", "12:00-17:00"], tue: [] }],
    [{ fri: ["22:00-06:00"], sat: ["00:00-24:00"] }],
    [{ fri: ["22:00-06:00", "05:00-07:00"] }],
  ])("has nothing against %j", (definition) => {
    expect(scheduleProblems(definition)).toEqual([]);
    expect(Value.Check(ScheduleDefinition, definition)).toBe(true);
  });

  test.each<[unknown, string, string]>([
    [{ mon: ["9:00-17:00"] }, "mon[0]", "must be a window"],
    [{ mon: ["09:00-17:00", "25:00-26:00"] }, "mon[1]", "must be a window"],
    [{ mon: ["24:00-02:00"] }, "mon[0]", "must be a window"],
    [{ mon: ["09:00-24:30"] }, "mon[0]", "must be a window"],
    [{ mon: ["09:00 - 17:00"] }, "mon[0]", "must be a window"],
    [{ mon: [900] }, "mon[0]", "must be a window"],
    [{ mon: ["09:00-09:00"] }, "mon[0]", "starts when it ends"],
    [{ mon: ["09:00-12:00", "11:59-17:00"] }, "mon[1]", "overlaps"],
    [{ mon: ["22:00-06:00", "23:00-23:30"] }, "mon[1]", "overlaps"],
    [{ mon: "09:00-17:00" }, "mon", "must be a list"],
    [{ monday: ["09:00-17:00"] }, "monday", "is not a day"],
    [{}, "", "is never open"],
    [{ mon: [], tue: [] }, "", "is never open"],
    [[], "", "must be a mapping"],
    [null, "", "must be a mapping"],
    ["always", "", "must be a mapping"],
  ])("says of %j, at %j, that it %s", (definition, path, message) => {
    const problems = scheduleProblems(definition);
    expect(problems.map((problem) => problem.path)).toEqual([path]);
    expect(problems[0]?.message).toStartWith(message);
  });

  test("scheduleProblems names every problem at once", () => {
    const problems = scheduleProblems({ mon: ["x", "09:00-10:00"], someday: [], tue: ["y"] });
    expect(problems.map((problem) => problem.path)).toEqual(["mon[0]", "someday", "tue[0]"]);
  });

  test("what scheduleProblems finds is heeded by compileSchedule", () => {
    expect(() => compileSchedule({ mon: ["09:00-09:00"] }, "UTC")).toThrow(RangeError);
  });
});
