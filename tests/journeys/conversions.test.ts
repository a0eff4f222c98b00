import { afterEach, beforeEach, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { everyTable } from "#backup/table-records.ts";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { closeUsersOf } from "../support/closing.ts";
import { onBothDatabases } from "../support/database.ts";
import { violations } from "../support/invariants.ts";
import { aDocument, aLead, type Leadgate, OPERATOR_KEY, openLeadgate } from "../support/leadgate.ts";
import { type PretendGraph, startPretendGraph } from "../support/pretend-graph.ts";
import { untilTrue } from "../support/process.ts";
import { deliveryOf, liveClock, rowsOf, send } from "./delivery-journeys.ts";

const TOKEN = "EAABtokentokentokentoken0123";
const NEXT_TOKEN = "EAABnexttokennexttoken456";
const DAY_MS = 86_400_000;

type Conversion = NonNullable<ConfigurationDocument["conversions"]>[number];

const FIELDS = [
  { name: "meta_lead_id", type: "text" },
  { name: "fbc", type: "text" },
  { name: "ip", type: "text" },
] as const;

/** `aDocument` with a conversion that tells of acceptances and sales. */
function telling(
  over: Partial<Conversion> = {},
  more: Parameters<typeof aDocument>[0] = {},
): ConfigurationDocument {
  const conversion: Conversion = {
    id: "facebook",
    type: "meta",
    dataset_id: "1234567890123456",
    events: { accepted: "Lead", "outcome:Sold": "Purchase" },
    map: { lead_id: "meta_lead_id", fbc: "fbc", client_ip_address: "ip" },
    ...over,
  };
  return aDocument({
    ...more,
    campaign: { fields: [...FIELDS], ...more.campaign },
    more: { conversions: [conversion], ...more.more },
  });
}

const sha256 = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("hex");

onBothDatabases("conversions", (world) => {
  let leadgate: Leadgate;
  let graph: PretendGraph;

  beforeEach(() => {
    const clock = liveClock();
    graph = startPretendGraph(TOKEN, clock.now);
    leadgate = openLeadgate(world.database, clock, undefined, { graphUrl: graph.url });
  });
  afterEach(async () => {
    await graph.close();
    await closeUsersOf(world.database);
    expect(await violations(world.database, { acknowledged: leadgate.acknowledged })).toEqual([]);
  });

  const giveToken = (token = TOKEN) => leadgate.admin("POST", "/conversions/facebook/token", { token });
  const told = async (count: number) => {
    await untilTrue(() => graph.taken().length >= count, `Meta to be told of ${count} events`);
    return graph.taken();
  };
  const report = (leadId: string, over: object) =>
    leadgate.call("POST", "/api/v1/lead-update", {
      headers: { "x-api-key": leadgate.keyOf("acme"), "content-type": "application/json" },
      body: JSON.stringify({ lead_id: leadId, ...over }),
    });
  /** All that the database holds, as text. */
  const everything = async () => {
    const texts = everyTable().map(async ({ name }) => {
      const rows = await world.database.read((db) =>
        rowsOf<{ row: string }>(db, sql`select t::text as row from ${sql.identifier(name)} t`),
      );
      return rows.map(({ row }) => row);
    });
    return (await Promise.all(texts)).flat().join("\n");
  };

  test("Meta is told of a lead that was sold: of whom, when, and what it brought", async () => {
    await leadgate.configure(telling());
    expect((await giveToken()).status).toBe(201);
    const lead = aLead({
      first_name: "Mary",
      last_name: "O'Neil",
      email: "John_Smith@gmail.com",
      phone: "(650) 555-1212",
      state: "tx",
      zip_code: "78701-1234",
      meta_lead_id: "525645896321548",
      fbc: "fb.1.1554763741205.AbC",
      ip: "203.0.113.7",
    });
    const { id } = (await leadgate.ingest("acme", lead)).body.data;
    expect(await told(1)).toEqual([
      {
        event_name: "Lead",
        event_time: expect.any(Number),
        event_id: id,
        action_source: "system_generated",
        user_data: {
          em: ["62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"],
          ph: ["e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"],
          fn: ["6915771be1c5aa0c886870b6951b03d7eafc121fea0e80a5ea83beb7c449f4ec"],
          ln: [sha256("oneil")],
          st: [sha256("tx")],
          zp: [sha256("78701")],
          country: [sha256("us")],
          external_id: [sha256(id)],
          lead_id: "525645896321548",
          fbc: "fb.1.1554763741205.AbC",
          client_ip_address: "203.0.113.7",
        },
        custom_data: { event_source: "crm", lead_event_source: "Leadgate", value: 10, currency: "USD" },
      },
    ]);
    expect(graph.requests[0]?.path).toBe("/v23.0/1234567890123456/events");
    const delivery = await deliveryOf(leadgate, id, "delivered");
    expect(delivery).toMatchObject({
      event: "conversion.accepted",
      conversion_id: "facebook",
      buyer_id: null,
      reference: "AbC",
      attempts: [{ number: 1, http_status: 200, failure: null }],
    });
    const listed = await leadgate.admin("GET", "/deliveries?conversion=facebook&event=conversion.accepted");
    expect(listed.body.data).toHaveLength(1);
  });

  test("Meta is told what a supplier reports, with what that earned, else with what the lead was sold for", async () => {
    await leadgate.configure(telling());
    await giveToken();
    const { id } = await send(leadgate);
    const { data } = (await report(id, { outcome: "sold", revenue: "120.50" })).body;
    await report(id, { outcome: "SOLD" });
    await report(id, { outcome: "no answer" });
    const events = await told(3);
    expect(
      new Set(events.map(({ event_name, custom_data }) => `${event_name} ${custom_data.value}`)),
    ).toEqual(new Set(["Lead 10", "Purchase 10", "Purchase 120.5"]));
    expect(events.find(({ custom_data }) => custom_data.value === 120.5)).toMatchObject({
      event_id: data.id,
    });
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(3);
    expect(new Set(events.map(({ user_data }) => JSON.stringify(user_data))).size).toBe(1);
  });

  test("Meta is told nothing of tests, of leads that nobody took, of other campaigns, nor by one that is paused", async () => {
    await leadgate.configure(telling({}, { supplier: { test_mode: true } }));
    await giveToken();
    const { id } = await send(leadgate);
    await report(id, { outcome: "sold" });
    await leadgate.configure(telling({}, { campaign: { fields: [...FIELDS], buyers: [] } }));
    await send(leadgate);
    await leadgate.configure(telling({ status: "paused" }));
    await send(leadgate);
    const other = { id: "roofs", suppliers: [{ supplier: "acme" }], fields: [...FIELDS] };
    const document = telling({ campaigns: ["roofs"] });
    await leadgate.configure({ ...document, campaigns: [...(document.campaigns ?? []), other] });
    await send(leadgate);
    const { body } = await leadgate.admin("GET", "/deliveries");
    expect(body.data).toEqual([]);
  });

  test("a token stands sealed in the database, and in no log, history, answer or attempt", async () => {
    await leadgate.configure(telling());
    graph.know("another");
    const set = await giveToken();
    const { id } = await send(leadgate);
    const delivery = await deliveryOf(leadgate, id, "paused");
    expect(delivery.attempts[0].excerpt).toContain("Malformed access token ***");
    const answers = [
      set,
      await leadgate.admin("GET", "/conversions/facebook"),
      await leadgate.admin("GET", "/config"),
      await leadgate.admin("GET", "/history"),
      await leadgate.admin("GET", "/deliveries"),
      await leadgate.admin("POST", "/conversions/facebook/token", { token: `${TOKEN} ` }),
    ];
    const history = answers[3]?.body.data[0];
    expect(history).toMatchObject({ changes: [{ kind: "conversion", id: "facebook", action: "token_set" }] });
    const held = [JSON.stringify(answers.map(({ body }) => body)), await everything(), ...leadgate.logged];
    expect(graph.requests[0]?.path).not.toContain("token");
    for (const text of held) expect(text).not.toContain(TOKEN.slice(4, 20));
  });

  test("what Meta does not take by its token waits, and goes out as soon as it is given another", async () => {
    await leadgate.configure(telling());
    const { id } = await send(leadgate);
    expect(await deliveryOf(leadgate, id, "paused")).toMatchObject({ last_failure: "no_token" });
    graph.know(NEXT_TOKEN);
    expect((await giveToken()).body).toEqual({ data: { id: "facebook", resumed: 1 } });
    await untilTrue(() => graph.requests.length === 1, "Meta to be asked");
    expect(await deliveryOf(leadgate, id, "paused")).toMatchObject({ last_failure: "token_refused" });
    expect(leadgate.logged.join()).toContain("an endpoint is paused");
    const headers = { authorization: `Bearer ${OPERATOR_KEY}` };
    const { body: metrics } = await leadgate.call("GET", "/metrics", { headers });
    expect(metrics).toContain('leadgate_endpoint_down{recipient="conversion:facebook"} 1');
    expect(metrics).toContain('recipient_kind="conversion",state="paused",failure="token_refused"} 1');
    await giveToken(NEXT_TOKEN);
    expect(await told(1)).toMatchObject([{ event_id: id }]);
    await deliveryOf(leadgate, id, "delivered");
  });

  test("an event that Meta fails at goes out again, the same to the byte", async () => {
    await leadgate.configure(telling({ test_event_code: "TEST9" }));
    await giveToken();
    graph.behave("fail");
    const { id } = await send(leadgate);
    await untilTrue(
      async () => (await deliveryOf(leadgate, id, "pending")).attempts.length === 1,
      "a failure",
    );
    graph.behave("too many calls");
    leadgate.clock.pass(10_000);
    const recorded = async () => (await deliveryOf(leadgate, id, "pending")).attempts.length === 2;
    await untilTrue(recorded, "Meta to be told again");
    graph.behave("accept");
    leadgate.clock.pass(600_000);
    await told(1);
    const { attempts } = await deliveryOf(leadgate, id, "delivered");
    expect(attempts.map((each: { failure: string }) => each.failure)).toEqual([
      "http_status",
      "rate_limited",
      null,
    ]);
    expect(new Set(graph.requests.map(({ events }) => JSON.stringify(events))).size).toBe(1);
    expect(graph.requests.map(({ testEventCode }) => testEventCode)).toEqual(["TEST9", "TEST9", "TEST9"]);
  });

  test("an event that is older than seven days is dropped under that name, also when it is sent again by hand", async () => {
    await leadgate.configure(telling());
    await giveToken();
    graph.behave("fail");
    const { id } = await send(leadgate);
    await untilTrue(
      async () => (await deliveryOf(leadgate, id, "pending")).attempts.length === 1,
      "a failure",
    );
    graph.behave("accept");
    leadgate.clock.pass(7 * DAY_MS + 60_000);
    const dead = await deliveryOf(leadgate, id, "dead");
    expect(dead).toMatchObject({ last_failure: "too_old" });
    await leadgate.admin("POST", `/deliveries/${dead.id}/redeliver`);
    await untilTrue(async () => {
      const again = await leadgate.admin("GET", `/deliveries/${dead.id}`);
      return again.body.data.state === "dead" && again.body.data.attempt_count > dead.attempt_count;
    }, "it to be dropped again");
    expect(graph.requests).toHaveLength(1);
  });

  test("one event that Meta refuses holds up no other", async () => {
    await leadgate.configure(telling());
    const leads = [];
    for (let sent = 0; sent < 5; sent += 1) leads.push((await send(leadgate)).id);
    await deliveryOf(leadgate, leads[0], "paused");
    // An attempt that began without a token would pause the conversion again.
    await untilTrue(async () => {
      const { data } = (await leadgate.admin("GET", "/deliveries?state=pending")).body;
      return data.every((each: { attempt_count: number }) => each.attempt_count === 0);
    }, "no attempt to be on its way");
    graph.refuse(leads[3]);
    await giveToken();
    await told(4);
    expect(new Set(graph.taken().map(({ event_id }) => event_id))).toEqual(new Set(leads.toSpliced(3, 1)));
    const refused = await deliveryOf(leadgate, leads[3], "rejected");
    expect(refused).toMatchObject({ verdict: "rejected", reason: "(#100) Invalid parameter" });
    graph.refuse("");
    await leadgate.admin("POST", `/deliveries/${refused.id}/redeliver`);
    await told(5);
  });

  test("more events than one request may carry go out in several", async () => {
    await leadgate.configure(telling());
    const { id } = await send(leadgate);
    const { id: deliveryId } = await deliveryOf(leadgate, id, "paused");
    await world.database.write((tx) =>
      tx.execute(sql`
        insert into deliveries (id, campaign_id, lead_id, recipient, event, content_type, body, state, attempts,
          next_at, give_up_at, created_at)
        select gen_random_uuid(), campaign_id, lead_id, recipient, event, content_type,
          (body::jsonb || jsonb_build_object('event_id', 'event-' || nth))::text, state, 0, next_at, give_up_at, created_at
        from deliveries, generate_series(1, 1199) as nth where recipient = 'conversion:facebook'`),
    );
    expect((await giveToken()).body.data.resumed).toBe(1200);
    const events = await told(1200);
    expect(new Set(events.map(({ event_id }) => event_id)).size).toBe(1200);
    expect(new Set(graph.requests.map((request) => request.events.length))).toEqual(new Set([1000, 200]));
    await untilTrue(async () => {
      const [left] = await world.database.read((db) =>
        rowsOf<{ count: number }>(
          db,
          sql`select count(*)::int as count from deliveries where state <> 'delivered'`,
        ),
      );
      return left?.count === 0;
    }, "all to be delivered");
    expect((await leadgate.admin("GET", `/deliveries/${deliveryId}`)).body.data.state).toBe("delivered");
  });

  test("what is still to be told of a person who is forgotten is told to nobody", async () => {
    await leadgate.configure(telling());
    await giveToken();
    graph.behave("fail");
    const lead = aLead();
    const { id } = (await leadgate.ingest("acme", lead)).body.data;
    await untilTrue(
      async () => (await deliveryOf(leadgate, id, "pending")).attempts.length === 1,
      "a failure",
    );
    await leadgate.admin("POST", "/erasures", { phone: lead.phone });
    const erased = await deliveryOf(leadgate, id, "dead");
    expect(erased).toMatchObject({ reason: "erased", body: "" });
    graph.behave("accept");
    leadgate.clock.pass(600_000);
    await report(id, { outcome: "sold" });
    expect((await leadgate.admin("GET", "/deliveries?conversion=facebook")).body.data).toHaveLength(1);
    expect(graph.requests).toHaveLength(1);
  });

  test("Meta is not told that a lead was given back whose person is forgotten", async () => {
    await leadgate.configure(telling({ events: { accepted: "Lead", returned: "Lead returned" } }));
    await giveToken();
    const lead = aLead();
    const { id } = (await leadgate.ingest("acme", lead)).body.data;
    await told(1);
    await leadgate.admin("POST", "/erasures", { phone: lead.phone });
    await untilTrue(
      async () => (await leadgate.admin("GET", `/leads/${id}`)).body.data.erased_at !== null,
      "the lead to be erased",
    );
    leadgate.acknowledged.length = 0;
    const asked = await leadgate.admin("POST", `/leads/${id}/returns`, { reason: "bad_contact" });
    await leadgate.admin("POST", `/returns/${asked.body.data.id}/accept`);
    expect((await leadgate.admin("GET", `/leads/${id}`)).body.data.status).toBe("RETURNED");
    expect((await leadgate.admin("GET", "/deliveries?conversion=facebook")).body.data).toHaveLength(1);
  });

  test("a lead that goes to another buyer is no second conversion, and one that nobody keeps is told as returned", async () => {
    const events = { accepted: "Lead", returned: "Lead returned" };
    const nowhere = { method: "webhook" as const, url: "http://127.0.0.1:9", retry_schedule: [] };
    const buyers = { first: { delivery: nowhere }, second: { delivery: nowhere } };
    await leadgate.configure(telling({ events }, { buyers, contracts: { third: { status: "paused" } } }));
    await giveToken();
    const { id } = await send(leadgate);
    await told(1);
    for (const status of ["ACCEPTED", "UNMATCHED"]) {
      await untilTrue(async () => {
        const { body } = await leadgate.admin("GET", `/leads/${id}`);
        const toBuyers = body.data.deliveries.filter(
          ({ event }: { event: string }) => event === "lead.accepted",
        );
        return toBuyers.every(({ state }: { state: string }) => state === "dead");
      }, "the buyer not to be reached");
      leadgate.acknowledged.length = 0;
      const { body } = await leadgate.admin("POST", `/leads/${id}/redistribute`);
      expect(body.data.status).toBe(status);
    }
    const [sold, returned, ...more] = await told(2);
    expect(more).toEqual([]);
    expect(sold).toMatchObject({ event_name: "Lead", custom_data: { value: 10 } });
    expect(returned).toMatchObject({ event_name: "Lead returned", custom_data: { value: 0 } });
    expect(returned?.event_id).toBe(`${id}.returned`);
  });
});
