import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { decide } from "#intake/decide/decide.ts";
import { isDoorRefusal } from "#intake/decide/decision.ts";
import type { BatchState } from "#intake/decide/state.ts";
import { entryFor, type LeadEntry } from "#intake/lane/entry.ts";
import { followRefusal } from "#intake/lane/refusal.ts";
import { applyDecision, undoDecision } from "#intake/lane/state.ts";
import type { Arrived, PriorDecision, Reopened } from "#leads/candidate.ts";
import { undoneSales } from "#leads/decided-lead.ts";
import { isPayoutDue, type Sale, stands } from "#leads/sale.ts";
import { newUuid } from "#text/ids.ts";
import { aPrior } from "../../support/prior.ts";
import { runs } from "../../support/runs.ts";
import { compiled, parsed, stateWithoutRecords } from "../decide/compiled-campaign.ts";

const NOW = new Date("2026-01-13T17:00:00Z");
const BUYERS = ["a", "b", "c", "d"];

function documentOf(payout: object, maxSells: number, over: object = {}): ConfigurationDocument {
  return {
    version: 1,
    suppliers: [{ id: "acme" }],
    buyers: BUYERS.map((id) => ({ id, billing: { mode: "credit", limit: "100000.00" } })),
    campaigns: [
      {
        id: "solar",
        max_sells: maxSells,
        suppliers: [{ supplier: "acme", payout: payout as { mode: "fixed"; amount: string } }],
        buyers: BUYERS.map((buyer, at) => ({ buyer, price: `${at}0.00`, priority: at + 1, ...over })),
      },
    ],
  };
}

let people = 0;
function arriving(): Arrived {
  people += 1;
  const body = {
    first_name: "Ada",
    last_name: "L",
    phone: `51255${String(50_000 + people)}`,
    email: `u${people}@example.com`,
  };
  return {
    kind: "arrived",
    id: newUuid(),
    requestId: "r",
    campaignId: "solar",
    supplierId: "acme",
    keyId: "key",
    body,
    idempotency: null,
    ping: null,
  };
}

/** A campaign's lane without a database: what is decided is all there is. */
function laneOf(document: ConfigurationDocument) {
  const campaign = compiled(document);
  const state: BatchState = stateWithoutRecords(campaign, arriving(), NOW);
  const take = (lead: Arrived | Reopened, now = NOW): LeadEntry => {
    const known = lead.kind === "reopened" ? followRefusal(lead, campaign, now) : lead;
    const candidate = parsed(known, campaign);
    undoDecision(state, known);
    const decision = decide(candidate, state, now);
    if (isDoorRefusal(decision.ending)) throw new Error("it was not taken in");
    const entry = entryFor(candidate, decision, decision.ending, now);
    applyDecision(state, candidate, decision, now);
    return entry;
  };
  return { state, take };
}

/** The lead once more, with one of its sales undone. */
function reopen(entry: LeadEntry, undone: readonly Sale[], over: Partial<PriorDecision>): Reopened {
  const { lead, status, sales, former } = entry;
  const { id, requestId, campaignId, supplierId, body } = lead;
  const refusedBy = new Set([...former, ...undone].map(({ buyerId }) => buyerId));
  const prior = aPrior(over.cause ?? "refused", sales, {
    status,
    undone,
    former,
    refusedBy,
    answers: new Map(),
    decidedAt: entry.decidedAt,
    ...over,
  });
  return {
    kind: "reopened",
    id,
    requestId,
    campaignId,
    supplierId,
    body,
    idempotency: null,
    ping: null,
    prior,
  };
}

const refused = ({ buyerId }: Sale): Partial<PriorDecision> => ({
  cause: "refused",
  refusal: { buyerId, verdict: "rejected", course: null },
});
const summary = ({ status, sales, former }: LeadEntry) => [
  status,
  ...[...sales, ...former]
    .toSorted((one, other) => one.place - other.place)
    .map((sale) => `${sale.buyerId} ${sale.status} ${sale.payout / 10_000}`),
];
const first = ({ sales }: LeadEntry) => sales[0] ?? expect.unreachable();

describe("a sale that is undone", () => {
  const fixed = { mode: "fixed", amount: "5.00" };

  test("a sale that is undone for a refusal is followed by the next buyer, while the others of its lead stand", () => {
    const { take } = laneOf(documentOf(fixed, 2));
    const sold = take(arriving());
    expect(summary(sold)).toEqual(["ACCEPTED", "a sold 5", "b sold 0"]);
    const again = take(reopen(sold, [first(sold)], refused(first(sold))));
    expect(summary(again)).toEqual(["ACCEPTED", "a refused 5", "b sold 0", "c sold 0"]);
    expect(undoneSales(again).map(({ payout }) => payout / 10_000)).toEqual([0]);
    const [b, c] = again.sales;
    const last = take(
      reopen(
        again,
        [b, c].flatMap((each) => each ?? []),
        { cause: "returned" },
      ),
    );
    expect(summary(last)).toEqual(["RETURNED", "a refused 5", "b returned 0", "c returned 0"]);
    // With the last sale goes what was kept for the lead.
    expect(undoneSales(last).map(({ payout }) => payout / 10_000)).toEqual([5, 0]);
  });

  test("a sale that is undone after the contract's minutes is followed by nobody", () => {
    const { take } = laneOf(documentOf(fixed, 1, { refusal_minutes: 10 }));
    const sold = take(arriving());
    const at = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
    const late = take(reopen(sold, sold.sales, refused(first(sold))), at(10));
    expect([late.reason, ...summary(late)]).toEqual(["refused", "UNMATCHED", "a refused 5"]);
    expect(late.decidedAt).toBe(NOW.getTime());
    const other = take(arriving());
    const inTime = take(reopen(other, other.sales, refused(first(other))), at(9));
    expect(summary(inTime)).toEqual(["ACCEPTED", "a refused 5", "b sold 5"]);
  });

  test("a sale that is undone as returned is followed by nobody, and keeps its payout and its place in the caps where that is asked", () => {
    const { state, take } = laneOf(documentOf(fixed, 1));
    const returnOf = (keeps: PriorDecision["keeps"]) => {
      const sold = take(arriving());
      return take(reopen(sold, sold.sales, { cause: "returned", keeps }));
    };
    const kept = returnOf({ payout: true, cap: true });
    expect([kept.reason, ...summary(kept)]).toEqual(["returned", "RETURNED", "a returned 5"]);
    expect(undoneSales(kept).map(({ payout }) => payout / 10_000)).toEqual([0]);
    expect(kept.trace).toEqual([{ check: "return", result: "ended", buyer_id: "a" }]);
    const given = returnOf({ payout: false, cap: false });
    expect(undoneSales(given).map(({ payout }) => payout / 10_000)).toEqual([5]);
    expect(state.contracts.get("a")?.usage.total.leads).toBe(1);
    expect(state.links.get("acme")?.usage.total).toEqual({ leads: 1, amount: 50_000 as Sale["payout"] });
  });

  test("a sale that is undone leaves every cap, balance and payout as the sales that stand say, whatever was undone before", () => {
    const payouts = fc.constantFrom(fixed, { mode: "revenue_share", percent: 50 });
    const step = fc.record({
      lead: fc.nat(),
      sale: fc.nat(),
      minutes: fc.integer({ min: 0, max: 200 }),
      what: fc.constantFrom("sell", "refuse", "return"),
      payout: fc.boolean(),
      cap: fc.boolean(),
    });
    fc.assert(
      fc.property(
        payouts,
        fc.integer({ min: 1, max: 3 }),
        fc.array(step, { maxLength: 40 }),
        (payout, most, steps) => {
          const { state, take } = laneOf(documentOf(payout, most));
          const leads: LeadEntry[] = [];
          let paid = 0;
          for (const { what, lead, sale, minutes, ...keeps } of steps) {
            const now = new Date(NOW.getTime() + minutes * 60_000);
            const at = lead % Math.max(1, leads.length);
            const entry = leads[at];
            const undone = entry?.sales[sale % Math.max(1, entry.sales.length)];
            if (what === "sell" || entry === undefined || undone === undefined) {
              leads.push(take(arriving()));
            } else {
              const over = what === "refuse" ? refused(undone) : ({ cause: "returned", keeps } as const);
              leads[at] = take(reopen(entry, [undone], over), now);
            }
            const changed = leads[what === "sell" || undone === undefined ? leads.length - 1 : at];
            const before = new Set(changed?.prior?.sales.map(({ id }) => id));
            for (const each of changed?.sales ?? []) if (!before.has(each.id)) paid += each.payout;
            if (changed !== undefined) for (const each of undoneSales(changed)) paid -= each.payout;
          }
          const all = leads.flatMap(({ sales, former }) => [...sales, ...former]);
          const counts = (each: Sale) => stands(each) || each.keepsCap;
          for (const id of BUYERS) {
            const own = all.filter(({ buyerId }) => buyerId === id);
            const price = (some: Sale[]) => some.reduce((sum, each) => sum + each.price, 0);
            expect(state.contracts.get(id)?.usage.total as object).toEqual({
              leads: own.filter(counts).length,
              amount: price(own.filter(counts)),
            });
            expect(state.buyers.get(id)?.balance as number).toBe(0 - price(own.filter(stands)));
          }
          const due = all.filter(isPayoutDue).reduce((sum, each) => sum + each.payout, 0);
          expect(state.links.get("acme")?.usage.total as object).toEqual({
            leads: leads.filter(({ sales, former }) => [...sales, ...former].some(counts)).length,
            amount: due,
          });
          expect(paid).toBe(due);
          for (const { sales } of leads) {
            expect(sales.length).toBeLessThanOrEqual(most);
            expect(new Set(sales.map(({ buyerId }) => buyerId)).size).toBe(sales.length);
          }
        },
      ),
      { numRuns: runs(300) },
    );
  });
});
