import { describe, expect, test } from "bun:test";
import type { Campaign } from "#campaigns/campaign.ts";
import { decide, refusalAtTheDoor } from "#intake/decide/decide.ts";
import { originalOf, receivedBefore } from "#intake/decide/duplicates.ts";
import { parseLead } from "#intake/decide/reading.ts";
import { acceptedKey, unmatchedKey } from "#intake/decide/state.ts";
import { applyDecision } from "#intake/lane/state.ts";
import type { Arrived } from "#leads/candidate.ts";
import { aDocument } from "../../support/leadgate.ts";
import { compiled, parsed, stateWithoutRecords } from "./compiled-campaign.ts";

const NOW = new Date("2026-01-13T17:00:00Z");
const DAY = 86_400_000;

function campaignOf(over: Parameters<typeof aDocument>[0] = {}): Campaign {
  return compiled(aDocument(over), new Date(NOW.getTime() + DAY));
}

function leadOf(id: string, over: Record<string, unknown> = {}): Arrived {
  const body = { first_name: "Ada", last_name: "L", phone: "5125550100", email: "a@example.com", ...over };
  return {
    kind: "arrived",
    id,
    requestId: "r",
    campaignId: "solar",
    supplierId: "acme",
    keyId: "key",
    body,
    idempotency: null,
    ping: null,
  };
}

const uuid = (n: number) => `019b0000-0000-7000-8000-00000000000${n}`;

describe("a decision", () => {
  test("a decision is the same for the same facts, and changes none of them", () => {
    const campaign = campaignOf();
    const state = stateWithoutRecords(campaign, leadOf(uuid(0)), NOW);
    const before = Bun.inspect(state, { depth: 9 });
    const first = decide(parsed(leadOf(uuid(1)), campaign), state, NOW);
    expect(decide(parsed(leadOf(uuid(1)), campaign), state, NOW)).toEqual(first);
    expect(Bun.inspect(state, { depth: 9 })).toBe(before);
    expect(first.ending).toMatchObject({ kind: "accepted", sales: [{ buyerId: "first" }] });
  });

  test("a decision names those that could have taken the lead, for the weights to be shared over", () => {
    const campaign = campaignOf({ contracts: { second: { states: ["OK"] } } });
    const { contenders } = decide(
      parsed(leadOf(uuid(1)), campaign),
      stateWithoutRecords(campaign, leadOf(uuid(0)), NOW),
      NOW,
    );
    expect(contenders.map(({ contract }) => contract.buyerId)).toEqual(["first", "third"]);
  });

  test("a decision sees what the leads before it changed once that is remembered, and nothing of a test lead but its kind", () => {
    for (const test_mode of [false, true]) {
      const campaign = campaignOf({
        supplier: { test_mode },
        contracts: { first: { caps: { day: { leads: 1 } } } },
      });
      const state = stateWithoutRecords(campaign, leadOf(uuid(0)), NOW);
      const one = parsed(leadOf(uuid(1)), campaign);
      applyDecision(state, one, decide(one, state, NOW), NOW);
      const again = parsed(leadOf(uuid(2)), campaign);
      expect(decide(again, state, NOW).ending).toMatchObject({ kind: "duplicate", of: { leadId: uuid(1) } });
      const person = { phone: "5125550101", email: "b@example.com" };
      const other = parsed(leadOf(uuid(3), person), campaign);
      const buyerId = test_mode ? "first" : "second";
      expect(decide(other, state, NOW).ending).toMatchObject({ kind: "accepted", sales: [{ buyerId }] });
      expect(state.contracts.get("first")?.usage.day.leads).toBe(test_mode ? 0 : 1);
    }
  });
});

describe("at the door", () => {
  test("at the door the first of the reasons counts: gone, not linked, key, campaign, supplier, link, fields", () => {
    const broken = leadOf(uuid(1), { phone: "1" });
    const at = (over: Parameters<typeof aDocument>[0], lead = broken) =>
      refusalAtTheDoor(parsed(lead, campaignOf(over)), NOW);
    const paused = { status: "paused" as const };
    const all = { supplier: paused, link: paused };
    expect(at({ campaign: { status: "archived", suppliers: [] } })).toEqual({ kind: "campaign_gone" });
    expect(at({ campaign: { status: "paused", suppliers: [] } })).toEqual({ kind: "not_linked" });
    expect(at({ ...all, campaign: paused }, { ...broken, keyId: "other" })).toEqual({ kind: "unauthorized" });
    expect(at({ ...all, campaign: paused })).toEqual({ kind: "inactive", who: "campaign" });
    expect(at(all)).toEqual({ kind: "inactive", who: "supplier" });
    expect(at({ link: paused })).toEqual({ kind: "inactive", who: "link" });
    expect(at({})).toMatchObject({ kind: "invalid", errors: [{ field: "phone" }] });
    expect(at({}, leadOf(uuid(1)))).toBeUndefined();
  });

  test("at the door a key is good up to the moment of its end", () => {
    const campaign = campaignOf();
    const end = NOW.getTime() + DAY;
    expect(refusalAtTheDoor(parsed(leadOf(uuid(1)), campaign), new Date(end - 1))).toBeUndefined();
    expect(refusalAtTheDoor(parsed(leadOf(uuid(1)), campaign), new Date(end))).toEqual({
      kind: "unauthorized",
    });
  });
});

describe("the original of a duplicate", () => {
  const campaign = campaignOf({ campaign: { duplicates: { window_days: 10, count_unmatched: true } } });

  /** The facts in which the lead's phone, e-mail or both were seen before: the days ago, the lead, and who bought it. */
  function factsWith(
    seen: { field: string; daysAgo: number; lead: string; buyerId: string | null; isTest?: boolean }[],
  ) {
    const lead = leadOf(uuid(9));
    const reading = parseLead(lead, campaign);
    const state = stateWithoutRecords(campaign, leadOf(uuid(0)), NOW);
    for (const { field, daysAgo, lead: leadId, buyerId, isTest = false } of seen) {
      const key = reading.duplicateKeys.find((each) => each.field === field);
      if (key === undefined) throw new Error(`${field} is no key`);
      const under = buyerId === null ? unmatchedKey(key, isTest) : acceptedKey(key, isTest);
      state.earlier.set(under, { leadId, buyerId, countedAt: NOW.getTime() - daysAgo * DAY });
    }
    const link = campaign.suppliers.get("acme");
    if (link === undefined) throw new Error("acme is not linked");
    return { lead, campaign, now: NOW, link, reading, state, live: null };
  }

  test("the original of a duplicate is the earliest within the window that any field matches", () => {
    const seen = [
      { field: "phone", daysAgo: 3, lead: uuid(2), buyerId: "second" },
      { field: "email", daysAgo: 9.999, lead: uuid(1), buyerId: "first" },
    ];
    expect(originalOf(factsWith(seen))?.leadId).toBe(uuid(1));
    const tooOld = seen.map((each) => (each.field === "email" ? { ...each, daysAgo: 10 } : each));
    expect(originalOf(factsWith(tooOld))?.leadId).toBe(uuid(2));
  });

  test("the original of a duplicate is one that was bought, when one that was not came at the same moment", () => {
    const seen = [
      { field: "phone", daysAgo: 3, lead: uuid(1), buyerId: null },
      { field: "phone", daysAgo: 3, lead: uuid(2), buyerId: "second" },
    ];
    expect(originalOf(factsWith(seen))?.leadId).toBe(uuid(2));
  });

  test("the original of a duplicate is none among leads of the other kind, live or test", () => {
    expect(
      originalOf(factsWith([{ field: "phone", daysAgo: 1, lead: uuid(1), buyerId: "first", isTest: true }])),
    ).toBeUndefined();
  });

  test("the original of a duplicate is none for a buyer without a window of its own", () => {
    expect(receivedBefore(factsWith([]), "first", 30)).toBeUndefined();
  });
});
