import { expect, test } from "bun:test";
import { startPretendBuyer } from "../support/pretend-buyer.ts";
import { untilTrue } from "../support/process.ts";
import { arrivals, delivering, deliveryJourneys, deliveryOf, send, webhookTo } from "./delivery-journeys.ts";

const SANDBOX = { supplier: { test_mode: true } };
const JSON_TYPE = { "content-type": "application/json" };

deliveryJourneys("leads that are tests", (journey) => {
  test("a test goes to where the buyer takes tests, with the secrets of that address, and a lead to where it takes leads", async () => {
    const { leadgate } = journey;
    const [live, sandbox] = [await journey.buyer(), await journey.buyer()];
    const test_url = `${sandbox.url()}?lead={lead_id}&token=s3cret-of-the-sandbox`;
    const first = webhookTo(live, { test_url });
    await leadgate.configure(delivering({ first }, SANDBOX));
    const shown = (await leadgate.admin("GET", "/buyers/first")).body.data.delivery.test_url;
    expect(shown).toEndWith("?lead={lead_id}&token=***");
    const lead = await send(leadgate);
    const delivery = await deliveryOf(leadgate, lead.id, "delivered");
    const [arrived] = await arrivals(sandbox, 1);
    expect(JSON.parse(arrived?.bodies[0] ?? "")).toMatchObject({ data: { lead_id: lead.id, is_test: true } });
    expect(sandbox.received.has(delivery.id)).toBe(true);
    expect(live.seen.requests).toBe(0);

    const hidden = webhookTo(live, { test_url: shown });
    await leadgate.configure(delivering({ first: hidden }));
    const real = await send(leadgate);
    await deliveryOf(leadgate, real.id, "delivered");
    expect([live.seen.requests, sandbox.seen.requests]).toEqual([1, 1]);
  });

  test("a test address that is gone ends the test alone, and says nothing of where leads go", async () => {
    const { leadgate } = journey;
    const [live, sandbox] = [await journey.buyer(), await startPretendBuyer({ behaviour: "gone" })];
    const first = webhookTo(live, { test_url: sandbox.url() });
    await leadgate.configure(delivering({ first }, SANDBOX));
    await deliveryOf(leadgate, (await send(leadgate)).id, "dead");
    expect((await leadgate.admin("GET", "/buyers/first")).body.data.endpoint.state).toBe("up");
    await leadgate.configure(delivering({ first }));
    await deliveryOf(leadgate, (await send(leadgate)).id, "delivered");
    await sandbox.close();
  });

  test("a buyer that wants no tests is sent none, is not asked about one, and is sold it on record all the same", async () => {
    const { leadgate } = journey;
    const live = await journey.buyer();
    const first = webhookTo(live, { test_leads: "drop", confirm: true, events: ["lead.updated"] });
    await leadgate.configure(delivering({ first }, SANDBOX));
    const lead = await send(leadgate);
    expect(lead).toMatchObject({ status: "ACCEPTED", buyer_id: "first", is_test: true });
    const key = { "x-api-key": leadgate.keyOf("acme") };
    const update = { lead_id: lead.id, outcome: "sold" };
    await leadgate.call("POST", "/api/v1/lead-update", {
      headers: { ...JSON_TYPE, ...key },
      body: JSON.stringify(update),
    });
    expect((await leadgate.admin("GET", "/deliveries")).body.data).toEqual([]);
    await leadgate.configure(delivering({ first: webhookTo(live, { test_leads: "drop" }) }));
    await send(leadgate);
    await untilTrue(() => live.seen.requests === 1, "the lead that is none to arrive");
  });
});
