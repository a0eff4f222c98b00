import type { ConfigurationDocument } from "#campaigns/document.ts";

/** The document of the contract, with every part in use. */
export function fullDocument(): ConfigurationDocument {
  return {
    version: 1,
    suppression_lists: [
      { id: "global-dnc", name: "Do not call" },
      { id: "sunco-customers", name: "SunCo's own" },
    ],
    suppliers: [
      {
        id: "supplier_xyz789",
        name: "Acme Media",
        status: "active",
        test_mode: false,
        rate_limits: { ingest: { per_second: 100, burst_per_second: 200, burst_seconds: 10 } },
      },
    ],
    buyers: [
      {
        id: "buyer_abc",
        name: "SunCo",
        status: "active",
        timezone: "America/Chicago",
        caps: { day: { leads: 100, amount: "5000.00" }, total: { leads: 100000 } },
        suppression_lists: ["sunco-customers"],
        delivery: { method: "webhook", url: "https://buyer.example/leads", format: "json" },
        billing: { mode: "manual" },
      },
    ],
    campaigns: [
      {
        id: "campaign_abc123",
        name: "Solar Texas",
        status: "active",
        mode: "direct",
        distribution: "priority",
        timezone: "America/New_York",
        currency: "USD",
        country: "US",
        unknown_fields: "keep",
        fields: [
          { name: "zip_code", type: "zip", required: true },
          { name: "case_type", type: "enum", values: ["auto", "slip"], required: true, label: "Case type" },
          { name: "incident_date", type: "date", required: true },
          { name: "roof_age", type: "integer", min: 0, max: 120 },
        ],
        duplicates: { fields: ["phone", "email"], window_days: 30, action: "reject" },
        filters: {
          all: [
            { field: "roof_age", op: "gte", value: 5 },
            { any: [{ field: "case_type", op: "eq", value: "auto" }] },
          ],
        },
        suppression_lists: ["global-dnc"],
        suppliers: [
          {
            supplier: "supplier_xyz789",
            status: "active",
            payout: { mode: "fixed", amount: "12.00" },
            caps: { day: { leads: 500 } },
          },
        ],
        buyers: [
          {
            buyer: "buyer_abc",
            status: "active",
            price: "40.00",
            priority: 1,
            weight: 50,
            states: ["TX", "OK"],
            exclude_states: [],
            caps: { day: { leads: 50 } },
            schedule: { mon: ["09:00-17:00"], sat: ["10:00-12:00", "13:00-15:00"] },
          },
        ],
      },
    ],
  };
}

type Entry<Name extends "suppliers" | "buyers" | "campaigns" | "webhooks"> = NonNullable<
  ConfigurationDocument[Name]
>[number];

/** The full document with its one supplier, buyer or campaign changed. */
export function withSupplier(change: Partial<Entry<"suppliers">>): ConfigurationDocument {
  const document = fullDocument();
  return { ...document, suppliers: document.suppliers?.map((entry) => ({ ...entry, ...change })) ?? [] };
}

export function withBuyer(change: Partial<Entry<"buyers">>): ConfigurationDocument {
  const document = fullDocument();
  return { ...document, buyers: document.buyers?.map((entry) => ({ ...entry, ...change })) ?? [] };
}

export function withCampaign(change: Partial<Entry<"campaigns">>): ConfigurationDocument {
  const document = fullDocument();
  return { ...document, campaigns: document.campaigns?.map((entry) => ({ ...entry, ...change })) ?? [] };
}

/** The full document and a webhook that hears of every lead that nobody took. */
export function withWebhook(change: Partial<Entry<"webhooks">> = {}): ConfigurationDocument {
  const webhook: Entry<"webhooks"> = {
    id: "books",
    name: "Bookkeeping",
    url: "https://books.example/events",
    events: ["lead.unmatched"],
  };
  return { ...fullDocument(), webhooks: [{ ...webhook, ...change }] };
}
