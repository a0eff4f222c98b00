import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Campaign } from "#campaigns/campaign.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { decide } from "#intake/decide/decide.ts";
import { salesOf } from "#intake/decide/decision.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { rivalsOf } from "#intake/decide/winners.ts";
import { applyDecision } from "#intake/lane/state.ts";
import type { Arrived, Pinged } from "#leads/candidate.ts";
import type { PostedPing, QuotedBid } from "#leads/quote.ts";
import type { SaleTerms } from "#leads/sale.ts";
import { type Amount, parseAmount } from "#money/amount.ts";
import { isWorthwhile, type Margin } from "#money/price.ts";
import { runs } from "../../support/runs.ts";
import { compiled, parsed, stateWithoutRecords } from "./compiled-campaign.ts";

const NOW = new Date("2026-01-13T17:00:00Z");

interface Setting {
  mode: "direct" | "ping_post";
  maxSells: number;
  minPrice: number;
  payout: { mode: "fixed"; amount: string } | { mode: "revenue_share"; percent: number } | { mode: "margin" };
  margin: { flat: string; percent: number };
  allowLoss: boolean;
  buyers: { price: number; cap: number; exclusive: boolean }[];
}

const settings: fc.Arbitrary<Setting> = fc.record({
  mode: fc.constantFrom("direct", "ping_post"),
  maxSells: fc.integer({ min: 1, max: 4 }),
  minPrice: fc.integer({ min: 0, max: 20 }),
  payout: fc.oneof(
    fc.record({ mode: fc.constant("fixed"), amount: fc.integer({ min: 0, max: 60 }).map(String) }),
    fc.record({ mode: fc.constant("revenue_share"), percent: fc.integer({ min: 0, max: 100 }) }),
    fc.record({ mode: fc.constant("margin") }),
  ),
  margin: fc.record({
    flat: fc.integer({ min: 0, max: 10 }).map(String),
    percent: fc.integer({ min: 0, max: 50 }),
  }),
  allowLoss: fc.boolean(),
  buyers: fc.array(
    fc.record({
      price: fc.integer({ min: 0, max: 60 }),
      cap: fc.integer({ min: 0, max: 3 }),
      exclusive: fc.boolean(),
    }),
    { minLength: 1, maxLength: 7 },
  ),
}) as fc.Arbitrary<Setting>;

function campaignOf({ mode, maxSells, minPrice, payout, margin, allowLoss, buyers }: Setting): Campaign {
  const document: ConfigurationDocument = {
    version: 1,
    suppliers: [{ id: "acme" }],
    buyers: buyers.map((_, index) => ({ id: `buyer-${index}` })),
    campaigns: [
      {
        id: "solar",
        mode,
        distribution: "highest_bid",
        max_sells: maxSells,
        min_price: `${minPrice}.00`,
        allow_loss: allowLoss,
        margin,
        suppliers: [{ supplier: "acme", payout }],
        buyers: buyers.map(({ price, cap, exclusive }, index) => ({
          buyer: `buyer-${index}`,
          price: `${price}.00`,
          exclusive,
          caps: { total: { leads: cap } },
        })),
      },
    ],
  };
  return compiled(document);
}

let people = 0;

/** Who sends a lead, and of whom: nobody twice. */
function aPerson(): Omit<Pinged, "kind"> {
  people += 1;
  const body = {
    first_name: "Ada",
    last_name: "L",
    phone: `512555${String(people % 10_000).padStart(4, "0")}`,
    email: `a${people}@example.com`,
  };
  const id = `019b0000-0000-7000-8000-${String(people).padStart(12, "0")}`;
  return { id, requestId: "r", campaignId: "solar", supplierId: "acme", keyId: "key", body };
}

function leadOf(ping: PostedPing | null = null): Arrived {
  return { kind: "arrived", ...aPerson(), idempotency: null, ping };
}

/** Sells one lead: in a ping-post campaign, by the quote of a ping just before it. */
function sell(
  campaign: Campaign,
  state: BatchState,
): { sales: readonly SaleTerms[]; bids: readonly QuotedBid[] } {
  const bids = campaign.mode === "direct" ? [] : bidsOf(state);
  if (bids === null) return { sales: [], bids: [] };
  const quote = {
    id: leadOf().id,
    campaignId: "solar",
    supplierId: "acme",
    expiresAt: NOW.getTime() + 1,
    pinged: {},
    bids,
  };
  const lead = parsed(leadOf(campaign.mode === "direct" ? null : { quote, wants: null }), campaign);
  const decision = decide(lead, state, NOW);
  applyDecision(state, lead, decision, NOW);
  return { sales: salesOf(decision.ending), bids };
}

/** What a ping is answered; null: nobody would take the lead. */
function bidsOf(state: BatchState): QuotedBid[] | null {
  const { contenders, ending } = decide(parsed({ kind: "pinged", ...aPerson() }, state.campaign), state, NOW);
  if (salesOf(ending).length === 0) return null;
  return contenders.map(({ contract, offer }) => ({ buyerId: contract.buyerId, ...offer }));
}

const amount = (text: string) => parseAmount(text) ?? expect.unreachable();
const sum = (amounts: readonly number[]) => amounts.reduce((total, each) => total + each, 0) as Amount;
const marginOf = ({ margin }: Setting): Margin => ({ flat: amount(margin.flat), percent: margin.percent });

/** The most that one lead can bring: every set of buyers that may have it is tried. */
function mostRevenue(setting: Setting, left: readonly number[]): number {
  const able = setting.buyers
    .map((buyer, index) => ({ ...buyer, left: left[index] ?? 0 }))
    .filter((buyer) => buyer.left > 0 && buyer.price >= setting.minPrice);
  let most = 0;
  for (let set = 1; set < 2 ** able.length; set++) {
    const members = able.filter((_, index) => (set >> index) % 2 === 1);
    if (members.length > setting.maxSells) continue;
    if (setting.maxSells > 1 && members.length > 1 && members.some(({ exclusive }) => exclusive)) continue;
    const prices = members.map(({ price }) => amount(`${price}`));
    if (!setting.allowLoss && !isEnough(setting, prices)) continue;
    most = Math.max(most, sum(prices));
  }
  return most;
}

/** Whether these prices leave the operator its margin: together over a fixed payout, else each over its own. */
function isEnough(setting: Setting, prices: readonly Amount[]): boolean {
  const { payout } = setting;
  const margin = marginOf(setting);
  const covers = (price: Amount, paid: number) => isWorthwhile(price, paid as Amount, margin, "USD");
  switch (payout.mode) {
    case "fixed":
      return covers(sum(prices), amount(payout.amount));
    case "revenue_share":
      return prices.every((price) => covers(price, (price * payout.percent) / 100));
    case "margin":
      return prices.every((price) => covers(price, 0));
  }
}

describe("whose turn it is", () => {
  const contender = (id: string, price: number, exclusive: boolean) => ({
    contract: { buyerId: id, exclusive },
    offer: { price: amount(`${price}`) },
  });
  const all = [
    contender("a", 10, false),
    contender("b", 10, true),
    contender("c", 12, false),
    contender("d", 12, false),
  ];
  const [a, b, c] = all;

  test.each([
    ["direct, to one", "direct", 1, a, ["a", "b", "c", "d"]],
    ["direct, to several that share it", "direct", 2, a, ["a", "c", "d"]],
    ["direct, to one of those who want it alone", "direct", 2, b, ["b"]],
    ["by price, to one", "ping_post", 1, a, ["a", "b"]],
    ["by price, to several that share it", "ping_post", 2, a, ["a"]],
    ["by price, to one of equals", "ping_post", 2, c, ["c", "d"]],
  ] as const)(
    "whose turn it is was decided among the same group and, where that comes first, price: %s",
    (_, mode, maxSells, one, rivals) => {
      const found = rivalsOf(one ?? expect.unreachable(), all, { mode, maxSells });
      expect(found.map(({ contract }) => contract.buyerId)).toEqual([...rivals]);
    },
  );
});

describe("leads that several buyers share by weight", () => {
  /** How many of the leads each buyer got. */
  function served(weights: readonly number[], maxSells: number, leads: number): number[] {
    const ids = weights.map((_, index) => `buyer-${index}`);
    const campaign = compiled({
      version: 1,
      suppliers: [{ id: "acme" }],
      buyers: ids.map((id) => ({ id })),
      campaigns: [
        {
          id: "solar",
          distribution: "weighted",
          max_sells: maxSells,
          suppliers: [{ supplier: "acme" }],
          buyers: ids.map((id, index) => ({ buyer: id, price: "10.00", weight: weights[index] ?? 1 })),
        },
      ],
    });
    const state = stateWithoutRecords(campaign, leadOf(), NOW);
    const got = new Map<string, number>();
    for (let lead = 0; lead < leads; lead++) {
      for (const { buyerId } of sell(campaign, state).sales) got.set(buyerId, (got.get(buyerId) ?? 0) + 1);
    }
    return ids.map((id) => got.get(id) ?? 0);
  }

  test("leads that several buyers share by weight go to each by its weight, and to nobody more than once", () => {
    expect(served([5, 4, 3, 2, 1], 2, 150)).toEqual([100, 80, 60, 40, 20]);
    expect(served([1, 1, 2], 2, 100)).toEqual([50, 50, 100]);
    expect(served([10, 1, 1], 2, 100)).toEqual([100, 50, 50]);
    expect(served([3, 1], 3, 10)).toEqual([10, 10]);
  });

  test("leads that several buyers share by weight are within one of what is due to each, after any number of them", () => {
    const weights = fc.array(fc.integer({ min: 10, max: 19 }), { minLength: 4, maxLength: 8 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 60 }), (each, leads) => {
        // Of two sales of a lead nobody is due more than one, by weights as near as these.
        const total = each.reduce((all, weight) => all + weight, 0);
        for (const [index, got] of served(each, 2, leads).entries()) {
          expect(Math.abs(got - (2 * leads * (each[index] ?? 0)) / total)).toBeLessThan(1 + 1e-6);
        }
      }),
      { numRuns: runs(40) },
    );
  });
});

describe("whatever the buyers, caps, prices and margins,", () => {
  test("whatever the buyers, caps, prices and margins, a lead brings as much as the best of all sets of buyers that may have it", () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const campaign = campaignOf(setting);
        const state = stateWithoutRecords(campaign, leadOf(), NOW);
        const left = setting.buyers.map(({ cap }) => cap);
        for (let lead = 0; lead < 5; lead++) {
          const most = mostRevenue(setting, left);
          const { sales } = sell(campaign, state);
          expect(sum(sales.map(({ price }) => price))).toBe(most as Amount);
          for (const { buyerId } of sales) {
            const index = Number(buyerId.replace("buyer-", ""));
            left[index] = (left[index] ?? 0) - 1;
          }
        }
      }),
      { numRuns: runs(400) },
    );
  });

  test("whatever the buyers, caps, prices and margins, no cap is oversold, nothing sold below the floor, and no more paid out than was promised", () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const campaign = campaignOf(setting);
        const state = stateWithoutRecords(campaign, leadOf(), NOW);
        const sold = new Map<string, number>();
        for (let lead = 0; lead < 8; lead++) {
          const { sales, bids } = sell(campaign, state);
          expect(sales.length).toBeLessThanOrEqual(setting.maxSells);
          expect(new Set(sales.map(({ buyerId }) => buyerId)).size).toBe(sales.length);
          for (const { buyerId, price, payout } of sales) {
            sold.set(buyerId, (sold.get(buyerId) ?? 0) + 1);
            expect(price).toBeGreaterThanOrEqual(amount(`${setting.minPrice}`));
            if (setting.mode === "ping_post") {
              const bid = bids.find((each) => each.buyerId === buyerId) ?? expect.unreachable();
              expect(price).toBe(bid.price);
              expect(payout).toBeLessThanOrEqual(bid.payout);
            }
          }
          if (!setting.allowLoss && sales.length > 0) {
            expect(sum(sales.map(({ price }) => price))).toBeGreaterThanOrEqual(
              sum(sales.map(({ payout }) => payout)),
            );
          }
        }
        setting.buyers.forEach(({ cap }, index) => {
          expect(sold.get(`buyer-${index}`) ?? 0).toBeLessThanOrEqual(cap);
          expect(state.contracts.get(`buyer-${index}`)?.usage.total.leads).toBe(
            sold.get(`buyer-${index}`) ?? 0,
          );
        });
      }),
      { numRuns: runs(400) },
    );
  });
});
