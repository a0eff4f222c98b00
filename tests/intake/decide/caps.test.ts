import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Cap } from "#campaigns/campaign.ts";
import {
  asOf,
  canPay,
  periodStarts,
  reachedCap,
  startsByZone,
  sumOfUsage,
  type Usage,
  unused,
  withChange,
  withOneMore,
} from "#intake/decide/caps.ts";
import { type Amount, amountOfTenThousandths } from "#money/amount.ts";
import { CLOCK_PERIODS } from "#time/period.ts";

const NOW = new Date("2026-01-13T17:00:00Z");
const ZONE = "Asia/Kolkata";
const money = (tenThousandths: number): Amount => amountOfTenThousandths(tenThousandths);

function used(leads: number, amount = 100, now = NOW): Usage {
  let usage = unused(periodStarts(ZONE, now));
  for (let lead = 0; lead < leads; lead++) usage = withOneMore(usage, money(amount));
  return usage;
}

describe("the periods of a batch", () => {
  test("the periods of a batch are those of its own time and of each zone, whatever was asked for before", () => {
    const zones = fc.constantFrom("America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia");
    const times = fc.date({ min: new Date("2024-01-01"), max: new Date("2027-01-01"), noInvalidDate: true });
    // So near that two are often within a minute, and often on both sides of one.
    const near = fc.tuple(times, fc.integer({ min: 0, max: 120_000 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(near, zones), { minLength: 1, maxLength: 6 }), (asked) => {
        for (const [[time, later], zone] of asked) {
          for (const now of [time, new Date(time.getTime() + later)]) {
            expect(startsByZone(now)(zone)).toEqual(periodStarts(zone, now));
          }
        }
      }),
    );
  });
});

describe("usage", () => {
  test("usage counts from nothing in each period that has begun since, and keeps the others", () => {
    const atMidnight = asOf(used(3), periodStarts(ZONE, new Date("2026-01-13T18:30:00Z")));
    expect([
      atMidnight.hour.leads,
      atMidnight.day.leads,
      atMidnight.week.leads,
      atMidnight.month.leads,
    ]).toEqual([0, 0, 3, 3]);
    expect(atMidnight.total).toEqual({ leads: 3, amount: money(300) });
    const nextMonth = asOf(used(3), periodStarts(ZONE, new Date("2026-01-31T18:30:00Z")));
    expect(CLOCK_PERIODS.map((period) => nextMonth[period].leads)).toEqual([0, 0, 0, 0]);
    expect(nextMonth.total.leads).toBe(3);
  });

  test("usage stays where it is when time runs backwards", () => {
    const usage = used(3);
    expect(asOf(usage, periodStarts(ZONE, new Date("2025-12-01T00:00:00Z")))).toEqual(usage);
  });

  test("usage stays at the most that can be counted of money, over which every cap is reached, and counts leads on", () => {
    const most = money(Number.MAX_SAFE_INTEGER);
    const usage = used(3, Number.MAX_SAFE_INTEGER - 1);
    for (const period of [...CLOCK_PERIODS, "total" as const]) {
      expect(usage[period]).toMatchObject({ leads: 3, amount: most });
      const cap: Cap = { period, leads: null, amount: money(9_999_999_999_999) };
      expect(reachedCap([cap], usage, most)).toEqual({ period, unit: "amount" });
    }
    expect(sumOfUsage([usage, usage])?.total).toEqual({ leads: 6, amount: most });
    expect(withChange(usage, -1, money(-100), NOW.getTime()).total.amount).toBe(
      money(Number.MAX_SAFE_INTEGER - 100),
    );
  });

  test("usage never passes a cap, in any period, by leads of any price at any time", () => {
    const sales = fc.array(
      fc.record({ pause: fc.nat({ max: 40 * 3_600_000 }), amount: fc.integer({ min: 0, max: 90 }) }),
      {
        maxLength: 120,
      },
    );
    const limits = fc.record({
      leads: fc.option(fc.nat({ max: 4 })),
      amount: fc.option(fc.nat({ max: 150 })),
    });
    const periods = fc.constantFrom("hour", "day", "week", "month", "total");
    fc.assert(
      fc.property(
        sales,
        periods,
        limits,
        fc.constantFrom(ZONE, "America/New_York", "Australia/Lord_Howe"),
        (offered, period, limit, zone) => {
          const cap: Cap = {
            period,
            leads: limit.leads,
            amount: limit.amount === null ? null : money(limit.amount),
          };
          const sold = new Map<number, { leads: number; amount: number }>();
          // Over the change of clocks in March and beyond.
          let now = Date.parse("2026-03-05T00:00:00Z");
          let usage = unused(periodStarts(zone, new Date(now)));
          for (const { pause, amount } of offered) {
            now += pause;
            const starts = periodStarts(zone, new Date(now));
            usage = asOf(usage, starts);
            const period_ = period === "total" ? 0 : starts[period];
            const soFar = sold.get(period_) ?? { leads: 0, amount: 0 };
            const fits =
              (limit.leads === null || soFar.leads < limit.leads) &&
              (limit.amount === null || soFar.amount + amount <= limit.amount);
            expect(reachedCap([cap], usage, money(amount)) === undefined).toBe(fits);
            if (!fits) continue;
            usage = withOneMore(usage, money(amount));
            sold.set(period_, { leads: soFar.leads + 1, amount: soFar.amount + amount });
          }
        },
      ),
    );
  });
});

describe("a cap", () => {
  const cap = (over: Partial<Cap>): Cap => ({ period: "day", leads: null, amount: null, ...over });

  test("a cap in leads has room up to its number", () => {
    expect(reachedCap([cap({ leads: 3 })], used(2), money(1))).toBeUndefined();
    expect(reachedCap([cap({ leads: 3 })], used(3), money(1))).toEqual({ period: "day", unit: "leads" });
    expect(reachedCap([cap({ leads: 0 })], used(0), money(0))).toEqual({ period: "day", unit: "leads" });
  });

  test("a cap in money has room for what fits exactly, and for what costs nothing", () => {
    const capped = [cap({ amount: money(1000) })];
    expect(reachedCap(capped, used(9), money(100))).toBeUndefined();
    expect(reachedCap(capped, used(9), money(101))).toEqual({ period: "day", unit: "amount" });
    expect(reachedCap(capped, used(10), money(0))).toBeUndefined();
  });

  test("a cap is named first in the order in which caps are listed, leads before money", () => {
    const full = { leads: 1, amount: money(1) };
    expect(reachedCap([cap({ period: "hour", ...full }), cap(full)], used(1), money(1))).toEqual({
      period: "hour",
      unit: "leads",
    });
    expect(
      reachedCap([cap({ period: "hour" }), cap({ leads: 5, amount: money(1) })], used(1), money(1)),
    ).toEqual({
      period: "day",
      unit: "amount",
    });
  });
});

describe("a buyer's money", () => {
  test("a buyer's money suffices to the last ten-thousandth of balance and credit together", () => {
    expect(canPay(money(10), money(10), money(0))).toBe(true);
    expect(canPay(money(9), money(10), money(0))).toBe(false);
    expect(canPay(money(-5), money(10), money(15))).toBe(true);
    expect(canPay(money(-6), money(10), money(15))).toBe(false);
    expect(canPay(money(0), money(0), money(0))).toBe(true);
  });

  test("a buyer's money is not asked about where it is not watched", () => {
    expect(canPay(money(-1_000_000), money(10), null)).toBe(true);
  });
});
