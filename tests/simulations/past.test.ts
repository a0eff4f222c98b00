import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Contract } from "#campaigns/campaign.ts";
import { deficitsAfter } from "#intake/decide/rotation.ts";
import { rivalsOf } from "#intake/decide/winners.ts";
import type { BuyerLine, TraceLine } from "#leads/trace.ts";
import { type Amount, amountOfTenThousandths } from "#money/amount.ts";
import { isDifferent, type LeadEnd, profitOf, startComparison } from "#simulations/comparison.ts";
import { createHappenings } from "#simulations/happenings.ts";
import { debtsOf } from "#simulations/opening.ts";
import { type PastLead, type PastSale, pastAnswersOf } from "#simulations/past-lead.ts";
import { createRememberedLeads } from "#simulations/remembered.ts";
import { runs } from "../support/runs.ts";

const inDollars = (amount: number): string => String(amount * 10_000);
const dollars = (amount: number): Amount => amountOfTenThousandths(amount * 10_000);

function aSale(buyerId: string, over: Partial<PastSale> = {}): PastSale {
  return {
    id: `sale of ${buyerId}`,
    buyerId,
    place: 1,
    status: "sold",
    price: dollars(10),
    payout: dollars(4),
    paysForLead: false,
    reference: null,
    soldAt: 1000,
    keepsPayout: false,
    keepsCap: false,
    undoneAt: null,
    ...over,
  };
}

function aPastLead(over: Partial<PastLead>): PastLead {
  return {
    id: "019bb8c4-0000-7000-8000-000000000001",
    campaignId: "solar",
    supplierId: "acme",
    currency: "USD",
    status: "ACCEPTED",
    reason: null,
    isTest: false,
    isErased: false,
    decidedAt: 1000,
    firstDecidedAt: 1000,
    body: {},
    trace: [],
    checks: [],
    assumed: [],
    sales: [],
    bids: null,
    pingId: null,
    ...over,
  };
}

function buyersLine(...buyers: BuyerLine[]): TraceLine {
  return { check: "buyers", result: "passed", method: "priority", buyers };
}

describe("what others did about a past lead", () => {
  test("a buyer that did not want it when it was asked said so when the next was chosen", () => {
    const { answers } = pastAnswersOf(
      aPastLead({
        decidedAt: 1700,
        sales: [aSale("a", { status: "declined" }), aSale("b", { soldAt: 1700 })],
        trace: [
          buyersLine({ buyer_id: "a", chosen: true }, { buyer_id: "b", reason: "outranked" }),
          { check: "confirmation", result: "ended", buyer_id: "a", answer: "refused" },
          buyersLine({ buyer_id: "a", reason: "refused_lead" }, { buyer_id: "b", chosen: true }),
          { check: "confirmation", result: "passed", buyer_id: "b", answer: "confirmed" },
        ],
      }),
    );
    expect(answers).toEqual(
      new Map([
        ["a", { answer: "refused", afterMs: 700, outOfTime: false }],
        ["b", { answer: "confirmed", afterMs: 0, outOfTime: false }],
      ]),
    );
  });

  test("a refusal and a return are known with when they were, and what was kept", () => {
    const { refusals, returns } = pastAnswersOf(
      aPastLead({
        sales: [
          aSale("a", { status: "refused", undoneAt: 5000 }),
          aSale("b", { status: "returned", soldAt: 5000, undoneAt: 9000, keepsCap: true }),
        ],
        trace: [
          buyersLine({ buyer_id: "a", chosen: true }),
          { check: "refusal", result: "ended", buyer_id: "a", answer: "duplicate", follows: "next_buyer" },
          buyersLine({ buyer_id: "b", chosen: true }),
          { check: "return", result: "ended", buyer_id: "b" },
        ],
      }),
    );
    expect([...refusals]).toEqual([["a", { verdict: "duplicate", at: 5000 }]]);
    expect([...returns]).toEqual([["b", { at: 9000, keeps: { payout: false, cap: true } }]]);
  });

  test("a lead that nobody took and an operator sent round again is decided from its fields on once more", () => {
    const nobody = buyersLine({ buyer_id: "a", reason: "contract_paused" });
    const fields = { check: "fields", result: "passed" } as const;
    const trace = [{ check: "access", result: "passed" } as const, fields, nobody, fields, nobody];
    const { byHand } = pastAnswersOf(aPastLead({ status: "UNMATCHED", decidedAt: 8000, trace }));
    expect(byHand).toEqual([{ at: 8000, undone: [] }]);
  });

  test("a lead that was put aside goes on when a person decided about it", () => {
    const held = { check: "hold", result: "ended" } as const;
    const released = { check: "hold", result: "passed", detail: { by: "Ada", reason: "released" } } as const;
    const endOf = (...trace: TraceLine[]) =>
      pastAnswersOf(aPastLead({ decidedAt: 8000, sales: [aSale("a", { soldAt: 7000 })], trace })).holdEnd;
    expect(endOf(held, released, buyersLine({ buyer_id: "a", chosen: true }))).toEqual({
      at: 7000,
      cause: "released",
    });
    expect(endOf(held)).toBeNull();
  });

  test("a supplier chose a bid where a better one was passed by", () => {
    const bid = (buyerId: string, price: number) => ({
      buyerId,
      price: dollars(price),
      payout: dollars(1),
      furtherPayout: dollars(1),
      reference: null,
    });
    const wants = (first: BuyerLine) =>
      pastAnswersOf(
        aPastLead({
          bids: [bid("a", 20), bid("b", 10)],
          sales: [aSale("b")],
          trace: [buyersLine(first, { buyer_id: "b", chosen: true })],
        }),
      ).wants;
    expect(wants({ buyer_id: "a", reason: "outranked" })).toBe("b");
    expect(wants({ buyer_id: "a", reason: "endpoint_down" })).toBeNull();
  });
});

describe("what was on the counters", () => {
  test("what turns on record added to debts is what the rule of turns adds, among rivals alone", () => {
    const buyer = fc.record({
      weight: fc.integer({ min: 1, max: 9 }),
      isAlone: fc.boolean(),
      price: fc.integer({ min: 1, max: 2 }),
    });
    const market = fc.array(buyer, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(market, fc.nat(), fc.boolean(), (each, choice, isByPrice) => {
        const served = choice % each.length;
        const contenders = each.map(({ weight, isAlone, price }, place) => ({
          contract: { buyerId: String(place), weight, exclusive: isAlone } as Contract,
          offer: { ...NO_OFFER, price: dollars(price) },
          turn: { lastTurn: 0, deficit: 0 },
        }));
        const buyers = each.map((_, place): BuyerLine => {
          const buyer_id = String(place);
          return place === served ? { buyer_id, chosen: true } : { buyer_id, reason: "outranked" };
        });
        const bids = isByPrice
          ? new Map(contenders.map(({ contract, offer }) => [contract.buyerId, offer.price]))
          : null;
        const debts = debtsOf({ buyers, served: [String(served)], bids }, (id) => each[Number(id)]);
        const one = contenders[served] ?? expect.unreachable();
        const rivals = rivalsOf(one, contenders, { mode: isByPrice ? "ping_post" : "direct", maxSells: 2 });
        const moved = new Map(contenders.map(({ contract }) => [contract.buyerId, 0]));
        for (const [id, debt] of deficitsAfter(rivals, String(served))) moved.set(id, debt);
        expect(debts).toEqual(moved);
      }),
    );
  });

  test("people are remembered as by a map, in some numbers", () => {
    const hex = (value: number) => value.toString(16).padStart(12, "0");
    const keyOf = (value: number) => `0000${value}abc-1234-5678-9abc-${hex(value * 16)}`;
    const step = fc.record({ key: fc.nat(9), lead: fc.nat(99), isGone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 3000 }), (steps) => {
        const [remembered, map] = [createRememberedLeads(), new Map<string, object>()];
        for (const { key, lead, isGone } of steps) {
          const counted = {
            leadId: `019bb8c4-0000-7000-8000-${hex(lead)}`,
            buyerId: lead % 3 === 0 ? null : String(lead % 3),
            countedAt: lead,
          };
          if (isGone) remembered.delete(keyOf(key));
          else remembered.set(keyOf(key), counted);
          if (isGone) map.delete(keyOf(key));
          else map.set(keyOf(key), counted);
        }
        for (let key = 0; key < 10; key++)
          expect(remembered.get(keyOf(key))).toEqual(map.get(keyOf(key)) as never);
      }),
      { numRuns: runs(20) },
    );
  });

  test("many people are remembered", () => {
    const remembered = createRememberedLeads();
    const uuid = (place: number) => `${Math.imul(place, 2654435761) >>> 0}`.padStart(8, "0").slice(-8);
    const keys = Array.from(
      { length: 5000 },
      (_, place) => `${uuid(place)}-0000-7000-8000-${uuid(place + 9)}0000`,
    );
    for (const [place, key] of keys.entries()) {
      remembered.set(key, { leadId: key, buyerId: String(place % 7), countedAt: place });
    }
    const wrong = keys.filter((key, place) => {
      const found = remembered.get(key);
      return found?.leadId !== key || found.buyerId !== String(place % 7) || found.countedAt !== place;
    });
    expect(wrong).toEqual([]);
  });
});

const NO_OFFER = {
  price: dollars(0),
  payout: dollars(0),
  furtherPayout: dollars(0),
  reference: null,
  isOpen: false,
};

describe("what is yet to happen", () => {
  test("comes in the order of time, and of one moment in the order in which it was expected", () => {
    const happenings = createHappenings<{ at: number; name: string }>();
    for (const [at, name] of [
      [5, "a"],
      [3, "b"],
      [5, "c"],
      [9, "d"],
    ] as const)
      happenings.put({ at, name });
    const names = (each: { name: string }[]) => each.map(({ name }) => name).join("");
    expect([
      names(happenings.upTo(8, 9)),
      names(happenings.upTo(9, 2)),
      names(happenings.upTo(2, 9)),
    ]).toEqual(["bac", "bac", ""]);
    expect(happenings.takeNext(3)?.name).toBe("b");
    expect(happenings.takeNext(3)).toBeUndefined();
    expect([1, 2, 3].map(() => happenings.takeNext(9)?.name)).toEqual(["a", "c", "d"]);
  });
});

describe("before and after", () => {
  const sold = (buyerId: string, price: number): LeadEnd["sales"][number] => ({
    buyerId,
    status: "sold",
    price: dollars(price),
    payout: dollars(4),
  });
  const accepted = (...sales: LeadEnd["sales"]): LeadEnd => ({ status: "ACCEPTED", reason: null, sales });

  test("a lead ends otherwise by its status, its reason, a buyer or a price, and not by the order of its buyers", () => {
    const before = accepted(sold("a", 10), sold("b", 20));
    const differs = (after: LeadEnd) => isDifferent({ before, after });
    expect(differs(accepted(sold("b", 20), sold("a", 10)))).toBe(false);
    expect(differs(accepted(sold("a", 10)))).toBe(true);
    expect(differs(accepted(sold("a", 10), sold("b", 21)))).toBe(true);
    expect(differs({ ...before, reason: "routed_to_original" })).toBe(true);
  });

  test("what leads came to is told to the last cent, though it is more than an amount can be", () => {
    const comparing = startComparison();
    const [lead, most] = [{ campaignId: "solar", supplierId: "acme", currency: "IDR" }, 999_999_999.9999];
    const before = accepted(sold("a", most));
    for (let sent = 0; sent < 1_000; sent += 1)
      comparing.add({ ...lead, leadId: `${sent}`, before, after: before });
    const [total] = comparing.result().totals;
    expect(total?.before.revenue).toBe("9999999999999000");
    expect(total && profitOf(total.after)).toBe(9_999_999_999_999_000n - 40_000_000n);
  });

  test("a lead counts once in its campaign, and for each of its buyers with what that one paid", () => {
    const comparing = startComparison();
    const lead = { leadId: "1", campaignId: "solar", supplierId: "acme", currency: "USD" };
    comparing.add({
      ...lead,
      before: accepted(sold("a", 10), sold("b", 20)),
      after: accepted(sold("a", 10)),
    });
    comparing.add({
      ...lead,
      before: { status: "UNMATCHED", reason: "no_buyer", sales: [] },
      after: { status: null, reason: "inactive", sales: [] },
    });
    const { totals, buyers } = comparing.result();
    expect(totals).toMatchObject([
      {
        before: {
          leads: 2,
          accepted: 1,
          unmatched: 1,
          sales: 2,
          revenue: inDollars(30),
          payouts: inDollars(8),
        },
        after: {
          leads: 2,
          accepted: 1,
          notTaken: 1,
          sales: 1,
          revenue: inDollars(10),
          payouts: inDollars(4),
        },
        differing: 2,
      },
    ]);
    expect(buyers).toMatchObject([
      { id: "a", before: { revenue: inDollars(10) }, after: { revenue: inDollars(10) }, differing: 1 },
      {
        id: "b",
        before: { leads: 1, revenue: inDollars(20) },
        after: { leads: 0, revenue: inDollars(0) },
        differing: 1,
      },
    ]);
  });
});
