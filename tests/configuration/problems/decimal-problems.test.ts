import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { withDefaults } from "#configuration/defaults.ts";
import { identify } from "#configuration/identify.ts";
import { decimalProblems } from "#configuration/problems/decimal-problems.ts";

/** Every amount that a document can say. */
function documentOf(currency: string, amount: string): ConfigurationDocument {
  const caps = { day: { leads: 5, amount } };
  return {
    version: 1,
    suppliers: [{ id: "acme" }, { id: "bolt" }],
    buyers: [
      { id: "first", caps, billing: { mode: "credit", limit: amount, low_balance: amount } },
      { id: "waiting", caps, billing: { mode: "manual", low_balance: amount } },
    ],
    campaigns: [
      {
        id: "solar",
        currency,
        margin: { flat: amount },
        min_price: amount,
        suppliers: [
          { supplier: "acme", payout: { mode: "fixed", amount }, caps },
          { supplier: "bolt", payout: { mode: "margin" }, margin: { flat: amount, percent: 12.5 } },
        ],
        buyers: [
          {
            buyer: "first",
            price: amount,
            price_rules: [{ when: { field: "state", op: "eq", value: "TX" }, price: amount }],
            caps,
          },
        ],
      },
    ],
  };
}

function complete(document: ConfigurationDocument) {
  return withDefaults(identify(document, null));
}

function problems(document: ConfigurationDocument, before: ConfigurationDocument | null = null) {
  return decimalProblems(before && complete(before), complete(document));
}

describe("an amount with more decimals than its currency", () => {
  test("an amount with more decimals than its currency is refused wherever a document says one, by its path", () => {
    const found = problems(documentOf("JPY", "5.5"));
    expect(found.map(({ path }) => path)).toEqual([
      "buyers[first].caps.day.amount",
      "buyers[first].billing.limit",
      "buyers[first].billing.low_balance",
      "campaigns[solar].margin.flat",
      "campaigns[solar].min_price",
      "campaigns[solar].suppliers[acme].payout.amount",
      "campaigns[solar].suppliers[acme].caps.day.amount",
      "campaigns[solar].suppliers[bolt].margin.flat",
      "campaigns[solar].buyers[first].price",
      "campaigns[solar].buyers[first].price_rules[0].price",
      "campaigns[solar].buyers[first].caps.day.amount",
    ]);
    expect(new Set(found.map(({ message }) => message))).toEqual(
      new Set(["must be whole: JPY has no decimals"]),
    );
  });

  test("an amount with more decimals than its currency stays where it is in force, and is refused anew in another one", () => {
    const before = documentOf("USD", "12.345");
    expect(problems(before, before)).toEqual([]);
    expect(problems(documentOf("USD", "12.346"), before)).toHaveLength(11);
    expect(problems(documentOf("JPY", "12.345"), before)).toHaveLength(11);
    expect(problems(documentOf("KWD", "12.345"), before)).toEqual([]);
  });

  test("an amount with more decimals than its currency is one in currencies of 0, 2 and 3 decimals, and no other is", () => {
    const currencies = fc.constantFrom(["JPY", 0] as const, ["USD", 2] as const, ["KWD", 3] as const);
    const digits = fc.stringMatching(/^\d{1,4}$/);
    fc.assert(
      fc.property(currencies, fc.nat(999_999), digits, ([currency, decimals], whole, part) => {
        const isFiner = /[1-9]/.test(part.slice(decimals));
        expect(problems(documentOf(currency, `${whole}.${part}`))).toHaveLength(isFiner ? 11 : 0);
      }),
    );
  });
});
