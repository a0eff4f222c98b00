import { expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { aLead, type Leadgate } from "../support/leadgate.ts";
import type { Behaviour, PretendBuyer } from "../support/pretend-buyer.ts";
import {
  type DeliveryJourney,
  delivering,
  deliveryJourneys,
  deliveryOf,
  startPensiveBuyer,
  webhookTo,
} from "./delivery-journeys.ts";
import { ping } from "./pings.ts";

const CONFIRMS = {
  response_rules: [
    { when: { json_path: "$.status", equals: "accepted" }, outcome: "accepted" as const },
    { when: { json_path: "$.status", equals: "rejected" }, outcome: "rejected" as const },
  ],
};

const BIDS = {
  ...CONFIRMS,
  response_values: { bid_price: { json_path: "$.bid_price" }, reference: { json_path: "$.reference" } },
};

/** A buyer that bids `price`, or answers its ping in some other way, and is sent what it wins. */
function bidder(buyer: PretendBuyer, price: `${number}` | Behaviour, over: object = {}) {
  const url = /^\d/.test(price) ? buyer.biddingUrl(price) : buyer.url(price as Behaviour);
  // Who answers has as long as a busy machine may need; only who hangs is given up soon.
  const timeout_ms = price === "hang" ? 300 : 10_000;
  return webhookTo(buyer, { ping: { url, timeout_ms, ...BIDS }, ...CONFIRMS, ...over });
}

function auctioned(
  buyers: Parameters<typeof delivering>[0],
  over: Parameters<typeof delivering>[1] = {},
): ConfigurationDocument {
  return delivering(buyers, {
    ...over,
    link: { payout: { mode: "margin" }, ...over.link },
    campaign: { mode: "ping_post", margin: { percent: 10 }, ping_budget_ms: 10_000, ...over.campaign },
  });
}

async function pinged(leadgate: Leadgate) {
  const { body } = await ping(leadgate, { state: "TX" });
  return {
    ...body,
    bids: (body.bids ?? []).map((bid: { buyer_id: string; price: string }) => [bid.buyer_id, bid.price]),
  };
}

async function posted(leadgate: Leadgate, pingId: string, over: Record<string, unknown> = {}) {
  const { body } = await leadgate.ingest("acme", aLead({ flo_ping_id: pingId, ...over }));
  const record = await leadgate.admin("GET", `/leads/${body.data.id}`);
  return { told: body.data, record: record.body.data };
}

deliveryJourneys("live bids", (journey: DeliveryJourney) => {
  test("buyers that bid compete with fixed prices, and the best bid wins", async () => {
    const { leadgate } = journey;
    const [low, high] = [await journey.buyer(), await journey.buyer()];
    await leadgate.configure(
      auctioned(
        { first: bidder(low, "12.50"), second: bidder(high, "33.33") },
        { contracts: { third: { price: "20.00" } } },
      ),
    );
    const { bids, ping_id } = await pinged(leadgate);
    expect(bids).toEqual([
      ["second", "30.00"],
      ["third", "18.00"],
      ["first", "11.25"],
    ]);
    const { told, record } = await posted(leadgate, ping_id);
    expect(told).toMatchObject({ status: "ACCEPTED", buyer_id: "second", price: "30.00" });
    expect(record).toMatchObject({ price: "33.33", payout: "30.00" });
  });

  test("buyers that do not bid are passed over with the reason, and the others are not held up", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(
      auctioned(
        {
          first: bidder(buyer, "hang"),
          second: bidder(buyer, "reject-json"),
          third: bidder(buyer, "7.00"),
        },
        { contracts: { first: { price: "0" } } },
      ),
    );
    const { bids, ping_id } = await pinged(leadgate);
    expect(bids).toEqual([["third", "6.30"]]);
    const { record } = await posted(leadgate, ping_id);
    expect(record.trace.find(({ check }: { check: string }) => check === "buyers").buyers).toMatchObject([
      { buyer_id: "first", reason: "no_bid", why: "timed_out" },
      { buyer_id: "second", reason: "no_bid", why: "rejected" },
      { buyer_id: "third", chosen: true, price: "7.00" },
    ]);
  });

  test("buyers that bid get no lead below the floor, nor below what the operator keeps", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(
      auctioned(
        { first: bidder(buyer, "9.99"), second: bidder(buyer, "10.00"), third: bidder(buyer, "11.00") },
        {
          campaign: { mode: "ping_post", min_price: "10.00", margin: { flat: "1.00" } },
          link: { payout: { mode: "fixed", amount: "9.50" } },
        },
      ),
    );
    expect((await pinged(leadgate)).bids).toEqual([["third", "9.50"]]);
  });

  test("buyers that win with a bid and refuse the post are followed by the next bid, at its own price", async () => {
    const { leadgate } = journey;
    const [no, yes] = [await journey.buyer({ behaviour: "reject-json" }), await journey.buyer()];
    await leadgate.configure(
      auctioned(
        { first: bidder(no, "50.00"), second: bidder(yes, "40.00") },
        { contracts: { third: { price: "30.00" } } },
      ),
    );
    const { bids, ping_id } = await pinged(leadgate);
    expect(bids.map(([buyer]: [string]) => buyer)).toEqual(["first", "second", "third"]);
    const { told, record } = await posted(leadgate, ping_id);
    expect(told).toMatchObject({ buyer_id: "second", price: "36.00" });
    expect(record.trace.filter(({ check }: { check: string }) => check === "confirmation")).toMatchObject([
      { buyer_id: "first", answer: "refused" },
      { buyer_id: "second", answer: "confirmed" },
    ]);
  });

  test("buyers that bid are told their own reference again when they get the lead", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    const template = { bid: "{ping.reference}", price: "{ping.price}", phone: "{phone}" };
    await leadgate.configure(auctioned({ first: bidder(buyer, "25.00", { template }) }));
    const { ping_id } = await pinged(leadgate);
    const { told } = await posted(leadgate, ping_id, { flo_buyer_id: "first" });
    const delivery = await deliveryOf(leadgate, told.id, "delivered");
    const received = buyer.received.get(delivery.id);
    expect(JSON.parse(received?.bodies[0] ?? "")).toMatchObject({ bid: "R-25.00", price: "25.00" });
  });

  test("buyers are asked for no bid on a dry run, nor when a check has ended the ping", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(
      auctioned(
        { first: bidder(buyer, "25.00") },
        { contracts: { second: { states: ["OK"] }, third: { states: ["OK"] } } },
      ),
    );
    const { body } = await ping(leadgate, { state: "TX" }, "?dry_run=true");
    expect(body).toMatchObject({ accepted: false, reason: "no_buyer" });
    const last = { check: "buyers", result: "ended", detail: { reason: "live_bids_not_asked" } };
    expect(body.trace.at(-1)).toEqual(last);
    expect(buyer.seen.requests).toBe(0);
  });

  test("a buyer's ping can be tried out, which shows what it answered and how that was read", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(
      auctioned({
        first: bidder(buyer, "12.50"),
        second: bidder(buyer, "garbage"),
        third: bidder(buyer, "reject-json"),
      }),
    );
    const tried = async (id: string, body: object = { campaign: "solar" }) =>
      (await leadgate.admin("POST", `/buyers/${id}/test-ping`, body)).body.data;
    expect(await tried("first", { campaign: "solar", fields: { state: "OK" } })).toEqual({
      status: 200,
      duration_ms: expect.any(Number),
      answer: expect.stringContaining("12.50"),
      reading: { outcome: "bid", price: "12.50", currency: "USD", reference: "R-12.50" },
    });
    expect((await tried("second")).reading).toMatchObject({
      outcome: "no_bid",
      why: "unreadable",
      means: expect.stringContaining("No response rule fits it"),
    });
    expect((await tried("third", {})).reading).toMatchObject({ outcome: "no_bid", why: "rejected" });
    expect((await leadgate.admin("POST", "/buyers/nobody/test-ping", {})).status).toBe(404);
    const wrong = await leadgate.admin("POST", "/buyers/first/test-ping", { campaign: "none", fields: 1 });
    expect(wrong.body.field_errors).toMatchObject([{ field: "fields" }]);
  });

  test("a server that is told to stop waits for the bids that it asked for, and refuses new pings meanwhile", async () => {
    const { leadgate } = journey;
    await using buyer = startPensiveBuyer();
    const asked = {
      delivery: {
        method: "webhook" as const,
        url: buyer.url(),
        ping: { url: buyer.url(), timeout_ms: 10_000, ...BIDS },
      },
    };
    const others = { second: { states: ["OK"] }, third: { states: ["OK"] } };
    await leadgate.configure(
      auctioned(
        { first: asked },
        { contracts: others, campaign: { mode: "ping_post", ping_budget_ms: 20_000 } },
      ),
    );
    const underWay = ping(leadgate, { state: "TX" });
    await buyer.asked;
    const stopped = leadgate.server.stop();
    const refused = await ping(leadgate, { state: "TX" });
    expect([refused.status, refused.body.error]).toEqual([503, "unavailable"]);
    expect(refused.headers.get("retry-after")).toBe("1");
    buyer.answer("accepted");
    expect((await underWay).body).toMatchObject({ accepted: true, price: "9.00" });
    await stopped;
  });
});
