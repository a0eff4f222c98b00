import { describe, expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { withDefaults } from "#configuration/defaults.ts";
import { identify } from "#configuration/identify.ts";
import { wholeCampaigns } from "#configuration/whole-campaigns.ts";
import { fullDocument } from "./document-examples.ts";

const complete = (document: ConfigurationDocument) => withDefaults(identify(document, null));
const whole = (document: ConfigurationDocument) => wholeCampaigns(complete(document));

test("a campaign of which only the parties are named has every default of the contract", () => {
  const campaigns = whole({
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
      unknown_fields: "keep",
      fields: [],
      duplicates: { fields: ["phone", "email"], window_days: 30, action: "reject", count_unmatched: false },
      filters: null,
      suppression_lists: [],
      suppliers: [
        {
          supplier: {
            id: "s1",
            name: "s1",
            status: "active",
            test_mode: false,
            timezone: null,
            rate_limits: {
              ingest: { per_second: 100, burst_per_second: 200, burst_seconds: 10 },
              ping: { per_second: 500, burst_per_second: 1000, burst_seconds: 10 },
              lookup: { per_second: 10, burst_per_second: 20, burst_seconds: 5 },
            },
            portal: { email: [] },
          },
          status: "active",
          payout: { mode: "fixed", amount: "0" },
          margin: null,
          caps: {},
          filters: null,
        },
      ],
      buyers: [
        {
          buyer: {
            id: "b1",
            name: "b1",
            status: "active",
            timezone: "UTC",
            caps: {},
            suppression_lists: [],
            duplicates: null,
            billing: { mode: "manual" },
            returns: {
              allowed: true,
              window_days: 7,
              max_percent: 20,
              auto_accept_hours: 0,
              reasons: ["bad_contact", "wrong_vertical", "duplicate", "tcpa_risk", "out_of_area", "other"],
            },
            self_service: { pause: true, caps: false },
            portal: { email: [] },
            delivery: null,
          },
          status: "active",
          price: "0",
          price_rules: [],
          exclusive: false,
          on_refusal: "next_buyer",
          refusal_minutes: 60,
          returns: null,
          priority: 1,
          weight: 1,
          states: [],
          exclude_states: [],
          filters: null,
          caps: {},
          schedule: null,
        },
      ],
      webhooks: [],
      confirm_budget_ms: 5000,
      ping_budget_ms: 1500,
      check_budget_ms: 2000,
      hold_hours: 72,
      checks: [],
      margin: null,
      min_price: null,
      allow_loss: true,
      max_sells: 1,
      pii_days: null,
      docs: "public",
      show_buyers: true,
      returns: { payout: "reverse", cap: "keep" },
    },
  ]);
});

test("a campaign holds its buyers' and suppliers' own settings, so that one row decides", () => {
  const [campaign] = whole(fullDocument());
  expect(campaign?.buyers[0]?.buyer).toMatchObject({
    timezone: "America/Chicago",
    caps: { day: { leads: 100, amount: "5000.00" }, total: { leads: 100000 } },
    suppression_lists: ["sunco-customers"],
  });
  expect(campaign?.suppliers[0]?.supplier.name).toBe("Acme Media");
});

test("a campaign knows how its buyers are reached, with every default of delivery", () => {
  const { buyers } = complete(fullDocument());
  const campaigns = whole(fullDocument());
  expect(buyers[0]?.delivery).toEqual({
    method: "webhook",
    url: "https://buyer.example/leads",
    format: "json",
    template: null,
    xml_root: "lead",
    headers: {},
    legacy_signature_header: null,
    response_rules: [],
    response_values: {},
    confirm: false,
    ping: null,
    events: [],
    body: "full",
    when_down: "skip",
    timeout_seconds: 15,
    retry_schedule: [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400],
    give_up_after_seconds: 86_400,
    max_in_flight: 20,
  });
  expect(campaigns[0]?.buyers[0]?.buyer.delivery).toEqual(buyers[0]?.delivery ?? null);
});

describe("a webhook", () => {
  const withWebhook = (webhook: object): ConfigurationDocument => ({
    version: 1,
    campaigns: [{ id: "c1" }, { id: "c2" }],
    webhooks: [{ id: "w1", url: "https://books.example", events: ["lead.returned"], ...webhook }],
  });
  const heardBy = (webhook: object) =>
    whole(withWebhook(webhook))
      .filter(({ webhooks }) => webhooks.length > 0)
      .map(({ id }) => id);

  test("a webhook hears of every campaign, or of those that it names", () => {
    expect(heardBy({})).toEqual(["c1", "c2"]);
    expect(heardBy({ campaigns: ["c2"] })).toEqual(["c2"]);
  });

  test("a webhook that is paused hears of none", () => {
    expect(heardBy({ status: "paused" })).toEqual([]);
  });

  test("a webhook is named in its campaigns with what it wants to hear and for how long that is worth sending", () => {
    const [campaign] = whole(withWebhook({ give_up_after_seconds: 60 }));
    expect(campaign?.webhooks).toEqual([{ id: "w1", events: ["lead.returned"], give_up_after_seconds: 60 }]);
  });

  test("a webhook is kept as the sender reads a buyer's delivery, and given up after 75 h 35 min unless it says otherwise", () => {
    const [webhook] = complete(withWebhook({ headers: { "x-token": "t" } })).webhooks;
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
      give_up_after_seconds: 272_100,
    });
  });
});

test("states are compared in upper case, however they are written", () => {
  const document = fullDocument();
  const [campaign] = document.campaigns ?? [];
  const [contract] = whole({
    ...document,
    campaigns: [{ ...campaign, buyers: [{ buyer: "buyer_abc", states: ["tx"], exclude_states: ["Ok"] }] }],
  }).flatMap((each) => each.buyers);
  expect([contract?.states, contract?.exclude_states]).toEqual([["TX"], ["OK"]]);
});

test("a supplier's burst is twice its rate unless it is said, and never below it", () => {
  const limits = (ingest: object) =>
    complete({ version: 1, suppliers: [{ id: "s1", rate_limits: { ingest } }] }).suppliers[0]?.rate_limits
      .ingest;
  expect(limits({ per_second: 1000 })).toEqual({
    per_second: 1000,
    burst_per_second: 2000,
    burst_seconds: 10,
  });
  expect(limits({ burst_per_second: 20 })).toEqual({
    per_second: 20,
    burst_per_second: 20,
    burst_seconds: 10,
  });
  expect(limits({ burst_seconds: 0 })).toEqual({ per_second: 100, burst_per_second: 200, burst_seconds: 0 });
});
