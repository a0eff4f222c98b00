import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { aLead } from "../support/leadgate.ts";
import type { Received } from "../support/pretend-buyer.ts";
import { untilTrue } from "../support/process.ts";
import {
  arrivals,
  delivering,
  deliveryJourneys,
  deliveryOf,
  giveSecret,
  send,
  webhookTo,
} from "./delivery-journeys.ts";

function isSignedWith(secret: string, received: Received | undefined): boolean {
  try {
    new Webhook(secret).verify(received?.bodies[0] ?? "", received?.headers ?? {});
    return true;
  } catch {
    return false;
  }
}

deliveryJourneys("delivery", (journey) => {
  test("a sold lead arrives at its buyer at once, signed, in the default form", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(delivering({ first: webhookTo(buyer) }));
    await giveSecret(leadgate, "/buyers/first", buyer);
    const lead = await send(leadgate, { roof_age: 12 });
    const [received] = await arrivals(buyer, 1);
    const delivery = await deliveryOf(leadgate, lead.id, "delivered");
    expect(received?.headers).toMatchObject({
      "content-type": "application/json",
      "user-agent": "Leadgate/test",
      "webhook-id": delivery.id,
    });
    expect(received?.bodies).toEqual([delivery.body]);
    expect(JSON.parse(delivery.body)).toEqual({
      type: "lead.accepted",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      data: {
        lead_id: lead.id,
        campaign_id: "solar",
        buyer_id: "first",
        is_test: false,
        price: "10.00",
        currency: "USD",
        fields: {
          first_name: "Ada",
          last_name: "Lovelace",
          phone: expect.stringMatching(/^\+1512/),
          email: expect.stringContaining("@example.com"),
          state: "TX",
          roof_age: 12,
        },
      },
    });
    expect(delivery).toMatchObject({
      lead_id: lead.id,
      buyer_id: "first",
      event: "lead.accepted",
      content_type: "application/json",
      attempt_count: 1,
      verdict: "accepted",
    });
    expect(delivery.attempts).toEqual([
      {
        number: 1,
        trigger: "schedule",
        started_at: expect.any(String),
        duration_ms: expect.any(Number),
        http_status: 200,
        failure: null,
        excerpt: '{"status":"accepted","reference":"R-1"}',
      },
    ]);
    expect(buyer.seen).toMatchObject({ requests: 1, badSignatures: 0 });
    expect((await leadgate.admin("GET", `/deliveries?lead=${lead.id}`)).body.data).toMatchObject([
      { id: delivery.id, state: "delivered" },
    ]);
  });

  test("a sold lead arrives in the names and the form that its buyer wants", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    const template = { Lead: { Phone: "{phone}", Source: "leadgate", Age: "{roof_age}" }, Price: "{price}" };
    await leadgate.configure(
      delivering(
        {
          first: webhookTo(buyer, { template, headers: { "x-account": "77" } }),
          second: webhookTo(buyer, { template, format: "form" }),
          third: webhookTo(buyer, { template, format: "xml", xml_root: "offer" }),
        },
        {
          contracts: { first: { states: ["TX"] }, second: { states: ["OK"] }, third: { states: ["NM"] } },
          campaign: { duplicates: { fields: ["email"] }, fields: [{ name: "roof_age", type: "integer" }] },
        },
      ),
    );
    const bodies: [type: string, body: string][] = [];
    for (const state of ["TX", "OK", "NM"]) {
      const lead = await send(leadgate, { state, phone: "512-555-0142", roof_age: 12 });
      const { content_type, body } = await deliveryOf(leadgate, lead.id, "delivered");
      bodies.push([content_type, body]);
    }
    expect(bodies).toEqual([
      ["application/json", '{"Lead":{"Phone":"+15125550142","Source":"leadgate","Age":12},"Price":"10.00"}'],
      [
        "application/x-www-form-urlencoded",
        "Lead%5BPhone%5D=%2B15125550142&Lead%5BSource%5D=leadgate&Lead%5BAge%5D=12&Price=20.00",
      ],
      [
        "application/xml",
        '<?xml version="1.0" encoding="UTF-8"?>\n<offer><Lead><Phone>+15125550142</Phone><Source>leadgate</Source><Age>12</Age></Lead><Price>30.00</Price></offer>',
      ],
    ]);
    const received = [...buyer.received.values()];
    expect(received.map(({ headers }) => headers["content-type"])).toEqual(bodies.map(([type]) => type));
    expect(received.map(({ headers }) => headers["x-account"])).toEqual(["77", undefined, undefined]);
    expect(received.map((each) => each.bodies[0])).toEqual(bodies.map(([, body]) => body));
  });

  test("a sold lead arrives without what it says, when its buyer fetches that itself", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(delivering({ first: webhookTo(buyer, { body: "thin" }) }));
    const lead = await send(leadgate);
    const [received] = await arrivals(buyer, 1);
    expect(JSON.parse(received?.bodies[0] ?? "").data).toEqual({
      lead_id: lead.id,
      campaign_id: "solar",
      buyer_id: "first",
      is_test: false,
      price: "10.00",
      currency: "USD",
    });
  });

  test("a sold lead carries the signature of the system before too, when its buyer wants that", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(delivering({ first: webhookTo(buyer, { legacy_signature_header: "X-Hub" }) }));
    const secret = await giveSecret(leadgate, "/buyers/first", buyer);
    await send(leadgate);
    const [received] = await arrivals(buyer, 1);
    const hmac = createHmac("sha256", secret).update(received?.bodies[0] ?? "");
    expect(received?.headers["x-hub"]).toBe(hmac.digest("hex"));
    expect(buyer.seen.badSignatures).toBe(0);
  });

  test("a sold lead is signed with both secrets while one is rotated, and with the new one alone afterwards", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(delivering({ first: webhookTo(buyer) }));
    const old = await giveSecret(leadgate, "/buyers/first", buyer);
    buyer.trust([]);
    const rotated = await leadgate.admin("POST", "/buyers/first/secret", { overlap_seconds: 60 });
    const secrets = [rotated.body.secret, old];
    const fitting = async (count: number) => {
      await leadgate.admin("POST", "/buyers/first/test");
      const received = (await arrivals(buyer, count)).at(-1);
      return secrets.map((secret) => isSignedWith(secret, received));
    };
    expect(await fitting(1)).toEqual([true, true]);
    leadgate.clock.pass(61_000);
    expect(await fitting(2)).toEqual([true, false]);
  });

  test("a sold lead right after a secret was changed without overlap is signed with the new one alone", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(delivering({ first: webhookTo(buyer) }));
    const old = await giveSecret(leadgate, "/buyers/first", buyer);
    await send(leadgate);
    await arrivals(buyer, 1);
    const { secret } = (await leadgate.admin("POST", "/buyers/first/secret", { overlap_seconds: 0 })).body;
    buyer.trust([secret]);
    await send(leadgate);
    const received = (await arrivals(buyer, 2)).at(-1);
    expect([secret, old].map((each) => isSignedWith(each, received))).toEqual([true, false]);
  });

  test("a sold lead of a test supplier says so", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(delivering({ first: webhookTo(buyer) }, { supplier: { test_mode: true } }));
    await send(leadgate);
    const [received] = await arrivals(buyer, 1);
    expect(JSON.parse(received?.bodies[0] ?? "").data.is_test).toBe(true);
  });

  test("a sold lead goes where its buyer wants it from the very next lead on, on every server", async () => {
    const { leadgate } = journey;
    const [old, moved] = [await journey.buyer(), await journey.buyer()];
    const other = leadgate.another();
    await leadgate.configure(delivering({ first: webhookTo(old) }));
    await other.ingest("acme", aLead());
    await arrivals(old, 1);
    for (let change = 1; change <= 5; change++) {
      const [to, from] = change % 2 === 1 ? [moved, old] : [old, moved];
      const [before, elsewhere] = [to.seen.requests, from.seen.requests];
      await leadgate.configure(delivering({ first: webhookTo(to) }));
      await other.ingest("acme", aLead());
      await untilTrue(() => to.seen.requests > before, "the lead to arrive");
      expect([to.seen.requests, from.seen.requests]).toEqual([before + 1, elsewhere]);
    }
  });

  test("a sold lead is sent by whichever server is there, once", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(delivering({ first: webhookTo(buyer) }));
    const servers = [leadgate, leadgate.another(), leadgate.another()];
    const replies = await Promise.all(
      Array.from({ length: 300 }, (_, at) => (servers[at % 3] ?? leadgate).ingest("acme", aLead())),
    );
    const received = await arrivals(buyer, 300);
    const leads = received.map(({ bodies }) => String(JSON.parse(bodies[0] ?? "").data.lead_id));
    expect(new Set(leads)).toEqual(new Set(replies.map(({ body }) => String(body.data.id))));
    expect(received.every(({ count }) => count === 1)).toBe(true);
  });

  test("a lead sold to a buyer without a delivery is sent nowhere", async () => {
    const { leadgate } = journey;
    await leadgate.configure(delivering({}));
    const lead = await send(leadgate);
    expect(lead.buyer_id).toBe("first");
    expect((await leadgate.admin("GET", "/deliveries")).body.data).toEqual([]);
  });

  test("a sold lead leaves nothing personal in the log, however its delivery fails", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer({ behaviour: "garbage" });
    await leadgate.configure(delivering({ first: webhookTo(buyer) }));
    await send(leadgate, { first_name: "Zebulonia" });
    await untilTrue(() => buyer.seen.requests > 0, "the lead to arrive");
    expect(leadgate.logged.join("\n")).not.toMatch(/Zebulonia|example\.com|\+1512/);
  });
});
