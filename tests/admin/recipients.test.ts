import { describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import { builderOn } from "#database/builder.ts";
import { deliveries, endpoints } from "#database/tables.ts";
import { type Due, whatIsDue } from "#delivery/outbox/outbox-records.ts";
import { CLOSED } from "#delivery/recipients/breaker.ts";
import { readSecrets } from "#delivery/recipients/signing-secret-records.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import { deliveryIdOf } from "#text/ids.ts";
import { addDelivery } from "../configuration/deliveries-on-record.ts";
import { withWebhook } from "../configuration/document-examples.ts";
import { addLead } from "../configuration/leads-on-record.ts";
import { onBothDatabases } from "../support/database.ts";
import { type Ask, ask, now, secretKey } from "./operator-api.ts";

const recipients: [path: string, recipient: Recipient][] = [
  ["/buyers/buyer_abc", "buyer:buyer_abc"],
  ["/webhooks/books", "webhook:books"],
];

onBothDatabases("recipients", (world) => {
  const configure = (document: object = withWebhook()) =>
    ask(world.database, "/config", { method: "PUT", body: document });
  const post = (path: string, body?: unknown, options: Ask = {}) =>
    ask(world.database, path, { method: "POST", ...(body === undefined ? {} : { body }), ...options });
  const secretsAt = async (recipient: Recipient, after: number) => {
    const at = new Date(now.getTime() + after * 1000).toISOString();
    return (await world.database.read((db) => readSecrets(db, secretKey, at))).get(recipient) ?? [];
  };
  const stateOf = async (id: string) => {
    const shown = await ask(world.database, `/deliveries/${deliveryIdOf(id)}`);
    return JSON.parse(shown.text).data as {
      state: string;
      next_attempt_at: string | null;
      give_up_at: string;
    };
  };

  describe.each(recipients)("at %s", (path, recipient) => {
    test("a recipient gets a secret that is shown once and signs at once", async () => {
      await configure();
      const answer = await post(`${path}/secret`);
      expect(answer.status).toBe(201);
      expect(Object.keys(answer.body)).toEqual(["secret"]);
      expect(answer.body.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
      expect(await secretsAt(recipient, 0)).toEqual([answer.body.secret]);
    });

    test("a recipient has two secrets for a day while one is rotated, or for as long as is said", async () => {
      await configure();
      const first = (await post(`${path}/secret`, {})).body.secret;
      const second = (await post(`${path}/secret`)).body.secret;
      expect(await secretsAt(recipient, 86_399)).toEqual([second, first]);
      expect(await secretsAt(recipient, 86_400)).toEqual([second]);
      const third = (await post(`${path}/secret`, { overlap_seconds: 0 })).body.secret;
      expect(await secretsAt(recipient, 0)).toEqual([third]);
      const fourth = (await post(`${path}/secret`, { overlap_seconds: 604_800 })).body.secret;
      expect(await secretsAt(recipient, 604_799)).toEqual([fourth, third]);
    });

    test.each([-1, 604_801, 0.5, "60", null])(
      "a recipient has no secrets that overlap for %p seconds",
      async (overlap) => {
        await configure();
        const answer = await post(`${path}/secret`, { overlap_seconds: overlap });
        expect(answer.body.field_errors).toMatchObject([{ field: "overlap_seconds", code: "out_of_range" }]);
        expect(await secretsAt(recipient, 0)).toEqual([]);
      },
    );

    test("a recipient gets what did not arrive in a stretch of time", async () => {
      await configure();
      const at = (day: number) => new Date(Date.UTC(2026, 2, day));
      const later = new Date("2026-03-08T00:00:00Z");
      const add = (delivery: Partial<Parameters<typeof addDelivery>[1]>) =>
        addDelivery(world.database, { recipient, nextAt: later, at: at(2), ...delivery });
      const due = [
        await add({ state: "dead" }),
        await add({ state: "pending", campaignId: "other" }),
        await add({ state: "paused" }),
        await add({ state: "pending", lease: crypto.randomUUID(), nextAt: at(3) }),
      ];
      const others = [
        await add({ state: "delivered" }),
        await add({ state: "rejected" }),
        await add({ state: "pending", lease: crypto.randomUUID() }),
        await add({ state: "dead", at: at(1) }),
        await add({ state: "dead", at: at(3) }),
        await add({ state: "dead", recipient: "buyer:another" }),
      ];
      const before = await Promise.all(others.map(stateOf));
      const woken: Due[] = [];
      const range = { since: "2026-03-02T00:00:00Z", until: "2026-03-03T00:00:00Z" };
      const answer = await post(`${path}/recover`, range, { woken });
      expect(answer.status).toBe(202);
      expect(JSON.parse(answer.text)).toEqual({
        data: { recovered: 4, complete: true, next_try_at: now.toISOString() },
      });
      expect(await Promise.all(due.map(stateOf))).toMatchObject(
        Array(4).fill({ state: "pending", next_attempt_at: now.toISOString() }),
      );
      expect(await Promise.all(others.map(stateOf))).toEqual(before);
      // First what was held back, then what was due in that time.
      expect(woken).toEqual([
        { campaignId: "campaign_abc123", recipient },
        { campaignId: "campaign_abc123", recipient },
        { campaignId: "other", recipient },
      ]);
    });

    test("a recipient gets what did not arrive up to now when no end is said", async () => {
      await configure();
      await addDelivery(world.database, { recipient, state: "dead", at: now });
      const answer = await post(`${path}/recover`, { since: "2026-03-04T13:00:00+01:00" });
      expect(JSON.parse(answer.text).data.recovered).toBe(1);
    });

    test.each([
      ["without a beginning", {}, "since", "required"],
      ["from a day that does not exist", { since: "2026-02-30T00:00:00Z" }, "since", "invalid_format"],
      ["until no time", { since: "2026-03-01T00:00:00Z", until: "now" }, "until", "invalid_format"],
      [
        "that ends before it begins",
        { since: "2026-03-01T00:00:00Z", until: "2026-03-01T00:00:00Z" },
        "until",
        "out_of_range",
      ],
      ["of a colour", { since: "2026-03-01T00:00:00Z", colour: "red" }, "colour", "unknown_field"],
    ])("a recipient gets nothing of a stretch of time %s", async (_, body, field, code) => {
      await configure();
      const answer = await post(`${path}/recover`, body);
      expect([answer.status, answer.body.field_errors]).toMatchObject([400, [{ field, code }]]);
    });

    test("a recipient gets a test that says whom it is for", async () => {
      await configure();
      const woken: Due[] = [];
      const answer = await post(`${path}/test`, undefined, { woken });
      expect(answer.status).toBe(202);
      const shown = JSON.parse((await ask(world.database, `/deliveries/${answer.body.data.id}`)).text).data;
      expect(shown).toMatchObject({
        event: "webhook.test",
        state: "pending",
        campaign_id: null,
        lead_id: null,
        next_attempt_at: now.toISOString(),
        content_type: "application/json",
      });
      const [kind, id] = recipient.split(":");
      expect(JSON.parse(shown.body)).toEqual({
        type: "webhook.test",
        timestamp: now.toISOString(),
        data: { [`${kind}_id`]: id },
      });
      expect(woken).toEqual([{ campaignId: "", recipient }]);
      const due = await world.database.read((db) => whatIsDue(db, now.toISOString()));
      expect(due.due).toEqual([{ campaignId: "", recipient }]);
    });

    test("a recipient is sent to again after it said it was gone", async () => {
      await configure();
      const held = await addDelivery(world.database, {
        recipient,
        state: "paused",
        giveUpAt: new Date("2026-03-04T11:30:00Z"),
      });
      const another = await addDelivery(world.database, { recipient: "buyer:another", state: "paused" });
      await world.database.write(async (tx) => {
        const gone = { breaker: JSON.stringify(CLOSED), pausedAt: now.toISOString() };
        await builderOn(tx)
          .insert(endpoints)
          .values([
            { recipient, ...gone },
            { recipient: "buyer:another", ...gone },
          ]);
      });
      const woken: Due[] = [];
      const answer = await post(`${path}/resume`, undefined, { woken });
      expect([answer.status, JSON.parse(answer.text)]).toEqual([
        202,
        { data: { resumed: 1, next_try_at: now.toISOString() } },
      ]);
      expect(await stateOf(held)).toMatchObject({
        state: "pending",
        next_attempt_at: now.toISOString(),
        give_up_at: "2026-03-04T13:00:00.000Z",
      });
      expect((await stateOf(another)).state).toBe("paused");
      expect(woken).toEqual([{ campaignId: "campaign_abc123", recipient }]);
      const known = await world.database.read((db) => builderOn(db).select().from(endpoints));
      expect(known.filter((row) => row.pausedAt === null).map((row) => row.recipient)).toEqual([recipient]);
      expect(JSON.parse((await post(`${path}/resume`)).text)).toEqual({
        data: { resumed: 0, next_try_at: null },
      });
    });

    test("a recipient is not there when it was never configured or is archived", async () => {
      const bodies = { secret: {}, recover: { since: "2026-03-01T00:00:00Z" }, test: {}, resume: {} };
      const refused = async () => {
        for (const [action, body] of Object.entries(bodies)) {
          expect(await post(`${path}/${action}`, body)).toMatchObject({
            status: 404,
            body: { error: "not_found" },
          });
        }
      };
      await refused();
      await configure();
      await addDelivery(world.database, { recipient });
      await configure({ version: 1 });
      await refused();
      expect(await secretsAt(recipient, 0)).toEqual([]);
    });
  });

  test("a recipient does not get leads that went to others since", async () => {
    await configure();
    const own = await addLead(world.database, { at: now, buyerId: "buyer_abc" });
    const others = await addLead(world.database, { at: now, buyerId: "another" });
    const missed = { recipient: "buyer:buyer_abc", event: "lead.accepted", state: "dead" } as const;
    const kept = await addDelivery(world.database, { ...missed, leadId: own });
    const gone = await addDelivery(world.database, { ...missed, leadId: others });
    const answer = await post("/buyers/buyer_abc/recover", { since: "2026-03-01T00:00:00Z" });
    expect(JSON.parse(answer.text).data.recovered).toBe(1);
    expect([(await stateOf(kept)).state, (await stateOf(gone)).state]).toEqual(["pending", "dead"]);
  });

  test("a recipient gets at most 10,000 deliveries at once, the oldest first, and the others when it is asked again", async () => {
    await configure();
    const at = new Date("2026-03-02T00:00:00Z").toISOString();
    const ids = Array.from({ length: 10_002 }, () => Bun.randomUUIDv7());
    await world.database.write((tx) =>
      tx.execute(sql`
        insert into deliveries
          (id, campaign_id, recipient, event, content_type, body, state, attempts, next_at, give_up_at, created_at, ended_at)
        select id::uuid, 'campaign_abc123', 'buyer:buyer_abc', 'lead.updated', 'application/json', '{}', 'dead', 1, at, at, at, at
        from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb) as id, (select ${at}::text::timestamptz as at) as moment`),
    );
    const answer = await post("/buyers/buyer_abc/recover", { since: at });
    expect(JSON.parse(answer.text)).toEqual({
      data: { recovered: 10_000, complete: false, next_try_at: now.toISOString() },
    });
    const dead = JSON.parse((await ask(world.database, "/deliveries?state=dead")).text).data as {
      id: string;
    }[];
    expect(dead.map(({ id }) => id).sort()).toEqual(ids.sort().slice(-2).map(deliveryIdOf));
  }, 120_000);

  test("a recipient of e-mails gets a test that reads as one", async () => {
    await configure({
      version: 1,
      buyers: [{ id: "by-mail", delivery: { method: "email", to: ["leads@buyer.example"] } }],
    });
    await post("/buyers/by-mail/test");
    const [row] = await world.database.read((db) => builderOn(db).select().from(deliveries));
    expect(row).toMatchObject({
      recipient: "buyer:by-mail",
      contentType: "text/plain; charset=utf-8",
      subject: "Test of lead delivery",
    });
  });

  test("a recipient gets no test when it has no delivery", async () => {
    await configure({ version: 1, buyers: [{ id: "on-paper" }] });
    expect(await post("/buyers/on-paper/test")).toMatchObject({ status: 409, body: { error: "conflict" } });
    expect(await world.database.read((db) => builderOn(db).select().from(deliveries))).toEqual([]);
  });
});
