import { describe, expect, test } from "bun:test";
import { aLead, type Leadgate, type Reply } from "../support/leadgate.ts";
import type { PretendBuyer } from "../support/pretend-buyer.ts";
import { untilTrue } from "../support/process.ts";
import {
  arrivals,
  delivering,
  deliveryJourneys,
  deliveryOf,
  giveSecret,
  send,
  startPensiveBuyer,
  webhookTo,
} from "./delivery-journeys.ts";

const SECOND = 1_000;
const HOUR = 3_600_000;

/** The lead's delivery, as soon as there were as many attempts and none is being made. */
async function afterAttempts(leadgate: Leadgate, leadId: string, count: number) {
  let delivery: Reply["body"];
  await untilTrue(async () => {
    const { body } = await leadgate.admin("GET", `/deliveries?lead=${leadId}`);
    const { id } = body.data[0];
    delivery = (await leadgate.admin("GET", `/deliveries/${id}`)).body.data;
    return delivery.attempts.length === count;
  }, `${count} attempts`);
  return delivery;
}

/** Seconds from the last attempt to the next. */
function wait({
  next_attempt_at,
  attempts,
}: {
  next_attempt_at: string;
  attempts: { started_at: string }[];
}) {
  return (Date.parse(next_attempt_at) - Date.parse(attempts.at(-1)?.started_at ?? "")) / SECOND;
}

deliveryJourneys("retries", (journey) => {
  test("a delivery that failed is tried again by the schedule: the same body under the same id, signed anew", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer({ behaviour: "fail" });
    await leadgate.configure(delivering({ first: webhookTo(buyer) }));
    await giveSecret(leadgate, "/buyers/first", buyer);
    const lead = await send(leadgate);
    const failed = await afterAttempts(leadgate, lead.id, 1);
    expect(failed).toMatchObject({ state: "pending", verdict: "error", last_failure: "http_status" });
    expect(failed.attempts[0]).toMatchObject({ http_status: 500, failure: "http_status" });
    expect(wait(failed)).toBeWithin(3.9, 7);
    leadgate.clock.pass(7 * SECOND);
    const again = await afterAttempts(leadgate, lead.id, 2);
    expect(wait(again)).toBeWithin(239, 362);
    buyer.behave("accept");
    // So far ahead, a receiver would refuse the timestamp.
    buyer.trust([]);
    leadgate.clock.pass(362 * SECOND);
    const delivery = await deliveryOf(leadgate, lead.id, "delivered");
    expect(delivery.attempts.map((attempt: { http_status: number }) => attempt.http_status)).toEqual([
      500, 500, 200,
    ]);
    expect(buyer.seen).toMatchObject({ requests: 3, badSignatures: 0 });
    const [received, ...others] = await arrivals(buyer, 1);
    expect([received?.count, others]).toEqual([3, []]);
    expect(new Set(received?.bodies).size).toBe(1);
  });

  test("a delivery that failed by 429 is tried again no sooner than a minute later", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer({ behaviour: "too-many" });
    await leadgate.configure(delivering({ first: webhookTo(buyer) }));
    const lead = await send(leadgate);
    const failed = await afterAttempts(leadgate, lead.id, 1);
    expect(failed.attempts[0].http_status).toBe(429);
    expect(wait(failed)).toBeWithin(59.9, 61);
  });

  test("a delivery that failed is tried again when its buyer says, up to twice the time that was planned", async () => {
    const { leadgate } = journey;
    await using busy = servingRetryAfter();
    await leadgate.configure(delivering({ first: webhookTo(busy, { retry_schedule: [100] }) }));
    const waits: number[] = [];
    for (const seconds of ["1", "150", "9999"]) {
      busy.retryAfter = seconds;
      const lead = await send(leadgate);
      waits.push(wait(await afterAttempts(leadgate, lead.id, 1)));
    }
    expect(waits[0]).toBeWithin(79.9, 121);
    expect(waits[1]).toBeWithin(149.9, 151);
    expect(waits[2]).toBeWithin(199.9, 201);
  });

  test("a delivery that fails until its time is over is given up, listed, and sent once more when an operator asks for it", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer({ behaviour: "fail" });
    await leadgate.configure(
      delivering({ first: webhookTo(buyer, { retry_schedule: [10], give_up_after_seconds: 15 }) }),
    );
    const lead = await send(leadgate);
    await afterAttempts(leadgate, lead.id, 1);
    leadgate.clock.pass(13 * SECOND);
    const dead = await deliveryOf(leadgate, lead.id, "dead");
    expect(dead).toMatchObject({ attempt_count: 2, last_failure: "http_status", next_attempt_at: null });
    expect(dead.ended_at).toBeString();
    const listed = await leadgate.admin("GET", "/deliveries?state=dead");
    expect(listed.body.data.map(({ id }: { id: string }) => id)).toEqual([dead.id]);
    buyer.behave("accept");
    expect((await leadgate.admin("POST", `/deliveries/${dead.id}/redeliver`)).status).toBe(202);
    const delivered = await deliveryOf(leadgate, lead.id, "delivered");
    expect(delivered.id).toBe(dead.id);
    expect(delivered.attempts.map(({ trigger }: { trigger: string }) => trigger)).toEqual([
      "schedule",
      "schedule",
      "hand",
    ]);
    expect(buyer.received.get(dead.id)?.count).toBe(3);
  });

  test("a delivery that could not be tried any more before its time was over is given up too", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer({ behaviour: "gone" });
    await leadgate.configure(delivering({ first: webhookTo(buyer, { when_down: "keep" }) }));
    const first = await send(leadgate);
    await deliveryOf(leadgate, first.id, "paused");
    const waiting = await send(leadgate);
    await deliveryOf(leadgate, waiting.id, "pending");
    leadgate.clock.pass(25 * HOUR);
    const dead = await deliveryOf(leadgate, waiting.id, "dead");
    expect(dead).toMatchObject({ attempt_count: 0, attempts: [] });
    expect(buyer.seen.requests).toBe(1);
  });

  test("a delivery that failed in the night is recovered by the hours in which it was written", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer({ behaviour: "fail" });
    await leadgate.configure(
      delivering({ first: webhookTo(buyer, { retry_schedule: [], when_down: "keep" }) }),
    );
    const leads = [];
    for (let hour = 0; hour < 3; hour++) {
      const lead = await send(leadgate);
      await deliveryOf(leadgate, lead.id, "dead");
      leads.push(lead.id);
      leadgate.clock.pass(HOUR);
    }
    buyer.behave("accept");
    const now = leadgate.clock.now().getTime();
    const since = new Date(now - 2.5 * HOUR).toISOString();
    const until = new Date(now - 1.5 * HOUR).toISOString();
    const { status, body } = await leadgate.admin("POST", "/buyers/first/recover", { since, until });
    expect([status, body.data]).toEqual([
      202,
      { recovered: 1, complete: true, next_try_at: expect.any(String) },
    ]);
    await deliveryOf(leadgate, leads[1], "delivered");
    for (const other of [leads[0], leads[2]]) await deliveryOf(leadgate, other, "dead");
  });

  test("a lead that is taken back while it is under way to its buyer is not sent again when that fails", async () => {
    const { leadgate } = journey;
    await using buyer = startPensiveBuyer();
    await leadgate.configure(delivering({ first: webhookTo(buyer) }));
    const lead = await send(leadgate);
    await buyer.asked;
    const wanted = { buyer_id: "first", reason: "bad_contact" };
    const { body } = await leadgate.admin("POST", `/leads/${lead.id}/returns`, wanted);
    expect((await leadgate.admin("POST", `/returns/${body.data.id}/accept`)).status).toBe(200);
    buyer.answer("rejected", 500);
    expect(await afterAttempts(leadgate, lead.id, 1)).toMatchObject({
      state: "dead",
      last_failure: "http_status",
    });
  });

  test("a delivery that failed because its server stopped goes out from the next one", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer({ behaviour: "hang" });
    await leadgate.configure(delivering({ first: webhookTo(buyer) }));
    const lead = await send(leadgate);
    await untilTrue(() => buyer.seen.requests === 1, "the lead to arrive");
    // The first server holds it until its lease ends, and has not said how it went.
    const next = leadgate.another();
    buyer.behave("accept");
    leadgate.clock.pass(61 * SECOND);
    const delivery = await deliveryOf(next, lead.id, "delivered");
    expect(buyer.received.get(delivery.id)?.count).toBe(2);
  });
});

deliveryJourneys("410", (journey) => {
  test("an endpoint that says it is gone is left alone until an operator says that it is back, and gets what waited", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer({ behaviour: "gone" });
    await leadgate.configure(delivering({ first: webhookTo(buyer, { when_down: "keep" }) }));
    const lead = await send(leadgate);
    const paused = await deliveryOf(leadgate, lead.id, "paused");
    expect(paused.attempts).toMatchObject([{ http_status: 410 }]);
    const waiting = await send(leadgate);
    await deliveryOf(leadgate, waiting.id, "pending");
    leadgate.clock.pass(HOUR);
    buyer.behave("accept");
    const { status, body } = await leadgate.admin("POST", "/buyers/first/resume");
    expect([status, body.data]).toEqual([202, { resumed: 1, next_try_at: expect.any(String) }]);
    for (const { id } of [lead, waiting]) await deliveryOf(leadgate, id, "delivered");
    expect(buyer.seen.requests).toBe(3);
  });

  test("an endpoint that has moved stays up, whatever the host says that it has left", async () => {
    const { leadgate } = journey;
    const left = await journey.buyer({ behaviour: "gone" });
    const now = await journey.buyer();
    const at = (buyer: PretendBuyer) =>
      delivering({
        first: webhookTo(buyer, {
          url: `${buyer.url()}?tel={phone}`,
          http_method: "GET",
          when_down: "keep",
        }),
      });
    await leadgate.configure(at(left));
    const old = await send(leadgate);
    await deliveryOf(leadgate, old.id, "paused");
    await leadgate.configure(at(now));
    expect((await leadgate.admin("POST", "/buyers/first/resume")).status).toBe(202);
    expect(await deliveryOf(leadgate, old.id, "dead")).toMatchObject({ last_failure: "http_status" });
    await deliveryOf(leadgate, (await send(leadgate)).id, "delivered");
    expect([left.seen.requests, now.seen.requests]).toEqual([2, 1]);
  });

  test("an endpoint that says it is gone gets no leads by routing meanwhile, on any server", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer({ behaviour: "gone" });
    const other = leadgate.another();
    await leadgate.configure(delivering({ first: webhookTo(buyer) }));
    const lead = await send(leadgate);
    await deliveryOf(leadgate, lead.id, "paused");
    expect((await send(leadgate)).buyer_id).toBe("second");
    await untilTrue(async () => (await send(other)).buyer_id === "second", "the other server to know");
    await leadgate.admin("POST", "/buyers/first/resume");
    buyer.behave("accept");
    await untilTrue(async () => (await send(other)).buyer_id === "first", "both servers to know");
  });
});

deliveryJourneys("answers of buyers", (journey) => {
  const rules = [
    { when: { json_path: "$.status", equals: "accepted" }, outcome: "accepted" as const },
    { when: { json_path: "$.status", equals: "rejected" }, outcome: "rejected" as const },
    { when: { xpath: "/response/status", equals: "rejected" }, outcome: "rejected" as const },
    { when: { status: 409 }, outcome: "duplicate" as const },
    { when: { json_path: "$.status", equals: "busy" }, outcome: "error" as const },
  ];
  const values = {
    reference: { json_path: "$.reference" },
    reason: { json_path: "$.reason" },
    price: { json_path: "$.price" },
  };
  const ruled = { response_rules: rules, response_values: values, retry_schedule: [5] };

  describe.each([
    ["accept", { state: "delivered", verdict: "accepted", reference: "R-1", last_failure: null }],
    ["reject-json", { state: "rejected", verdict: "rejected", reason: "no budget", last_failure: null }],
    ["reject-xml", { state: "rejected", verdict: "rejected", reason: null }],
    ["fail", { state: "pending", verdict: "error", last_failure: "http_status" }],
    ["redirect", { state: "pending", verdict: "error", last_failure: "redirect" }],
    ["garbage", { state: "pending", verdict: "error", last_failure: "bad_answer" }],
    ["reset", { state: "pending", verdict: "error", last_failure: "reset" }],
    ["header-flood", { state: "pending", verdict: "error", last_failure: "header_too_large" }],
    ["cut-off", { state: "pending", verdict: "error", last_failure: "reset" }],
    ["huge-body", { state: "dead", verdict: "error", last_failure: "no_rule_matched" }],
    ["gzip-bomb", { state: "dead", verdict: "error", last_failure: "no_rule_matched" }],
  ] as const)("by way of %s", (behaviour, outcome) => {
    test("what a buyer answers is read by its rules, once", async () => {
      const { leadgate } = journey;
      const buyer: PretendBuyer = await journey.buyer({ behaviour });
      // So that the lead stands as it was sold, whatever the answer.
      const contracts = { first: { on_refusal: "keep" as const } };
      await leadgate.configure(delivering({ first: webhookTo(buyer, ruled) }, { contracts }));
      const lead = await send(leadgate);
      expect(await afterAttempts(leadgate, lead.id, 1)).toMatchObject(outcome);
      expect((await leadgate.admin("GET", `/leads/${lead.id}`)).body.data).toMatchObject({
        status: "ACCEPTED",
        buyer_id: "first",
      });
    });
  });

  test("a buyer may answer that it has the lead already, or that it is to be asked again", async () => {
    const { leadgate } = journey;
    const answers = [
      Response.json({}, { status: 409 }),
      Response.json({ status: "busy" }),
      Response.json({ status: "accepted", reference: "  A\n7 ", price: "9.50" }),
    ];
    await using buyer = answering(answers);
    await leadgate.configure(delivering({ first: webhookTo(buyer, ruled) }));
    const known = await leadgate.ingest("acme", aLead());
    expect(await afterAttempts(leadgate, known.body.data.id, 1)).toMatchObject({
      state: "delivered",
      verdict: "duplicate",
    });
    const busy = await leadgate.ingest("acme", aLead());
    expect(await afterAttempts(leadgate, busy.body.data.id, 1)).toMatchObject({
      state: "pending",
      last_failure: "error_by_rule",
    });
    leadgate.clock.pass(7 * SECOND);
    expect(await afterAttempts(leadgate, busy.body.data.id, 2)).toMatchObject({
      state: "delivered",
      verdict: "accepted",
      answered_price: "9.50",
      reference: "A 7",
    });
  });
});

/** A buyer that is busy, and says for how long. */
function servingRetryAfter() {
  const busy = {
    retryAfter: "0",
    url: () => server.url.href,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Response("", { status: 503, headers: { "retry-after": busy.retryAfter } }),
  });
  return busy;
}

/** A buyer that gives these answers one after another. */
function answering(answers: Response[]) {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => answers.shift() ?? new Response("", { status: 500 }),
  });
  return { url: () => server.url.href, [Symbol.asyncDispose]: () => server.stop(true) };
}
