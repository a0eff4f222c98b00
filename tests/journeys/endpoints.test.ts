import { expect, test } from "bun:test";
import type { Leadgate, Reply } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import {
  breakFirst,
  delivering,
  deliveryJourneys,
  deliveryOf,
  send,
  webhookTo,
} from "./delivery-journeys.ts";

const SECOND = 1_000;

async function endpointOf(leadgate: Leadgate, buyer: string) {
  return (await leadgate.admin("GET", `/buyers/${buyer}`)).body.data.endpoint;
}

const UP = { state: "up", since: null, reason: null, next_try_at: null, waiting: 0, oldest_due_seconds: 0 };

deliveryJourneys("how endpoints stand", (journey) => {
  test("a buyer whose endpoint keeps failing is shown as down, by what failure, and when it is tried next", async () => {
    const { leadgate } = journey;
    const failing = await journey.buyer({ behaviour: "fail" });
    await leadgate.configure(delivering({ first: webhookTo(failing), second: {} }));
    expect(await endpointOf(leadgate, "first")).toEqual(UP);
    expect(await endpointOf(leadgate, "second")).toBeNull();
    await breakFirst(leadgate);
    await untilTrue(async () => (await endpointOf(leadgate, "first")).state === "down", "it to be down");
    const down = await endpointOf(leadgate, "first");
    expect(down).toMatchObject({ reason: "http_500", waiting: 10 });
    expect(Date.parse(down.next_try_at) - Date.parse(down.since)).toBe(30 * SECOND);

    leadgate.clock.pass(31 * SECOND);
    await untilTrue(async () => {
      const { state, next_try_at, since } = await endpointOf(leadgate, "first");
      return state === "down" && Date.parse(next_try_at) - Date.parse(since) > 90 * SECOND;
    }, "the probe to have failed");
    expect((await endpointOf(leadgate, "first")).since).toBe(down.since);
    const { body } = await leadgate.admin("GET", "/endpoints");
    expect(body.data).toMatchObject([
      { buyer_id: "first", webhook_id: null, conversion_id: null, endpoint: { state: "down" } },
    ]);
  });

  test("an endpoint that answered 410 is shown as paused, with what is held back", async () => {
    const { leadgate } = journey;
    const gone = await journey.buyer({ behaviour: "gone" });
    await leadgate.configure(delivering({ first: webhookTo(gone, { when_down: "keep" }) }));
    await deliveryOf(leadgate, (await send(leadgate)).id, "paused");
    await untilTrue(async () => (await endpointOf(leadgate, "first")).state === "paused", "it to be paused");
    await send(leadgate);
    const paused = await endpointOf(leadgate, "first");
    expect(paused).toMatchObject({ state: "paused", reason: "http_410", next_try_at: null, waiting: 2 });
    expect(Number.isNaN(Date.parse(paused.since))).toBe(false);
  });

  const bySender: [string, (leadgate: Leadgate, id: string) => Promise<Reply>][] = [
    ["recovered", (leadgate) => leadgate.admin("POST", "/buyers/first/recover", { since: SINCE })],
    ["redelivered", (leadgate, id) => leadgate.admin("POST", `/deliveries/${id}/redeliver`)],
    ["resumed", (leadgate) => leadgate.admin("POST", "/buyers/first/resume")],
  ];

  test.each(bySender)(
    "what is %s by hand is tried at once, however long the breaker would still wait",
    async (_, act) => {
      const { leadgate } = journey;
      const failing = await journey.buyer({ behaviour: "fail" });
      await leadgate.configure(delivering({ first: webhookTo(failing) }));
      await breakFirst(leadgate);
      await untilTrue(async () => (await endpointOf(leadgate, "first")).state === "down", "it to be down");
      const [last] = (await leadgate.admin("GET", "/deliveries?buyer=first")).body.data;
      failing.behave("accept");
      const asked = leadgate.clock.now().getTime();
      const { status, body } = await act(leadgate, last.id);
      expect(status).toBe(202);
      expect(Date.parse(body.data.next_try_at) - asked).toBeLessThan(30 * SECOND);
      await untilTrue(async () => (await endpointOf(leadgate, "first")).state === "up", "it to be up");
      expect(leadgate.clock.now().getTime() - asked).toBeLessThan(30 * SECOND);
    },
  );

  test("a delivery to a paused endpoint that is sent again by hand goes out, and so does what was held back", async () => {
    const { leadgate } = journey;
    const gone = await journey.buyer({ behaviour: "gone" });
    await leadgate.configure(delivering({ first: webhookTo(gone, { when_down: "keep" }) }));
    const [first, second] = [await send(leadgate), await send(leadgate)];
    const { id } = await deliveryOf(leadgate, first.id, "paused");
    gone.behave("accept");
    expect((await leadgate.admin("POST", `/deliveries/${id}/redeliver`)).status).toBe(202);
    await deliveryOf(leadgate, first.id, "delivered");
    await deliveryOf(leadgate, second.id, "delivered");
    expect(await endpointOf(leadgate, "first")).toEqual(UP);
  });
});

const SINCE = "2020-01-01T00:00:00Z";
