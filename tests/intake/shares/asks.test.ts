import { expect, test } from "bun:test";
import type { Measure } from "#intake/decide/caps.ts";
import { decide } from "#intake/decide/decide.ts";
import { asksFor, usageByShares } from "#intake/shares/asks.ts";
import { periodStartIn } from "#intake/shares/part.ts";
import type { ShareRow } from "#intake/shares/share-records.ts";
import type { Arrived } from "#leads/candidate.ts";
import { aDocument, aLead } from "../../support/leadgate.ts";
import { compiled, parsed, stateWithoutRecords } from "../decide/compiled-campaign.ts";

const NOW = new Date("2026-01-13T17:00:00Z");

const lead: Arrived = {
  kind: "arrived",
  id: "019b0000-0000-7000-8000-000000000001",
  requestId: "r",
  campaignId: "solar",
  supplierId: "acme",
  keyId: "key",
  body: aLead(),
  idempotency: null,
  ping: null,
};

/** A campaign whose buyer `first` takes leads at 10.00, so many a day and so much money, of which the campaign holds a share. */
function sharing(held: { leads: number; amount: number }, elsewhere: Partial<Record<Measure, number>> = {}) {
  const caps = { day: { leads: 100, amount: "1000.00" } };
  const campaign = compiled(aDocument({ buyers: { first: { caps } } }));
  const state = stateWithoutRecords(campaign, lead, NOW);
  const usage = state.contracts.get("first")?.usage ?? expect.unreachable();
  const shares = (["day.leads", "day.amount"] as const).map((measure): ShareRow => {
    const granted = measure === "day.leads" ? held.leads : held.amount;
    const start = periodStartIn(measure, usage);
    return { campaignId: "solar", buyerId: "first", measure, edition: "one", start, granted, givenBack: 0 };
  });
  const [contract] = campaign.contracts;
  const known = new Map(Object.entries(elsewhere)) as Map<Measure, number>;
  state.buyers.set("first", {
    ...(state.buyers.get("first") ?? expect.unreachable()),
    usage: usageByShares(contract?.buyerCaps ?? [], usage, shares),
    share: { elsewhere: known },
  });
  return { state, shares, decision: decide(parsed(lead, campaign), state, NOW) };
}

function lineOfFirst({ trace }: ReturnType<typeof decide>) {
  const last = trace.at(-1);
  return last?.check === "buyers" ? last.buyers[0] : undefined;
}

test("a campaign sells to a buyer as long as its own share of each of the buyer's caps has room", () => {
  const { decision } = sharing({ leads: 1, amount: 100_000 });
  expect(lineOfFirst(decision)).toEqual({ buyer_id: "first", chosen: true });
  expect(decision.lacks).toEqual([]);
});

test("a share that is used up is no cap that is reached: what it lacks is to be asked for first", () => {
  const { state, shares, decision } = sharing({ leads: 0, amount: 40_000 });
  expect(decision.lacks).toEqual([
    { buyerId: "first", measure: "day.leads", units: 1 },
    { buyerId: "first", measure: "day.amount", units: 60_000 },
  ]);
  const behind = [{ buyerId: "first", measure: "day.leads" as const, units: 1 }];
  const [ask] = asksFor(state, shares, decision.lacks ?? [], behind);
  expect(ask?.asked.map(({ measure, least, most }) => [measure, least, most])).toEqual([
    ["day.leads", 1, 2],
    ["day.amount", 60_000, 60_000],
  ]);
});

test("a cap is reached once others were asked, and had less left than a lead lacks", () => {
  const { decision } = sharing({ leads: 0, amount: 40_000 }, { "day.amount": 59_999 });
  expect(lineOfFirst(decision)).toEqual({
    buyer_id: "first",
    reason: "buyer_cap",
    cap: { period: "day", unit: "amount" },
  });
  expect(decision.lacks).toEqual([]);
  expect(sharing({ leads: 0, amount: 40_000 }, { "day.amount": 60_000 }).decision.lacks).toHaveLength(2);
});

test("a share of a period that is over has no room", () => {
  const { state, shares } = sharing({ leads: 5, amount: 500_000 });
  const usage = state.contracts.get("first")?.usage ?? expect.unreachable();
  const old = shares.map((share) => ({ ...share, start: share.start - 1 }));
  const caps = state.campaign.contracts[0]?.buyerCaps ?? [];
  expect(usageByShares(caps, usage, old).day).toMatchObject({ leads: 100, amount: 10_000_000 });
});
