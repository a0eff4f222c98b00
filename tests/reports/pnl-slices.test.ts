import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { PnlGroup } from "#reports/pnl.ts";
import type { PnlRange } from "#reports/pnl-range.ts";
import { packParts, partsOf, pnlSlices } from "#reports/pnl-slices.ts";
import { runs } from "../support/runs.ts";

const NO_ONE = { campaign: null, supplier: null, buyer: null, source: null };

function rangeOf(from: string, to: string, groups: PnlGroup[], timezone = "UTC"): PnlRange {
  return { from, to, groups, timezone, includeTest: false, only: NO_ONE };
}

/** Hours of each period, and its name. */
function told(range: PnlRange, days: number, name: "hour" | "day" | "week" | "month") {
  return [...pnlSlices(range, days)].map((slice) =>
    slice.map(({ from, to, names }) => [names[name], (to - from) / 3_600_000]),
  );
}

describe("periods of a report", () => {
  test("days are those of the zone, also where the clock is changed", () => {
    const range = rangeOf("2030-03-10T05:00:00Z", "2030-03-12T04:00:00Z", ["day"], "America/New_York");
    expect(told(range, 31, "day")).toEqual([
      [
        ["2030-03-10", 23],
        ["2030-03-11", 24],
      ],
    ]);
  });

  test("the hour that comes twice is told apart by its offset", () => {
    const range = rangeOf("2030-11-03T05:00:00Z", "2030-11-03T07:00:00Z", ["hour"], "America/New_York");
    expect(told(range, 31, "hour")).toEqual([
      [
        ["2030-11-03T01:00-04:00", 1],
        ["2030-11-03T01:00-05:00", 1],
      ],
    ]);
  });

  test("a week and a month are those of their days, in one period each where no day is asked for", () => {
    const range = rangeOf("2029-12-30T00:00:00Z", "2030-01-03T00:00:00Z", ["week", "month"]);
    const [slice] = [...pnlSlices(range, 31)];
    expect(slice?.map(({ names }) => [names.week, names.month, names.day])).toEqual([
      ["2029-W52", "2029-12", null],
      ["2030-W01", "2029-12", null],
      ["2030-W01", "2030-01", null],
    ]);
  });

  test("what is grouped by no time is one period a slice", () => {
    const range = rangeOf("2030-01-01T00:00:00Z", "2030-01-06T12:00:00Z", ["campaign"]);
    expect(told(range, 2, "day")).toEqual([[[null, 48]], [[null, 48]], [[null, 36]]]);
  });

  test("every hour of a range is in one period, whatever the zone", () => {
    const hour = 3_600_000;
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 24 * 400 }),
        fc.integer({ min: 1, max: 24 * 80 }),
        fc.constantFrom("UTC", "America/New_York", "Europe/Berlin", "Pacific/Apia"),
        fc.subarray<PnlGroup>(["hour", "day", "week", "month", "campaign"]),
        fc.integer({ min: 1, max: 31 }),
        (start, hours, zone, groups, days) => {
          const from = Date.parse("2029-06-01T00:00:00Z") + start * hour;
          const to = from + hours * hour;
          const range = rangeOf(new Date(from).toISOString(), new Date(to).toISOString(), groups, zone);
          const periods = [...pnlSlices(range, days)].flat();
          expect(periods.at(0)?.from).toBe(from);
          expect(periods.at(-1)?.to).toBe(to);
          for (const [n, period] of periods.entries()) {
            expect(period.to).toBeGreaterThan(period.from);
            if (n > 0) expect(period.from).toBe(periods[n - 1]?.to as number);
          }
        },
      ),
      { numRuns: runs(60) },
    );
  });

  test("days that are summed up and the hours around them are each hour of a period once, in statements of bounded length", () => {
    const hour = 3_600_000;
    const hours = fc.integer({ min: 0, max: 24 * 40 });
    fc.assert(
      fc.property(fc.array(hours, { minLength: 2, maxLength: 6 }), hours, (ends, until) => {
        const moments = [...new Set(ends)].toSorted((one, other) => one - other).map((end) => end * hour);
        const periods = moments.slice(1).map((to, n) => ({ from: moments[n] ?? 0, to }));
        const parts = partsOf(periods, Math.floor(until / 24) * 24 * hour);
        for (const { from, to } of parts.days) {
          expect([from % (24 * hour), to % (24 * hour)]).toEqual([0, 0]);
          expect(to).toBeLessThanOrEqual(until * hour);
        }
        const some = [...packParts(parts.hours, 48)];
        const lengthOf = (of: readonly { from: number; to: number }[]) =>
          of.reduce((sum, { from, to }) => sum + to - from, 0) / hour;
        for (const each of some) expect(lengthOf(each)).toBeLessThanOrEqual(48);
        for (const [n, period] of periods.entries()) {
          const pieces = [...parts.days, ...some.flat()].filter((part) => part.n === n);
          expect(lengthOf(pieces)).toBe(lengthOf([period]));
          const ordered = pieces.toSorted((one, other) => one.from - other.from);
          for (const [place, piece] of ordered.entries()) {
            expect(piece.from).toBe(place === 0 ? period.from : (ordered[place - 1]?.to as number));
          }
        }
      }),
    );
  });
});
