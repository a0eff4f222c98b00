import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { lastDue, type ReportSchedule } from "#reports/report-schedule.ts";

function due(schedule: Partial<ReportSchedule>, now: string) {
  const found = lastDue({ every: "day", at: "07:00", timezone: "UTC", ...schedule }, Date.parse(now));
  return [found.dueAt, found.from, found.to].map((ms) => new Date(ms).toISOString().slice(0, 16));
}

describe("a report that is made every so often", () => {
  test("is due at its time of the day, the Monday or the first, and of the whole day, week or month before", () => {
    expect(due({}, "2026-01-13T07:00:00Z")).toEqual([
      "2026-01-13T07:00",
      "2026-01-12T00:00",
      "2026-01-13T00:00",
    ]);
    expect(due({}, "2026-01-13T06:59:59Z")).toEqual([
      "2026-01-12T07:00",
      "2026-01-11T00:00",
      "2026-01-12T00:00",
    ]);
    expect(due({ every: "week" }, "2026-01-18T12:00:00Z")).toEqual([
      "2026-01-12T07:00",
      "2026-01-05T00:00",
      "2026-01-12T00:00",
    ]);
    expect(due({ every: "week" }, "2026-01-12T06:00:00Z")[0]).toBe("2026-01-05T07:00");
    expect(due({ every: "month" }, "2026-03-01T06:00:00Z")).toEqual([
      "2026-02-01T07:00",
      "2026-01-01T00:00",
      "2026-02-01T00:00",
    ]);
    expect(due({ every: "month" }, "2026-03-31T06:00:00Z")[1]).toBe("2026-02-01T00:00");
  });

  test("keeps to its time of day when the clock is put on or back, and its day has 23 or 25 hours", () => {
    const newYork = { timezone: "America/New_York" };
    expect(due(newYork, "2026-03-07T20:00:00Z")[0]).toBe("2026-03-07T12:00");
    expect(due(newYork, "2026-03-09T20:00:00Z")).toEqual([
      "2026-03-09T11:00",
      "2026-03-08T05:00",
      "2026-03-09T04:00",
    ]);
    expect(due(newYork, "2026-11-02T20:00:00Z")).toEqual([
      "2026-11-02T12:00",
      "2026-11-01T04:00",
      "2026-11-02T05:00",
    ]);
  });

  test("is due later where the clock skips its time, and once where that comes twice", () => {
    const night = { at: "02:30", timezone: "America/New_York" };
    expect(due(night, "2026-03-08T07:29:00Z")[0]).toBe("2026-03-07T07:30");
    expect(due(night, "2026-03-08T07:30:00Z")[0]).toBe("2026-03-08T07:30");
    const twice = { at: "01:30", timezone: "America/New_York" };
    expect(due(twice, "2026-11-01T05:30:00Z")[0]).toBe("2026-11-01T05:30");
    expect(due(twice, "2026-11-01T06:30:00Z")[0]).toBe("2026-11-01T05:30");
  });

  test("is never due later than now, nor longer ago than one of its periods, and what it is of follows what came before", () => {
    const longest = { day: 25, week: 7 * 24 + 1, month: 31 * 24 + 1 };
    fc.assert(
      fc.property(
        fc.constantFrom("day" as const, "week" as const, "month" as const),
        fc.constantFrom("00:00", "02:30", "07:00", "23:59"),
        fc.constantFrom("UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"),
        fc.integer({ min: Date.parse("2024-01-01Z"), max: Date.parse("2028-01-01Z") }),
        (every, at, timezone, now) => {
          const schedule = { every, at, timezone };
          const found = lastDue(schedule, now);
          expect(found.dueAt).toBeLessThanOrEqual(now);
          expect(now - found.dueAt).toBeLessThanOrEqual(longest[every] * 3_600_000);
          expect(lastDue(schedule, found.dueAt)).toEqual(found);
          expect(lastDue(schedule, found.dueAt - 1).to).toBe(found.from);
        },
      ),
    );
  });
});
