import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type ClockPeriod, nextPeriodStart, periodStart } from "#time/period.ts";
import { isTimeZone } from "#time/wall-clock.ts";
import { runs } from "../support/runs.ts";

const periods: readonly ClockPeriod[] = ["hour", "day", "week", "month"];

describe("periodStart", () => {
  test.each<[ClockPeriod, string, string, string]>([
    ["hour", "UTC", "2026-03-04T10:59:59.999Z", "2026-03-04T10:00:00Z"],
    ["hour", "UTC", "2026-03-04T10:00:00.000Z", "2026-03-04T10:00:00Z"],
    ["hour", "Asia/Kolkata", "2026-03-04T10:15:00Z", "2026-03-04T09:30:00Z"],
    ["hour", "Asia/Kathmandu", "2026-03-04T10:15:00Z", "2026-03-04T10:15:00Z"],
    ["hour", "Asia/Kathmandu", "2026-03-04T10:14:59Z", "2026-03-04T09:15:00Z"],
    ["day", "America/Chicago", "2026-01-15T05:59:59Z", "2026-01-14T06:00:00Z"],
    ["day", "America/Chicago", "2026-01-15T06:00:00Z", "2026-01-15T06:00:00Z"],
    ["day", "America/Chicago", "2026-07-15T05:00:00Z", "2026-07-15T05:00:00Z"],
    ["day", "Pacific/Kiritimati", "2026-01-15T09:59:59Z", "2026-01-14T10:00:00Z"],
    ["week", "UTC", "2026-03-04T10:00:00Z", "2026-03-02T00:00:00Z"],
    ["week", "UTC", "2026-03-08T23:59:59Z", "2026-03-02T00:00:00Z"],
    ["week", "UTC", "2026-03-09T00:00:00Z", "2026-03-09T00:00:00Z"],
    ["week", "America/Chicago", "2026-03-09T04:59:59Z", "2026-03-02T06:00:00Z"],
    ["month", "America/Chicago", "2026-03-01T05:59:59Z", "2026-02-01T06:00:00Z"],
    ["month", "America/Chicago", "2026-03-31T12:00:00Z", "2026-03-01T06:00:00Z"],
    ["month", "UTC", "2024-02-29T12:00:00Z", "2024-02-01T00:00:00Z"],
  ])("the %s in %s at %s began at %s", (period, zone, now, start) => {
    expect(periodStart(period, zone, new Date(now))).toEqual(new Date(start));
  });

  test("a day on which the clock skips midnight begins at the first instant that it has", () => {
    // Beirut's clocks went from 24:00 to 01:00 on 27 March 2022.
    const start = periodStart("day", "Asia/Beirut", new Date("2022-03-27T12:00:00Z"));
    expect(start).toEqual(new Date("2022-03-26T22:00:00Z"));
    expect(periodStart("day", "Asia/Beirut", new Date(start.getTime() - 1))).toEqual(
      new Date("2022-03-25T22:00:00Z"),
    );
  });

  test("a week of 169 hours begins on its Monday", () => {
    // Berlin's clocks went back on Sunday 25 October 2026.
    expect(periodStart("week", "Europe/Berlin", new Date("2026-10-25T22:59:59Z"))).toEqual(
      new Date("2026-10-18T22:00:00Z"),
    );
    expect(periodStart("week", "Europe/Berlin", new Date("2026-10-25T23:00:00Z"))).toEqual(
      new Date("2026-10-25T23:00:00Z"),
    );
  });

  test("the hour that comes twice is two hours", () => {
    // 01:30 twice in Chicago on 1 November 2026, first at UTC-5, then at UTC-6.
    const first = periodStart("hour", "America/Chicago", new Date("2026-11-01T06:30:00Z"));
    const second = periodStart("hour", "America/Chicago", new Date("2026-11-01T07:30:00Z"));
    expect([first, second]).toEqual([new Date("2026-11-01T06:00:00Z"), new Date("2026-11-01T07:00:00Z")]);
  });

  test("the hour after the one that is skipped begins at the change", () => {
    expect(periodStart("hour", "America/Chicago", new Date("2026-03-08T08:30:00Z"))).toEqual(
      new Date("2026-03-08T08:00:00Z"),
    );
  });

  test.each([
    // Lord Howe goes from 02:00 (+11) back to 01:30 (+10:30) on 5 April 2026, at 15:00 UTC the day before.
    ["2026-04-04T14:45:00Z", "2026-04-04T14:00:00Z"],
    ["2026-04-04T15:00:00Z", "2026-04-04T15:00:00Z"],
    ["2026-04-04T15:20:00Z", "2026-04-04T15:00:00Z"],
    ["2026-04-04T15:30:00Z", "2026-04-04T15:30:00Z"],
    // And from 02:00 (+10:30) to 02:30 (+11) on 4 October 2026, at 15:30 UTC the day before.
    ["2026-10-03T15:29:59Z", "2026-10-03T14:30:00Z"],
    ["2026-10-03T15:45:00Z", "2026-10-03T15:30:00Z"],
    ["2026-10-03T16:00:00Z", "2026-10-03T16:00:00Z"],
  ])("where clocks change by half an hour, the hour at %s began at %s", (now, start) => {
    expect(periodStart("hour", "Australia/Lord_Howe", new Date(now))).toEqual(new Date(start));
  });

  const anyPeriod = fc.constantFrom(...periods);
  const anyZone = fc.constantFrom(...Intl.supportedValuesOf("timeZone"));
  const shifting = fc.constantFrom("America/Chicago", "Australia/Lord_Howe", "Asia/Beirut", "America/Havana");
  const anyInstant = fc.date({
    min: new Date("2015-01-01T00:00:00Z"),
    max: new Date("2037-01-01T00:00:00Z"),
    noInvalidDate: true,
  });
  const nearChange = fc
    .tuple(
      fc.constantFrom("2026-03-08T08:00Z", "2026-04-04T15:00Z", "2026-10-03T15:30Z", "2026-11-01T07:00Z"),
      fc.integer({ min: -9_000_000, max: 9_000_000 }),
    )
    .map(([change, ms]) => new Date(Date.parse(change) + ms));
  const anywhere = fc.oneof(
    fc.record({ zone: anyZone, now: anyInstant }),
    fc.record({ zone: shifting, now: nearChange }),
  );

  test("the start of a period is never after now, and is the start of its own period, in every zone", () => {
    fc.assert(
      fc.property(anyPeriod, anywhere, (period, { zone, now }) => {
        const start = periodStart(period, zone, now);
        expect(start.getTime()).toBeLessThanOrEqual(now.getTime());
        expect(periodStart(period, zone, start)).toEqual(start);
      }),
      { numRuns: runs(2000) },
    );
  });

  test("the start of a period is shared by every instant from the start to now, and not by the one before the start", () => {
    fc.assert(
      fc.property(
        anyPeriod,
        anywhere,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (period, { zone, now }, part) => {
          const start = periodStart(period, zone, now);
          const between = new Date(start.getTime() + Math.floor((now.getTime() - start.getTime()) * part));
          expect(periodStart(period, zone, between)).toEqual(start);
          expect(periodStart(period, zone, new Date(start.getTime() - 1)).getTime()).toBeLessThan(
            start.getTime(),
          );
        },
      ),
      { numRuns: runs(2000) },
    );
  });

  test("a period has ended when the next period's length has gone by", () => {
    const longest: Record<ClockPeriod, number> = { hour: 1, day: 25, week: 169, month: 745 };
    fc.assert(
      fc.property(anyPeriod, anywhere, (period, { zone, now }) => {
        const later = new Date(now.getTime() + longest[period] * 3_600_000);
        expect(periodStart(period, zone, later).getTime()).toBeGreaterThan(
          periodStart(period, zone, now).getTime(),
        );
      }),
      { numRuns: runs(1000) },
    );
  });

  test("the start of a period never goes back as time goes on", () => {
    fc.assert(
      fc.property(
        anyPeriod,
        anywhere,
        fc.integer({ min: 0, max: 40 * 86_400_000 }),
        (period, { zone, now }, ms) => {
          const later = new Date(now.getTime() + ms);
          expect(periodStart(period, zone, later).getTime()).toBeGreaterThanOrEqual(
            periodStart(period, zone, now).getTime(),
          );
        },
      ),
      { numRuns: runs(2000) },
    );
  });
});

test("isTimeZone takes names of the IANA database", () => {
  expect(["UTC", "America/Chicago", "US/Eastern", "Etc/GMT+5", "Asia/Calcutta"].every(isTimeZone)).toBe(true);
});

test("isTimeZone refuses offsets, times and names that are none", () => {
  const others = [
    "",
    "+01:00",
    "2026-01-01T00:00+01:00[Europe/Berlin]",
    "Mars/Olympus",
    "America/Chicago ",
    "Z",
  ];
  expect(others.filter(isTimeZone)).toEqual([]);
});

describe("nextPeriodStart", () => {
  const zones = [
    "UTC",
    "America/Chicago",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Asia/Beirut",
    "Africa/Casablanca",
  ];

  test.each<[ClockPeriod, string, string, string]>([
    ["hour", "Asia/Kolkata", "2026-01-13T17:00:00Z", "2026-01-13T17:30:00Z"],
    ["day", "Asia/Kolkata", "2026-01-13T17:00:00Z", "2026-01-13T18:30:00Z"],
    ["week", "Asia/Kolkata", "2026-01-13T17:00:00Z", "2026-01-18T18:30:00Z"],
    ["month", "Asia/Kolkata", "2026-01-31T17:00:00Z", "2026-01-31T18:30:00Z"],
    ["month", "UTC", "2026-01-31T17:00:00Z", "2026-02-01T00:00:00Z"],
    ["hour", "America/Chicago", "2026-11-01T06:30:00Z", "2026-11-01T07:00:00Z"],
    ["day", "Asia/Beirut", "2022-03-26T12:00:00Z", "2022-03-26T22:00:00Z"],
    ["hour", "Australia/Lord_Howe", "2026-04-04T14:45:00Z", "2026-04-04T15:00:00Z"],
    ["hour", "Australia/Lord_Howe", "2026-04-04T15:10:00Z", "2026-04-04T15:30:00Z"],
  ])("after the %s in %s at %s the next begins at %s", (period, zone, now, start) => {
    expect(nextPeriodStart(period, zone, new Date(now))).toEqual(new Date(start));
  });

  test("is where the current period ends and another begins", () => {
    const at = fc.date({ min: new Date("2015-01-01"), max: new Date("2030-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(fc.constantFrom(...periods), fc.constantFrom(...zones), at, (period, zone, now) => {
        const next = nextPeriodStart(period, zone, now);
        const justBefore = new Date(next.getTime() - 1);
        expect(periodStart(period, zone, next)).toEqual(next);
        expect(periodStart(period, zone, justBefore)).toEqual(periodStart(period, zone, now));
      }),
    );
  });
});
