import { describe, expect, test } from "bun:test";
import { settle } from "#configuration/defaults.ts";
import { definitionsOf } from "#configuration/definitions.ts";
import type { ConfigurationDocument } from "#configuration/document.ts";
import { identify } from "#configuration/identify.ts";
import { fullDocument } from "./document-examples.ts";

const definitions = (document: ConfigurationDocument) => definitionsOf(settle(identify(document, null)));

test("a campaign of which only the parties are named has every default of the contract", () => {
  const { campaigns } = definitions({
    version: 1,
    suppliers: [{ id: "s1" }],
    buyers: [{ id: "b1" }],
    campaigns: [{ id: "c1", suppliers: [{ supplier: "s1" }], buyers: [{ buyer: "b1" }] }],
  });
  expect(campaigns).toEqual([
    {
      id: "c1",
      name: "c1",
      status: "active",
      mode: "direct",
      distribution: "priority",
      timezone: "UTC",
      currency: "USD",
      country: "US",
      unknownFields: "keep",
      fields: [],
      duplicates: { fields: ["phone", "email"], windowDays: 30, action: "reject", countUnmatched: false },
      filters: null,
      suppressionLists: [],
      suppliers: [
        {
          supplier: {
            id: "s1",
            name: "s1",
            status: "active",
            testMode: false,
            timezone: null,
            rateLimits: {
              ingest: { perSecond: 100, burstPerSecond: 200, burstSeconds: 10 },
              ping: { perSecond: 500, burstPerSecond: 1000, burstSeconds: 10 },
              lookup: { perSecond: 10, burstPerSecond: 20, burstSeconds: 5 },
            },
          },
          status: "active",
          payout: { mode: "fixed", amount: "0" },
          margin: null,
          caps: {},
          filters: null,
        },
      ],
      contracts: [
        {
          buyer: {
            id: "b1",
            name: "b1",
            status: "active",
            timezone: "UTC",
            caps: {},
            suppressionLists: [],
            duplicates: null,
            billing: { mode: "manual" },
            delivery: null,
          },
          status: "active",
          price: "0",
          priceRules: [],
          exclusive: false,
          priority: 1,
          weight: 1,
          states: [],
          excludeStates: [],
          filters: null,
          caps: {},
          schedule: null,
        },
      ],
      webhooks: [],
      confirmBudgetMs: 5000,
      pingBudgetMs: 1500,
      margin: null,
      minPrice: null,
      allowLoss: true,
      maxSells: 1,
      piiDays: null,
      docs: "public",
    },
  ]);
});

test("a campaign holds its buyers' and suppliers' own settings, so that one row decides", () => {
  const [campaign] = definitions(fullDocument()).campaigns;
  expect(campaign?.contracts[0]?.buyer).toMatchObject({
    timezone: "America/Chicago",
    caps: { day: { leads: 100, amount: "5000.00" }, total: { leads: 100000 } },
    suppressionLists: ["sunco-customers"],
  });
  expect(campaign?.suppliers[0]?.supplier.name).toBe("Acme Media");
});

test("a campaign knows how its buyers are reached, with every default of delivery", () => {
  const { buyers, campaigns } = definitions(fullDocument());
  expect(buyers[0]?.delivery).toEqual({
    method: "webhook",
    url: "https://buyer.example/leads",
    format: "json",
    template: null,
    xmlRoot: "lead",
    headers: {},
    legacySignatureHeader: null,
    responseRules: [],
    responseValues: {},
    confirm: false,
    ping: null,
    events: [],
    body: "full",
    whenDown: "skip",
    timeoutSeconds: 15,
    retrySchedule: [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400],
    giveUpAfterSeconds: 86_400,
    maxInFlight: 20,
  });
  expect(campaigns[0]?.contracts[0]?.buyer.delivery).toEqual(buyers[0]?.delivery ?? null);
});

describe("a webhook", () => {
  const withWebhook = (webhook: object): ConfigurationDocument => ({
    version: 1,
    campaigns: [{ id: "c1" }, { id: "c2" }],
    webhooks: [{ id: "w1", url: "https://books.example", events: ["lead.returned"], ...webhook }],
  });
  const heardBy = (webhook: object) =>
    definitions(withWebhook(webhook))
      .campaigns.filter(({ webhooks }) => webhooks.length > 0)
      .map(({ id }) => id);

  test("hears of every campaign, or of those that it names", () => {
    expect(heardBy({})).toEqual(["c1", "c2"]);
    expect(heardBy({ campaigns: ["c2"] })).toEqual(["c2"]);
  });

  test("that is paused hears of none", () => {
    expect(heardBy({ status: "paused" })).toEqual([]);
  });

  test("is named in its campaigns with what it wants to hear and for how long that is worth sending", () => {
    const [campaign] = definitions(withWebhook({ give_up_after_seconds: 60 })).campaigns;
    expect(campaign?.webhooks).toEqual([{ id: "w1", events: ["lead.returned"], giveUpAfterSeconds: 60 }]);
  });

  test("is kept as the sender reads a buyer's delivery, and given up after 75 h 35 min unless it says otherwise", () => {
    const [webhook] = definitions(withWebhook({ headers: { "x-token": "t" } })).webhooks;
    expect(webhook).toMatchObject({
      id: "w1",
      name: "w1",
      status: "active",
      campaigns: null,
      method: "webhook",
      url: "https://books.example",
      format: "json",
      headers: { "x-token": "t" },
      events: ["lead.returned"],
      giveUpAfterSeconds: 272_100,
    });
    expect(webhook).not.toHaveProperty("give_up_after_seconds");
  });
});

test("states are compared in upper case, however they are written", () => {
  const document = fullDocument();
  const [campaign] = document.campaigns ?? [];
  const [contract] = definitions({
    ...document,
    campaigns: [{ ...campaign, buyers: [{ buyer: "buyer_abc", states: ["tx"], exclude_states: ["Ok"] }] }],
  }).campaigns.flatMap((each) => each.contracts);
  expect([contract?.states, contract?.excludeStates]).toEqual([["TX"], ["OK"]]);
});

test("a supplier's burst is twice its rate unless it is said, and never below it", () => {
  const limits = (ingest: object) =>
    definitions({ version: 1, suppliers: [{ id: "s1", rate_limits: { ingest } }] }).suppliers[0]?.rateLimits
      .ingest;
  expect(limits({ per_second: 1000 })).toEqual({ perSecond: 1000, burstPerSecond: 2000, burstSeconds: 10 });
  expect(limits({ burst_per_second: 20 })).toEqual({ perSecond: 20, burstPerSecond: 20, burstSeconds: 10 });
  expect(limits({ burst_seconds: 0 })).toEqual({ perSecond: 100, burstPerSecond: 200, burstSeconds: 0 });
});
