import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Amount, amountOfTenThousandths, parseAmount } from "#money/amount.ts";
import { isWorthwhile, payoutFor } from "#money/price.ts";

const price = amountOfTenThousandths(400_000);
const amount = (text: string) => parseAmount(text) ?? expect.unreachable();

test("a fixed payout is owed in full, whatever the price", () => {
  const owed = amountOfTenThousandths(500_000);
  expect(payoutFor({ mode: "fixed", amount: owed }, price, null, "USD")).toBe(owed);
});

test("a revenue share is that part of the price, in whole cents", () => {
  expect(payoutFor({ mode: "revenue_share", percent: "33.33" }, price, null, "USD")).toBe(
    amountOfTenThousandths(133_300),
  );
  expect(payoutFor({ mode: "revenue_share", percent: 70 }, price, null, "USD")).toBe(
    amountOfTenThousandths(280_000),
  );
});

test("a revenue share of more than everything is refused", () => {
  expect(() => payoutFor({ mode: "revenue_share", percent: 101 }, price, null, "USD")).toThrow(RangeError);
});

describe("operator's margin", () => {
  const margin = { flat: amount("2.00"), percent: "12.5" };

  test("an operator's margin, flat, in percent or both, is what a price leaves the operator", () => {
    const paid = (of: string, kept = margin) => payoutFor({ mode: "margin" }, amount(of), kept, "USD");
    expect(paid("40.00")).toBe(amount("33.00"));
    expect(paid("40.00", { flat: amount("2.00"), percent: "0" })).toBe(amount("38.00"));
    expect(paid("40.00", { flat: amount("0"), percent: "12.5" })).toBe(amount("35.00"));
    expect(payoutFor({ mode: "margin" }, price, null, "USD")).toBe(price);
  });

  test("an operator's margin that exceeds the price leaves the supplier nothing, and is not worthwhile", () => {
    expect(payoutFor({ mode: "margin" }, amount("1.00"), margin, "USD")).toBe(amount("0"));
    expect(isWorthwhile(amount("1.00"), amount("0"), margin, "USD")).toBe(false);
  });

  test("an operator's margin is kept of every price that is worthwhile, to the ten-thousandth", () => {
    const amounts = fc.integer({ min: 0, max: 10_000_000_000 }).map((cents) => (cents * 100) as Amount);
    const percents = fc.integer({ min: 0, max: 1_000_000 }).map((each) => String(each / 10_000));
    fc.assert(
      fc.property(amounts, amounts, percents, (of, flat, percent) => {
        const payout = payoutFor({ mode: "margin" }, of, { flat, percent }, "USD");
        const isEnough = isWorthwhile(of, payout, { flat, percent }, "USD");
        expect(payout).toBeGreaterThanOrEqual(0);
        expect(payout).toBeLessThanOrEqual(of);
        // What the operator keeps is the margin, unless the whole price is less than that.
        expect(isEnough || payout === 0).toBe(true);
        if (payout > 0)
          expect(isWorthwhile(of, (payout + 100) as Amount, { flat, percent }, "USD")).toBe(false);
      }),
    );
  });
});

test("a share and a margin leave whole minor units of their currency, and price is payout and what is kept", () => {
  const currencies = fc.constantFrom(["USD", 100] as const, ["JPY", 10_000] as const, ["KWD", 10] as const);
  const percents = fc.integer({ min: 0, max: 1_000_000 }).map((each) => String(each / 10_000));
  fc.assert(
    fc.property(
      currencies,
      fc.integer({ min: 0, max: 9_000_000 }),
      percents,
      ([currency, unit], units, percent) => {
        const of = (units * unit) as Amount;
        const shared = payoutFor({ mode: "revenue_share", percent }, of, null, currency);
        const flat = amountOfTenThousandths(0);
        const kept = of - payoutFor({ mode: "margin" }, of, { flat, percent }, currency);
        // What one keeps is what the other is paid, for the same percentage.
        expect(kept).toBe(shared);
        expect([shared % unit, kept % unit]).toEqual([0, 0]);
        expect(shared).toBeLessThanOrEqual(of);
      },
    ),
  );
});
