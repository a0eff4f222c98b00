import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { demoDocument } from "#configuration/demo.ts";
import type { IdentifiedDocument } from "#configuration/identify.ts";
import { problemsIn } from "#configuration/problems/document-problems.ts";
import { warningsIn } from "#configuration/warnings/document-warnings.ts";
import { impossibleField } from "#configuration/warnings/satisfiable.ts";
import { type Surroundings, WARNINGS, type WarningCode } from "#configuration/warnings/warning.ts";
import type { FieldDefinition } from "#fields/types/definition.ts";
import { parseAmount } from "#money/amount.ts";
import { compileFilter, type FilterDefinition } from "#rules/filter.ts";

type Part<Name extends "suppliers" | "buyers" | "campaigns"> = NonNullable<
  ConfigurationDocument[Name]
>[number];
type Campaign = Part<"campaigns">;

const FIELDS = [
  { name: "age", type: "integer", min: 0, max: 10 },
  { name: "case_type", type: "enum", values: ["auto", "slip"] },
  { name: "day", type: "date", min: "2026-01-01" },
  { name: "owner", type: "boolean", required: true },
] as const satisfies readonly FieldDefinition[];

const OLD = { id: "old", status: "archived" } as never;

interface Changes {
  campaign?: Partial<Campaign>;
  link?: Partial<NonNullable<Campaign["suppliers"]>[number]>;
  contract?: Partial<NonNullable<Campaign["buyers"]>[number]>;
  buyer?: Partial<Part<"buyers">>;
  supplier?: Partial<Part<"suppliers">>;
  document?: Partial<ConfigurationDocument>;
}

/** A set-up that nothing is to be said of, with changes. */
function documentWith({ campaign, link, contract, buyer, supplier, document }: Changes): IdentifiedDocument {
  const whole = {
    version: 1,
    suppliers: [{ id: "acme", ...supplier }],
    buyers: [
      {
        id: "sunco",
        timezone: "America/Chicago",
        delivery: { method: "webhook", url: "https://leads.sunco.com" },
        ...buyer,
      },
    ],
    campaigns: [
      {
        id: "solar",
        docs: "private",
        fields: [...FIELDS],
        suppliers: [{ supplier: "acme", payout: { mode: "fixed", amount: "12.00" }, ...link }],
        buyers: [{ buyer: "sunco", price: "40.00", ...contract }],
        ...campaign,
      },
    ],
    ...document,
  };
  if (document?.webhooks !== undefined) whole.campaigns.push(OLD);
  // Without what is undefined.
  return JSON.parse(JSON.stringify(whole)) as IdentifiedDocument;
}

function warnedOf(changes: Changes, surroundings: Partial<Surroundings> = {}): string[] {
  const document = documentWith(changes);
  expect(problemsIn(document)).toEqual([]);
  return warningsIn(document, {
    mailIsSetUp: true,
    isRefused: () => false,
    dropsBefore: null,
    emptyLists: new Set(),
    balances: new Map(),
    withoutToken: new Set<string>(),
    ...surroundings,
  }).map(({ code, path }) => `${code} ${path}`);
}

const LINK = "campaigns[solar].suppliers[acme]";
const CONTRACT = "campaigns[solar].buyers[sunco]";
const webhook = { method: "webhook", url: "https://a.sunco.com" } as const;
const bidder: Changes["buyer"] = {
  delivery: {
    method: "webhook",
    url: "https://a.sunco.com",
    ping: { url: "https://a.sunco.com/p", timeout_ms: 2000 },
  },
};

describe("what is surely not meant is warned of", () => {
  test("nothing is said of a set-up that is in order", () => {
    expect(warnedOf({})).toEqual([]);
  });

  const cases: [title: string, changes: Changes, ...warnings: `${WarningCode} ${string}`[]][] = [
    [
      "a rule beyond the bounds of its field",
      { campaign: { filters: { field: "age", op: "gte", value: 99 } } },
      "filter_never_passes campaigns[solar].filters",
    ],
    [
      "one of several rules beyond the bounds of its field",
      {
        campaign: {
          filters: {
            any: [
              { field: "owner", op: "eq", value: true },
              { field: "age", op: "lt", value: 0 },
            ],
          },
        },
      },
      "filter_never_passes campaigns[solar].filters.any[1]",
    ],
    [
      "rules that contradict each other",
      {
        contract: {
          filters: {
            all: [
              { field: "age", op: "gt", value: 5 },
              { field: "age", op: "lte", value: 5 },
            ],
          },
        },
      },
      `filter_never_passes ${CONTRACT}.filters`,
    ],
    [
      "a buyer's filter against the campaign's",
      {
        campaign: { filters: { field: "case_type", op: "eq", value: "auto" } },
        contract: { filters: { field: "case_type", op: "eq", value: "slip" } },
      },
      `filter_never_passes ${CONTRACT}.filters`,
    ],
    [
      "a supplier's filter on a state that the campaign does not take, written out",
      {
        campaign: { filters: { field: "state", op: "in", value: ["TX", "OK"] } },
        link: { filters: { field: "state", op: "eq", value: "Nevada" } },
      },
      `filter_never_passes ${LINK}.filters`,
    ],
    [
      "states that exclude_states takes away",
      { contract: { states: ["tx"], exclude_states: ["TX"] } },
      `no_state_left ${CONTRACT}.exclude_states`,
    ],
    [
      "a cap of no leads, and of no money",
      { contract: { caps: { day: { leads: 0 } } }, link: { caps: { hour: { amount: "0.00" } } } },
      `cap_of_zero ${LINK}.caps.hour.amount`,
      `cap_of_zero ${CONTRACT}.caps.day.leads`,
    ],
    [
      "a cap of less money than a lead costs",
      { contract: { caps: { day: { amount: "39.99" } } } },
      `cap_below_price ${CONTRACT}.caps.day.amount`,
    ],
    [
      "a payout above every price",
      { link: { payout: { mode: "fixed", amount: "50.00" } } },
      `payout_above_prices ${LINK}.payout.amount`,
    ],
    [
      "a margin that no price leaves",
      { campaign: { margin: { flat: "30.00" }, allow_loss: false } },
      `margin_never_reached ${LINK}.payout`,
      `price_never_enough ${CONTRACT}.price`,
    ],
    ["a price under min_price", { campaign: { min_price: "41.00" } }, `below_min_price ${CONTRACT}.price`],
    [
      "no price",
      {
        contract: { price: undefined as never },
        link: { payout: { mode: "margin" } },
        campaign: { margin: { flat: "0" } },
      },
      `no_price ${CONTRACT}.price`,
    ],
    ["a payout by a margin that is not there", { link: { payout: { mode: "margin" } } }, `no_margin ${LINK}`],
    [
      "a part of a percent",
      { link: { payout: { mode: "revenue_share", percent: 0.6 } } },
      `percent_below_one ${LINK}.payout.percent`,
    ],
    [
      "a weight where nothing is weighted, and exclusive where a lead has one buyer",
      { contract: { weight: 50, exclusive: true } },
      `without_effect ${CONTRACT}.weight`,
      `without_effect ${CONTRACT}.exclusive`,
    ],
    [
      "buyers that all have the same priority",
      {
        campaign: {
          buyers: [
            { buyer: "sunco", price: "40.00" },
            { buyer: "other", price: "40.00" },
          ],
        },
        document: {
          buyers: ["sunco", "other"].map((id) => ({
            id,
            delivery: { method: "webhook", url: "https://b.sunco.com" },
          })),
        },
      },
      "same_priority campaigns[solar].distribution",
    ],
    [
      "a campaign of nobody",
      { campaign: { suppliers: [], buyers: [] } },
      "not_linked suppliers[acme]",
      "not_linked buyers[sunco]",
      "no_supplier campaigns[solar].suppliers",
      "no_buyer campaigns[solar].buyers",
    ],
    [
      "a campaign whose only buyer is paused",
      { buyer: { status: "paused" } },
      "no_buyer campaigns[solar].buyers",
    ],
    [
      "a list that nothing names",
      { document: { suppression_lists: [{ id: "dnc" }] } },
      "list_not_used suppression_lists[dnc]",
    ],
    [
      "a buyer without delivery",
      { buyer: { delivery: undefined as never } },
      "no_delivery buyers[sunco].delivery",
    ],
    [
      "response rules without a yes",
      {
        buyer: {
          delivery: {
            method: "webhook",
            url: "https://a.sunco.com",
            response_rules: [{ when: { status: 200 }, outcome: "error" }],
          },
        },
      },
      "rules_never_accept buyers[sunco].delivery.response_rules",
    ],
    [
      "response rules with a no, and nothing that says what becomes of the sale",
      {
        buyer: {
          delivery: {
            method: "webhook",
            url: "https://a.sunco.com",
            response_rules: [
              { when: { regex: "OK" }, outcome: "accepted" },
              { when: { status: 200 }, outcome: "rejected" },
            ],
          },
        },
      },
      "refusal_not_settled buyers[sunco].delivery.response_rules",
    ],
    [
      "a template without is_test for a buyer of test leads",
      {
        supplier: { test_mode: true },
        buyer: {
          delivery: { method: "webhook", url: "https://a.sunco.com", template: { name: "{first_name}" } },
        },
      },
      "test_not_marked buyers[sunco].delivery.template",
      "all_tests campaigns[solar].suppliers",
    ],
    [
      "a live bid that takes longer than all together, without a campaign that asks for any, and with one",
      { buyer: bidder },
      "without_effect buyers[sunco].delivery.ping",
    ],
    [
      "a live bid that takes longer than all together",
      { buyer: bidder, campaign: { mode: "ping_post" } },
      `ping_above_budget ${CONTRACT}`,
    ],
    [
      "a credit of nothing",
      { buyer: { billing: { mode: "credit", limit: "0.00" } } },
      "wallet_empty buyers[sunco].billing.limit",
    ],
    [
      "a wallet with nothing in it",
      { buyer: { billing: { mode: "wallet" } } },
      "wallet_empty buyers[sunco].billing",
    ],
    [
      "zones without summer time",
      { campaign: { timezone: "EST" }, supplier: { timezone: "Etc/GMT+7" } },
      "zone_without_summer_time suppliers[acme].timezone",
      "zone_without_summer_time campaigns[solar].timezone",
    ],
    [
      "opening times without a time zone",
      { buyer: { timezone: undefined as never }, contract: { schedule: { mon: ["09:00-17:00"] } } },
      "zone_not_said buyers[sunco].timezone",
    ],
    [
      "a filter that turns nobody away, since nothing is both",
      {
        contract: {
          filters: {
            all: [
              { field: "age", op: "gt", value: 5 },
              {
                any: [
                  { field: "state", op: "ne", value: "TX" },
                  { field: "state", op: "ne", value: "OK" },
                ],
              },
            ],
          },
        },
      },
      `filter_always_passes ${CONTRACT}.filters.all[1]`,
    ],
    [
      "states of which the campaign's filters leave none, with no filter of the buyer's own",
      { campaign: { filters: { field: "state", op: "eq", value: "TX" } }, contract: { states: ["CA"] } },
      `no_state_left ${CONTRACT}.states`,
    ],
    [
      "an excluded state that is the only one of the campaign",
      {
        campaign: { filters: { field: "state", op: "eq", value: "TX" } },
        contract: { exclude_states: ["TX"] },
      },
      `no_state_left ${CONTRACT}.exclude_states`,
    ],
    [
      "a supplier that sends only what nobody buys",
      {
        link: { filters: { field: "state", op: "eq", value: "NY" } },
        contract: { states: ["TX"] },
      },
      `no_buyer_fits ${LINK}.filters`,
    ],
    [
      "a price rule behind one that takes all of its leads",
      {
        contract: {
          price_rules: [
            { when: { field: "age", op: "gte", value: 5 }, price: "50.00" },
            { when: { field: "age", op: "gte", value: 8 }, price: "60.00" },
          ],
        },
      },
      `never_reached ${CONTRACT}.price_rules[1].when`,
    ],
    [
      "a price below a payout, unless it is said to be meant",
      {
        campaign: {
          buyers: [
            { buyer: "sunco", price: "40.00", priority: 1 },
            { buyer: "other", price: "10.00", priority: 2 },
          ],
        },
        document: {
          buyers: ["sunco", "other"].map((id) => ({ id, delivery: webhook })),
        },
      },
      "sold_at_loss campaigns[solar].buyers[other].price",
    ],
    [
      "excluded states that are not taken anyway",
      { contract: { states: ["TX"], exclude_states: ["CA"] } },
      `without_effect ${CONTRACT}.exclude_states`,
    ],
    [
      "values that a state and a text can never be, and a phone by its area code alone",
      {
        campaign: {
          fields: [{ name: "code", type: "text", pattern: "^[A-Z]{2}$" }],
          filters: {
            all: [
              { field: "state", op: "in", value: ["Texas", "Ontario"] },
              { field: "code", op: "ne", value: "12" },
              { field: "code", op: "ne", value: "ab" },
              { not: { field: "phone", op: "starts_with", value: "512" } },
              { field: "phone", op: "starts_with", value: "+1512" },
            ],
          },
        },
      },
      "value_never_sent campaigns[solar].filters.all[0].value[1]",
      "value_never_sent campaigns[solar].filters.all[1].value",
      "value_never_sent campaigns[solar].filters.all[3].not.value",
    ],
    [
      "a phone that is always there asked whether it is not, and moments in the wrong order",
      {
        campaign: {
          fields: [{ name: "when", type: "datetime" }],
          filters: { field: "phone", op: "is_empty" },
        },
        contract: {
          filters: {
            all: [
              { field: "when", op: "gt", value: "2026-05-01T00:00:00Z" },
              { field: "when", op: "lt", value: "2026-01-01T00:00:00Z" },
            ],
          },
        },
      },
      "filter_never_passes campaigns[solar].filters",
      `filter_never_passes ${CONTRACT}.filters`,
    ],
    [
      "a margin of all",
      { link: { payout: { mode: "margin" }, margin: { percent: 100 } } },
      `no_payout ${LINK}`,
    ],
    [
      "a weight of some alone",
      {
        campaign: {
          distribution: "weighted",
          buyers: [
            { buyer: "sunco", price: "40.00", weight: 60 },
            { buyer: "other", price: "40.00" },
          ],
        },
        document: { buyers: ["sunco", "other"].map((id) => ({ id, delivery: webhook })) },
      },
      "weight_not_said campaigns[solar].buyers[other].weight",
    ],
    [
      "a response rule behind one that takes all of its answers",
      {
        buyer: {
          delivery: {
            ...webhook,
            confirm: true,
            response_rules: [
              { when: { status: "2xx" }, outcome: "accepted" },
              { when: { status: 200, regex: "ERROR" }, outcome: "rejected" },
            ],
          },
        },
      },
      "never_reached buyers[sunco].delivery.response_rules[1]",
    ],
    [
      "a check of which nothing follows, and duplicates by no field",
      {
        campaign: { checks: [{ id: "phone", url: "https://checks.sunco.com" }] },
        buyer: { duplicates: { fields: [], window_days: 30 } },
      },
      "without_effect buyers[sunco].duplicates",
      "without_effect campaigns[solar].checks[phone]",
    ],
    [
      "an e-mail to a name for examples",
      { buyer: { delivery: { method: "email", to: ["leads@sunco.example"] } } },
      "address_of_nobody buyers[sunco].delivery.to[0]",
    ],
    ["no payout", { link: { payout: undefined as never } }, `no_payout ${LINK}.payout`],
    [
      "a share of returns under one percent",
      { buyer: { returns: { max_percent: 0.2 } } },
      "percent_below_one buyers[sunco].returns.max_percent",
    ],
    [
      "a buyer's own cap, and a credit, of less money than a lead costs, and a low balance above it",
      {
        buyer: {
          caps: { day: { amount: "30.00" } },
          billing: { mode: "credit", limit: "39.00", low_balance: "100.00" },
        },
      },
      "cap_below_price buyers[sunco].caps.day.amount",
      "wallet_empty buyers[sunco].billing.limit",
      "always_low buyers[sunco].billing.low_balance",
    ],
    [
      "caps of an hour and a day that those of a day and a month do not let be reached",
      {
        contract: { caps: { hour: { leads: 20 }, day: { leads: 10 } } },
        buyer: { caps: { day: { amount: "5000.00" }, month: { amount: "4000.00" } } },
      },
      "without_effect buyers[sunco].caps.day.amount",
      `without_effect ${CONTRACT}.caps.hour.leads`,
    ],
    [
      "budgets of what is not done",
      {
        campaign: { ping_budget_ms: 100, check_budget_ms: 100, confirm_budget_ms: 100, hold_hours: 2 },
      },
      "without_effect campaigns[solar].ping_budget_ms",
      "without_effect campaigns[solar].check_budget_ms",
      "without_effect campaigns[solar].confirm_budget_ms",
      "without_effect campaigns[solar].hold_hours",
    ],
    [
      "several buyers for a lead that each wants alone",
      { campaign: { max_sells: 3 }, contract: { exclusive: true } },
      "without_effect campaigns[solar].max_sells",
    ],
    [
      "what becomes of duplicates, by no field, and a field for pings that nobody sends",
      {
        campaign: {
          duplicates: { fields: [], action: "route_to_original" },
          fields: [{ name: "age", type: "integer", required_for_ping: true }],
        },
      },
      "without_effect campaigns[solar].duplicates.action",
      "without_effect campaigns[solar].fields[age].required_for_ping",
    ],
    [
      "terms of returns that are not allowed, and of refusals that go to nobody",
      {
        contract: { returns: { allowed: false, window_days: 3 }, on_refusal: "reverse", refusal_minutes: 5 },
      },
      `without_effect ${CONTRACT}.refusal_minutes`,
      `without_effect ${CONTRACT}.returns.window_days`,
    ],
    [
      "no minutes for the next buyer",
      { contract: { refusal_minutes: 0 } },
      `refusal_to_nobody ${CONTRACT}.refusal_minutes`,
    ],
    [
      "a low balance that nobody watches",
      { buyer: { billing: { mode: "manual", low_balance: "10.00" } } },
      "without_effect buyers[sunco].billing.low_balance",
    ],
    [
      "events that nobody is told of",
      { document: { alerts: { events: ["endpoint.down"] } } },
      "without_effect alerts.events",
    ],
    [
      "a retry after the end",
      { buyer: { delivery: { ...webhook, retry_schedule: [60], give_up_after_seconds: 30 } } },
      "without_effect buyers[sunco].delivery.retry_schedule",
    ],
    [
      "a template without a field of the lead",
      { buyer: { delivery: { ...webhook, template: { tel: "phone" } } } },
      "lead_not_told buyers[sunco].delivery.template",
    ],
    [
      "a GET that says nothing in its address",
      { buyer: { delivery: { ...webhook, http_method: "GET" } } },
      "lead_not_told buyers[sunco].delivery.url",
    ],
    [
      "an address with something to be filled in",
      { buyer: { delivery: { ...webhook, url: "https://leads.sunco.com/?key=YOUR_KEY" } } },
      "address_of_nobody buyers[sunco].delivery.url",
    ],
    [
      "prices in dollars in another country",
      { campaign: { country: "GB" } },
      "currency_not_said campaigns[solar].currency",
    ],
    [
      "duplicates by what many people have in common",
      { campaign: { duplicates: { fields: ["state", "age"] } } },
      "duplicates_of_strangers campaigns[solar].duplicates.fields",
    ],
    [
      "a campaign of test suppliers alone",
      { supplier: { test_mode: true }, buyer: { delivery: { ...webhook, test_leads: "drop" } } },
      "all_tests campaigns[solar].suppliers",
    ],
    [
      "a webhook that is told what another one is",
      {
        document: {
          webhooks: ["books", "crm"].map((id) => ({
            id,
            url: "https://crm.sunco.com/hook",
            events: ["lead.accepted", id === "crm" ? "lead.returned" : "lead.refused"],
          })),
        },
      },
      "told_twice webhooks[crm]",
    ],
    [
      "a cap of a contract above the buyer's own",
      { contract: { caps: { day: { leads: 500 } } }, buyer: { caps: { day: { leads: 100 } } } },
      `without_effect ${CONTRACT}.caps.day.leads`,
    ],
    [
      "a price rule at the price itself",
      {
        contract: {
          price_rules: [{ when: { field: "age", op: "gte", value: 5 }, price: "40.00" }],
        },
      },
      `without_effect ${CONTRACT}.price_rules[0]`,
    ],
    [
      "an address for examples",
      { buyer: { delivery: { ...webhook, url: "https://sunco.example/leads" } } },
      "address_of_nobody buyers[sunco].delivery.url",
    ],
    [
      "an address that all on the way can read",
      { buyer: { delivery: { ...webhook, url: "http://leads.sunco.com" } } },
      "address_in_clear buyers[sunco].delivery.url",
    ],
    [
      "days of caps without a time zone",
      {
        buyer: { timezone: undefined as never, caps: { day: { leads: 5 } } },
        link: { caps: { week: { leads: 5 } } },
      },
      "zone_not_said buyers[sunco].timezone",
      "zone_not_said campaigns[solar].timezone",
    ],
    [
      "weighted turns without a weight",
      {
        campaign: {
          distribution: "weighted",
          buyers: [
            { buyer: "sunco", price: "40.00" },
            { buyer: "other", price: "40.00" },
          ],
        },
        document: { buyers: ["sunco", "other"].map((id) => ({ id, delivery: webhook })) },
      },
      "same_weight campaigns[solar].distribution",
    ],
    [
      "a webhook of a campaign that is archived",
      {
        document: {
          webhooks: [
            { id: "books", url: "https://crm.sunco.com", events: ["lead.accepted"], campaigns: ["old"] },
          ],
        },
        campaign: {},
      },
      "not_linked webhooks[books].campaigns",
    ],
    [
      "a conversion of a website without what Meta wants of one",
      {
        document: {
          conversions: [
            {
              id: "meta",
              type: "meta",
              dataset_id: "1234567890",
              events: { accepted: "Lead" },
              action_source: "website",
            },
          ],
        },
      },
      "conversion_incomplete conversions[meta].action_source",
    ],
    [
      "a page that is public by silence",
      { campaign: { docs: undefined as never } },
      "page_public campaigns[solar].docs",
    ],
  ];
  test.each(cases)("%s", (_, changes, ...warnings) => {
    expect(warnedOf(changes)).toEqual(warnings);
  });

  test("a list that nobody is on, e-mail without a mail server, an address that is not dialled", () => {
    const lists = { suppression_lists: [{ id: "dnc" }] };
    const using = { campaign: { suppression_lists: ["dnc"] }, document: lists };
    expect(warnedOf(using)).toEqual([]);
    expect(warnedOf(using, { emptyLists: new Set(["dnc"]) })).toEqual(["list_empty suppression_lists[dnc]"]);
    const mail: Changes = { buyer: { delivery: { method: "email", to: ["leads@sunco.com"] } } };
    expect(warnedOf(mail)).toEqual([]);
    expect(warnedOf(mail, { mailIsSetUp: false })).toEqual(["mail_not_set_up buyers[sunco].delivery"]);
    expect(warnedOf({}, { isRefused: () => true })).toEqual(["address_refused buyers[sunco].delivery.url"]);
  });

  test("a wallet is in order with enough in it for a lead", () => {
    const wallet: Changes = { buyer: { billing: { mode: "wallet" } } };
    const withBalance = (text: string) => ({
      balances: new Map([["sunco", parseAmount(text) as NonNullable<ReturnType<typeof parseAmount>>]]),
    });
    expect(warnedOf(wallet, withBalance("40.00"))).toEqual([]);
    expect(warnedOf(wallet, withBalance("39.99"))).toEqual(["wallet_empty buyers[sunco].billing"]);
  });

  test("a conversion that has no access token yet", () => {
    const conversions: Changes = {
      document: {
        conversions: [{ id: "meta", type: "meta", dataset_id: "1234567890", events: { accepted: "Lead" } }],
      },
    };
    expect(warnedOf(conversions, { withoutToken: new Set(["meta"]) })).toEqual([
      "no_token conversions[meta]",
    ]);
    expect(warnedOf(conversions)).toEqual([]);
  });

  test("of the demo it is said that nothing is sent, and that its pages are public", () => {
    const codes = warningsIn(demoDocument as IdentifiedDocument, {
      mailIsSetUp: false,
      isRefused: () => false,
      dropsBefore: null,
      emptyLists: new Set(),
      balances: new Map(),
      withoutToken: new Set<string>(),
    }).map(({ code }) => code);
    expect([...new Set(codes)].sort()).toEqual(["no_delivery", "page_public"]);
  });
});

test("the manual lists every warning", async () => {
  const rows = Object.entries(WARNINGS).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  const page = await Bun.file(new URL("../../src/manual/configuration.md", import.meta.url)).text();
  expect(rows.filter((row) => !page.includes(row))).toEqual([]);
});

describe("a filter is only said to be impassable", () => {
  const fields = new Map<string, FieldDefinition>(FIELDS.map((field) => [field.name, field]));
  const rule = fc.oneof(
    fc.record({
      field: fc.constant("age"),
      op: fc.constantFrom("eq", "ne", "gt", "gte", "lt", "lte"),
      value: fc.integer({ min: -2, max: 12 }),
    }),
    fc.record({
      field: fc.constant("case_type"),
      op: fc.constantFrom("in", "not_in"),
      value: fc.subarray(["auto", "slip"], { minLength: 1 }),
    }),
    fc.record({
      field: fc.constant("case_type"),
      op: fc.constantFrom("contains", "not_contains", "starts_with", "ends_with", "matches"),
      value: fc.constantFrom("a", "sl", "o", "x"),
    }),
    fc.record({ field: fc.constant("owner"), op: fc.constantFrom("eq", "ne"), value: fc.boolean() }),
    fc.record({ field: fc.constantFrom("age", "owner"), op: fc.constantFrom("is_empty", "is_not_empty") }),
  ) as fc.Arbitrary<FilterDefinition>;
  const { filter } = fc.letrec<{ filter: FilterDefinition }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3 },
      rule,
      fc.record({ all: fc.array(tie("filter"), { minLength: 1, maxLength: 3 }) }),
      fc.record({ any: fc.array(tie("filter"), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie("filter") }),
    ),
  }));
  const leads = [undefined, ...Array.from({ length: 11 }, (_, age) => age)].flatMap((age) =>
    [undefined, "auto", "slip"].flatMap((case_type) =>
      [true, false].map((owner) => ({
        ...(age !== undefined && { age }),
        ...(case_type !== undefined && { case_type }),
        owner,
      })),
    ),
  );

  test("when no lead of all that there can be passes it", () => {
    fc.assert(
      fc.property(filter, (written) => {
        const compiled = compileFilter(written, "UTC");
        const passes = leads.some((lead) => compiled.check(lead, new Date(0)).length === 0);
        expect(impossibleField([written], fields) === undefined).toBe(passes);
      }),
    );
  });

  test("of days only where they leave none", () => {
    const days = (...rules: object[]) => impossibleField([{ all: rules } as FilterDefinition], fields);
    const between = (low: number, high: number) =>
      days(
        { field: "day", op: "older_than_days", value: low },
        { field: "day", op: "within_days", value: high },
      );
    expect([between(5, 5), between(5, 6)]).toEqual(["day", undefined]);
    expect(days({ field: "day", op: "lt", value: "2026-01-01" }, { field: "day", op: "is_not_empty" })).toBe(
      "day",
    );
    expect(days({ field: "day", op: "lte", value: "2026-01-01" })).toBeUndefined();
  });
});
