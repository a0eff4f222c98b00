import { expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { claim, whatIsDue } from "#delivery/outbox/outbox-records.ts";
import { newUuid } from "#text/ids.ts";
import { aLead } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import {
  arrivals,
  breakFirst,
  type DeliveryJourney,
  delivering,
  deliveryJourneys,
  deliveryOf,
  rowsOf,
  send,
  webhookTo,
} from "./delivery-journeys.ts";
import { sendLead } from "./journeys.ts";

const SECOND = 1_000;

interface DeliveryRow {
  attempt_count: number;
}

deliveryJourneys("the breaker", (journey) => {
  test("a buyer whose stored secret does not open is sent nothing and passed over until it has another, and all others go on", async () => {
    const { leadgate } = journey;
    const [first, next] = [await journey.buyer(), await journey.buyer()];
    await leadgate.configure(
      delivering({ first: webhookTo(first, { confirm: true }), second: webhookTo(next) }),
    );
    expect((await sendLead(leadgate)).to).toBe("first");
    await journey.database.write((tx) =>
      tx.execute(sql`update signing_secrets set sealed = 'k1.other.secret' where recipient = 'buyer:first'`),
    );
    await untilTrue(async () => (await sendLead(leadgate)).to === "second", "the server to know");
    const requests = first.seen.requests;
    await untilTrue(() => next.seen.requests > 0, "the other one to be sent its lead");
    expect((await leadgate.admin("GET", "/condition")).body.data.locked).toEqual([
      { buyer_id: "first", webhook_id: null, conversion_id: null },
    ]);
    expect(leadgate.logged.join("")).toContain("nothing is sent to a recipient");
    expect((await leadgate.admin("POST", "/buyers/first/test")).status).toBeLessThan(500);
    expect(first.seen.requests).toBe(requests);
    await leadgate.admin("POST", "/buyers/first/secret", { overlap_seconds: 0 });
    await untilTrue(async () => (await sendLead(leadgate)).to === "first", "the new secret to be known");
  });

  test("an endpoint that keeps failing takes its buyer out of routing, on every server, until one probe gets through", async () => {
    const { leadgate } = journey;
    const [failing, next] = [await journey.buyer({ behaviour: "fail" }), await journey.buyer()];
    const other = leadgate.another();
    await leadgate.configure(delivering({ first: webhookTo(failing), second: webhookTo(next) }));
    await breakFirst(leadgate);
    expect(await sendLead(leadgate)).toMatchObject({
      to: "second",
      passedOver: { first: { reason: "endpoint_down" } },
    });
    await untilTrue(async () => (await sendLead(other)).to === "second", "the other server to know");
    // What it sent before it knew may be on its way.
    const isUnderWay = sql`select 1 from deliveries where recipient = 'buyer:first' and lease is not null`;
    await untilTrue(
      async () => (await journey.database.read((db) => rowsOf(db, isUnderWay))).length === 0,
      "what is under way to fail",
    );
    const requests = failing.seen.requests;
    // The clock goes on by itself too, so what is not yet to be is looked at long before.
    leadgate.clock.pass(5 * SECOND);
    expect((await sendLead(leadgate)).to).toBe("second");
    expect(failing.seen.requests).toBe(requests);

    // One of those that wait is the probe. It fails, and twice as long nobody asks again.
    leadgate.clock.pass(26 * SECOND);
    await untilTrue(() => failing.seen.requests === requests + 1, "the probe");
    for (const server of [leadgate, other]) {
      await untilTrue(async () => (await sendLead(server)).to === "second", "both servers to know");
    }
    leadgate.clock.pass(31 * SECOND);
    expect((await sendLead(leadgate)).to).toBe("second");
    expect(failing.seen.requests).toBe(requests + 1);

    failing.behave("accept");
    leadgate.clock.pass(30 * SECOND);
    const pending = async () =>
      (await leadgate.admin("GET", "/deliveries?buyer=first&state=pending")).body.data as DeliveryRow[];
    // The delivery that was the failed probe has failed twice: its next time is five minutes later, not with the others.
    await untilTrue(
      async () => (await pending()).every((each) => each.attempt_count > 1),
      "what waited to arrive",
    );
    leadgate.clock.pass(600 * SECOND);
    await untilTrue(async () => (await pending()).length === 0, "the probe's own delivery to arrive");
    expect((await sendLead(leadgate)).to).toBe("first");
    await untilTrue(async () => (await sendLead(other)).to === "first", "the other server to know");
  }, 120_000);

  test("an endpoint that keeps failing lets the leads of its buyer wait, when that is what the buyer wants", async () => {
    const { leadgate } = journey;
    const failing = await journey.buyer({ behaviour: "fail" });
    await leadgate.configure(delivering({ first: webhookTo(failing, { when_down: "keep" }) }));
    await breakFirst(leadgate);
    const waiting = await send(leadgate);
    expect(waiting.buyer_id).toBe("first");
    expect(await deliveryOf(leadgate, waiting.id, "pending")).toMatchObject({ attempt_count: 0 });
    failing.behave("accept");
    leadgate.clock.pass(31 * SECOND);
    await deliveryOf(leadgate, waiting.id, "delivered");
  });

  test("an endpoint that keeps failing is tried by its probe alone, also when nothing waits but the next lead", async () => {
    const { leadgate } = journey;
    const failing = await journey.buyer({ behaviour: "fail" });
    const webhook = webhookTo(failing, { retry_schedule: [] });
    await leadgate.configure(delivering({ first: webhook }));
    await breakFirst(leadgate);
    leadgate.clock.pass(31 * SECOND);
    const replies = await Promise.all(Array.from({ length: 30 }, () => leadgate.ingest("acme", aLead())));
    await untilTrue(() => failing.seen.requests > 10, "the probe");
    expect(replies.every(({ status }) => status === 201)).toBe(true);
    await untilTrue(async () => (await sendLead(leadgate)).to === "second", "the probe to have failed");
    expect(failing.seen.requests).toBe(11);
  });
});

/** As many deliveries that wait for a buyer, written long ago; in parts, each well within the database's deadline. */
async function insertWaiting({ database, leadgate }: DeliveryJourney, count: number): Promise<void> {
  const then = leadgate.clock.now().getTime() - 60_000;
  const at = new Date(then).toISOString();
  // UUIDv7, as all ids are: by any other a delivery would be of another month.
  const id = sql`(lpad(to_hex(${then}::bigint), 12, '0') || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid`;
  const part = 5_000;
  for (let first = 1; first <= count; first += part) {
    await database.write((tx) =>
      tx.execute(sql`
        insert into deliveries (id, campaign_id, recipient, event, content_type, body, state, attempts, next_at, give_up_at, created_at)
        select ${id}, 'solar', 'buyer:first', 'lead.updated', 'application/json', '{}', 'pending', 1,
          ${at}::text::timestamptz + n * interval '1 microsecond', ${at}::text::timestamptz + interval '1 day', ${at}::text::timestamptz
        from generate_series(${first}::int, ${first + part - 1}::int) as n`),
    );
  }
}

deliveryJourneys("a dead buyer", (journey) => {
  test("a dead buyer with 20,000 waiting deliveries keeps nobody else from getting theirs", async () => {
    const { leadgate } = journey;
    const [dead, other] = [await journey.buyer({ behaviour: "hang" }), await journey.buyer()];
    const document = delivering({
      first: webhookTo(dead, { timeout_seconds: 1, max_in_flight: 5 }),
      second: webhookTo(other),
    });
    await leadgate.configure(document);
    await insertWaiting(journey, 20_000);
    await untilTrue(() => dead.seen.requests >= 5, "the dead buyer to be tried");
    const contracts = { first: { status: "paused" as const } };
    await leadgate.configure(delivering({ first: webhookTo(dead), second: webhookTo(other) }, { contracts }));
    for (let sent = 1; sent <= 100; sent++) {
      await send(leadgate);
      await arrivals(other, sent);
    }
    expect(dead.seen.requests).toBeLessThan(100);
  }, 120_000);

  test("a dead buyer with 20,000 waiting deliveries costs the outbox a look at an index, whatever was planned", async () => {
    const { leadgate, database } = journey;
    await insertWaiting(journey, 20_000);
    const at = leadgate.clock.now().toISOString();
    const due = { campaignId: "solar", recipient: "buyer:first" } as const;
    const lease = { id: newUuid(), at, endsAt: at, limit: 50 };
    for (const mode of ["force_custom_plan", "force_generic_plan", "analysed"]) {
      // A look takes 15 blocks, and 50 claims with their indexes 660; all that waits is in some 700.
      const plans = await database.write(async (tx) => {
        await tx.execute(
          sql.raw(mode === "analysed" ? "analyze deliveries" : `set local plan_cache_mode = ${mode}`),
        );
        expect((await whatIsDue(tx, at)).due).toEqual([due]);
        expect(await claim(tx, due, lease)).toHaveLength(50);
        return [
          await planOf(tx, "with recursive pairs%from split where is_due%", [at]),
          await planOf(tx, "with due as (", ["solar", "buyer:first", at, "50", lease.id, at, "solar"]),
        ];
      });
      for (const [place, plan] of plans.entries()) {
        expect(scansOf(plan).filter((scan) => scan === "Seq Scan")).toEqual([]);
        expect(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]).toBeLessThan(
          place === 0 ? 100 : 1_000,
        );
      }
    }
  }, 120_000);
});

interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Shared Hit Blocks": number;
  "Shared Read Blocks": number;
  Plans?: PlanNode[];
}

/** How the statement that this connection has prepared, and whose text begins like this, runs with these values. */
async function planOf(tx: Queryable, beginning: string, values: readonly string[]): Promise<PlanNode> {
  const [prepared] = await rowsOf<{ name: string }>(
    tx,
    sql`select name from pg_prepared_statements where statement like ${`${beginning}%`}`,
  );
  const list = values.map((value) => `'${value}'`).join(", ");
  const [row] = await rowsOf<{ "QUERY PLAN": [{ Plan: PlanNode }] }>(
    tx,
    sql.raw(`explain (analyze, buffers, timing off, format json) execute "${prepared?.name}" (${list})`),
  );
  if (row === undefined) throw new Error("there is no plan");
  return row["QUERY PLAN"][0].Plan;
}

/** How the plan reaches the rows of deliveries. */
function scansOf(plan: PlanNode): string[] {
  const own = plan["Relation Name"] === "deliveries" ? [plan["Node Type"]] : [];
  return [...own, ...(plan.Plans ?? []).flatMap(scansOf)];
}
