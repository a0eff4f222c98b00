import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { acceptedAt, type ReturnFacts, whyNoReturn } from "#returns/policy.ts";
import { runs } from "../support/runs.ts";

const DAY_MS = 86_400_000;
const TERMS = {
  allowed: true,
  window_days: 7,
  max_percent: 20,
  auto_accept_hours: 0,
  reasons: ["bad_contact", "duplicate"] as ("bad_contact" | "duplicate")[],
};
const SOLD: ReturnFacts = {
  terms: TERMS,
  reason: "bad_contact",
  isTest: false,
  soldAt: 0,
  status: "sold",
  asked: null,
  share: { sales: 100, returns: 0 },
};

describe("a lead may be given back", () => {
  const why = (facts: Partial<ReturnFacts>, now = 0) => whyNoReturn({ ...SOLD, ...facts }, now);

  test("within the days, the share and the reasons that were agreed", () => expect(why({})).toBeUndefined());

  test.each([
    [{ terms: null }, "may not return leads of this campaign"],
    [{ terms: { ...TERMS, allowed: false } }, "may not return leads of this campaign"],
    [{ reason: "other" }, "it may for bad_contact, duplicate"],
    [{ status: "returned" as const }, "returned already"],
    [{ status: "refused" as const }, "refused this lead"],
    [{ asked: "pending" as const }, "asked for already"],
    [{ asked: "accepted" as const }, "returned already"],
    [{ asked: "rejected" as const }, "was rejected"],
    [{ share: { sales: 100, returns: 20 } }, "20 % of the 100 leads"],
  ])("unless a term is against it: %p", (facts, words) => expect(why(facts)).toContain(words));

  test("until its days are over, to the moment", () => {
    expect(why({}, 7 * DAY_MS - 1)).toBeUndefined();
    expect(why({}, 7 * DAY_MS)).toBe("The lead could be returned for 7 days after its sale.");
  });

  test("once at least, however small the share is", () => {
    expect(why({ share: { sales: 1, returns: 0 } })).toBeUndefined();
    expect(why({ share: { sales: 1, returns: 1 } })).toContain("has returned 1");
  });

  test("as a test at any time of its share, since nothing was paid for it", () =>
    expect(why({ isTest: true, share: { sales: 0, returns: 50 } })).toBeUndefined());

  test("never beyond the share, but for the first", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 0, max: 100 }), (sales, max_percent) => {
        let returns = 0;
        while (why({ terms: { ...TERMS, max_percent }, share: { sales, returns } }) === undefined)
          returns += 1;
        expect(returns).toBe(Math.max(1, Math.floor((sales * max_percent) / 100)));
      }),
      { numRuns: runs(50) },
    );
  });

  test("to the last one where the share is no whole percentage", () => {
    const hundredths = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(fc.nat(100_000), hundredths, (sales, share) => {
        const most = Math.max(1, Number((BigInt(sales) * BigInt(share)) / 10_000n));
        const asked = (returns: number) =>
          why({ terms: { ...TERMS, max_percent: share / 100 }, share: { sales, returns } });
        expect([asked(most - 1) === undefined, asked(most) === undefined]).toEqual([true, false]);
      }),
    );
    const terms = { ...TERMS, max_percent: 0.57 };
    expect(why({ terms, share: { sales: 10_000, returns: 56 } })).toBeUndefined();
  });
});

test("a return that nobody decides is accepted after the hours that were agreed, or never", () => {
  expect(acceptedAt(TERMS, 5)).toBeNull();
  expect(acceptedAt({ ...TERMS, auto_accept_hours: 2 }, 5)).toBe(7_200_005);
});
