import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Quote } from "#leads/quote.ts";
import { amountOfTenThousandths } from "#money/amount.ts";
import { createTokens } from "#ping/token.ts";
import { runs } from "../support/runs.ts";

const keys = (seed: number) => ({
  signing: new Uint8Array(32).fill(seed),
  contents: new Uint8Array(32).fill(seed + 1),
});
const tokens = createTokens(keys(1));

const quote: Quote = {
  id: "019b0000-0000-7000-8000-000000000001",
  campaignId: "solar",
  supplierId: "acme",
  expiresAt: Date.UTC(2026, 0, 13),
  pinged: { state: "0123456789abcdef" },
  bids: [bid("third", 300_000), bid("first", 100_000)],
};

function bid(buyerId: string, price: number): Quote["bids"][number] {
  const amount = amountOfTenThousandths(price);
  return { buyerId, price: amount, payout: amount, furtherPayout: amount, reference: null };
}

const issued = tokens.issue(quote);

describe("a ping's token", () => {
  test("a ping's token is read as it was issued, by any server with the same master key", () => {
    const quotes = fc.record({
      id: fc.uuid(),
      campaignId: fc.string(),
      supplierId: fc.string(),
      terms: fc.record({ currency: fc.string(), isTest: fc.boolean() }),
      expiresAt: fc.nat(),
      pinged: fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { noNullPrototype: true }),
      bids: fc.array(
        fc.record({
          buyerId: fc.string(),
          price: fc.nat().map(amountOfTenThousandths),
          payout: fc.nat().map(amountOfTenThousandths),
          furtherPayout: fc.nat().map(amountOfTenThousandths),
          reference: fc.option(fc.string({ unit: "grapheme" })),
        }),
        { maxLength: 8 },
      ),
    });
    fc.assert(
      fc.property(quotes, (each) => {
        expect(createTokens(keys(1)).read(tokens.issue(each))).toEqual(each);
      }),
    );
  });

  test("a ping's token shows nothing of the buyers' prices, and is never the same twice", () => {
    const payload = Buffer.from(issued.split(".")[2] ?? "", "base64url").toString("latin1");
    expect(payload).not.toContain("third");
    expect(payload).not.toContain("300000");
    expect(tokens.issue(quote)).not.toBe(issued);
  });

  test("a ping's token of another installation is none", () => {
    const theirs = createTokens(keys(9));
    expect(tokens.read(theirs.issue(quote))).toBeUndefined();
    // Not even under this one's key id.
    const [version, , payload, mac] = theirs.issue(quote).split(".");
    expect(tokens.read([version, issued.split(".")[1], payload, mac].join("."))).toBeUndefined();
  });

  test("a ping's token is read with as many fields and bids as there can be, each as long as it may be", () => {
    const named = (count: number, length: number) =>
      Array.from({ length: count }, (_, place) => String(place).padStart(length, "x"));
    const longest: Quote = {
      ...quote,
      campaignId: "c".repeat(63),
      supplierId: "s".repeat(63),
      pinged: Object.fromEntries(named(200, 64).map((field) => [field, "0123456789abcdef01234567"])),
      bids: named(50, 63).map((buyerId) => ({
        ...bid(buyerId, 10_000_000_000),
        reference: "\u8cb7".repeat(200),
      })),
      noBids: Object.fromEntries(named(50, 63).map((buyerId) => [buyerId, "too_many_in_flight"])),
    };
    expect(tokens.read(tokens.issue(longest))).toEqual(longest);
  });

  test("a ping's token that is longer than any token is refused unread", () => {
    expect(tokens.read(`${issued.slice(0, 12)}${"A".repeat(100_000)}`)).toBeUndefined();
  });

  test("a ping's token is refused after any change, in 100,000 tries", () => {
    const position = fc.nat({ max: issued.length - 1 });
    const mutations = fc.oneof(
      // One character for another: among them those that base64url reads as the same bytes.
      fc
        .tuple(position, fc.constantFrom(...SPELLING))
        .map(([at, character]) => issued.slice(0, at) + character + issued.slice(at + 1)),
      fc
        .tuple(position, position)
        .map(([from, to]) => issued.slice(0, Math.min(from, to)) + issued.slice(Math.max(from, to))),
      fc
        .tuple(position, fc.string({ minLength: 1, maxLength: 8 }))
        .map(([at, more]) => issued.slice(0, at) + more + issued.slice(at)),
      fc.tuple(position, position).map(([one, other]) => swapped(issued, one, other)),
      position.map((end) => issued.slice(0, end)),
      fc.shuffledSubarray(issued.split("."), { minLength: 1 }).map((parts) => parts.join(".")),
      fc.constantFrom(issued.toUpperCase(), issued.toLowerCase(), ` ${issued}`, `${issued}\n`, `${issued}=`),
      fc.string({ maxLength: 100 }),
    );
    let tried = 0;
    fc.assert(
      fc.property(mutations, (mutated) => {
        if (mutated === issued) return;
        tried += 1;
        if (tokens.read(mutated) !== undefined) throw new Error(`accepted: ${mutated}`);
      }),
      { numRuns: runs(105_000) },
    );
    expect(tried).toBeGreaterThan(runs(100_000));
  });
});

const SPELLING = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.+/ ".split("");

function swapped(text: string, one: number, other: number): string {
  const characters = text.split("");
  [characters[one], characters[other]] = [characters[other] ?? "", characters[one] ?? ""];
  return characters.join("");
}
