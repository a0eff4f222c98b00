import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import {
  type Amount,
  add,
  amountOfTenThousandths,
  formatAmount,
  isCurrency,
  isPercent,
  moneyTotal,
  parseAmount,
  percentOf,
  subtract,
} from "#money/amount.ts";
import { runs } from "../support/runs.ts";

const anyAmount = fc.integer({ min: 0, max: 9_999_999_999_999 }).map(amountOfTenThousandths);
const anyPercent = fc.integer({ min: 0, max: 1_000_000 });

function parsed(text: string): Amount {
  const amount = parseAmount(text);
  if (amount === undefined) throw new Error(`not an amount: ${text}`);
  return amount;
}

test("a sum of amounts is written as an amount is, and larger ones to the last ten-thousandth", () => {
  fc.assert(
    fc.property(anyAmount, (amount) => {
      for (const currency of ["JPY", "USD", "KWD"]) {
        expect(formatAmount(moneyTotal(amount), currency)).toBe(formatAmount(amount, currency));
      }
    }),
    { numRuns: runs(200) },
  );
  expect(formatAmount(moneyTotal("9007199254740993"), "USD")).toBe("900719925474.0993");
  expect(formatAmount(moneyTotal("-99999999999999000000"), "USD")).toBe("-9999999999999900.00");
  expect(formatAmount(moneyTotal("99999999999999000000"), "JPY")).toBe("9999999999999900");
});

describe("parseAmount", () => {
  test.each([
    ["0", 0],
    ["12", 120_000],
    ["12.5", 125_000],
    ["12.50", 125_000],
    ["12.3456", 123_456],
    ["0.0001", 1],
    ["007.10", 71_000],
    ["999999999.9999", 9_999_999_999_999],
  ])("parseAmount reads %s", (text, tenThousandths) => {
    expect(Number(parseAmount(text))).toBe(tenThousandths);
  });

  const refused = ["", ".", "12.", ".5", "-1", "+1", "1e3", "1,200.00", "1 200", " 1", "1\n", "12.34567"];
  test.each([...refused, "1000000000", "٣", "0x10", "NaN", "Infinity", "1.2.3", "$5"])(
    "parseAmount refuses %j",
    (text) => {
      expect(parseAmount(text)).toBeUndefined();
    },
  );
});

describe("formatAmount", () => {
  test.each([
    ["12.5", "USD", "12.50"],
    ["12.345", "USD", "12.345"],
    ["12.3456", "EUR", "12.3456"],
    ["0", "USD", "0.00"],
    ["0.0001", "USD", "0.0001"],
    ["1200", "JPY", "1200"],
    ["1200.5", "JPY", "1200.5"],
    ["1.5", "KWD", "1.500"],
    ["1", "CLF", "1.0000"],
    ["999999999.9999", "USD", "999999999.9999"],
  ])("formatAmount writes %s %s as %s", (text, currency, written) => {
    expect(formatAmount(parsed(text), currency)).toBe(written);
  });

  test("formatAmount writes what is below zero with a sign", () => {
    expect(formatAmount(subtract(parsed("1"), parsed("3.5")), "USD")).toBe("-2.50");
    expect(formatAmount(subtract(parsed("1"), parsed("1")), "USD")).toBe("0.00");
  });

  test("formatAmount refuses a code that is no currency", () => {
    expect(() => formatAmount(parsed("1"), "QQQ")).toThrow(RangeError);
  });

  test("formatAmount is undone by parseAmount, for every amount", () => {
    fc.assert(
      fc.property(anyAmount, fc.constantFrom("USD", "JPY", "KWD", "CLF"), (amount, currency) => {
        expect(parseAmount(formatAmount(amount, currency))).toBe(amount);
      }),
    );
  });
});

describe("add and subtract", () => {
  test("add and subtract are exact where doubles of units are not", () => {
    expect(add(parsed("0.1"), parsed("0.2"))).toBe(parsed("0.3"));
  });

  test("add and subtract undo each other", () => {
    fc.assert(
      fc.property(anyAmount, anyAmount, (one, other) => {
        expect(subtract(add(one, other), other)).toBe(one);
      }),
    );
  });

  test("add and subtract refuse a result too large to be exact", () => {
    const largest = amountOfTenThousandths(Number.MAX_SAFE_INTEGER);
    expect(() => add(largest, parsed("0.0001"))).toThrow(RangeError);
    expect(() => subtract(amountOfTenThousandths(-Number.MAX_SAFE_INTEGER), parsed("0.0001"))).toThrow(
      RangeError,
    );
  });
});

describe("amountOfTenThousandths", () => {
  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])(
    "amountOfTenThousandths refuses %p",
    (stored) => {
      expect(() => amountOfTenThousandths(stored)).toThrow(RangeError);
    },
  );

  test("amountOfTenThousandths knows no negative zero", () => {
    expect(Object.is(amountOfTenThousandths(-0), 0)).toBe(true);
  });
});

describe("percentOf", () => {
  test.each([
    ["40.00", "30", "USD", "12.00"],
    ["40.00", 33.3, "USD", "13.32"],
    ["10.00", "12.55", "USD", "1.26"],
    ["0.01", "50", "USD", "0.00"],
    ["0.03", "50", "USD", "0.02"],
    ["0.01", "49.9999", "USD", "0.00"],
    ["0.05", "10", "USD", "0.00"],
    ["0.15", "10", "USD", "0.02"],
    ["1.05", "50", "JPY", "1"],
    ["1", "50", "JPY", "0"],
    ["3", "50", "JPY", "2"],
    ["0.99", "50", "JPY", "0"],
    ["1.001", "50", "KWD", "0.500"],
    ["1.003", "50", "KWD", "0.502"],
    ["0.0001", "50", "CLF", "0.0000"],
    ["999999999.9999", "100", "USD", "1000000000.00"],
    ["12.34", 0, "USD", "0.00"],
    ["12.34", 100, "USD", "12.34"],
  ])("percentOf of %s, %s percent in %s is %s", (amount, percent, currency, share) => {
    expect(formatAmount(percentOf(parsed(amount), percent, currency), currency)).toBe(share);
  });

  test("percentOf is the nearest minor unit, and of two equally near the even one, by exact fractions", () => {
    fc.assert(
      fc.property(
        anyAmount,
        anyPercent,
        fc.constantFrom("USD", "JPY", "KWD", "CLF"),
        (amount, percent, currency) => {
          const minorUnit = { USD: 100n, JPY: 10_000n, KWD: 10n, CLF: 1n }[currency] ?? 0n;
          const share = BigInt(
            percentOf(
              amount,
              `${Math.floor(percent / 10_000)}.${String(percent % 10_000).padStart(4, "0")}`,
              currency,
            ),
          );
          // Everything in millionths of a ten-thousandth.
          const exact = BigInt(amount) * BigInt(percent);
          const half = (minorUnit * 1_000_000n) / 2n;
          expect(share % minorUnit).toBe(0n);
          const off = exact - share * 1_000_000n;
          expect(off >= -half && off <= half).toBe(true);
          if (off === half || off === -half) expect((share / minorUnit) % 2n).toBe(0n);
        },
      ),
      { numRuns: runs(500) },
    );
  });

  test("percentOf of a whole that is split into percentages is off from it by half a minor unit a part at most", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(["USD", 100] as const, ["JPY", 10_000] as const, ["KWD", 10] as const),
        anyAmount,
        fc.integer({ min: 0, max: 100 }),
        ([currency, minorUnit], any, percent) => {
          const amount = amountOfTenThousandths(any - (any % minorUnit));
          const split = add(percentOf(amount, percent, currency), percentOf(amount, 100 - percent, currency));
          expect(Math.abs(subtract(split, amount))).toBeLessThanOrEqual(minorUnit);
        },
      ),
    );
  });

  test("percentOf takes back from a negative amount exactly what it gave of the positive one", () => {
    fc.assert(
      fc.property(
        anyAmount,
        fc.integer({ min: 0, max: 100 }),
        fc.constantFrom("USD", "JPY", "KWD"),
        (amount, percent, currency) => {
          const given = percentOf(amount, percent, currency);
          const takenBack = percentOf(subtract(amountOfTenThousandths(0), amount), percent, currency);
          expect(Number(add(given, takenBack))).toBe(0);
        },
      ),
    );
  });

  test.each(["-1", "101", "100.0001", "1e1", "12.34567", "", "a", Number.NaN, 1e-7])(
    "percentOf refuses %p as a percentage",
    (percent) => {
      expect(isPercent(percent)).toBe(false);
      expect(() => percentOf(parsed("1"), percent, "USD")).toThrow(RangeError);
    },
  );

  test("percentOf refuses a code that is no currency", () => {
    expect(() => percentOf(parsed("1"), 10, "usd")).toThrow(RangeError);
  });
});

test("isCurrency knows ISO 4217 codes in upper case", () => {
  expect(["USD", "EUR", "JPY", "BRL"].every(isCurrency)).toBe(true);
  expect(["usd", "US", "", "QQQ", "constructor"].some(isCurrency)).toBe(false);
});
