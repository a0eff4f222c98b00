import type { ConfigurationDocument } from "#campaigns/document.ts";

/** The campaigns and the supplier of what the demo invites to send: a lead, and a ping. */
export const DEMO_CAMPAIGN = "solar";
export const DEMO_PINGED_CAMPAIGN = "auto-accident";
export const DEMO_SUPPLIER = "acme-media";

/**
 * A small set-up to look around in: a campaign that takes leads directly and one that is pinged first, three suppliers, five buyers and
 * a list of people not to call. In each campaign one buyer is always open, everywhere and without a cap, so that a good lead finds a buyer
 * at any hour.
 */
export const demoDocument: ConfigurationDocument = {
  version: 1,
  suppression_lists: [{ id: "global-dnc", name: "Do not call" }],
  suppliers: [
    { id: "acme-media", name: "Acme Media" },
    {
      id: "brightside-leads",
      name: "Brightside Leads",
      timezone: "America/New_York",
      rate_limits: { ingest: { per_second: 50 } },
    },
    { id: "sandbox", name: "Sandbox (test mode)", test_mode: true },
  ],
  buyers: [
    {
      id: "lone-star-solar",
      name: "Lone Star Solar",
      timezone: "America/Chicago",
      caps: { day: { leads: 100, amount: "5000.00" }, month: { leads: 2000 } },
    },
    {
      id: "sunbelt-energy",
      name: "Sunbelt Energy",
      timezone: "America/Phoenix",
      duplicates: { fields: ["phone", "email"], window_days: 90 },
    },
    { id: "national-solar", name: "National Solar Network", timezone: "America/New_York" },
    {
      id: "harbor-law",
      name: "Harbor Injury Law",
      timezone: "America/New_York",
      billing: { mode: "credit", limit: "25000.00" },
    },
    { id: "claims-first", name: "Claims First", timezone: "America/Los_Angeles" },
  ],
  campaigns: [
    {
      id: "solar",
      name: "Solar installation",
      distribution: "priority",
      timezone: "America/Chicago",
      fields: [
        { name: "state", type: "state", required: true },
        { name: "zip_code", type: "zip", required: true, example: "78701" },
        { name: "homeowner", type: "boolean", required: true, label: "Owns the home" },
        { name: "monthly_bill", type: "number", min: 0, max: 10000, label: "Monthly electric bill" },
        { name: "roof_age", type: "integer", min: 0, max: 120, label: "Roof age" },
      ],
      filters: { field: "homeowner", op: "eq", value: true },
      suppression_lists: ["global-dnc"],
      suppliers: [
        {
          supplier: "acme-media",
          payout: { mode: "fixed", amount: "18.00" },
          caps: { day: { leads: 500 } },
        },
        { supplier: "brightside-leads", payout: { mode: "revenue_share", percent: "60" } },
        { supplier: "sandbox", payout: { mode: "fixed", amount: "18.00" } },
      ],
      buyers: [
        {
          buyer: "lone-star-solar",
          price: "45.00",
          priority: 1,
          states: ["TX", "OK"],
          caps: { hour: { leads: 20 } },
          schedule: {
            mon: ["08:00-20:00"],
            tue: ["08:00-20:00"],
            wed: ["08:00-20:00"],
            thu: ["08:00-20:00"],
            fri: ["08:00-20:00"],
            sat: ["10:00-16:00"],
          },
        },
        {
          buyer: "sunbelt-energy",
          price: "40.00",
          priority: 2,
          states: ["TX", "AZ", "NM", "NV"],
          filters: {
            any: [
              { field: "monthly_bill", op: "gte", value: 100 },
              { field: "roof_age", op: "lt", value: 15 },
            ],
          },
        },
        { buyer: "national-solar", price: "30.00", priority: 3 },
      ],
    },
    {
      id: "auto-accident",
      name: "Auto accident",
      mode: "ping_post",
      distribution: "weighted",
      timezone: "America/New_York",
      margin: { percent: 25 },
      fields: [
        {
          name: "case_type",
          type: "enum",
          values: ["auto", "truck", "motorcycle", "pedestrian"],
          required: true,
          required_for_ping: true,
          label: "Case type",
        },
        { name: "incident_date", type: "date", required: true, label: "Date of the incident" },
        { name: "injured", type: "boolean", required: true },
        { name: "has_attorney", type: "boolean", label: "Has an attorney" },
      ],
      duplicates: { window_days: 180, action: "route_to_original" },
      filters: {
        all: [
          { field: "injured", op: "eq", value: true },
          { field: "has_attorney", op: "ne", value: true },
          { field: "incident_date", op: "within_days", value: 730 },
        ],
      },
      suppression_lists: ["global-dnc"],
      suppliers: [
        { supplier: "acme-media", payout: { mode: "margin" } },
        {
          supplier: "brightside-leads",
          payout: { mode: "revenue_share", percent: "55" },
          caps: { day: { leads: 100 } },
        },
        { supplier: "sandbox", payout: { mode: "margin" }, margin: { flat: "60.00" } },
      ],
      buyers: [
        { buyer: "harbor-law", price: "220.00", weight: 60, exclude_states: ["KY", "NY"] },
        { buyer: "claims-first", price: "180.00", weight: 40 },
      ],
    },
  ],
};

/** Who is on the demo's list: numbers that are kept for fiction (555-0100 to 555-0199), and one address. */
export const demoSuppressionEntries: readonly { phone?: string; email?: string }[] = [
  { phone: "+15125550101" },
  { phone: "+15125550102" },
  { phone: "+12125550199" },
  { email: "do-not-call@example.com" },
];
