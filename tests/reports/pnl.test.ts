import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Amount, add, formatAmount, parseSignedAmount } from "#money/amount.ts";
import { createPnlSums, PNL_COUNTS, type PnlFigures, type PnlRow } from "#reports/pnl.ts";
import { runs } from "../support/runs.ts";

const CURRENCIES = { JPY: 10_000, USD: 100, KWD: 10 } as const;

const units = fc.nat(1_000_000);

/** Of any two campaigns in any currency, in whole units of it. */
const anyFigures = fc
  .record({
    currency: fc.constantFrom("JPY" as const, "USD" as const, "KWD" as const),
    campaign: fc.constantFrom("solar", "roof"),
    amounts: fc.tuple(units, units, units, units),
  })
  .map(({ currency, campaign, amounts: [sold, refunds, payouts, costs] }): PnlFigures => {
    const unit = CURRENCIES[currency];
    const counts = Object.fromEntries(PNL_COUNTS.map((name) => [name, 1])) as Record<
      (typeof PNL_COUNTS)[number],
      number
    >;
    return {
      ...counts,
      currency,
      group: { campaign },
      sold: String(sold * unit),
      refunds: String(refunds * unit),
      payouts: String(payouts * unit),
      costs: String(costs * unit),
    };
  });

function rowsOf(figures: readonly PnlFigures[], groups: ["campaign"] | [] = ["campaign"]): PnlRow[] {
  const sums = createPnlSums(groups);
  for (const each of figures) sums.add(each);
  return sums.rows();
}

function read(text: string): Amount {
  return parseSignedAmount(text) ?? expect.unreachable(text);
}

test("a report's profit is revenue less payouts and costs, to the last unit of currencies of 0, 2 and 3 decimals", () => {
  fc.assert(
    fc.property(fc.array(anyFigures, { minLength: 1, maxLength: 20 }), (figures) => {
      for (const row of rowsOf(figures)) {
        const [revenue, profit] = [read(row.revenue), read(row.profit)];
        expect(revenue as number).toBe(read(row.sold) - read(row.refunds));
        expect(profit as number).toBe(revenue - read(row.payouts) - read(row.costs));
        expect(profit % CURRENCIES[row.currency as keyof typeof CURRENCIES]).toBeCloseTo(0);
        expect(row.profit).toBe(formatAmount(profit, row.currency));
      }
    }),
  );
});

test("a report's rows are split from its totals without a remainder, and two currencies never meet", () => {
  fc.assert(
    fc.property(fc.array(anyFigures, { maxLength: 20 }), (figures) => {
      const rows = rowsOf(figures);
      for (const total of rowsOf(figures, [])) {
        const own = rows.filter(({ currency }) => currency === total.currency);
        const sum = own.map(({ profit }) => read(profit)).reduce(add, 0 as Amount);
        expect(sum).toBe(read(total.profit));
      }
    }),
  );
});

test("a report's margin is the nearest hundredth of a percent, and of two equally near the even one, by exact fractions", () => {
  fc.assert(
    fc.property(anyFigures, (figures) => {
      const [row] = rowsOf([figures]);
      if (row === undefined || row.margin_percent === null) return;
      const hundredths = BigInt(Math.round(row.margin_percent * 100));
      const [profit, revenue] = [BigInt(read(row.profit)), BigInt(read(row.revenue))];
      // Twice how far it is off, in hundredths of a percent of the revenue.
      const off = 2n * (profit * 10_000n - hundredths * revenue);
      const [distance, unit] = [off < 0n ? -off : off, revenue < 0n ? -revenue : revenue];
      expect(distance <= unit).toBe(true);
      if (distance === unit) expect(hundredths % 2n).toBe(0n);
    }),
    { numRuns: runs(500) },
  );
  const of = (sold: number, costs: number) =>
    rowsOf([{ ...figuresOf, sold: `${sold * 100}`, costs: `${(sold - costs) * 100}` }])[0]?.margin_percent;
  // 0.005, 0.015 and 0.025 percent.
  expect([of(20_000, 1), of(20_000, 3), of(20_000, 5), of(20_000, -1)]).toEqual([0, 0.02, 0.02, 0]);
});

const figuresOf: PnlFigures = {
  ...(Object.fromEntries(PNL_COUNTS.map((name) => [name, 0])) as Record<(typeof PNL_COUNTS)[number], number>),
  currency: "USD",
  group: { campaign: "solar" },
  sold: "0",
  refunds: "0",
  payouts: "0",
  costs: "0",
};
