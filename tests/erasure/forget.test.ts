import { expect, test } from "bun:test";
import { type SQL, sql } from "drizzle-orm";
import type { Database } from "#database/database.ts";
import { eraseOldLeads } from "#erasure/erase.ts";
import { carryOn } from "#erasure/forget.ts";
import { uuidOfErasure, uuidOfLead } from "#text/ids.ts";
import {
  arrivals,
  delivering,
  deliveryJourneys,
  deliveryOf,
  rowsOf,
  startPensiveBuyer,
  webhookTo,
} from "../journeys/delivery-journeys.ts";
import { ping } from "../journeys/pings.ts";
import { aDocument, aLead, type Leadgate, PEPPER } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";
import { whereabouts } from "./people-on-record.ts";

const ZOE = {
  first_name: "Zoe-Philippa",
  last_name: "Quackenbush",
  phone: "(512) 777-8901",
  email: "Zoe.Q@people.example",
  policy: "POL-4711-ZOE",
  source: "spring-mailing",
  household: { spouse: "Ezekiel Quackenbush" },
};
const SAID_OF_ZOE = [
  "zoe-philippa",
  "quackenbush",
  "5127778901",
  "777-8901",
  "zoe.q@people.example",
  "pol-4711",
  "ezekiel",
];

/** Orders that a person be forgotten; the report, when it is done. */
async function forget(leadgate: Leadgate, person: Readonly<Record<string, unknown>>) {
  const { status, body } = await leadgate.admin("POST", "/erasures", person);
  expect(status).toBe(202);
  return done(leadgate, body.data.id);
}

async function done(leadgate: Leadgate, id: string) {
  let report: unknown;
  await untilTrue(async () => {
    const { body } = await leadgate.admin("GET", `/erasures/${id}`);
    report = body.data;
    return body.data.state === "done";
  }, "a person to be forgotten");
  return report;
}

async function show(leadgate: Leadgate, id: string) {
  return (await leadgate.admin("GET", `/leads/${id}`)).body.data;
}

deliveryJourneys("person who is forgotten", (journey) => {
  test("a person who is forgotten stands nowhere any more, and all that was decided and earned stays as it was", async () => {
    const { leadgate, database } = journey;
    await using buyer = startTalkativeBuyer();
    const books = await journey.buyer();
    const mine = {
      id: "books",
      url: books.url(),
      events: ["lead.created", "lead.accepted", "lead.updated"] as const,
    };
    await leadgate.configure(
      delivering(
        {
          first: {
            ...webhookTo(buyer, {
              response_values: {
                reason: { json_path: "$.data.fields.email" },
                reference: { json_path: "$.data.fields.policy" },
              },
            }),
            duplicates: { fields: ["phone", "policy"], window_days: 30 },
            billing: { mode: "credit", limit: "1000.00" },
            caps: { day: { leads: 100 } },
          },
        },
        {
          campaign: {
            fields: [{ name: "policy", type: "text" }],
            duplicates: { fields: ["phone", "policy"] },
          },
          more: { webhooks: [{ ...mine, events: [...mine.events] }] },
        },
      ),
    );
    const lead = (await leadgate.ingest("acme", aLead(ZOE), { "x-request-id": "call-5127778901" })).body.data;
    const again = (await leadgate.ingest("acme", aLead(ZOE), { "idempotency-key": "second" })).body.data;
    const other = (await leadgate.ingest("acme", aLead())).body.data;
    expect([lead.status, again.status, other.status]).toEqual(["ACCEPTED", "DUPLICATE", "ACCEPTED"]);
    const reported = await leadgate.call("POST", "/api/v1/lead-update", {
      headers: { "x-api-key": leadgate.keyOf("acme"), "content-type": "application/json" },
      body: JSON.stringify({
        lead_id: lead.id,
        outcome: "sold",
        note: "Called Zoe-Philippa on 5127778901",
        sales_rep: "Quackenbush Jr.",
      }),
    });
    expect(reported.status).toBe(201);
    await arrivals(books, 6);
    await untilTrue(async () => {
      const { deliveries } = await show(leadgate, lead.id);
      return deliveries.every(({ state }: { state: string }) => state === "delivered");
    }, "everything to be recorded as delivered");
    const { deliveries } = await show(leadgate, lead.id);
    const sold = deliveries.find(({ buyer_id }: { buyer_id: string | null }) => buyer_id === "first");
    expect((await leadgate.admin("POST", `/deliveries/${sold.id}/redeliver`)).status).toBe(202);
    await untilTrue(async () => {
      const { body } = await leadgate.admin("GET", `/deliveries/${sold.id}`);
      return body.data.state === "delivered" && body.data.attempts.length === 2;
    }, "what was sent once more to be recorded as delivered");
    const before = await whereabouts(database, SAID_OF_ZOE);
    expect(before).toEqual([
      "deliveries.body",
      "deliveries.first_excerpt",
      "deliveries.reason",
      "deliveries.reference",
      "delivery_attempts.excerpt",
      "lead_updates.note",
      "lead_updates.sales_rep",
      "leads.fields",
      "leads.request_id",
      "leads.sent",
    ]);
    const decided = sql`select leads.id, leads.status, reason, buyer_id, price, payout, trace::text, decided_at, duplicate_of
      from leads left join sales on lead_id = leads.id order by leads.id, place`;
    const counted = sql`select * from campaign_counters order by party, party_id`;
    const day = (ms: number) => new Date(leadgate.clock.now().getTime() + ms).toISOString().slice(0, 10);
    const profit = `from=${day(-86_400_000)}&to=${day(86_400_000)}&group_by=campaign,source,buyer`;
    const kept = async () => [
      await rowsFrom(database, decided),
      await rowsFrom(database, counted),
      (await leadgate.admin("GET", "/buyers/first/balance")).body,
      (await leadgate.admin("GET", `/reports/pnl?${profit}`)).body,
    ];
    const keptBefore = await kept();
    expect(JSON.stringify(keptBefore)).toContain("spring-mailing");

    const report = await forget(leadgate, { phone: "512-777-8901" });

    expect(report).toMatchObject({
      state: "done",
      requested_by: "LEADGATE_ADMIN_KEY",
      erased: { leads: 2, delivery_attempts: 6, lead_updates: 1, deliveries: 5, duplicate_keys: 5 },
      cancelled_deliveries: 0,
    });
    expect(await whereabouts(database, SAID_OF_ZOE)).toEqual([]);
    expect(await kept()).toEqual(keptBefore);
    const erased = await show(leadgate, lead.id);
    expect(erased).toMatchObject({ status: "ACCEPTED", buyer_id: "first", sent: {} });
    expect(erased.fields).toEqual({ source: "spring-mailing" });
    expect(erased.erased_at).not.toBeNull();
    expect(erased.deliveries.every((each: { erased_at: string | null }) => each.erased_at !== null)).toBe(
      true,
    );
    expect((await show(leadgate, other.id)).fields.first_name).toBe("Ada");
    // Nor do keyed hashes: who comes again is somebody new.
    const keys = sql`select lead_id from lead_keys union select lead_id from buyer_duplicate_keys`;
    expect(await rowsFrom(database, keys)).toEqual([{ lead_id: uuidOfLead(other.id) }]);
    expect((await leadgate.ingest("acme", aLead(ZOE))).body.data.status).toBe("ACCEPTED");
  });

  test("a person who is forgotten is put on a suppression list first, and turned away from then on", async () => {
    const { leadgate } = journey;
    const lists = {
      campaign: { suppression_lists: ["forgotten"] },
      more: { suppression_lists: [{ id: "forgotten" }] },
    };
    await leadgate.configure(aDocument(lists));
    await leadgate.ingest("acme", aLead(ZOE));
    const report = await forget(leadgate, { email: " ZOE.Q@people.example ", suppress_on: "forgotten" });
    expect(report).toMatchObject({ suppress_on: "forgotten", erased: { leads: 1 } });
    expect((await leadgate.ingest("acme", aLead(ZOE))).body.error).toBe("suppressed");
  });

  test("a person who is forgotten is no longer sent to anybody who did not get the lead yet", async () => {
    const { leadgate } = journey;
    const failing = await journey.buyer({ behaviour: "fail" });
    await leadgate.configure(delivering({ first: webhookTo(failing, { retry_schedule: [3600] }) }));
    const lead = (await leadgate.ingest("acme", aLead(ZOE))).body.data;
    await untilTrue(
      async () => (await show(leadgate, lead.id)).deliveries[0].last_failure !== null,
      "a first failure",
    );
    expect(await forget(leadgate, { phone: "5127778901" })).toMatchObject({ cancelled_deliveries: 1 });
    const delivery = await deliveryOf(leadgate, lead.id, "dead");
    expect(delivery).toMatchObject({ reason: "erased", body: "" });
    const refusals = await Promise.all([
      leadgate.admin("POST", `/deliveries/${delivery.id}/redeliver`),
      leadgate.admin("POST", `/leads/${lead.id}/redistribute`),
    ]);
    expect(refusals.map(({ status, body }) => [status, body.error, body.message.includes("erased")])).toEqual(
      [
        [409, "conflict", true],
        [409, "conflict", true],
      ],
    );
    const since = new Date(leadgate.clock.now().getTime() - 86_400_000).toISOString();
    const recovered = await leadgate.admin("POST", "/buyers/first/recover", { since });
    expect(recovered.body.data.recovered).toBe(0);
    expect([...failing.received.values()].length).toBe(1);
  });

  test("a person is forgotten once the buyer has answered that is just being asked or sent the lead", async () => {
    const { leadgate, database } = journey;
    await using slow = startPensiveBuyer();
    const other = await journey.buyer();
    await leadgate.configure(
      delivering(
        {
          first: webhookTo(slow, {
            confirm: true,
            response_rules: [
              { when: { json_path: "$.status", equals: "accepted" }, outcome: "accepted" },
              { when: { json_path: "$.status", exists: true }, outcome: "rejected" },
            ],
          }),
          second: webhookTo(other),
        },
        { campaign: { confirm_budget_ms: 30_000 } },
      ),
    );
    const answer = leadgate.ingest("acme", aLead(ZOE));
    await slow.asked;
    const { body } = await leadgate.admin("POST", "/erasures", { phone: "5127778901" });
    expect((await leadgate.admin("GET", `/erasures/${body.data.id}`)).body.data.state).toBe("running");
    slow.answer("rejected");
    const { data } = (await answer).body;
    expect(data).toMatchObject({ status: "ACCEPTED", buyer_id: "second" });
    await done(leadgate, body.data.id);
    expect(await whereabouts(database, SAID_OF_ZOE)).toEqual([]);
    expect((await show(leadgate, data.id)).status).toBe("ACCEPTED");
  });

  test("a person who is forgotten is found although the first release wrote the lead, which kept no key of it", async () => {
    const { leadgate, database } = journey;
    await leadgate.configure(aDocument());
    const lead = (await leadgate.ingest("acme", aLead(ZOE))).body.data;
    await leadgate.ingest("acme", aLead());
    await database.write(async (tx) => {
      await tx.execute(sql`delete from lead_keys`);
      await tx.execute(
        sql`insert into unkeyed_leads (lead_id, campaign_id) select id, campaign_id from leads`,
      );
    });
    const search = async () =>
      (await leadgate.admin("GET", "/leads?phone=+15127778901")).body.data.map(
        ({ id }: { id: string }) => id,
      );
    expect(await search()).toEqual([lead.id]);
    expect(await forget(leadgate, { phone: "+1 512 777 8901" })).toMatchObject({ erased: { leads: 1 } });
    expect(await search()).toEqual([]);
    const unkeyed = sql`select count(*)::int as count from unkeyed_leads`;
    expect(await rowsFrom(database, unkeyed)).toEqual([{ count: 0 }]);
    expect(await whereabouts(database, SAID_OF_ZOE)).toEqual([]);
  });

  test("a person is forgotten whole or not yet, however many leads of the same person come meanwhile", async () => {
    const { leadgate, database } = journey;
    const buyer = await journey.buyer();
    await leadgate.configure(
      delivering(
        { first: { ...webhookTo(buyer), billing: { mode: "credit", limit: "100000.00" } } },
        { campaign: { duplicates: { action: "route_to_original" } } },
      ),
    );
    const second = leadgate.another();
    const early = await Promise.all(Array.from({ length: 40 }, () => leadgate.ingest("acme", aLead(ZOE))));
    const [report, ...meanwhile] = await Promise.all([
      forget(leadgate, { phone: "5127778901", email: "zoe.q@people.example" }),
      ...Array.from({ length: 60 }, (_, at) => (at % 2 ? leadgate : second).ingest("acme", aLead(ZOE))),
    ]);
    expect(meanwhile.every(({ status }) => status === 201)).toBe(true);
    const earlyIds = new Set(early.map(({ body }) => body.data.id));
    for (const id of earlyIds) expect((await show(leadgate, id)).erased_at).not.toBeNull();
    const halves = sql`select id from leads where (erased_at is null) <> (fields ->> 'phone' is not null)
      union all select d.lead_id from deliveries d join leads l on l.id = d.lead_id where l.erased_at is not null and d.body <> ''`;
    expect(await rowsFrom(database, halves)).toEqual([]);
    const last = (await forget(leadgate, { phone: "5127778901" })) as { erased: { leads: number } };
    expect((report as typeof last).erased.leads + last.erased.leads).toBe(100);
    expect(await whereabouts(database, SAID_OF_ZOE)).toEqual([]);
  });

  test("a forgotten person's lead is not sent round again by who had read it before", async () => {
    const { leadgate, database } = journey;
    await leadgate.configure(aDocument({ campaign: { buyers: [] } }));
    const sent = await Promise.all(Array.from({ length: 30 }, () => leadgate.ingest("acme", aLead(ZOE))));
    const buyer = await journey.buyer();
    await leadgate.configure(delivering({ first: webhookTo(buyer) }));
    leadgate.acknowledged.length = 0;
    const [, ...again] = await Promise.all([
      forget(leadgate, { phone: "5127778901" }),
      ...sent.map(({ body }) => leadgate.admin("POST", `/leads/${body.data.id}/redistribute`)),
    ]);
    expect(new Set(again.map(({ status }) => status)).difference(new Set([200, 201, 409]))).toEqual(
      new Set(),
    );
    expect(await whereabouts(database, SAID_OF_ZOE)).toEqual([]);
  });

  test("a person who is forgotten is in no note of a return that is asked for or rejected later", async () => {
    const { leadgate, database } = journey;
    await leadgate.configure(aDocument({ campaign: { max_sells: 2 } }));
    const { id } = (await leadgate.ingest("acme", aLead(ZOE))).body.data;
    const { key } = (await leadgate.admin("POST", "/buyers/second/keys", { name: "crm" })).body.data;
    await forget(leadgate, { email: ZOE.email });
    const note = `${ZOE.email} never answered`;
    const asked = await leadgate.admin("POST", `/leads/${id}/returns`, {
      buyer_id: "first",
      reason: "other",
      note,
    });
    expect([asked.status, asked.body.data.note]).toEqual([201, null]);
    const own = await leadgate.call("POST", "/api/v1/buyer/returns", {
      headers: { "x-api-key": key, "content-type": "application/json" },
      body: JSON.stringify({ lead_id: id, reason: "bad_contact", note }),
    });
    expect([own.status, own.body.data.note]).toEqual([201, null]);
    const rejected = await leadgate.admin("POST", `/returns/${asked.body.data.id}/reject`, { note });
    expect(rejected.body.data).toMatchObject({ status: "rejected", note: null, decision_note: null });
    expect(await whereabouts(database, SAID_OF_ZOE)).toEqual([]);
  });

  test("a person who is just being forgotten is in no note of a return that is asked for or rejected meanwhile", async () => {
    const { leadgate, database } = journey;
    // On the embedded database one comes after the other.
    if (database.kind === "embedded") return;
    await leadgate.configure(aDocument({ contracts: { first: { returns: { max_percent: 100 } } } }));
    const leads = await Promise.all([1, 2].map(() => leadgate.ingest("acme", aLead())));
    const [one, other] = leads.map(({ body }) => body.data.id as string);
    const note = `${ZOE.email} never answered`;
    const ask = (id = "") => leadgate.admin("POST", `/leads/${id}/returns`, { reason: "other", note });
    const asked = (await ask(one)).body.data;
    const called = await duringErasure(database, [one, other], () => [
      ask(other),
      leadgate.admin("POST", `/returns/${asked.id}/reject`, { note }),
    ]);
    expect(called.map(({ status }) => status)).toEqual([201, 200]);
    const kept = sql`select note, decision_note from returns`;
    const nothing = { note: null, decision_note: null };
    expect(await rowsFrom(database, kept)).toEqual([nothing, nothing]);
  });

  test("a lead with the phone of a person who is forgotten is compared with the lead before of that phone again", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument({ campaign: { duplicates: { action: "route_to_original" } } }));
    const send = async (email: string) =>
      (await leadgate.ingest("acme", aLead({ ...ZOE, email }))).body.data.id as string;
    const first = await send("first@people.example");
    await send("zoe.q@people.example");
    await forget(leadgate, { email: "zoe.q@people.example" });
    const { duplicate_of } = await show(leadgate, await send("third@people.example"));
    expect(duplicate_of).toBe(first);
  });

  test("a person who is forgotten does not stand in the names of the bids either that a ping was promised", async () => {
    const { leadgate, database } = journey;
    await using buyer = startTalkativeBuyer();
    // What is asked comes back as the answer.
    const asked = { bid_price: "12.00", reference: 'a "name": {policy}\\' };
    const bidder = webhookTo(buyer, { ping: { url: buyer.url(), timeout_ms: 10_000, template: asked } });
    const fields = [{ name: "policy", type: "text" as const }];
    await leadgate.configure(
      delivering({ first: bidder }, { campaign: { mode: "ping_post", ping_budget_ms: 10_000, fields } }),
    );
    const { body } = await ping(leadgate, { policy: ZOE.policy });
    const lead = (await leadgate.ingest("acme", aLead({ ...ZOE, flo_ping_id: body.ping_id }))).body.data;
    const before = await show(leadgate, lead.id);
    await forget(leadgate, { phone: ZOE.phone, email: ZOE.email });
    expect(await whereabouts(database, SAID_OF_ZOE)).toEqual([]);
    expect((await show(leadgate, lead.id)).sales).toEqual(before.sales);
    const promised = await rowsFrom(database, sql`select bids from redeemed_pings`);
    expect(promised).toMatchObject([
      {
        bids: [
          { buyerId: "third", price: 300_000, reference: null },
          { buyerId: "second", price: 200_000, reference: null },
          { buyerId: "first", price: 120_000, reference: null },
        ],
      },
    ]);
  });

  test("a person who is forgotten is not known to a ping any more either, however that names the person", async () => {
    const { leadgate, database } = journey;
    await leadgate.configure(aDocument({ campaign: { mode: "ping_post" } }));
    const { body } = await ping(leadgate);
    expect((await leadgate.ingest("acme", aLead({ ...ZOE, flo_ping_id: body.ping_id }))).status).toBe(201);
    const hashed = { phone_sha256: new Bun.CryptoHasher("sha256").update("+15127778901").digest("hex") };
    expect((await ping(leadgate, hashed)).body.reason).toBe("duplicate");
    await forget(leadgate, { phone: "5127778901", email: "zoe.q@people.example" });
    expect((await ping(leadgate, hashed)).body.accepted).toBe(true);
    expect(await rowsFrom(database, sql`select key from lead_keys`)).toEqual([]);
  });

  test("a person who is forgotten is not sent any more, and somebody new, although the lead was erased by its age before", async () => {
    const { leadgate, database } = journey;
    const failing = await journey.buyer({ behaviour: "fail" });
    const third = webhookTo(failing, { retry_schedule: [3600], give_up_after_seconds: 864_000 });
    const mode = { mode: "ping_post" as const };
    const rejecting = delivering({ third }, { campaign: { ...mode, duplicates: { action: "reject" } } });
    await leadgate.configure(rejecting);
    const post = async () => {
      const { body } = await ping(leadgate);
      return (await leadgate.ingest("acme", aLead({ ...ZOE, flo_ping_id: body.ping_id }))).body.data;
    };
    const lead = await post();
    const repeated = await post();
    expect(repeated.status).toBe("DUPLICATE");
    await untilTrue(
      async () => (await show(leadgate, lead.id)).deliveries[0].last_failure !== null,
      "a first failure",
    );
    const ids = [lead, repeated].map(({ id }) => uuidOfLead(id) ?? "");
    await database.write((tx) => eraseOldLeads(tx, ids, PEPPER, leadgate.clock.now()));
    const erasedAt = (await show(leadgate, lead.id)).erased_at;
    leadgate.clock.pass(1000);
    expect(await forget(leadgate, { phone: ZOE.phone, email: ZOE.email })).toMatchObject({
      cancelled_deliveries: 1,
      erased: { leads: 0, deliveries: 1 },
    });
    expect(await deliveryOf(leadgate, lead.id, "dead")).toMatchObject({ reason: "erased", body: "" });
    expect((await show(leadgate, lead.id)).erased_at).toBe(erasedAt);
    expect(await whereabouts(database, SAID_OF_ZOE)).toEqual([]);
    expect(await rowsFrom(database, sql`select key from lead_keys`)).toEqual([]);
    expect((await post()).status).toBe("ACCEPTED");
  });

  test("a person who is forgotten is compared with nobody by the place that a longer ZIP code stood for", async () => {
    const { leadgate, database } = journey;
    const fields = [{ name: "zip_code", type: "zip" as const }];
    const duplicates = { fields: ["zip_code"], window_days: 90 };
    await leadgate.configure(
      aDocument({ campaign: { fields, duplicates }, buyers: { first: { duplicates: { ...duplicates } } } }),
    );
    await leadgate.ingest("acme", aLead({ ...ZOE, zip_code: "78701-1234" }));
    await forget(leadgate, { phone: ZOE.phone });
    const keys = sql`select key from lead_keys union all select key from buyer_duplicate_keys`;
    expect(await rowsFrom(database, keys)).toEqual([]);
    expect((await leadgate.ingest("acme", aLead({ zip_code: "78701" }))).body.data.status).toBe("ACCEPTED");
  });

  test("a person who is forgotten is found by what is still to be sent of a lead that was erased by its age", async () => {
    const { leadgate, database } = journey;
    const failing = await journey.buyer({ behaviour: "fail" });
    const first = webhookTo(failing, { retry_schedule: [3600], give_up_after_seconds: 864_000 });
    const fields = [{ name: "policy", type: "text" as const }];
    await leadgate.configure(
      delivering({ first }, { campaign: { fields, duplicates: { fields: ["policy"] } } }),
    );
    const { id } = (await leadgate.ingest("acme", aLead(ZOE))).body.data;
    await untilTrue(async () => (await show(leadgate, id)).deliveries[0].last_failure !== null, "a failure");
    await database.write((tx) => eraseOldLeads(tx, [uuidOfLead(id) ?? ""], PEPPER, leadgate.clock.now()));
    const person = { phone: ZOE.phone, email: ZOE.email };
    expect(await forget(leadgate, person)).toMatchObject({ cancelled_deliveries: 1, erased: { leads: 0 } });
    expect(await whereabouts(database, SAID_OF_ZOE)).toEqual([]);
    // By its policy.
    expect(await rowsFrom(database, sql`select key from lead_keys`)).toHaveLength(1);
  });

  test("a person who is forgotten is erased step by step by several servers, and each step is counted once", async () => {
    const { leadgate, database } = journey;
    await leadgate.configure(aDocument());
    await Promise.all(Array.from({ length: 50 }, () => leadgate.ingest("acme", aLead(ZOE))));
    const servers = [leadgate, leadgate.another(), leadgate.another()];
    const { body } = await leadgate.admin("POST", "/erasures", { phone: "5127778901" });
    const id = uuidOfErasure(body.data.id) ?? "";
    const parts = { database, pepper: new Uint8Array(32).fill(7) };
    await Promise.all(servers.map(() => carryOn(id, parts, leadgate.clock.now())));
    expect(await done(leadgate, body.data.id)).toMatchObject({ erased: { leads: 50 } });
  });
});

deliveryJourneys("order to forget a person", (journey) => {
  test("an order to forget a person names a phone or an e-mail, and a list that there is", async () => {
    const { leadgate } = journey;
    await leadgate.configure(aDocument());
    const errors = async (body: object) =>
      (await leadgate.admin("POST", "/erasures", body)).body.field_errors.map(
        ({ field, code }: { field: string; code: string }) => `${field} ${code}`,
      );
    expect(await errors({})).toEqual(["phone required"]);
    expect(await errors({ phone: "12", email: "nobody", name: "Zoe" })).toEqual([
      "name unknown_field",
      "phone invalid_format",
      "email invalid_format",
    ]);
    expect(await errors({ phone: "" })).toEqual(["phone required"]);
    expect(await errors({ phone: "5127778901", country: "Texas" })).toEqual(["country invalid_format"]);
    expect(await errors({ phone: "5127778901", country: "UK" })).toEqual(["country invalid_format"]);
    const nowhere = await leadgate.admin("POST", "/erasures", { phone: "5127778901", suppress_on: "none" });
    expect([nowhere.status, nowhere.body.error]).toEqual([404, "not_found"]);
    expect((await leadgate.admin("GET", "/erasures")).body).toEqual({ data: [], next_cursor: null });
    expect((await leadgate.admin("GET", "/erasures/erasure_1")).status).toBe(404);
  });

  test("an order to forget a person keeps nothing by which the person could be told, once it is carried out", async () => {
    const { leadgate, database } = journey;
    await leadgate.configure(aDocument());
    const report = await forget(leadgate, { phone: "020 7946 0018", country: "GB" });
    expect(report).toMatchObject({ erased: { leads: 0 } });
    const orders = await rowsFrom(database, sql`select phone_key, email_key, campaign_keys from erasures`);
    expect(orders).toEqual([{ phone_key: null, email_key: null, campaign_keys: null }]);
    expect((await leadgate.admin("GET", "/erasures?state=done")).body.data).toEqual([report]);
  });
});

/** Calls once leads are erased, before that is committed; it is when the calls have ended or wait for that. */
async function duringErasure<Answer>(
  database: Database,
  ids: readonly (string | undefined)[],
  call: () => readonly Promise<Answer>[],
): Promise<Answer[]> {
  const uuids = ids.flatMap((id) => uuidOfLead(id ?? "") ?? []);
  const waiting = sql`select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  const answers = await database.write(async (tx) => {
    await eraseOldLeads(tx, uuids, PEPPER, new Date());
    let ended = 0;
    const calls = call().map((each) => each.finally(() => (ended += 1)));
    await untilTrue(async () => {
      const [row] = (await rowsFrom(database, waiting)) as [{ count: number }];
      return ended + row.count >= calls.length;
    }, "all to have been called");
    return { calls };
  });
  return await Promise.all(answers.calls);
}

async function rowsFrom(database: Database, query: SQL): Promise<unknown[]> {
  return database.read((db) => rowsOf(db, query));
}

/** It says again whatever it is told, as buyers do that explain themselves. */
function startTalkativeBuyer(): { url(): string } & AsyncDisposable {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) =>
      new Response(await request.text(), { headers: { "content-type": "application/json" } }),
  });
  return { url: () => server.url.href, [Symbol.asyncDispose]: () => server.stop(true) };
}
