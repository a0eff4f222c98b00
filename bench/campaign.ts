import type { ConfigurationDocument } from "#campaigns/document.ts";

export const CAMPAIGN = "hot-campaign";
export const SUPPLIER = "acme-media";
export const LIST = "global-dnc";

const FAR_AWAY = { leads: 500_000_000, amount: "900000000.00" };
const CAPS = { day: FAR_AWAY, month: FAR_AWAY, total: FAR_AWAY };
const WHOLE_WEEK = Object.fromEntries(
  ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map((day) => [day, ["00:00-24:00"]]),
);

/**
 * One campaign that gets all the load, with everything switched on that a lead has to pass: mapped fields, filters, a suppression
 * list, duplicates, states, schedules, caps of contracts, buyers and the supplier, weights. No cap is ever reached, and for every lead
 * of the load two buyers or more can take it.
 */
export const hotCampaign: ConfigurationDocument = {
  version: 1,
  suppression_lists: [{ id: LIST, name: "Do not call" }],
  suppliers: [
    {
      id: SUPPLIER,
      name: "Acme Media",
      rate_limits: { ingest: { per_second: 100_000, burst_per_second: 100_000, burst_seconds: 1 } },
    },
  ],
  buyers: [
    { id: "sunco", name: "SunCo", timezone: "America/Chicago", caps: CAPS },
    { id: "harbor-law", name: "Harbor Law", timezone: "America/New_York", caps: CAPS },
    { id: "claims-first", name: "Claims First", timezone: "America/Los_Angeles" },
    { id: "lone-star", name: "Lone Star", timezone: "America/Chicago" },
    { id: "sunbelt", name: "Sunbelt", timezone: "America/Phoenix" },
  ],
  campaigns: [
    {
      id: CAMPAIGN,
      name: "Hot campaign",
      distribution: "weighted",
      timezone: "America/New_York",
      fields: [
        { name: "state", type: "state", required: true },
        { name: "zip_code", type: "zip", required: true },
        { name: "case_type", type: "enum", values: ["auto", "slip"], required: true },
        { name: "incident_date", type: "date", required: true },
        { name: "roof_age", type: "integer", min: 0, max: 120 },
      ],
      duplicates: { fields: ["phone", "email"], window_days: 30, action: "reject" },
      filters: {
        all: [
          { field: "roof_age", op: "gte", value: 5 },
          {
            any: [
              { field: "case_type", op: "eq", value: "auto" },
              { field: "source", op: "contains", value: "search" },
            ],
          },
        ],
      },
      suppression_lists: [LIST],
      suppliers: [{ supplier: SUPPLIER, payout: { mode: "fixed", amount: "12.00" }, caps: CAPS }],
      buyers: [
        { buyer: "sunco", price: "40.00", weight: 30, caps: CAPS, schedule: WHOLE_WEEK },
        { buyer: "harbor-law", price: "38.00", weight: 25, caps: CAPS, schedule: WHOLE_WEEK },
        {
          buyer: "claims-first",
          price: "35.00",
          weight: 20,
          caps: CAPS,
          filters: { field: "case_type", op: "eq", value: "auto" },
        },
        { buyer: "lone-star", price: "42.00", weight: 15, caps: CAPS, states: ["TX", "OK"] },
        {
          buyer: "sunbelt",
          price: "30.00",
          weight: 10,
          caps: CAPS,
          exclude_states: ["FL"],
          filters: { field: "roof_age", op: "lt", value: 25 },
        },
      ],
    },
  ],
};
