import { expect, test } from "bun:test";
import {
  arrivals,
  delivering,
  deliveryJourneys,
  deliveryOf,
  giveSecret,
  send,
  webhookTo,
} from "./delivery-journeys.ts";

const fields = [{ name: "birth_date", type: "date" as const }];

deliveryJourneys("what a delivery is sent as", (journey) => {
  test("a form has ten digits and a date as the buyer writes them, by PUT and with a header of the lead's", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer();
    const over = {
      http_method: "PUT" as const,
      format: "form" as const,
      template: { TEL: "{phone|national}", DOB: "{birth_date|date:MM/DD/YYYY}" },
      headers: { "x-name": "{first_name|upper}", "x-key": "k" },
    };
    await leadgate.configure(delivering({ first: webhookTo(buyer, over) }, { campaign: { fields } }));
    await giveSecret(leadgate, "/buyers/first", buyer);
    await send(leadgate, { phone: "(512) 555-2846", birth_date: "1985-02-09" });
    const [received] = await arrivals(buyer, 1);
    expect(received).toMatchObject({
      method: "PUT",
      bodies: ["TEL=5125552846&DOB=02%2F09%2F1985"],
      headers: { "x-name": "ADA", "x-key": "k", "content-type": "application/x-www-form-urlencoded" },
    });
    expect(buyer.seen.badSignatures).toBe(0);
  });

  test("a GET holds the lead in its URL, signed, and is sent again as it was when the document has changed", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer({ behaviour: "fail" });
    const get = (query: string) =>
      delivering({
        first: webhookTo(buyer, {
          http_method: "GET",
          url: `${buyer.url()}/in?${query}`,
          give_up_after_seconds: 0,
        }),
      });
    await leadgate.configure(get("tel={phone|national}&name={first_name}"));
    await giveSecret(leadgate, "/buyers/first", buyer);
    const lead = await send(leadgate, { phone: "(512) 555-2846", first_name: "Ada & Zoë" });
    const dead = await deliveryOf(leadgate, lead.id, "dead");
    buyer.behave("accept");
    await leadgate.configure(get("other={email}"));
    expect((await leadgate.admin("POST", `/deliveries/${dead.id}/redeliver`)).status).toBe(202);
    await deliveryOf(leadgate, lead.id, "delivered");
    const [received] = await arrivals(buyer, 1);
    expect(received).toMatchObject({ count: 2, method: "GET", bodies: ["", ""] });
    expect(received?.path).toEndWith("/in?tel=5125552846&name=Ada%20%26%20Zo%C3%AB");
    expect(received?.paths).toEqual(Array(2).fill(received?.path));
    expect(received?.headers["content-type"]).toBeUndefined();
    expect(buyer.seen.badSignatures).toBe(0);

    await leadgate.admin("POST", "/buyers/first/test");
    const [, tested] = await arrivals(buyer, 2);
    expect([tested?.method, tested?.path.endsWith("/in?other=")]).toEqual(["GET", true]);
  });
});
