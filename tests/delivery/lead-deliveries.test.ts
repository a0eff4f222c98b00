import { expect, test } from "bun:test";
import type { Campaign } from "#campaigns/campaign.ts";
import { feedbackDeliveries } from "#delivery/feedback-deliveries.ts";
import { buyerDeliveries, endedDeliveries, webhookDeliveries } from "#delivery/lead-deliveries.ts";
import type { NewDelivery } from "#delivery/outbox/outbox-records.ts";
import type { PriorDecision } from "#leads/candidate.ts";
import type { DecidedLead } from "#leads/decided-lead.ts";
import type { Feedback, ReportedLead } from "#leads/feedback.ts";
import type { Sale } from "#leads/sale.ts";
import type { RecordStatus } from "#leads/status.ts";
import { type Amount, parseAmount } from "#money/amount.ts";
import { leadIdOf, newUuid } from "#text/ids.ts";
import { webhook } from "../endpoints/sales.ts";
import { aPrior, aSale } from "../support/prior.ts";

const NOW = new Date("2026-05-01T12:00:00.000Z");
const LEAD = newUuid();

/** As much of a campaign as deliveries are made by: two buyers that are sent leads and one that is not, and two webhooks. */
const campaign = {
  id: "auto",
  currency: "USD",
  mapping: { spellings: { titles: new Map() } },
  contracts: [
    buyer("first", webhook({ give_up_after_seconds: 600, events: ["lead.updated"] })),
    buyer("second", webhook({ give_up_after_seconds: 1_200 })),
    buyer("silent", null),
  ],
  webhooks: [
    { id: "books", events: ["lead.created", "lead.accepted", "lead.updated"], giveUpAfterSeconds: 3_600 },
    { id: "losses", events: ["lead.unmatched", "lead.rejected"], giveUpAfterSeconds: 60 },
  ],
} as unknown as Campaign;

function amount(text: string): Amount {
  const parsed = parseAmount(text);
  if (parsed === undefined) throw new RangeError(`${text} is no amount`);
  return parsed;
}

function buyer(id: string, delivery: ReturnType<typeof webhook> | null) {
  return { buyerId: id, buyer: { id, delivery } };
}

function saleTo(id: string, more: Partial<Sale> = {}): Sale {
  const money = { price: amount("40.00"), payout: amount("30.00") };
  return aSale(id, { id: newUuid(), ...money, ...more });
}

function decided(
  status: RecordStatus,
  buyers: readonly string[] = [],
  more: Partial<DecidedLead> = {},
): DecidedLead {
  return {
    lead: {
      kind: "arrived",
      id: LEAD,
      requestId: "req_1",
      campaignId: "auto",
      supplierId: "acme",
      body: {},
      trace: "00-trace",
      keyId: "key",
      idempotency: null,
      ping: null,
    },
    status,
    sales: buyers.map((id, index) =>
      saleTo(id, { place: index + 1, status: status === "PENDING" ? "reserved" : "sold" }),
    ),
    former: [],
    isTest: false,
    currency: "USD",
    duplicateOf: null,
    decidedAt: NOW.getTime(),
    firstDecidedAt: NOW.getTime(),
    fields: { state: "TX" },
    prior: null,
    pingId: null,
    ...more,
  };
}

function priorOf(cause: PriorDecision["cause"], over: Partial<PriorDecision> = {}): PriorDecision {
  return aPrior(cause, [saleTo("first", { status: "reserved" })], over);
}

/** Who is sent which event. */
function addressed(deliveries: readonly NewDelivery[]): string[] {
  return deliveries.map(({ event, recipient }) => `${event} to ${recipient}`);
}

function dataOf(delivery: NewDelivery | undefined) {
  return (JSON.parse(delivery?.body ?? "null") as { data: Record<string, unknown> }).data;
}

test("each buyer of a sold lead is sent it, but for one that has no delivery", () => {
  const deliveries = buyerDeliveries(decided("ACCEPTED", ["first", "silent", "second"]), campaign, NOW);
  expect(addressed(deliveries)).toEqual(["lead.accepted to buyer:first", "lead.accepted to buyer:second"]);
  expect(deliveries.map(({ giveUpAt }) => giveUpAt)).toEqual([
    "2026-05-01T12:10:00.000Z",
    "2026-05-01T12:20:00.000Z",
  ]);
  expect(deliveries.every(({ asks, lease }) => asks === undefined && lease === undefined)).toBe(true);
});

test("a buyer is told its own price, and nothing of what the supplier is paid", () => {
  const [delivery] = buyerDeliveries(decided("ACCEPTED", ["first"]), campaign, NOW);
  expect(dataOf(delivery)).toMatchObject({ lead_id: leadIdOf(LEAD), price: "40.00", currency: "USD" });
  expect(delivery?.body).not.toContain("30.00");
});

test("those buyers of a pending lead that want it are asked, with a lease of a minute and for ten minutes at most", () => {
  const confirming = {
    ...campaign,
    contracts: [buyer("first", webhook({ confirm: true })), ...campaign.contracts.slice(1)],
  };
  const pending = decided("PENDING", ["first", "second"]);
  const [delivery, ...others] = buyerDeliveries(pending, confirming as unknown as Campaign, NOW);
  expect(others).toEqual([]);
  expect(delivery).toMatchObject({
    asks: true,
    lease: { until: "2026-05-01T12:01:00.000Z" },
    giveUpAt: "2026-05-01T12:10:00.000Z",
  });
});

test("a buyer that has confirmed its lead is not sent it again", () => {
  const prior = priorOf("confirmed");
  const confirmed = decided("ACCEPTED", [], { prior, sales: prior.sales });
  expect(buyerDeliveries(confirmed, campaign, NOW)).toEqual([]);
  // One that was held for it without being asked is sent it now.
  const waited = aSale("second", { id: newUuid() });
  const held = [...prior.sales, { ...waited, status: "reserved" as const }];
  const both = decided("ACCEPTED", [], { prior: { ...prior, sales: held }, sales: [...prior.sales, waited] });
  expect(addressed(buyerDeliveries(both, campaign, NOW))).toEqual(["lead.accepted to buyer:second"]);
});

test("a lead without a buyer is sent to none", () => {
  for (const status of ["UNMATCHED", "DUPLICATE", "REJECTED"] as const)
    expect(buyerDeliveries(decided(status), campaign, NOW)).toEqual([]);
});

test.each([
  ["ACCEPTED", ["lead.created to webhook:books", "lead.accepted to webhook:books"]],
  ["UNMATCHED", ["lead.created to webhook:books", "lead.unmatched to webhook:losses"]],
  ["DUPLICATE", ["lead.created to webhook:books", "lead.rejected to webhook:losses"]],
  ["REJECTED", ["lead.created to webhook:books", "lead.rejected to webhook:losses"]],
  ["PENDING", ["lead.created to webhook:books"]],
] as const)("of a new lead that is %s, webhooks are sent %j", (status, expected) => {
  const lead = decided(status, status === "ACCEPTED" ? ["first"] : []);
  expect(addressed(webhookDeliveries(lead, campaign, NOW))).toEqual([...expected]);
});

test("a lead that is decided once more is not created again, and is updated when it was reopened by hand", () => {
  const refused = decided("UNMATCHED", [], { prior: priorOf("refused") });
  expect(addressed(webhookDeliveries(refused, campaign, NOW))).toEqual(["lead.unmatched to webhook:losses"]);
  const resold = decided("ACCEPTED", ["second"], { prior: priorOf("by_hand") });
  expect(addressed(webhookDeliveries(resold, campaign, NOW))).toEqual([
    "lead.updated to webhook:books",
    "lead.accepted to webhook:books",
  ]);
});

test("operators are told all sales of a lead, and no sale of a pending one", () => {
  const sold = webhookDeliveries(decided("ACCEPTED", ["first", "second"]), campaign, NOW);
  expect(dataOf(sold[1])).toMatchObject({ buyer_id: "first", price: "40.00" });
  expect(dataOf(sold[1]).sales).toMatchObject([
    { buyer_id: "first", price: "40.00" },
    { buyer_id: "second", price: "40.00" },
  ]);
  const [pending] = webhookDeliveries(decided("PENDING", ["first"]), campaign, NOW);
  expect(dataOf(pending).sales).toEqual([]);
});

test.each([
  ["confirmed", "delivered"],
  ["refused", "dead"],
  ["unclear", "dead"],
  ["by_hand", "dead"],
] as const)(
  "the delivery of a lead that is decided once more because it is %s ends as %s",
  (cause, state) => {
    const prior = priorOf(cause);
    const lead = decided("ACCEPTED", [], { prior, sales: cause === "confirmed" ? prior.sales : [] });
    expect(endedDeliveries(lead)).toEqual([{ lead: LEAD, recipient: "buyer:first", state }]);
  },
);

test("a lead that is decided for the first time ends no delivery", () => {
  expect(endedDeliveries(decided("ACCEPTED", ["first"]))).toEqual([]);
});

test("feedback goes to webhooks and to those of the lead's buyers that subscribed to it, who are not told the revenue", () => {
  const lead: ReportedLead = {
    id: LEAD,
    campaignId: "auto",
    supplierId: "acme",
    status: "ACCEPTED",
    currency: "USD",
    isTest: false,
    isErased: false,
    buyerIds: ["first", "second"],
    price: amount("30.00"),
    fields: {},
  };
  const feedback: Feedback = {
    id: newUuid(),
    outcome: "sold",
    revenue: amount("100.00"),
    salesRep: "Sam",
    speedToLeadSeconds: 30,
    callDurationSeconds: null,
    note: null,
    createdAt: NOW.getTime(),
  };
  const deliveries = feedbackDeliveries(lead, feedback, campaign, NOW);
  expect(addressed(deliveries)).toEqual(["lead.updated to webhook:books", "lead.updated to buyer:first"]);
  expect(dataOf(deliveries[0])).toMatchObject({ supplier_id: "acme", update: { revenue: "100.00" } });
  expect(dataOf(deliveries[1])).not.toHaveProperty("supplier_id");
  expect(dataOf(deliveries[1]).update).not.toHaveProperty("revenue");
});
