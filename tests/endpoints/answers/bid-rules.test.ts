import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { bidFrom, compileBidRules as compile } from "#endpoints/answers/bid-rules.ts";
import { amountOfTenThousandths, formatAmount, parseAmount } from "#money/amount.ts";

/** Rules that read answers in a campaign of US dollars. */
function compileBidRules(...given: Parameters<typeof compile>) {
  const read = compile(...given);
  return (answer: Parameters<typeof read>[0]) => read(answer, "USD");
}

const USUAL = {
  bid_price: { json_path: "$.bid_price" },
  reference: { json_path: "$.reference" },
  reason: { json_path: "$.reason" },
};

function answered(body: unknown, status = 200) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, body: text, contentType: "application/json" };
}

function amount(text: string) {
  const parsed = parseAmount(text);
  if (parsed === undefined) throw new Error("not an amount");
  return parsed;
}

describe("a bid without rules", () => {
  const read = compileBidRules([], USUAL);

  test("a 2xx answer with a price is a bid", () => {
    const bid = { kind: "bid" as const, price: amount("37.50"), reference: null };
    expect(read(answered({ bid_price: "37.50" }))).toEqual(bid);
    expect(read(answered({ bid_price: 37.5, reference: " R-1\n2 " }, 201))).toEqual({
      ...bid,
      reference: "R-1 2",
    });
  });

  test.each([
    "<html>Welcome!</html>",
    "",
    "{}",
    "[]",
    { bid_price: null },
    { bid_price: { amount: 3 } },
    { price: 3 },
  ])("%j names no price, and so is no bid", (body) => {
    expect(read(answered(body))).toEqual({
      kind: "error",
      failure: { kind: "no_rule_matched", status: 200 },
    });
  });

  test.each(["-1", "€37.50", "37,50", "1e3", "37.50001", "1000000.0001", "9999999999", "NaN", true, "abc"])(
    "a price of %j is a bad one",
    (bid_price) => {
      expect(read(answered({ bid_price }))).toEqual({ kind: "bad_price" });
    },
  );

  test("the highest bid is a million", () => {
    expect(read(answered({ bid_price: 1_000_000 }))).toMatchObject({ kind: "bid", price: 10_000_000_000 });
  });

  test.each([0, "0", "0.00"])("a bid of %j is a no", (bid_price) => {
    expect(read(answered({ bid_price, reason: "not my area" }))).toEqual({
      kind: "refused",
      why: "rejected",
      reason: "not my area",
    });
  });

  test("a price in an answer that is no 2xx is none", () => {
    expect(read(answered({ bid_price: 5 }, 503))).toEqual({
      kind: "error",
      failure: { kind: "http_status", status: 503 },
    });
  });

  test("every amount is read as it was bid, to the last digit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000_000 }), (tenThousandths) => {
        const price = amountOfTenThousandths(tenThousandths);
        const bid = { kind: "bid", price, reference: null };
        const text = formatAmount(price, "USD");
        expect<unknown>(read(answered({ bid_price: text }))).toEqual(bid);
        // As JSON's number too: up to a million, a double has all of the fifteen digits.
        expect<unknown>(read(answered(`{"bid_price":${text}}`))).toEqual(bid);
      }),
    );
  });

  test("no answer whatever makes it throw, or bid what is no amount", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.integer({ min: 200, max: 599 }), (body, status) => {
        const reading = read(answered(body, status));
        if (reading.kind === "bid") expect(reading.price).toBeGreaterThan(0);
      }),
    );
  });
});

describe("a bid that is read by rules", () => {
  const read = compileBidRules(
    [
      { when: { json_path: "$.status", equals: "yes" }, outcome: "accepted" },
      { when: { json_path: "$.status", equals: "seen" }, outcome: "duplicate" },
      { when: { json_path: "$.status", equals: "no" }, outcome: "rejected" },
      { when: { json_path: "$.status", equals: "oops" }, outcome: "error" },
    ],
    { ...USUAL, bid_price: { json_path: "$.bid" } },
  );

  test("it is they that say what a yes is", () => {
    expect(read(answered({ status: "yes", bid: "12.00", reference: "R" }))).toEqual({
      kind: "bid",
      price: amount("12.00"),
      reference: "R",
    });
    expect(read(answered({ status: "no", bid: "12.00", reason: "full" }))).toEqual({
      kind: "refused",
      why: "rejected",
      reason: "full",
    });
    expect(read(answered({ status: "seen" }))).toEqual({ kind: "refused", why: "duplicate", reason: null });
    expect(read(answered({ status: "oops" }))).toMatchObject({ failure: { kind: "error_by_rule" } });
    expect(read(answered({ bid: "12.00" }))).toMatchObject({ failure: { kind: "no_rule_matched" } });
  });

  test("a yes without a price is a bid without one", () => {
    expect(read(answered({ status: "yes", reference: "R" }))).toEqual({
      kind: "bid",
      price: null,
      reference: "R",
    });
    expect(read(answered({ status: "yes", bid: "a lot" }))).toEqual({ kind: "bad_price" });
  });
});

describe("a price as buyers write it", () => {
  test.each([
    ["12.50000", "12.50"],
    ["12", "12.00"],
    ["12.", "12.00"],
    [".50", "0.50"],
    ["0.1234000", "0.1234"],
    ["$12.00", "12.00"],
    ["$ 12", "12.00"],
    ["$1,200", "1200.00"],
    ["1,200.50", "1200.50"],
    ["1,000,000.00", "1000000.00"],
  ])("%s is exactly %s", (text, exact) => {
    expect(bidFrom(text, "USD")).toBe(amount(exact));
  });

  test.each(["1,200", "12,50", "1,20.00", ".", "", "$", "12.00001", "USD 12", "12 $", "+12", "1 200", "1e2"])(
    "%j is none",
    (text) => {
      expect(bidFrom(text, "USD")).toBeUndefined();
    },
  );

  test("has a dollar sign in currencies of dollars alone", () => {
    expect(bidFrom("$5", "CAD")).toBe(amount("5"));
    for (const other of ["EUR", "GBP", "JPY"]) expect(bidFrom("$5", other)).toBeUndefined();
  });
});
