import { expect, test } from "bun:test";
import type { Database } from "#database/database.ts";
import { uuidOfLead } from "#text/ids.ts";
import { aDocument, aLead, type Leadgate, openLeadgate, type Reply, testClock } from "../support/leadgate.ts";
import { journeys } from "./journeys.ts";

/** Sends all of them at once, in turn to the server and to a second one on the same database. */
function sendAll(
  leadgate: Leadgate,
  leads: readonly Record<string, unknown>[],
  headers: Record<string, string> = {},
): Promise<Reply[]> {
  const servers = [leadgate, leadgate.another()];
  return Promise.all(
    leads.map((lead, index) => (servers[index % 2] ?? leadgate).ingest("acme", lead, headers)),
  );
}

function tally(replies: readonly Reply[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of replies) {
    const ending = body.data === undefined ? String(status) : `${body.data.status} ${body.data.buyer_id}`;
    counts[ending] = (counts[ending] ?? 0) + 1;
  }
  return counts;
}

/** Holds the rows that a statement locks, as somebody else would, until they are released. */
async function holdRows(database: Database, locking: string) {
  const locked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const holding = database.write(async (tx) => {
    await tx.execute(locking);
    locked.resolve();
    await released.promise;
  });
  await locked.promise;
  return {
    release() {
      released.resolve();
      return holding;
    },
  };
}

const manyLeads = (count: number, over: Record<string, unknown> = {}) =>
  Array.from({ length: count }, () => aLead(over));

/** The first buyer only, on as many campaigns as there are names. */
function sharedBuyer(caps: object, ...campaigns: string[]) {
  const document = aDocument({ buyers: { first: { caps } } });
  const [campaign] = document.campaigns ?? [];
  const buyers = [{ buyer: "first", price: "10.00" }];
  return { ...document, campaigns: campaigns.map((id) => ({ ...campaign, id, buyers })) };
}

journeys("many leads at once", (journey) => {
  test("of many leads at once, exactly a hundred of two thousand are accepted under a cap of a hundred", async () => {
    const { leadgate } = journey;
    const contracts = { first: { caps: { day: { leads: 60 } } }, second: { caps: { total: { leads: 40 } } } };
    const document = aDocument({ contracts });
    const [campaign] = document.campaigns ?? [];
    const buyers = campaign?.buyers?.filter(({ buyer }) => buyer !== "third") ?? [];
    await leadgate.configure({ ...document, campaigns: [{ ...campaign, buyers }] });
    const replies = await sendAll(leadgate, manyLeads(2000));
    expect(tally(replies)).toEqual({ "ACCEPTED first": 60, "ACCEPTED second": 40, "UNMATCHED null": 1900 });
  });

  test("with many leads at once, a cap in money takes exactly what fits", async () => {
    const { leadgate } = journey;
    const caps = { day: { amount: "333.33" } };
    await leadgate.configure(sharedBuyer(caps, "solar"));
    expect(tally(await sendAll(leadgate, manyLeads(300)))).toEqual({
      "ACCEPTED first": 33,
      "UNMATCHED null": 267,
    });
  });

  test("with many leads at once, a cap of the supplier takes exactly what fits, in leads and in payout", async () => {
    const { leadgate } = journey;
    await leadgate.configure(
      aDocument({ link: { caps: { day: { leads: 50 }, hour: { amount: "201.00" } } } }),
    );
    expect(tally(await sendAll(leadgate, manyLeads(200)))).toEqual({
      "ACCEPTED first": 40,
      "UNMATCHED null": 160,
    });
  });

  test("with many leads at once, a buyer's cap takes exactly what fits of two campaigns together", async () => {
    const { leadgate } = journey;
    // More than either campaign has leads: a batch may be of one campaign alone, and take the rest of the cap.
    await leadgate.configure(sharedBuyer({ day: { leads: 700 } }, "solar", "wind"));
    const leads = manyLeads(300).flatMap((lead) => [lead, aLead({ flo_campaign_id: "wind" }), aLead()]);
    const replies = await sendAll(leadgate, leads);
    const accepted = replies.filter(({ body }) => body.data.status === "ACCEPTED");
    expect(accepted).toHaveLength(700);
    expect(new Set(accepted.map(({ body }) => body.data.campaign_id)).size).toBe(2);
  });

  test("of many leads at once, exactly one of two hundred of the same person is accepted, in eight spellings of one number", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const spellings = [
      "5125550177",
      "(512) 555-0177",
      "512-555-0177",
      "512.555.0177",
      "+15125550177",
      "1 512 555 0177",
      "+1 (512) 555-0177",
      " 512 5550177 ",
    ];
    const leads = Array.from({ length: 200 }, (_, index) => aLead({ phone: spellings[index % 8] }));
    const replies = await sendAll(leadgate, leads);
    expect(tally(replies)).toEqual({ "ACCEPTED first": 1, "DUPLICATE null": 199 });
    const { body } = await leadgate.admin("GET", "/leads?status=DUPLICATE&limit=200");
    const original = replies.find(({ status }) => status === 201)?.body.data.id;
    expect(new Set(body.data.map((lead: { duplicate_of: string }) => lead.duplicate_of))).toEqual(
      new Set([original]),
    );
  });

  test("with many leads at once, a buyer with a window of its own gets each person once, by whichever campaign", async () => {
    const { leadgate } = journey;
    const document = sharedBuyer({}, "solar", "wind");
    const buyers = [{ id: "first", duplicates: { fields: ["phone"], window_days: 30 } }];
    await leadgate.configure({ ...document, buyers });
    const people = manyLeads(40);
    const leads = people.flatMap((lead) => [lead, { ...lead, flo_campaign_id: "wind" }]);
    expect(tally(await sendAll(leadgate, leads))).toEqual({ "ACCEPTED first": 40, "UNMATCHED null": 40 });
  });

  test("of many leads at once, two hundred with one idempotency key are one lead with two hundred equal answers", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const lead = aLead();
    const replies = await sendAll(
      leadgate,
      Array.from({ length: 200 }, () => lead),
      {
        "idempotency-key": "order-1",
        "x-request-id": "r",
      },
    );
    expect(new Set(replies.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(replies[0]?.status).toBe(201);
    expect(replies.filter(({ headers }) => headers.get("idempotent-replayed") === "true")).toHaveLength(199);
    expect((await leadgate.admin("GET", "/leads")).body.data).toHaveLength(1);
  });

  test("a wallet is never overdrawn by many leads at once", async () => {
    const { leadgate } = journey;
    const document = sharedBuyer({}, "solar", "wind");
    const buyers = [{ id: "first", billing: { mode: "credit" as const, limit: "255.00" } }];
    await leadgate.configure({ ...document, buyers });
    const leads = [...manyLeads(60), ...manyLeads(60, { flo_campaign_id: "wind" })];
    expect(tally(await sendAll(leadgate, leads))).toEqual({ "ACCEPTED first": 25, "UNMATCHED null": 95 });
    journey.expected.deposits = { first: "0" };
  });

  test("a campaign that somebody else holds holds up no other one, and its leads are taken in once it is free", async () => {
    const { leadgate, database } = journey;
    // On the embedded database nobody else can hold one.
    if (database.kind === "embedded") return;
    await leadgate.configure(sharedBuyer({}, "solar", "wind"));
    await Promise.all(
      [aLead(), aLead({ flo_campaign_id: "wind" })].map((lead) => leadgate.ingest("acme", lead)),
    );
    const holder = await holdRows(database, "select from campaigns where id = 'wind' for update");
    const order: string[] = [];
    const send = async (campaign: string) => {
      const { body } = await leadgate.ingest("acme", aLead({ flo_campaign_id: campaign }));
      order.push(body.data.campaign_id);
      if (order.length === 6) void holder.release();
    };
    const all = ["wind", "solar", "wind", "solar", "solar", "solar", "solar", "wind", "solar"];
    await Promise.all(all.map(send));
    await holder.release();
    expect(order.slice(0, 6)).toEqual(Array.from({ length: 6 }, () => "solar"));
    expect(order).toHaveLength(9);
  });

  test("many campaigns that somebody else holds hold up no other one, and their leads are taken in once they are free", async () => {
    const { leadgate, database } = journey;
    // On the embedded database nobody else can hold one.
    if (database.kind === "embedded") return;
    const held = Array.from({ length: 12 }, (_, index) => `held-${index}`);
    await leadgate.configure(sharedBuyer({}, "solar", ...held));
    const holder = await holdRows(
      database,
      "select from campaigns where id like 'held-%' order by id for update",
    );
    const send = async (campaign: string) => {
      const { body } = await leadgate.ingest("acme", aLead({ flo_campaign_id: campaign }));
      return body.data?.campaign_id;
    };
    const waiting = held.flatMap((campaign) => [send(campaign), send(campaign)]);
    for (let sent = 0; sent < 3; sent++) expect(await send("solar")).toBe("solar");
    expect(await Promise.race([...waiting, Promise.resolve("waits")])).toBe("waits");
    const released = holder.release();
    expect(await Promise.all(waiting)).toEqual(held.flatMap((campaign) => [campaign, campaign]));
    await released;
  });

  test("a lead that somebody else holds is decided once more when it is free, and holds up no other one of its campaign", async () => {
    const { leadgate, database } = journey;
    // On the embedded database nobody else can hold one.
    if (database.kind === "embedded") return;
    await leadgate.configure(aDocument({ campaign: { buyers: [] } }));
    const { id } = (await leadgate.ingest("acme", aLead())).body.data;
    await leadgate.configure(sharedBuyer({}, "solar"));
    const holder = await holdRows(
      database,
      `select from leads where id = '${uuidOfLead(id)}' and campaign_id = 'solar' for share`,
    );
    const round = leadgate.admin("POST", `/leads/${id}/redistribute`);
    // Its batch is the first or the second.
    for (let sent = 0; sent < 3; sent++) expect((await leadgate.ingest("acme", aLead())).status).toBe(201);
    expect(await Promise.race([round, Promise.resolve("waits")])).toBe("waits");
    const released = holder.release();
    leadgate.acknowledged.splice(0, 1);
    expect((await round).body.data.buyer_id).toBe("first");
    await released;
  });

  test("a lead that finds the queue full gets 503 and leaves nothing", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const keys = new Map([["acme", leadgate.keyOf("acme")]]);
    const narrow = openLeadgate(
      journey.database,
      testClock(),
      keys,
      { maxBatch: 1, queueLimit: 5 },
      leadgate.acknowledged,
    );
    await narrow.ingest("acme", aLead());
    const replies = await Promise.all(manyLeads(30).map((lead) => narrow.ingest("acme", lead)));
    const refused = replies.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    for (const { body, headers } of refused) {
      expect(body).toMatchObject({ error: "unavailable", retry_after: 1 });
      expect(headers.get("retry-after")).toBe("1");
    }
    const { body } = await leadgate.admin("GET", "/leads?limit=200");
    expect(body.data).toHaveLength(31 - refused.length);
  });

  test("a lead that waited too long for a slow database gets 503 and leaves nothing", async () => {
    const { leadgate, database } = journey;
    await leadgate.configure(aDocument());
    const keys = new Map([["acme", leadgate.keyOf("acme")]]);
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    let isSlow = false;
    const slow: Database = {
      ...database,
      write: async (work) => {
        if (isSlow) {
          ask();
          await answered;
        }
        return await database.write(work);
      },
    };
    const clock = testClock();
    const server = openLeadgate(slow, clock, keys, { waitLimitMs: 1000 }, leadgate.acknowledged);
    // What the server looks for when it starts is written by now.
    expect((await server.ingest("acme", aLead())).status).toBe(201);
    isSlow = true;
    const first = server.ingest("acme", aLead());
    await asked;
    const late = server.ingest("acme", aLead());
    // A request that is refused before the lane answers only after the late lead is in the queue.
    expect((await server.ingest("acme", aLead({ phone: "1" }))).status).toBe(400);
    clock.pass(1001);
    answer();
    expect((await first).status).toBe(201);
    const { status, body } = await late;
    expect([status, body.error, body.retry_after]).toEqual([503, "unavailable", 1]);
    await server.server.stop();
    expect((await leadgate.admin("GET", "/leads")).body.data).toHaveLength(2);
  });
});
