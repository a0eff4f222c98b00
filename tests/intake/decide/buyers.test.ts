import { describe, expect, test } from "bun:test";
import type { Campaign } from "#campaigns/campaign.ts";
import { withOneMore } from "#intake/decide/caps.ts";
import { decide } from "#intake/decide/decide.ts";
import type { Decision } from "#intake/decide/decision.ts";
import { acceptedKey, type BatchState } from "#intake/decide/state.ts";
import type { Arrived, PriorDecision, Reopened } from "#leads/candidate.ts";
import { type Amount, parseAmount } from "#money/amount.ts";
import { aDocument } from "../../support/leadgate.ts";
import { aPrior, aSale } from "../../support/prior.ts";
import { compiled, parsed, stateWithoutRecords } from "./compiled-campaign.ts";

/** A Tuesday, noon in New York. */
const NOW = new Date("2026-01-13T17:00:00Z");
const WEBHOOK = { method: "webhook" as const, url: "https://buyer.example/leads" };

const body = {
  first_name: "Ada",
  last_name: "L",
  phone: "5125550100",
  email: "a@example.com",
  state: "TX",
};

const arrived: Arrived = {
  kind: "arrived",
  id: "019b0000-0000-7000-8000-000000000001",
  requestId: "r",
  campaignId: "solar",
  supplierId: "acme",
  keyId: "key",
  body,
  idempotency: null,
  ping: null,
};

const amount = (text: string): Amount => parseAmount(text) ?? expect.unreachable();

/** Decides the lead on a campaign whose buyers are first, second and third, by priority; `change` is made to the state before. */
function decided(
  over: Parameters<typeof aDocument>[0],
  change: (state: BatchState, campaign: Campaign) => void = () => undefined,
  lead: Arrived | Reopened = arrived,
): Decision {
  const campaign = compiled(aDocument(over));
  const state = stateWithoutRecords(campaign, lead, NOW);
  change(state, campaign);
  return decide(parsed(lead, campaign), state, NOW);
}

/** Why each buyer was passed over, or that it was chosen; in the order of the document. */
function reasons({ trace }: Decision): string[] {
  const line = trace.find(({ check }) => check === "buyers");
  if (line?.check !== "buyers") return [];
  return line.buyers.map((buyer) => ("chosen" in buyer ? "chosen" : buyer.reason));
}

function spend(state: BatchState, buyerId: string, price: string): void {
  const contract = state.contracts.get(buyerId);
  if (contract !== undefined) contract.usage = withOneMore(contract.usage, amount(price));
  const buyer = state.buyers.get(buyerId);
  if (buyer !== undefined) buyer.usage = withOneMore(buyer.usage, amount(price));
}

describe("a buyer is passed over", () => {
  const paused = { status: "paused" as const };
  const unchanged = () => undefined;
  const cases: [string, Parameters<typeof decided>[0], (state: BatchState) => void][] = [
    ["contract_paused", { contracts: { first: paused } }, unchanged],
    [
      "overdue",
      {},
      ({ campaign: { contracts } }) => Object.assign(contracts[0] ?? {}, { overdueFrom: NOW.getTime() }),
    ],
    ["buyer_paused", { buyers: { first: paused } }, unchanged],
    ["endpoint_down", {}, (state) => Object.assign(state, { down: new Set(["first"]) })],
    ["outside_schedule", { contracts: { first: { schedule: { sat: ["09:00-17:00"] } } } }, unchanged],
    ["state_not_listed", { contracts: { first: { states: ["OK"] } } }, unchanged],
    ["state_excluded", { contracts: { first: { exclude_states: ["TX"] } } }, unchanged],
    ["filtered", { contracts: { first: { filters: { field: "state", op: "eq", value: "OK" } } } }, unchanged],
    [
      "contract_cap",
      { contracts: { first: { caps: { day: { leads: 1 } } } } },
      (state) => spend(state, "first", "10.00"),
    ],
    [
      "contract_cap",
      { contracts: { first: { caps: { month: { amount: "15.00" } } } } },
      (state) => spend(state, "first", "10.00"),
    ],
    [
      "buyer_cap",
      { buyers: { first: { caps: { total: { leads: 1 } } } } },
      (state) => spend(state, "first", "10.00"),
    ],
    ["insufficient_funds", { buyers: { first: { billing: { mode: "wallet" } } } }, unchanged],
    ["insufficient_funds", { buyers: { first: { billing: { mode: "credit", limit: "9.99" } } } }, unchanged],
    [
      "below_payout",
      { campaign: { allow_loss: false }, link: { payout: { mode: "fixed", amount: "10.01" } } },
      unchanged,
    ],
    ["below_min_price", { campaign: { min_price: "10.01" } }, unchanged],
  ];
  test.each(cases)("a buyer is passed over as %s, and the next one gets the lead", (reason, over, change) => {
    const decision = decided(over, change);
    expect(reasons(decision)).toEqual([reason, "chosen", "outranked"]);
    expect(decision.ending).toMatchObject({ kind: "accepted", sales: [{ buyerId: "second" }] });
    expect(decision.contenders.map(({ contract }) => contract.buyerId)).toEqual(["second", "third"]);
  });

  test("a buyer is passed over as buyer_duplicate, within its own window and by what it received in any campaign", () => {
    const seenDaysAgo = (days: number) => (state: BatchState, campaign: Campaign) => {
      const { reading } = parsed(arrived, campaign);
      for (const key of reading.buyerDuplicateKeys.get("first") ?? []) {
        const countedAt = NOW.getTime() - days * 86_400_000;
        state.receivedByBuyer.set(acceptedKey(key, false), {
          leadId: "earlier",
          buyerId: "first",
          countedAt,
        });
      }
    };
    const over = { buyers: { first: { duplicates: { fields: ["phone"], window_days: 7 } } } };
    expect(reasons(decided(over, seenDaysAgo(6)))).toEqual(["buyer_duplicate", "chosen", "outranked"]);
    expect(reasons(decided(over, seenDaysAgo(7)))).toEqual(["chosen", "outranked", "outranked"]);
  });
});

describe("the supplier's cap", () => {
  test("the supplier's cap ends the lead for all buyers, since each would pay the supplier", () => {
    const over = { link: { caps: { day: { leads: 1 } } } };
    const decision = decided(over, (state) => {
      const link = state.links.get("acme") ?? expect.unreachable();
      link.usage = withOneMore(link.usage, amount("5.00"));
    });
    expect(reasons(decision)).toEqual(["supplier_cap", "supplier_cap", "supplier_cap"]);
    expect(decision.ending).toEqual({ kind: "unmatched" });
  });

  test("the supplier's cap on money names whom a shared lead passes over for it, and leaves the place to whoever fits", () => {
    const over = {
      campaign: { max_sells: 2 },
      link: {
        payout: { mode: "revenue_share" as const, percent: 50 },
        caps: { day: { amount: "21.00" } },
      },
      contracts: { first: { price: "30.00" }, second: { price: "20.00" }, third: { price: "10.00" } },
    };
    const decision = decided(over);
    expect(reasons(decision)).toEqual(["chosen", "supplier_cap", "chosen"]);
    expect(decision.ending).toMatchObject({ sales: [{ buyerId: "first" }, { buyerId: "third" }] });
  });
});

describe("a buyer that wants a lead alone", () => {
  test("a buyer that wants a lead alone gets it at no price too, where nobody shares it", () => {
    const over = {
      campaign: { max_sells: 3 },
      link: { payout: { mode: "fixed" as const, amount: "0.00" } },
      contracts: {
        first: { status: "paused" as const },
        second: { price: "0.00", exclusive: true },
        third: { status: "paused" as const },
      },
    };
    expect(reasons(decided(over))).toEqual(["contract_paused", "chosen", "contract_paused"]);
  });
});

describe("buyers that share a lead", () => {
  test("buyers that share a lead give their place to who pays more where their prices do not cover its fixed payout", () => {
    const over = {
      campaign: { max_sells: 2, distribution: "priority" as const, allow_loss: false },
      link: { payout: { mode: "fixed" as const, amount: "15.00" } },
      contracts: { first: { price: "4.00" }, second: { price: "5.00" }, third: { price: "12.00" } },
    };
    expect(reasons(decided(over))).toEqual(["outranked", "chosen", "chosen"]);
    const dear = { ...over, link: { payout: { mode: "fixed" as const, amount: "17.01" } } };
    expect(reasons(decided(dear))).toEqual(["below_payout", "below_payout", "below_payout"]);
    const cheap = { ...over, link: { payout: { mode: "fixed" as const, amount: "9.00" } } };
    expect(reasons(decided(cheap))).toEqual(["chosen", "chosen", "outranked"]);
  });
});

describe("buyers that want a lead alone", () => {
  test("buyers that want a lead alone get it in turn, of those who pay more than all that share it do together", () => {
    const over = {
      campaign: { max_sells: 2, distribution: "priority" as const },
      contracts: {
        first: { price: "10.00", exclusive: true },
        second: { price: "30.00" },
        third: { price: "50.00", exclusive: true },
      },
    };
    expect(reasons(decided(over))).toEqual(["outranked", "outranked", "chosen"]);
    const cheaper = { ...over.contracts, second: { price: "5.00" } };
    expect(reasons(decided({ ...over, contracts: cheaper }))).toEqual(["chosen", "outranked", "outranked"]);
  });
});

describe("a buyer that wants to be asked first", () => {
  const buyers = { first: { delivery: { ...WEBHOOK, confirm: true } } };

  test("a buyer that wants to be asked first has the lead reserved for it alone", () => {
    expect(decided({ buyers }).ending).toMatchObject({ kind: "pending", sales: [{ buyerId: "first" }] });
  });
});

describe("a lead that is decided once more", () => {
  const sale = aSale("first", { status: "reserved" });
  const prior = aPrior("refused", [sale]);
  const again = (
    over: Partial<PriorDecision>,
    document: Parameters<typeof decided>[0] = {},
    change?: Parameters<typeof decided>[1],
  ) => {
    const { keyId: _, kind: __, ping: ___, ...lead } = arrived;
    return decided(document, change, {
      ...lead,
      kind: "reopened",
      ping: null,
      prior: { ...prior, ...over },
    });
  };

  test("a lead that is decided once more passes over whoever refused it, and says first what the buyer answered", () => {
    const decision = again({});
    expect(reasons(decision)).toEqual(["refused_lead", "chosen", "outranked"]);
    expect(decision.trace[0]).toEqual({
      check: "confirmation",
      result: "ended",
      buyer_id: "first",
      answer: "refused",
    });
  });

  test("a lead that is decided once more tells what its buyers did with it, also where their contracts are paused meanwhile", () => {
    const kept = aSale("second", { place: 2 });
    const contracts = { first: { status: "paused" as const }, second: { status: "paused" as const } };
    const decision = again({ sales: [sale, kept] }, { campaign: { max_sells: 2 }, contracts });
    expect(reasons(decision)).toEqual(["refused_lead", "has_lead", "chosen"]);
    expect(decision.ending).toMatchObject({ standing: [{ buyerId: "second" }] });
  });

  test("a lead that is decided once more is sold to one more beside what stands, where its fixed payout has filled the supplier's cap", () => {
    const kept = aSale("second", { place: 2 });
    const document = {
      campaign: { max_sells: 2 },
      link: { caps: { day: { amount: "5.00" } } },
    };
    const paid = (state: BatchState) => {
      const link = state.links.get("acme") ?? expect.unreachable();
      link.usage = withOneMore(link.usage, amount("5.00"));
    };
    expect(reasons(again({ sales: [sale, kept] }, document, paid))).toEqual([
      "refused_lead",
      "has_lead",
      "chosen",
    ]);
    expect(reasons(again({}, document, paid))).toEqual(["refused_lead", "supplier_cap", "supplier_cap"]);
  });

  test("a lead that repeats another is not sold to others when the buyer of that one refuses it", () => {
    const duplicateOf = { leadId: "019b0000-0000-7000-8000-000000000000", buyerId: "first" };
    const refusal = { buyerId: "first", verdict: "rejected" as const, course: "next_buyer" as const };
    const decision = again(
      { duplicateOf, refusal, status: "ACCEPTED" },
      { campaign: { duplicates: { action: "route_to_original" } } },
    );
    expect(reasons(decision)).toEqual(["refused_lead", "not_the_original_buyer", "not_the_original_buyer"]);
    expect(decision.ending).toEqual({ kind: "refused" });
  });

  test("a lead that is decided once more asks nobody any more once the time is over", () => {
    const buyers = { second: { delivery: { ...WEBHOOK, confirm: true } } };
    expect(reasons(again({ outOfTime: true }, { buyers }))).toEqual([
      "refused_lead",
      "no_time_to_ask",
      "chosen",
    ]);
  });

  test("a lead that is decided once more is the sale that was reserved when the buyer confirms, whatever the configuration says now", () => {
    const decision = again(
      { cause: "confirmed", undone: [] },
      { contracts: { first: { status: "paused" } } },
    );
    expect(decision.ending).toEqual({
      kind: "accepted",
      sales: [],
      standing: [{ ...sale, status: "sold" }],
      duplicateOf: null,
    });
  });

  test("a lead that is decided once more goes to nobody when the buyer may have taken it, and did not say so", () => {
    expect(again({ cause: "unclear", mayHave: new Set(["first"]) }).ending).toEqual({ kind: "unconfirmed" });
  });

  test("a lead that is decided once more goes to nobody while the campaign is paused, and is not refused as one that comes now", () => {
    expect(again({}, { campaign: { status: "paused" } }).ending).toEqual({ kind: "unmatched" });
  });
});
