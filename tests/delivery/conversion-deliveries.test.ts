import { expect, test } from "bun:test";
import type { Campaign } from "#campaigns/campaign.ts";
import { conversionDeliveries, outcomeDeliveries } from "#delivery/conversion-deliveries.ts";
import type { PriorDecision } from "#leads/candidate.ts";
import type { DecidedLead } from "#leads/decided-lead.ts";
import type { SaleStatus } from "#leads/sale.ts";
import type { RecordStatus } from "#leads/status.ts";
import { amountOfTenThousandths } from "#money/amount.ts";
import { leadIdOf, newUuid } from "#text/ids.ts";

const NOW = new Date("2026-05-01T12:00:00.000Z");
const LEAD = newUuid();
const PRICE = amountOfTenThousandths(400_000);

const EVENTS = { accepted: "Lead", refused: "Refused", returned: "Returned", "outcome:sold": "Purchase" };

const campaign = {
  id: "auto",
  currency: "USD",
  country: "US",
  conversions: [
    { id: "all", events: new Map(Object.entries(EVENTS)), actionSource: "system_generated", map: {} },
    { id: "sales", events: new Map([["outcome:sold", "Sale"]]), actionSource: "website", map: {} },
  ],
} as unknown as Campaign;

/** As much of a decision as Meta is told: a sale to each buyer at 40.00, and one that is undone. */
function decided(
  status: RecordStatus,
  prior: Partial<PriorDecision> | null,
  { undone = null as SaleStatus | null, isTest = false } = {},
): DecidedLead {
  const buyers = status === "ACCEPTED" ? ["first", "second"] : [];
  const sales = buyers.map((buyerId) => ({ buyerId, price: PRICE }));
  const former = undone === null ? [] : [{ buyerId: "first", price: PRICE, status: undone }];
  const fields = { email: "ada@example.com" };
  return { lead: { id: LEAD }, status, prior, isTest, sales, former, fields } as unknown as DecidedLead;
}

const ONE = [{}] as unknown as PriorDecision["former"];

test.each([
  ["ACCEPTED", null, null, ["conversion.accepted"]],
  ["UNMATCHED", null, null, []],
  ["PENDING", null, null, []],
  ["ACCEPTED", { status: "PENDING", former: [] }, null, ["conversion.accepted"]],
  ["UNMATCHED", { status: "PENDING", former: [] }, "declined", []],
  ["ACCEPTED", { status: "UNMATCHED", former: [] }, null, ["conversion.accepted"]],
  ["ACCEPTED", { status: "ACCEPTED", former: [] }, "refused", []],
  ["PENDING", { status: "ACCEPTED", former: [] }, "refused", []],
  ["ACCEPTED", { status: "PENDING", former: ONE }, "refused", []],
  ["UNMATCHED", { status: "PENDING", former: ONE }, "refused", ["conversion.refused"]],
  ["UNMATCHED", { status: "ACCEPTED", former: [] }, "refused", ["conversion.refused"]],
  ["RETURNED", { status: "ACCEPTED", former: [] }, "returned", ["conversion.returned"]],
] as const)(
  "of a lead that becomes %s after %j, with a sale %p, Meta is told %j",
  (status, prior, undone, events) => {
    const deliveries = conversionDeliveries(decided(status, prior, { undone }), campaign, NOW);
    expect(deliveries.map(({ event }) => event)).toEqual([...events]);
    expect(deliveries.map(({ recipient }) => recipient)).toEqual(events.map(() => "conversion:all" as const));
  },
);

test("an event has the lead's id, what all its buyers pay, and seven days", () => {
  const [delivery] = conversionDeliveries(decided("ACCEPTED", null), campaign, NOW);
  expect(JSON.parse(delivery?.body ?? "")).toMatchObject({
    event_id: leadIdOf(LEAD),
    event_time: NOW.getTime() / 1000,
    custom_data: { value: 80 },
  });
  expect(delivery).toMatchObject({ lead: LEAD, giveUpAt: "2026-05-08T12:00:00.000Z", subject: null });
});

test("Meta is told nothing of a test", () => {
  expect(conversionDeliveries(decided("ACCEPTED", null, { isTest: true }), campaign, NOW)).toEqual([]);
});

test("Meta is told nothing of a person who was erased, whatever becomes of the lead after that", () => {
  const erased = { status: "ACCEPTED", former: [], isErased: true } as const;
  const courses = [
    decided("RETURNED", erased, { undone: "returned" }),
    decided("UNMATCHED", erased, { undone: "refused" }),
  ];
  expect(courses.flatMap((each) => conversionDeliveries(each, campaign, NOW))).toEqual([]);
});

const reported = {
  id: LEAD,
  campaignId: "auto",
  supplierId: "acme",
  status: "ACCEPTED" as const,
  currency: "USD",
  isTest: false,
  isErased: false,
  buyerIds: ["first"],
  price: PRICE,
  fields: { email: "ada@example.com" },
};

const feedback = {
  id: newUuid(),
  outcome: "Sold",
  revenue: null,
  salesRep: null,
  speedToLeadSeconds: null,
  callDurationSeconds: null,
  note: null,
  createdAt: NOW.getTime(),
};

test("each conversion that has the outcome is told of a report, by its own name for it", () => {
  const deliveries = outcomeDeliveries(reported, feedback, campaign, NOW);
  expect(
    deliveries.map(({ recipient, event, body }) => [recipient, event, JSON.parse(body).event_name]),
  ).toEqual([
    ["conversion:all", "conversion.outcome", "Purchase"],
    ["conversion:sales", "conversion.outcome", "Sale"],
  ]);
});

test("Meta is told nothing that is reported of a test, of a person who was erased, or under another outcome", () => {
  expect(outcomeDeliveries({ ...reported, isTest: true }, feedback, campaign, NOW)).toEqual([]);
  expect(outcomeDeliveries({ ...reported, isErased: true }, feedback, campaign, NOW)).toEqual([]);
  expect(outcomeDeliveries(reported, { ...feedback, outcome: "no answer" }, campaign, NOW)).toEqual([]);
});
