import { expect, test } from "bun:test";
import { compileCampaign } from "#campaigns/campaign.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { withDefaults } from "#configuration/defaults.ts";
import { identify } from "#configuration/identify.ts";
import { wholeCampaigns } from "#configuration/whole-campaigns.ts";
import { parseAmount } from "#money/amount.ts";
import { fullDocument, withBuyer, withCampaign } from "../configuration/document-examples.ts";

const pepper = new Uint8Array(32);

function compile(document: ConfigurationDocument) {
  const [definition] = wholeCampaigns(withDefaults(identify(document, null)));
  if (definition === undefined) throw new Error("the document has no campaign");
  return compileCampaign(
    { revision: 7, definition, keys: [], overdueFrom: new Map(), suppressionKinds: new Set() },
    pepper,
  );
}

const amount = (text: string) => parseAmount(text) ?? null;

test("a compiled campaign says what decides its leads under the program's names", () => {
  const document = withCampaign({
    unknown_fields: "reject",
    confirm_budget_ms: 900,
    ping_budget_ms: 700,
    check_budget_ms: 800,
    hold_hours: 24,
    checks: [],
    min_price: "3.50",
    max_sells: 2,
    duplicates: { fields: ["phone"], window_days: 10, count_unmatched: true },
  });
  expect(compile(document)).toMatchObject({
    id: "campaign_abc123",
    revision: 7,
    name: "Solar Texas",
    status: "active",
    unknownFields: "reject",
    confirmBudgetMs: 900,
    pingBudgetMs: 700,
    minPrice: amount("3.50"),
    allowLoss: true,
    maxSells: 2,
    duplicates: { fields: ["phone"], windowDays: 10, action: "reject", countUnmatched: true },
  });
});

test("a compiled contract has the buyer's own caps, lists and credit beside its own", () => {
  const [contract] = compile(
    withBuyer({
      billing: { mode: "credit", limit: "100.00" },
      duplicates: { fields: ["phone"], window_days: 90 },
    }),
  ).contracts;
  expect(contract).toMatchObject({
    buyerId: "buyer_abc",
    price: amount("40.00"),
    states: new Set(["TX", "OK"]),
    caps: [{ period: "day", leads: 50, amount: null }],
    buyerCaps: [
      { period: "day", leads: 100, amount: amount("5000.00") },
      { period: "total", leads: 100000, amount: null },
    ],
    suppressionLists: new Set(["sunco-customers"]),
    creditLimit: amount("100.00"),
    buyerIsCounted: true,
    buyer: { duplicates: { fields: ["phone"], windowDays: 90 }, timezone: "America/Chicago" },
  });
});

test("a compiled link follows the campaign's clock and margin unless its supplier and it have their own", () => {
  const [link] = [...compile(withCampaign({ margin: { percent: 20 } })).suppliers.values()];
  expect(link).toMatchObject({
    supplierId: "supplier_xyz789",
    timezone: "America/New_York",
    margin: { flat: amount("0"), percent: "20" },
    payout: { mode: "fixed", amount: amount("12.00") },
    supplier: {
      testMode: false,
      rateLimits: { ingest: { perSecond: 100, burstPerSecond: 200, burstSeconds: 10 } },
    },
  });
});

test("only a campaign that is pinged first has buyers that bid live", () => {
  const url = "https://buyer.example/leads";
  const delivery = { method: "webhook", url, ping: { url } } as const;
  const direct = withBuyer({ delivery });
  const pinged = {
    ...direct,
    campaigns: fullDocument().campaigns?.map((each) => ({ ...each, mode: "ping_post" as const })) ?? [],
  };
  expect(compile(direct).contracts.map(({ bidsLive }) => bidsLive)).toEqual([false]);
  expect(compile(pinged).contracts.map(({ bidsLive }) => bidsLive)).toEqual([true]);
});

test("a value that no list could hold is not looked up in any", () => {
  expect(compile(fullDocument()).suppressionKeys({ phone: "+15125550147" })).toEqual([]);
});
