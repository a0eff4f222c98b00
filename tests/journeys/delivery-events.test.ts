import { expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { aDocument, aLead, type Reply } from "../support/leadgate.ts";
import type { PretendBuyer } from "../support/pretend-buyer.ts";
import { untilTrue } from "../support/process.ts";
import {
  arrivals,
  delivering,
  deliveryJourneys,
  giveSecret,
  send,
  startPensiveBuyer,
  webhookTo,
} from "./delivery-journeys.ts";

type Webhook = NonNullable<ConfigurationDocument["webhooks"]>[number];

const ALL = ["lead.created", "lead.accepted", "lead.unmatched", "lead.rejected", "lead.updated"] as const;

function hearing(books: PretendBuyer, over: Partial<Webhook> = {}): Partial<ConfigurationDocument> {
  return { webhooks: [{ id: "books", url: books.url(), events: [...ALL], ...over }] };
}

/** What was heard so far, as event and lead, in the order of the alphabet: none is promised. */
function heard(books: PretendBuyer): string[] {
  return bodiesOf(books)
    .map(({ type, data }) => `${type} ${data.lead_id}`)
    .toSorted();
}

function bodiesOf(books: PretendBuyer): Reply["body"][] {
  return [...books.received.values()].map(({ bodies }) => JSON.parse(bodies[0] ?? ""));
}

deliveryJourneys("events for operators", (journey) => {
  test("an operator's own endpoint hears of each lead once that it came and once how it ended, signed with its own secret", async () => {
    const { leadgate } = journey;
    const [books, buyer] = [await journey.buyer(), await journey.buyer()];
    const contracts = { first: { states: ["TX"] }, second: { states: ["OK"] }, third: { states: ["OK"] } };
    const filters = { field: "source", op: "ne" as const, value: "spam" };
    await leadgate.configure(
      delivering({ first: webhookTo(buyer) }, { contracts, campaign: { filters }, more: hearing(books) }),
    );
    await giveSecret(leadgate, "/webhooks/books", books);
    const sold = aLead();
    const accepted = (await leadgate.ingest("acme", sold)).body.data;
    const duplicate = (await leadgate.ingest("acme", sold)).body.data;
    const unmatched = await send(leadgate, { state: "NM" });
    const rejected = await send(leadgate, { source: "spam" });
    await arrivals(books, 8);
    expect(heard(books)).toEqual(
      [
        ...[accepted, duplicate, unmatched, rejected].map(({ id }) => `lead.created ${id}`),
        `lead.accepted ${accepted.id}`,
        `lead.rejected ${duplicate.id}`,
        `lead.rejected ${rejected.id}`,
        `lead.unmatched ${unmatched.id}`,
      ].toSorted(),
    );
    expect(books.seen.badSignatures).toBe(0);
    expect(bodiesOf(books).find(({ type }) => type === "lead.accepted")).toEqual({
      type: "lead.accepted",
      timestamp: expect.any(String),
      data: {
        lead_id: accepted.id,
        status: "ACCEPTED",
        campaign_id: "solar",
        supplier_id: "acme",
        buyer_id: "first",
        is_test: false,
        price: "10.00",
        currency: "USD",
        sales: [
          {
            id: expect.stringMatching(/^sale_/),
            buyer_id: "first",
            place: 1,
            price: "10.00",
            payout: "5.00",
            currency: "USD",
            status: "sold",
            sold_at: expect.any(String),
          },
        ],
        fields: expect.objectContaining({ first_name: "Ada" }),
      },
    });
    expect(bodiesOf(books).find(({ type }) => type === "lead.unmatched").data).toMatchObject({
      status: "UNMATCHED",
      buyer_id: null,
      price: null,
    });
    await arrivals(buyer, 1);
    const { body } = await leadgate.admin("GET", `/deliveries?lead=${accepted.id}`);
    expect(
      body.data.map((each: { event: string; webhook_id: string; buyer_id: string }) => [
        each.event,
        each.buyer_id ?? each.webhook_id,
      ]),
    ).toEqual([
      ["lead.accepted", "books"],
      ["lead.created", "books"],
      ["lead.accepted", "first"],
    ]);
  });

  test("an operator's own endpoint hears only of what it asked for, and only of its campaigns", async () => {
    const { leadgate } = journey;
    const books = await journey.buyer();
    const document = aDocument({ more: hearing(books, { events: ["lead.unmatched"], campaigns: ["wind"] }) });
    const [solar] = document.campaigns ?? [];
    const wind = { ...solar, id: "wind", buyers: [] };
    await leadgate.configure({ ...document, campaigns: [{ ...solar, buyers: [] }, wind] });
    await send(leadgate);
    const lead = await send(leadgate, { flo_campaign_id: "wind" });
    await arrivals(books, 1);
    expect((await leadgate.admin("GET", "/deliveries?webhook=books")).body.data).toHaveLength(1);
    expect(heard(books)).toEqual([`lead.unmatched ${lead.id}`]);
  });

  test("an operator's own endpoint hears at once that a lead came which its buyer is asked about, and later how that ended", async () => {
    const { leadgate } = journey;
    const books = await journey.buyer();
    await using buyer = startPensiveBuyer();
    await leadgate.configure(
      delivering({ first: webhookTo(buyer, { confirm: true }) }, { more: hearing(books) }),
    );
    const told = leadgate.ingest("acme", aLead());
    await buyer.asked;
    await arrivals(books, 1);
    expect(bodiesOf(books)).toMatchObject([{ type: "lead.created", data: { status: "PENDING" } }]);
    buyer.answer("accepted");
    const lead = (await told).body.data;
    await arrivals(books, 2);
    expect(heard(books)).toEqual([`lead.accepted ${lead.id}`, `lead.created ${lead.id}`]);
  });

  test("an operator's own endpoint hears that a lead was sent round again, and how that ended", async () => {
    const { leadgate } = journey;
    const books = await journey.buyer();
    await leadgate.configure(aDocument({ campaign: { buyers: [] }, more: hearing(books) }));
    const lead = await send(leadgate);
    await arrivals(books, 2);
    await leadgate.configure(aDocument({ more: hearing(books) }));
    leadgate.acknowledged.length = 0;
    await leadgate.admin("POST", `/leads/${lead.id}/redistribute`);
    await arrivals(books, 4);
    expect(heard(books)).toEqual(
      ["created", "unmatched", "updated", "accepted"].map((event) => `lead.${event} ${lead.id}`).toSorted(),
    );
  });

  test("an operator's own endpoint and a buyer's can be tested with a message that is no lead", async () => {
    const { leadgate } = journey;
    const [books, buyer] = [await journey.buyer(), await journey.buyer()];
    const template = { phone: "{phone}" };
    await leadgate.configure(delivering({ first: webhookTo(buyer, { template }) }, { more: hearing(books) }));
    await giveSecret(leadgate, "/webhooks/books", books);
    await giveSecret(leadgate, "/buyers/first", buyer);
    for (const [path, endpoint, data] of [
      ["/buyers/first", buyer, { buyer_id: "first" }],
      ["/webhooks/books", books, { webhook_id: "books" }],
    ] as const) {
      const { status, body } = await leadgate.admin("POST", `${path}/test`);
      expect(status).toBe(202);
      const [received] = await arrivals(endpoint, 1);
      expect([...endpoint.received.keys()]).toEqual([body.data.id]);
      expect(JSON.parse(received?.bodies[0] ?? "")).toMatchObject({ type: "webhook.test", data });
      await untilTrue(
        async () =>
          (await leadgate.admin("GET", `/deliveries/${body.data.id}`)).body.data.state === "delivered",
        "the test to be recorded",
      );
    }
    expect([books.seen.badSignatures, buyer.seen.badSignatures]).toEqual([0, 0]);
  });

  test("an operator's own endpoint that fails costs buyers nothing", async () => {
    const { leadgate } = journey;
    const [books, buyer] = [await journey.buyer({ behaviour: "hang" }), await journey.buyer()];
    await leadgate.configure(
      delivering({ first: webhookTo(buyer) }, { more: hearing(books, { max_in_flight: 1 }) }),
    );
    for (let sent = 1; sent <= 20; sent++) {
      await send(leadgate);
      await arrivals(buyer, sent);
    }
    expect(books.seen.requests).toBe(1);
  });
});
