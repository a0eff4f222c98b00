import { expect, test } from "bun:test";
import { untilTrue } from "../support/process.ts";
import { arrivals, deliveryJourneys, deliveryOf, delivering, giveSecret, send, webhookTo } from "./delivery-journeys.ts";

deliveryJourneys("a sold lead", (journey) => {
  test("arrives at its buyer at once, signed, in the default form", async () => {
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
    const body = JSON.parse(received?.bodies[0] ?? "");
    expect(body).toMatchObject({
      type: "lead.accepted",
      data: {
        lead_id: lead.id,
        campaign_id: "solar",
        buyer_id: "first",
        is_test: false,
        price: "10.00",
        currency: "USD",
        fields: { first_name: "Ada", state: "TX", roof_age: 12 },
      },
    });
    expect(delivery).toMatchObject({ lead_id: lead.id, event: "lead.accepted", attempt_count: 1, verdict: "accepted" });
    expect(delivery.attempts).toMatchObject([{ number: 1, trigger: "schedule", http_status: 200, failure: null }]);
    expect(buyer.seen).toMatchObject({ requests: 1, badSignatures: 0 });
  });
});
