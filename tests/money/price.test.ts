import { expect, test } from "bun:test";
import { amountOfTenThousandths } from "#money/amount.ts";
import { payoutFor } from "#money/price.ts";

const price = amountOfTenThousandths(400_000);

test("a fixed payout is owed in full, whatever the price", () => {
  const amount = amountOfTenThousandths(500_000);
  expect(payoutFor({ mode: "fixed", amount }, price, "USD")).toBe(amount);
});

test("a revenue share is that part of the price, in whole cents", () => {
  expect(payoutFor({ mode: "revenue_share", percent: "33.33" }, price, "USD")).toBe(
    amountOfTenThousandths(133_300),
  );
  expect(payoutFor({ mode: "revenue_share", percent: 70 }, price, "USD")).toBe(
    amountOfTenThousandths(280_000),
  );
});

test("a revenue share of more than everything is refused", () => {
  expect(() => payoutFor({ mode: "revenue_share", percent: 101 }, price, "USD")).toThrow(RangeError);
});
