import { expect, test } from "bun:test";
import type { Leadgate } from "../support/leadgate.ts";
import type { PretendBuyer } from "../support/pretend-buyer.ts";
import { untilTrue } from "../support/process.ts";
import {
  arrivals,
  type DeliveryJourney,
  delivering,
  deliveryJourneys,
  send,
  webhookTo,
} from "./delivery-journeys.ts";

/** Leaves one server with several leads that it holds for a buyer which takes one at a time, and does not answer the last of those it got. */
async function holdSome({
  leadgate,
  buyer,
}: DeliveryJourney): Promise<{ stalled: PretendBuyer; sent: number }> {
  const stalled = await buyer();
  await leadgate.configure(
    delivering({ first: webhookTo(stalled, { max_in_flight: 1, timeout_seconds: 2 }) }),
  );
  await sendTogether(leadgate, 30);
  await arrivals(stalled, 30);
  stalled.behave("hang");
  await sendTogether(leadgate, 6);
  await arrivals(stalled, 31);
  return { stalled, sent: 36 };
}

async function sendTogether(leadgate: Leadgate, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => send(leadgate)));
}

async function delivered(leadgate: Leadgate, count: number): Promise<void> {
  await untilTrue(async () => {
    const { body } = await leadgate.admin("GET", "/deliveries?state=delivered&limit=200");
    return body.data.length === count;
  }, `${count} leads to be delivered`);
}

async function attemptsOf(leadgate: Leadgate): Promise<number[]> {
  const { body } = await leadgate.admin("GET", "/deliveries?limit=200");
  return body.data.map((delivery: { attempt_count: number }) => delivery.attempt_count);
}

deliveryJourneys("held deliveries", (journey) => {
  test("deliveries that a server holds for a buyer go out no more at a time than the buyer takes", async () => {
    const { leadgate } = journey;
    let now = 0;
    let most = 0;
    await using slow = Object.assign(
      Bun.serve({
        hostname: "127.0.0.1",
        port: 0,
        async fetch() {
          now += 1;
          most = Math.max(most, now);
          await Bun.sleep(2);
          now -= 1;
          return new Response("{}");
        },
      }),
      {
        async [Symbol.asyncDispose]() {
          await slow.stop(true);
        },
      },
    );
    await leadgate.configure(
      delivering({ first: webhookTo({ url: () => slow.url.href }, { max_in_flight: 3 }) }),
    );
    for (let round = 0; round < 4; round++) await sendTogether(leadgate, 25);
    await delivered(leadgate, 100);
    expect(most).toBeLessThanOrEqual(3);
    expect(await attemptsOf(leadgate)).toEqual(Array(100).fill(1));
  }, 120_000);

  test("deliveries that a server holds for a buyer are given back when it stops, and go out from the next one at once", async () => {
    const { leadgate } = journey;
    const { stalled, sent } = await holdSome(journey);
    await leadgate.server.stop();
    stalled.behave("accept");
    const next = leadgate.another();
    await arrivals(stalled, sent);
    await delivered(next, sent - 1);
  }, 120_000);

  test("deliveries that a server holds too long are given back rather than sent when others may send them", async () => {
    const { leadgate } = journey;
    const { stalled, sent } = await holdSome(journey);
    leadgate.clock.pass(30_000);
    stalled.behave("accept");
    await arrivals(stalled, sent);
    await delivered(leadgate, sent - 1);
    expect(await attemptsOf(leadgate)).toEqual(Array(sent).fill(1));
    expect([...stalled.received.values()].map(({ count }) => count)).toEqual(Array(sent).fill(1));
  }, 120_000);
});
