import { afterEach, beforeEach, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { ALERT_EVENTS } from "#endpoints/webhook-endpoint.ts";
import { closeUsersOf } from "../support/closing.ts";
import { aDocument, type Leadgate, OPERATOR_KEY, openLeadgate, type Reply } from "../support/leadgate.ts";
import type { PretendBuyer } from "../support/pretend-buyer.ts";
import { type MailServer, startMailServer } from "../support/pretend-mail.ts";
import { untilTrue } from "../support/process.ts";
import {
  breakFirst,
  delivering,
  deliveryJourneys,
  deliveryOf,
  liveClock,
  rowsOf,
  send,
  webhookTo,
} from "./delivery-journeys.ts";

const SECOND = 1_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** An endpoint that hears of all that is told beside leads. */
function hearing(ops: PretendBuyer): Partial<ConfigurationDocument> {
  return { webhooks: [{ id: "ops", url: ops.url(), events: [...ALERT_EVENTS] }] };
}

/** What an endpoint has heard of an event. */
function heard(ops: PretendBuyer, event: string): Reply["body"][] {
  return [...ops.received.values()]
    .map(({ bodies }) => JSON.parse(bodies[0] ?? ""))
    .filter(({ type }) => type === event)
    .map(({ data }) => data);
}

/** What it has heard of an event, once it has heard anything. */
async function told(ops: PretendBuyer, event: string): Promise<Reply["body"][]> {
  await untilTrue(() => heard(ops, event).length > 0, `${event} to be told`);
  return heard(ops, event);
}

async function stateOf(leadgate: Leadgate, buyer: string): Promise<string> {
  return (await leadgate.admin("GET", `/buyers/${buyer}`)).body.data.endpoint.state;
}

deliveryJourneys("alerts", (journey) => {
  /** How often an event was left to be sent. */
  async function onRecord(event: string): Promise<number> {
    const rows = await journey.database.read((db) =>
      rowsOf(db, sql`select id from deliveries where event = ${event}`),
    );
    return rows.length;
  }

  test("operators hear once, from whichever of two servers, that an endpoint is down and that it is up again", async () => {
    const { leadgate } = journey;
    const [failing, ops] = [await journey.buyer({ behaviour: "fail" }), await journey.buyer()];
    const other = leadgate.another();
    const keep = webhookTo(failing, { when_down: "keep" });
    await leadgate.configure(delivering({ first: keep }, { more: hearing(ops) }));
    await breakFirst(leadgate);
    const down = await told(ops, "endpoint.down");
    expect(down).toMatchObject([
      { buyer_id: "first", webhook_id: null, conversion_id: null, reason: "http_500" },
    ]);
    expect([leadgate, other].flatMap(({ logged }) => logged).join("")).toContain("an endpoint is down");

    failing.behave("accept");
    await leadgate.admin("POST", "/buyers/first/resume");
    expect(await told(ops, "endpoint.up")).toEqual([{ ...down[0], next_try_at: null }]);
    await untilTrue(async () => (await stateOf(other, "first")) === "up", "the other server to know");
    expect(heard(ops, "endpoint.down")).toHaveLength(1);
  });

  test("operators hear that an endpoint is paused, that it was resumed, and of each delivery that is dead", async () => {
    const { leadgate } = journey;
    const [gone, ops] = [await journey.buyer({ behaviour: "gone" }), await journey.buyer()];
    const delivery = webhookTo(gone, { when_down: "keep", retry_schedule: [] });
    await leadgate.configure(delivering({ first: delivery }, { more: hearing(ops) }));
    const lead = await send(leadgate);
    await deliveryOf(leadgate, lead.id, "paused");
    expect(await told(ops, "endpoint.paused")).toMatchObject([{ buyer_id: "first", reason: "http_410" }]);

    gone.behave("fail");
    await leadgate.admin("POST", "/buyers/first/resume");
    expect(await told(ops, "endpoint.up")).toMatchObject([{ buyer_id: "first" }]);
    const dead = await deliveryOf(leadgate, lead.id, "dead");
    expect(await onRecord("delivery.dead")).toBe(1);
    expect(await told(ops, "delivery.dead")).toEqual([
      {
        delivery_id: dead.id,
        buyer_id: "first",
        webhook_id: null,
        conversion_id: null,
        campaign_id: "solar",
        lead_id: lead.id,
        event: "lead.accepted",
        attempt_count: 2,
        reason: "http_status",
      },
    ]);
    const lines = leadgate.logged.map((line) => JSON.parse(line));
    expect(lines.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
      "an endpoint is paused",
      "an endpoint is up again",
      "a delivery is dead",
    ]);
  });

  test("operators hear when a delivery is given up because its time is over", async () => {
    const { leadgate } = journey;
    const [failing, ops] = [await journey.buyer({ behaviour: "fail" }), await journey.buyer()];
    const brief = webhookTo(failing, { when_down: "keep", give_up_after_seconds: 60, retry_schedule: [600] });
    await leadgate.configure(delivering({ first: brief }, { more: hearing(ops) }));
    const lead = await send(leadgate);
    await deliveryOf(leadgate, lead.id, "dead");
    expect(await told(ops, "delivery.dead")).toMatchObject([{ lead_id: lead.id }]);
  });

  test("operators hear of caps that are reached and of balances that are low and empty, as the leads bring it about", async () => {
    const { leadgate } = journey;
    journey.expected = { ...journey.expected, deposits: { first: "35.00" } };
    const ops = await journey.buyer();
    const wallet = { mode: "wallet" as const, low_balance: "25.00" };
    await leadgate.configure(
      aDocument({
        buyers: { first: { billing: wallet }, second: { caps: { day: { leads: 1 } } } },
        link: { caps: { total: { leads: 4 } } },
        more: hearing(ops),
      }),
    );
    await leadgate.admin("POST", "/buyers/first/deposits", { amount: "35.00" });
    for (let lead = 0; lead < 4; lead += 1) await send(leadgate);
    // Whoever dies from here on has left them to the others.
    expect(await Promise.all(["cap.reached", "balance.low", "balance.empty"].map(onRecord))).toEqual([
      2, 1, 1,
    ]);
    await untilTrue(() => heard(ops, "cap.reached").length === 2, "both caps to be told of");
    expect(heard(ops, "cap.reached")).toContainEqual(
      expect.objectContaining({
        campaign_id: null,
        buyer_id: "second",
        period: "day",
        unit: "leads",
        limit: 1,
      }),
    );
    expect(heard(ops, "cap.reached")).toContainEqual(
      expect.objectContaining({ campaign_id: "solar", supplier_id: "acme", period: "total", limit: 4 }),
    );
    const balance = { buyer_id: "first", campaign_id: "solar", low_balance: "25.00", currency: "USD" };
    expect(await told(ops, "balance.low")).toEqual([{ ...balance, spendable: "15.00" }]);
    expect(await told(ops, "balance.empty")).toEqual([{ ...balance, spendable: "5.00" }]);
    expect(leadgate.logged.join("")).toContain("a balance is empty");
  });

  test("operators hear of a supplier that is silent, of an invoice that is overdue and of an import, once each", async () => {
    const { leadgate, database } = journey;
    const ops = await journey.buyer();
    const lists = [{ id: "do-not-call", name: "Do not call" }];
    await leadgate.configure(aDocument({ more: { ...hearing(ops), suppression_lists: lists } }));
    const now = leadgate.clock.now();
    const due = new Date(now.getTime() + HOUR).toISOString();
    await database.write(async (tx) => {
      await tx.execute(sql`
        insert into figures (hour, campaign_id, supplier_id, buyer_id, currency, accepted, unmatched, rejected, duplicates, sales,
          refused, returned, sold, refunds, payouts)
        select date_trunc('hour', ${now.toISOString()}::timestamptz) - n * interval '1 hour', 'old', 'acme', '', 'USD',
          1, 0, 0, 0, 0, 0, 0, 0, 0, 0 from generate_series(0, 11) as n`);
      await tx.execute(sql`
        insert into invoices (number, buyer_id, month, from_at, to_at, currency, sales, sold, refunded, refunds, adjusted, total,
          issued_at, due_at)
        values (7, 'first', '2026-01', ${now.toISOString()}::timestamptz, ${due}::timestamptz, 'USD', 0, 0, 0, 0, 0, 12.5,
          ${now.toISOString()}::timestamptz, ${due}::timestamptz)`);
    });
    await leadgate.call("POST", "/api/v1/admin/suppression-lists/do-not-call/entries", {
      headers: { "content-type": "text/csv", authorization: `Bearer ${OPERATOR_KEY}` },
      body: "phone\n5125550100\nnone\n",
    });
    expect(await told(ops, "import.done")).toEqual([
      { list_id: "do-not-call", received: 2, added: 1, already_there: 0, bad: 1 },
    ]);
    leadgate.clock.pass(2 * DAY);
    leadgate.another();
    leadgate.another();
    expect(await told(ops, "invoice.overdue")).toEqual([
      { buyer_id: "first", number: 7, total: "12.50", currency: "USD", due_at: due },
    ]);
    expect(await told(ops, "supplier.silent")).toMatchObject([{ supplier_id: "acme" }]);
    const summedUp = sql`select 1 from figure_days
      where campaign_id = 'old' and day = date_trunc('day', ${now.toISOString()}::timestamptz, 'UTC')`;
    await untilTrue(
      async () => (await database.read((db) => rowsOf(db, summedUp))).length > 0,
      "its day to be summed up",
    );
    // Another of the three may be about to sum it up too.
    await closeUsersOf(database);
    await database.write(async (tx) => {
      await tx.execute(sql`delete from figures where campaign_id = 'old'`);
      await tx.execute(sql`delete from figure_days where campaign_id = 'old'`);
      await tx.execute(sql`delete from invoices`);
    });
    expect(
      [heard(ops, "supplier.silent"), heard(ops, "invoice.overdue")].map(({ length }) => length),
    ).toEqual([1, 1]);
  });

  test("nothing is written of what nobody wants to hear", async () => {
    const { leadgate, database } = journey;
    const gone = await journey.buyer({ behaviour: "gone" });
    await leadgate.configure(delivering({ first: webhookTo(gone) }));
    await deliveryOf(leadgate, (await send(leadgate)).id, "paused");
    await untilTrue(() => leadgate.logged.join("").includes("an endpoint is paused"), "it to be logged");
    expect(await database.read((db) => rowsOf(db, sql`select key from alerts`))).toEqual([]);
  });
});

deliveryJourneys("alerts by e-mail", (journey) => {
  let mailServer: MailServer;
  beforeEach(async () => {
    // The server without mail would give up what the one with mail is to send.
    await journey.leadgate.server.stop();
    mailServer = await startMailServer();
  });
  afterEach(() => mailServer.close());

  test("operators are told by e-mail what the document says, of dead deliveries once an hour", async () => {
    const mail = { url: mailServer.url, from: "Leadgate <leads@company.example>" };
    const leadgate = openLeadgate(journey.database, liveClock(), new Map(), { mail });
    const gone = await journey.buyer({ behaviour: "fail" });
    const delivery = webhookTo(gone, { retry_schedule: [] });
    const alerts = {
      email: ["ops@company.example", "two@company.example"],
      events: ["delivery.dead" as const],
    };
    await leadgate.configure(delivering({ first: delivery }, { more: { alerts } }));
    const changed = (await leadgate.admin("GET", "/history")).body.data[0].changes;
    expect(changed).toContainEqual(
      expect.objectContaining({ kind: "setting", id: "alerts", action: "changed" }),
    );
    leadgate.clock.pass(HOUR - (leadgate.clock.now().getTime() % HOUR) + SECOND);
    for (let lead = 0; lead < 3; lead += 1) await deliveryOf(leadgate, (await send(leadgate)).id, "dead");
    await untilTrue(() => mailServer.taken.length === 2, "both to be told");
    expect(mailServer.taken.flatMap(({ to }) => to).toSorted()).toEqual(alerts.email);
    expect(mailServer.taken[0]?.text).toContain("Subject: Leadgate: a delivery is dead first");
    expect(mailServer.taken[0]?.text).toContain("buyer_id: first");
    // The server hears a moment later that a mail was taken; an hour on, one that it had not heard of would be sent again.
    await untilTrue(async () => {
      const { body } = await leadgate.admin("GET", "/deliveries?event=delivery.dead");
      return body.data.every(({ state }: { state: string }) => state === "delivered");
    }, "both to be on record as told");
    leadgate.clock.pass(HOUR);
    await deliveryOf(leadgate, (await send(leadgate)).id, "dead");
    await untilTrue(() => mailServer.taken.length === 4, "both to be told of the next hour");
    const { body } = await leadgate.admin("GET", "/deliveries?event=delivery.dead");
    expect(body.data.map((each: { alert_to: string }) => each.alert_to).toSorted()).toEqual([
      "ops@company.example",
      "ops@company.example",
      "two@company.example",
      "two@company.example",
    ]);
  });
});
