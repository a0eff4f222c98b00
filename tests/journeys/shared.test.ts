import { expect, test } from "bun:test";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { aDocument, aLead, type Leadgate } from "../support/leadgate.ts";
import { arrivals, deliveryJourneys, webhookTo } from "./delivery-journeys.ts";
import { journeys } from "./journeys.ts";
import { ping } from "./pings.ts";

type Over = NonNullable<Parameters<typeof aDocument>[0]>;

/** A lead may go to two buyers, whose prices are 10.00, 20.00 and 30.00; the supplier gets half of what they pay. */
function shared(over: Over = {}): ConfigurationDocument {
  return aDocument({
    ...over,
    link: { payout: { mode: "revenue_share", percent: 50 }, ...over.link },
    campaign: { distribution: "highest_bid", max_sells: 2, ...over.campaign },
  });
}

async function sold(leadgate: Leadgate, over: Record<string, unknown> = {}) {
  const { status, body } = await leadgate.ingest("acme", aLead(over));
  const { data: record } = (await leadgate.admin("GET", `/leads/${body.data.id}`)).body;
  return { status, told: body.data, record };
}

journeys("shared leads", (journey) => {
  test("a shared lead goes to as many as may have it, each at its own price and counted by its own caps", async () => {
    const { leadgate } = journey;
    await leadgate.configure(shared({ contracts: { third: { caps: { day: { leads: 1 } } } } }));
    const first = await sold(leadgate);
    expect([first.status, first.told]).toMatchObject([
      201,
      {
        buyer_id: "third",
        sales: [
          { buyer_id: "third", price: "15.00" },
          { buyer_id: "second", price: "10.00" },
        ],
      },
    ]);
    expect(first.record).toMatchObject({
      buyer_id: "third",
      sales: [
        { buyer_id: "third", price: "30.00", payout: "15.00" },
        { buyer_id: "second", price: "20.00", payout: "10.00" },
      ],
    });
    const second = await sold(leadgate);
    expect(second.told.sales.map((sale: { buyer_id: string }) => sale.buyer_id)).toEqual(["second", "first"]);
  });

  test("a shared lead is listed under each of its buyers, with what it brings in all", async () => {
    const { leadgate } = journey;
    await leadgate.configure(shared());
    const { told } = await sold(leadgate);
    for (const buyer of ["second", "third"]) {
      const { data } = (await leadgate.admin("GET", `/leads?buyer=${buyer}`)).body;
      expect(data).toMatchObject([{ id: told.id, buyer_id: "third", price: "50.00", payout: "25.00" }]);
    }
    expect((await leadgate.admin("GET", "/leads?buyer=first")).body.data).toEqual([]);
    const own = await leadgate.call("GET", `/api/v1/leads/${told.id}`, {
      headers: { "x-api-key": leadgate.keyOf("acme") },
    });
    expect(own.body.data.payout).toBe("25.00");
  });

  test("a shared lead goes to the one that wants it alone when that pays more than the others together, and only then", async () => {
    const { leadgate } = journey;
    const sales = async (price: string) => {
      await leadgate.configure(shared({ contracts: { third: { exclusive: true, price } } }));
      return (await sold(leadgate)).told.sales.map((sale: { buyer_id: string }) => sale.buyer_id);
    };
    expect(await sales("30.00")).toEqual(["second", "first"]);
    expect(await sales("30.01")).toEqual(["third"]);
  });

  test("a shared lead is paid for once where the payout is fixed, out of all its sales together", async () => {
    const { leadgate } = journey;
    const fixed = (amount: string) =>
      shared({
        link: { payout: { mode: "fixed", amount } },
        campaign: { distribution: "highest_bid", max_sells: 2, allow_loss: false },
      });
    await leadgate.configure(fixed("50.00"));
    const { told, record } = await sold(leadgate);
    expect(told.sales.map(({ price }: { price: string }) => price)).toEqual(["50.00", "0.00"]);
    expect(record.payout).toBe("50.00");
    await leadgate.configure(fixed("50.01"));
    expect((await sold(leadgate)).told).toMatchObject({ status: "UNMATCHED", buyer_id: null });
  });

  test("a shared lead takes from each buyer's wallet what that buyer pays", async () => {
    const { leadgate } = journey;
    const wallet = { billing: { mode: "wallet" as const } };
    await leadgate.configure(shared({ buyers: { second: wallet, third: wallet } }));
    for (const buyer of ["second", "third"]) {
      await leadgate.admin("POST", `/buyers/${buyer}/deposits`, { amount: "60.00" });
    }
    await sold(leadgate);
    await sold(leadgate);
    const balance = async (buyer: string) =>
      (await leadgate.admin("GET", `/buyers/${buyer}/balance`)).body.data.balance;
    expect([await balance("second"), await balance("third")]).toEqual(["20.00", "0.00"]);
    journey.expected.deposits = { second: "60.00", third: "60.00" };
  });

  test("a shared lead counts once against its supplier's cap, with all that the supplier is paid", async () => {
    const { leadgate } = journey;
    await leadgate.configure(
      shared({ link: { caps: { day: { leads: 1 } }, payout: { mode: "revenue_share", percent: 50 } } }),
    );
    expect((await sold(leadgate)).told.sales).toHaveLength(2);
    expect((await sold(leadgate)).told.status).toBe("UNMATCHED");
    await leadgate.configure(
      shared({
        link: { caps: { total: { amount: "40.00" } }, payout: { mode: "revenue_share", percent: 50 } },
      }),
    );
    // 25.00 are paid already: there is room for the 15.00 of one sale, and for no other.
    expect((await sold(leadgate)).told.sales).toEqual([{ buyer_id: "third", price: "15.00" }]);
  });

  test("each way of distribution tells whose turn the sales of a shared lead are, one after another", async () => {
    const { leadgate } = journey;
    await leadgate.configure(shared({ campaign: { distribution: "round_robin", max_sells: 2 } }));
    const served: string[] = [];
    for (let lead = 0; lead < 6; lead++) {
      served.push(...(await sold(leadgate)).told.sales.map((sale: { buyer_id: string }) => sale.buyer_id));
    }
    const count = (buyer: string) => served.filter((each) => each === buyer).length;
    expect([count("first"), count("second"), count("third")]).toEqual([4, 4, 4]);
  });

  test("300 shared leads at once on two servers keep every cap", async () => {
    const { leadgate } = journey;
    const capped = (leads: number) => ({ caps: { total: { leads } } });
    await leadgate.configure(
      shared({ contracts: { first: capped(20), second: capped(30), third: capped(40) } }),
    );
    const servers = [leadgate, leadgate.another()];
    const replies = await Promise.all(
      Array.from({ length: 300 }, (_, index) => (servers[index % 2] ?? leadgate).ingest("acme", aLead())),
    );
    const sales = replies.flatMap(({ body }) => body.data.sales ?? []);
    const count = (buyer: string) => sales.filter(({ buyer_id }) => buyer_id === buyer).length;
    expect([count("first"), count("second"), count("third")]).toEqual([20, 30, 40]);
  });

  test("a shared lead is promised by a ping as what all its sales bring, and sold so", async () => {
    const { leadgate } = journey;
    await leadgate.configure(
      shared({ campaign: { mode: "ping_post", max_sells: 2 }, contracts: { third: { exclusive: true } } }),
    );
    const { body } = await ping(leadgate);
    expect(body).toMatchObject({
      price: "15.00",
      bids: [
        { buyer_id: "third", price: "15.00" },
        { buyer_id: "second", price: "10.00" },
        { buyer_id: "first", price: "5.00" },
      ],
    });
    const best = await sold(leadgate, { flo_ping_id: body.ping_id });
    expect(best.told).toMatchObject({
      price: "15.00",
      sales: [{ buyer_id: "second" }, { buyer_id: "first" }],
    });
    const again = await ping(leadgate);
    const chosen = await sold(leadgate, { flo_ping_id: again.body.ping_id, flo_buyer_id: "third" });
    expect(chosen.told.sales).toEqual([{ buyer_id: "third", price: "15.00" }]);
  });
});

deliveryJourneys("sending shared leads", (journey) => {
  test("a shared lead is sent to each of its buyers, with its own price", async () => {
    const { leadgate } = journey;
    const [second, third] = [await journey.buyer(), await journey.buyer()];
    await leadgate.configure(shared({ buyers: { second: webhookTo(second), third: webhookTo(third) } }));
    const { told } = await sold(leadgate);
    const [toSecond] = await arrivals(second, 1);
    const [toThird] = await arrivals(third, 1);
    const dataOf = (received: typeof toSecond) => JSON.parse(received?.bodies[0] ?? "").data;
    expect(dataOf(toSecond)).toMatchObject({ lead_id: told.id, buyer_id: "second", price: "20.00" });
    expect(dataOf(toThird)).toMatchObject({ lead_id: told.id, buyer_id: "third", price: "30.00" });
  });
});
