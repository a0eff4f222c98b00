import { expect, test } from "bun:test";
import { builderOn } from "#database/builder.ts";
import { deliveryAttempts, leads, sales } from "#database/tables.ts";
import { recover } from "#delivery/outbox/delivery-records.ts";
import type { Due } from "#delivery/outbox/outbox-records.ts";
import { deliveryIdOf, leadIdOf } from "#text/ids.ts";
import { addDelivery } from "../configuration/deliveries-on-record.ts";
import { addLead } from "../configuration/leads-on-record.ts";
import { onBothDatabases } from "../support/database.ts";
import { type Ask, ask, now } from "./operator-api.ts";

interface Shown {
  id: string;
  state: string;
  [name: string]: unknown;
}

onBothDatabases("deliveries over HTTP", (world) => {
  const get = (path: string) => ask(world.database, path);
  const list = async (query = ""): Promise<{ data: Shown[]; next_cursor: string | null }> =>
    JSON.parse((await get(`/deliveries${query}`)).text);
  const ids = async (query: string) => (await list(query)).data.map(({ id }) => id);
  const show = async (id: string): Promise<Shown> => JSON.parse((await get(`/deliveries/${id}`)).text).data;
  const redeliver = (id: string, options: Ask = {}) =>
    ask(world.database, `/deliveries/${id}/redeliver`, { method: "POST", ...options });
  const add = async (delivery: Parameters<typeof addDelivery>[1]) =>
    deliveryIdOf(await addDelivery(world.database, delivery));

  test("deliveries are listed newest first, page by page", async () => {
    const written: string[] = [];
    for (let count = 0; count < 5; count++) written.unshift(await add({ recipient: "buyer:buyer_abc" }));
    const first = await list("?limit=2");
    expect(first.data.map(({ id }) => id)).toEqual(written.slice(0, 2));
    const second = await list(`?limit=2&cursor=${first.next_cursor}`);
    expect(second.data.map(({ id }) => id)).toEqual(written.slice(2, 4));
    const last = await list(`?limit=2&cursor=${second.next_cursor}`);
    expect([last.data.map(({ id }) => id), last.next_cursor]).toEqual([written.slice(4), null]);
  });

  test("deliveries are listed with what they are about and how far they have come", async () => {
    const leadId = Bun.randomUUIDv7();
    const waiting = await add({ recipient: "buyer:buyer_abc", leadId });
    const tested = await add({
      recipient: "webhook:books",
      campaignId: "",
      event: "webhook.test",
      state: "dead",
    });
    expect((await list()).data).toEqual([
      {
        id: tested,
        event: "webhook.test",
        state: "dead",
        buyer_id: null,
        webhook_id: "books",
        conversion_id: null,
        alert_to: null,
        campaign_id: null,
        lead_id: null,
        attempt_count: 0,
        next_attempt_at: null,
        give_up_at: "2026-03-05T11:00:00.000Z",
        created_at: "2026-03-04T11:00:00.000Z",
        ended_at: "2026-03-04T11:00:00.000Z",
        verdict: null,
        answered_price: null,
        reference: null,
        reason: null,
        last_failure: null,
        erased_at: null,
      },
      expect.objectContaining({
        id: waiting,
        event: "lead.updated",
        state: "pending",
        buyer_id: "buyer_abc",
        webhook_id: null,
        campaign_id: "campaign_abc123",
        lead_id: leadIdOf(leadId),
        next_attempt_at: "2026-03-04T11:00:00.000Z",
        ended_at: null,
      }),
    ]);
  });

  test("deliveries can be asked for by whom they go to, campaign, lead, state, event and time", async () => {
    const leadId = Bun.randomUUIDv7();
    const [first, second, third] = [
      await add({ recipient: "buyer:b1", leadId, at: new Date("2026-03-01T00:00:00Z") }),
      await add({
        recipient: "buyer:b2",
        campaignId: "other",
        state: "dead",
        at: new Date("2026-03-02T00:00:00Z"),
      }),
      await add({ recipient: "webhook:b1", event: "lead.created", at: new Date("2026-03-03T00:00:00Z") }),
    ];
    expect(await ids("?buyer=b1")).toEqual([first]);
    expect(await ids("?webhook=b1")).toEqual([third]);
    expect(await ids("?campaign=other")).toEqual([second]);
    expect(await ids(`?lead=${leadIdOf(leadId)}`)).toEqual([first]);
    expect(await ids("?state=dead")).toEqual([second]);
    expect(await ids("?event=lead.created")).toEqual([third]);
    expect(await ids("?since=2026-03-02T00:00:00Z&until=2026-03-03T00:00:00Z")).toEqual([second]);
    expect(await ids("?buyer=b1&state=dead")).toEqual([]);
  });

  test("a query of deliveries is refused with every setting that is wrong", async () => {
    const query =
      "?colour=red&state=lost&event=lead.lost&since=yesterday&limit=0&cursor=1&lead=2&buyer=b&webhook=w";
    const answer = await get(`/deliveries${query}`);
    expect(answer.status).toBe(400);
    expect(answer.body.field_errors.map(({ field }) => field).sort()).toEqual([
      "colour",
      "cursor",
      "event",
      "lead",
      "limit",
      "since",
      "state",
      "webhook",
    ]);
  });

  test("deliveries show what was sent and each attempt at it", async () => {
    const uuid = await addDelivery(world.database, { recipient: "buyer:buyer_abc", body: '{"a":1}' });
    await world.database.write(async (tx) => {
      const attempt = {
        deliveryId: uuid,
        campaignId: "campaign_abc123",
        trigger: "schedule",
        startedAt: now.toISOString(),
        durationMs: 12,
      };
      await builderOn(tx)
        .insert(deliveryAttempts)
        .values([
          { ...attempt, number: 2, trigger: "hand", httpStatus: 200, excerpt: "thanks" },
          { ...attempt, number: 1, failure: "timeout" },
        ]);
    });
    expect(await show(deliveryIdOf(uuid))).toMatchObject({
      content_type: "application/json",
      body: '{"a":1}',
      attempts: [
        { number: 1, trigger: "schedule", http_status: null, failure: "timeout", excerpt: null },
        {
          number: 2,
          trigger: "hand",
          started_at: now.toISOString(),
          duration_ms: 12,
          http_status: 200,
          failure: null,
          excerpt: "thanks",
        },
      ],
    });
  });

  test.each(["pending", "paused", "delivered", "rejected", "dead"] as const)(
    "deliveries that are %s are due at once when they are asked for again, and have an hour",
    async (state) => {
      const id = await add({
        recipient: "buyer:buyer_abc",
        state,
        nextAt: new Date("2026-03-09T00:00:00Z"),
        giveUpAt: new Date("2026-03-04T11:30:00Z"),
      });
      const woken: Due[] = [];
      const answer = await redeliver(id, { woken });
      expect(answer.status).toBe(202);
      expect(JSON.parse(answer.text)).toEqual({
        data: { id, state: "pending", next_try_at: now.toISOString() },
      });
      expect(woken).toEqual([{ campaignId: "campaign_abc123", recipient: "buyer:buyer_abc" }]);
      expect(await show(id)).toMatchObject({
        state: "pending",
        next_attempt_at: now.toISOString(),
        give_up_at: "2026-03-04T13:00:00.000Z",
        ended_at: null,
      });
    },
  );

  test("deliveries of a lead go out again to the buyer that it is sold to, and to no other", async () => {
    const leadId = await addLead(world.database, { at: now, buyerId: "buyer_abc" });
    const sold = { leadId, event: "lead.accepted", state: "dead" } as const;
    const toItsBuyer = await add({ ...sold, recipient: "buyer:buyer_abc" });
    const toPassedOver = await add({ ...sold, recipient: "buyer:passed_over" });
    const toBooks = await add({ ...sold, recipient: "webhook:books" });
    const woken: Due[] = [];
    expect((await redeliver(toItsBuyer)).status).toBe(202);
    expect(await redeliver(toPassedOver, { woken })).toMatchObject({
      status: 409,
      body: { error: "conflict" },
    });
    expect((await redeliver(toBooks)).status).toBe(202);
    expect(woken).toEqual([]);
    expect((await show(toPassedOver)).state).toBe("dead");
  });

  test("deliveries of a shared lead go out again to each of its buyers", async () => {
    const leadId = await addLead(world.database, { at: now, buyerId: "buyer_abc" });
    await world.database.write(async (tx) => {
      const [first] = await builderOn(tx).select().from(sales);
      if (first === undefined) throw new Error("the lead has no sale");
      const further = { ...first, id: Bun.randomUUIDv7("hex", now), buyerId: "further", place: 2 };
      await builderOn(tx).insert(sales).values(further);
    });
    const sold = { leadId, event: "lead.accepted", state: "dead" } as const;
    const toFirst = await add({ ...sold, recipient: "buyer:buyer_abc" });
    const toFurther = await add({ ...sold, recipient: "buyer:further" });
    expect((await redeliver(toFurther)).status).toBe(202);
    expect((await redeliver(toFirst)).status).toBe(202);
    const recovered = await world.database.write(async (tx) => {
      const recovery = { since: "2026-03-01T00:00:00Z", until: null, after: null };
      return await Promise.all(
        (["buyer:buyer_abc", "buyer:further", "buyer:passed_over"] as const).map((recipient) =>
          recover(tx, { ...recovery, recipient }, now.toISOString(), 10),
        ),
      );
    });
    expect(recovered.map(({ deliveries }) => deliveries.map(({ id }) => deliveryIdOf(id)))).toEqual([
      [toFirst],
      [toFurther],
      [],
    ]);
  });

  test("deliveries of a lead that nobody has yet do not go out again", async () => {
    const leadId = await addLead(world.database, { at: now });
    await world.database.write(async (tx) => {
      await builderOn(tx).update(leads).set({ status: "PENDING" });
      await builderOn(tx).update(sales).set({ status: "reserved" });
    });
    const asking = await add({ leadId, event: "lead.accepted", recipient: "buyer:buyer_abc" });
    expect((await redeliver(asking)).status).toBe(409);
  });

  test("deliveries that do not exist are nowhere to be found", async () => {
    const woken: Due[] = [];
    for (const id of ["1", deliveryIdOf(Bun.randomUUIDv7()), leadIdOf(Bun.randomUUIDv7())]) {
      expect(await get(`/deliveries/${id}`)).toMatchObject({ status: 404, body: { error: "not_found" } });
      expect(await redeliver(id, { woken })).toMatchObject({ status: 404, body: { error: "not_found" } });
    }
    expect(woken).toEqual([]);
  });

  test("deliveries are shown with their lead, in the order in which they were written", async () => {
    const uuid = await addLead(world.database, { at: now });
    const toBuyer = await add({ recipient: "buyer:buyer_abc", leadId: uuid });
    const toBooks = await add({ recipient: "webhook:books", leadId: uuid });
    await add({ recipient: "buyer:buyer_abc", leadId: Bun.randomUUIDv7() });
    const shown = JSON.parse((await get(`/leads/${leadIdOf(uuid)}`)).text).data;
    expect(shown.deliveries).toEqual([
      expect.objectContaining({ id: toBuyer, buyer_id: "buyer_abc", state: "pending" }),
      expect.objectContaining({ id: toBooks, webhook_id: "books" }),
    ]);
  });
});
