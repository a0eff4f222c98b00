import { expect, test } from "bun:test";
import type { Database, Queryable } from "#database/database.ts";
import { readDelivery, recover, redeliver, releasePaused } from "#delivery/outbox/delivery-records.ts";
import { endDecided } from "#delivery/outbox/lead-deliveries-records.ts";
import {
  type AttemptRecord,
  type Claimed,
  claim,
  finish,
  insertDeliveries,
} from "#delivery/outbox/outbox-records.ts";
import { openOutboxStore } from "#delivery/outbox/outbox-store.ts";
import { CLOSED } from "#delivery/recipients/breaker.ts";
import { openEndpoint, pauseEndpoint } from "#delivery/recipients/endpoint-records.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import { forgetLeads } from "#erasure/erase.ts";
import { emptyDeliveriesOf } from "#erasure/erase-records.ts";
import { deliveryIdOf, newUuid } from "#text/ids.ts";
import { onBothDatabases } from "../../support/database.ts";
import { untilTrue } from "../../support/process.ts";

const CAMPAIGN = "solar";
const BUYER: Recipient = "buyer:first";
const HOOK: Recipient = "webhook:hook";
const NOON = Date.UTC(2026, 10, 30, 12);
const iso = (ms: number) => new Date(ms).toISOString();

onBothDatabases("attempts on record", (world) => {
  async function writeDelivery(lead = newUuid(), recipient = BUYER, asks = false): Promise<string> {
    const id = newUuid();
    const content = { event: "lead.accepted", contentType: "application/json", body: "{}", subject: null };
    const delivery = { id, campaign: CAMPAIGN, lead, recipient, ...content };
    await world.database.write((tx) =>
      insertDeliveries(tx, [{ ...delivery, asks, giveUpAt: iso(NOON + 86_400_000) }], iso(NOON)),
    );
    return id;
  }

  const claimWith = (lease: string, now: number, recipient: Recipient) =>
    world.database.write((tx) =>
      claim(
        tx,
        { campaignId: CAMPAIGN, recipient },
        { id: lease, at: iso(now), endsAt: iso(now + 60_000), limit: 1 },
      ),
    );

  /** Takes on what is due; the lease ends a minute later. */
  async function take(now: number, recipient = BUYER): Promise<{ claimed: Claimed; lease: string }> {
    const lease = newUuid();
    const [claimed] = await claimWith(lease, now, recipient);
    if (claimed === undefined) throw new Error("nothing is due");
    return { claimed, lease };
  }

  function ended(
    { claimed, lease }: { claimed: Claimed; lease: string },
    now: number,
    more: Partial<AttemptRecord> = {},
  ): AttemptRecord {
    return {
      id: claimed.id,
      lease,
      attempt: claimed.attempt,
      trigger: claimed.byHand ? "hand" : "schedule",
      startedAt: iso(now),
      durationMs: 5,
      httpStatus: 200,
      failure: null,
      excerpt: `answer ${claimed.attempt}`,
      state: "delivered",
      nextAt: iso(now),
      verdict: "accepted",
      price: null,
      reference: null,
      reason: null,
      ...more,
    };
  }

  /** As a decision does that takes the lead back from its buyer. */
  const endUndone = (tx: Queryable, lead: string, now = NOON) =>
    endDecided(tx, CAMPAIGN, [{ lead, recipient: BUYER, state: "dead" }], iso(now));
  const failed = (now: number): Partial<AttemptRecord> => ({
    httpStatus: null,
    failure: "timeout",
    excerpt: null,
    verdict: "error",
    state: "pending",
    nextAt: iso(now),
  });
  const recordIn = (tx: Queryable, results: readonly AttemptRecord[]) =>
    finish(tx, CAMPAIGN, results, iso(NOON));
  const record = (results: readonly AttemptRecord[]) => world.database.write((tx) => recordIn(tx, results));
  const show = async (id: string) => {
    const found = await world.database.read((db) => readDelivery(db, id));
    return { ...found?.delivery, attempts: found?.attempts };
  };
  const rowsBeside = async () => {
    const rows = await world.database.read((db) =>
      db.execute<{ number: number }>("select number from delivery_attempts order by number"),
    );
    return Array.from(rows, ({ number }) => number);
  };

  const FIRST = {
    number: 1,
    trigger: "schedule",
    startedAt: NOON,
    durationMs: 5,
    httpStatus: 200,
    failure: null,
    excerpt: "answer 1",
  } as const;

  test("a delivery whose first attempt was answered shows it, and has no row beside it", async () => {
    const id = await writeDelivery();
    await record([ended(await take(NOON), NOON)]);
    expect(await show(id)).toMatchObject({ state: "delivered", verdict: "accepted", attempts: [FIRST] });
    expect(await rowsBeside()).toEqual([]);
  });

  test("a delivery that is sent once more by hand shows its first attempt before the second", async () => {
    const id = await writeDelivery(newUuid(), HOOK);
    await record([ended(await take(NOON, HOOK), NOON)]);
    await world.database.write((tx) => redeliver(tx, id, iso(NOON + 1_000)));
    await record([ended(await take(NOON + 1_000, HOOK), NOON + 1_000)]);
    expect((await show(id)).attempts).toEqual([
      FIRST,
      { ...FIRST, number: 2, trigger: "hand", startedAt: NOON + 1_000, excerpt: "answer 2" },
    ]);
    expect(await rowsBeside()).toEqual([2]);
  });

  test("a delivery that failed first shows each attempt, and has a row for each beside it", async () => {
    const id = await writeDelivery();
    await record([ended(await take(NOON), NOON, failed(NOON + 1_000))]);
    await record([ended(await take(NOON + 1_000), NOON + 1_000)]);
    expect(await show(id)).toMatchObject({
      state: "delivered",
      attempts: [
        { number: 1, failure: "timeout", httpStatus: null, excerpt: null },
        { number: 2, failure: null, httpStatus: 200, excerpt: "answer 2" },
      ],
    });
    expect(await rowsBeside()).toEqual([1, 2]);
  });

  test("a first attempt whose lease another server has taken over is shown, and changes nothing else", async () => {
    const id = await writeDelivery();
    const lost = await take(NOON);
    const held = await take(NOON + 61_000);
    await record([ended(lost, NOON, { verdict: "rejected", state: "rejected" })]);
    expect(await show(id)).toMatchObject({ state: "pending", verdict: null, attempts: [FIRST] });
    await record([ended(held, NOON + 61_000)]);
    expect(await show(id)).toMatchObject({
      state: "delivered",
      attempts: [{ number: 1 }, { number: 2, excerpt: "answer 2" }],
    });
  });

  test("a delivery that its buyer took is delivered, though it was being sent again by then, and what that comes to changes nothing", async () => {
    const id = await writeDelivery();
    const first = await take(NOON);
    const again = await take(NOON + 61_000);
    await record([ended(first, NOON, { reference: "A-1" })]);
    const taken = { state: "delivered", verdict: "accepted", reference: "A-1" };
    expect(await show(id)).toMatchObject({ ...taken, attempts: [FIRST] });
    await record([ended(again, NOON + 61_000, { verdict: "rejected", state: "rejected" })]);
    expect(await show(id)).toMatchObject({ ...taken, attempts: [FIRST, { number: 2, excerpt: "answer 2" }] });
    const due = await world.database.read((db) =>
      db.execute("select 1 from deliveries where refusal_due or state = 'pending'"),
    );
    expect(due).toHaveLength(0);
  });

  test("a delivery that has ended otherwise stays so, whatever an earlier attempt comes to afterwards", async () => {
    const id = await writeDelivery();
    const lost = await take(NOON);
    const held = await take(NOON + 61_000);
    await record([ended(held, NOON + 61_000, { verdict: "rejected", state: "rejected" })]);
    await record([ended(lost, NOON)]);
    expect(await show(id)).toMatchObject({ state: "rejected", verdict: "rejected" });
  });

  test("an attempt that is put on record twice is shown once", async () => {
    const id = await writeDelivery();
    const once = ended(await take(NOON), NOON);
    await record([once]);
    await record([once]);
    expect((await show(id)).attempts).toEqual([FIRST]);
  });

  test("attempts that end together are each shown with their own delivery, whether their leases hold or not", async () => {
    const ids = [await writeDelivery(), await writeDelivery(), await writeDelivery()];
    const [answered, lost, broken] = [await take(NOON), await take(NOON), await take(NOON)];
    await record([
      ended(answered, NOON),
      ended({ ...lost, lease: newUuid() }, NOON, { excerpt: "late", verdict: "rejected", state: "rejected" }),
      ended(broken, NOON, failed(NOON + 1_000)),
    ]);
    const shown = await Promise.all(ids.map(show));
    const of = ({ claimed }: { claimed: Claimed }) => shown.find((each) => each.id === claimed.id);
    expect(of(answered)).toMatchObject({ state: "delivered", attempts: [FIRST] });
    expect(of(lost)).toMatchObject({ state: "pending", attempts: [{ ...FIRST, excerpt: "late" }] });
    expect(of(broken)).toMatchObject({ state: "pending", attempts: [{ number: 1, failure: "timeout" }] });
  });

  test("an attempt that was forgotten and made again under its number is shown once", async () => {
    const id = await writeDelivery();
    const forgotten = await take(NOON);
    // What was not on the disk yet when the database went down.
    await world.database.write((tx) =>
      tx.execute(`update deliveries set attempts = 0, lease = null, next_at = '${iso(NOON)}'`),
    );
    await record([ended(forgotten, NOON, { verdict: "rejected", state: "rejected" })]);
    await record([ended(await take(NOON), NOON, { excerpt: "once more" })]);
    expect((await show(id)).attempts).toEqual([{ ...FIRST, excerpt: "once more" }]);
  });

  test("a delivery that a decision has ended while it was attempted stays ended when that fails", async () => {
    const lead = newUuid();
    const id = await writeDelivery(lead);
    const taken = await take(NOON);
    await world.database.write((tx) => endUndone(tx, lead, NOON + 500));
    await record([ended(taken, NOON, failed(NOON + 1_000))]);
    expect(await show(id)).toMatchObject({
      state: "dead",
      endedAt: NOON + 500,
      attempts: [{ number: 1, failure: "timeout" }],
    });
    expect(await claimWith(newUuid(), NOON + 61_000, BUYER)).toEqual([]);
  });

  test("operators are told of a delivery that fails for good, and not of one that a decision had ended before", async () => {
    const told: unknown[] = [];
    const store = openOutboxStore(world.database, async (_, alerts) => {
      told.push(...alerts.map(({ event, data }) => [event, data]));
      return () => undefined;
    });
    const lead = newUuid();
    const [undone, other] = [await writeDelivery(lead), await writeDelivery()];
    const taken = [await take(NOON), await take(NOON)];
    const ending = { lead, recipient: BUYER, state: "dead" } as const;
    await world.database.write((tx) => endDecided(tx, CAMPAIGN, [ending], iso(NOON + 500)));
    const forGood = { ...failed(NOON + 1_000), state: "dead" } as const;
    const results = taken.map((each) => ended(each, NOON, forGood));
    await store.finish(CAMPAIGN, results, iso(NOON + 1_000));
    expect(told).toMatchObject([["delivery.dead", { delivery_id: deliveryIdOf(other) }]]);
    expect(await show(undone)).toMatchObject({ state: "dead", endedAt: NOON + 500 });
    expect(await show(other)).toMatchObject({ state: "dead", endedAt: NOON + 1_000 });
  });

  test("a delivery that a decision has ended while it was attempted is delivered when its buyer took it", async () => {
    const lead = newUuid();
    const id = await writeDelivery(lead);
    const taken = await take(NOON);
    await world.database.write((tx) => endUndone(tx, lead));
    await record([ended(taken, NOON)]);
    expect(await show(id)).toMatchObject({ state: "delivered", attempts: [FIRST] });
  });

  test("what a buyer answered of a lead that was erased meanwhile is not written into its delivery", async () => {
    const lead = newUuid();
    const id = await writeDelivery(lead);
    const taken = await take(NOON);
    await world.database.write((tx) => endUndone(tx, lead));
    await world.database.write((tx) => emptyDeliveriesOf(tx, [lead], iso(NOON)));
    await record([ended(taken, NOON, { reference: "Ada-1", reason: "Ada has moved" })]);
    expect(await show(id)).toMatchObject({
      state: "delivered",
      reference: null,
      reason: null,
      attempts: [{ ...FIRST, excerpt: null }],
    });
  });

  async function isSomebodyWaiting(): Promise<boolean> {
    const waiting =
      "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    return (await world.database.read((db) => db.execute(waiting))).length > 0;
  }

  /** Does one while a transaction is open that has done the other; on the embedded database it comes after that anyway. */
  function forget(lead: string, now: number) {
    const whose = { pepper: new Uint8Array(32), person: { comparedKeys: [], personKeys: [] } };
    return world.database.write((tx) => forgetLeads(tx, [lead], whose, new Date(now)));
  }

  async function whileOpen(first: (tx: Queryable) => Promise<unknown>, second: () => Promise<unknown>) {
    const done = Promise.withResolvers<void>();
    const mayCommit = Promise.withResolvers<void>();
    const open = world.database.write(async (tx) => {
      await first(tx);
      done.resolve();
      await mayCommit.promise;
    });
    await done.promise;
    const other = second();
    if (world.kind === "postgres") await untilTrue(isSomebodyWaiting, "a lock to be waited for");
    mayCommit.resolve();
    await Promise.all([open, other]);
  }

  test("a delivery whose attempt is just being recorded as failed ends by a decision all the same", async () => {
    const lead = newUuid();
    const id = await writeDelivery(lead);
    const taken = await take(NOON);
    await whileOpen(
      (tx) => recordIn(tx, [ended(taken, NOON, failed(NOON + 1_000))]),
      () => world.database.write((tx) => endUndone(tx, lead)),
    );
    expect(await show(id)).toMatchObject({ state: "dead", attempts: [{ number: 1, failure: "timeout" }] });
  });

  test("an overtaken attempt that is recorded while its lead is erased keeps nothing of the answer", async () => {
    const lead = newUuid();
    const id = await writeDelivery(lead);
    const lost = await take(NOON);
    await record([ended(await take(NOON + 61_000), NOON + 61_000)]);
    await whileOpen(
      (tx) => recordIn(tx, [ended(lost, NOON)]),
      () => world.database.write((tx) => emptyDeliveriesOf(tx, [lead], iso(NOON))),
    );
    const { attempts } = await show(id);
    expect(attempts).toMatchObject([
      { number: 1, excerpt: null },
      { number: 2, excerpt: null },
    ]);
  });

  const GONE = { ...CLOSED, reason: "http_410" };
  const pauseBuyer = () => world.database.write((tx) => pauseEndpoint(tx, BUYER, GONE, iso(NOON)));
  const resumeBuyer = async (tx: Queryable) => {
    await openEndpoint(tx, BUYER, new Date(NOON));
    await releasePaused(tx, BUYER, iso(NOON), 10);
  };
  /** Records that the buyer's endpoint has answered 410. */
  const recordGone = (taken: Awaited<ReturnType<typeof take>>) => {
    const store = openOutboxStore(world.database, async () => () => undefined);
    const gone = { ...failed(NOON), httpStatus: 410, failure: "http_status", state: "paused" } as const;
    return store.finish(CAMPAIGN, [ended(taken, NOON, gone)], iso(NOON));
  };

  test("a delivery to an endpoint that is gone is held back while that is paused", async () => {
    const id = await writeDelivery();
    const taken = await take(NOON);
    await pauseBuyer();
    await recordGone(taken);
    expect(await show(id)).toMatchObject({ state: "paused", lastFailure: "http_status" });
  });

  test("a delivery to an endpoint that is resumed before its 410 is on record is sent again like those that were held back", async () => {
    const id = await writeDelivery();
    const taken = await take(NOON);
    await pauseBuyer();
    await world.database.write(resumeBuyer);
    await recordGone(taken);
    expect(await show(id)).toMatchObject({ state: "pending", nextAt: NOON, lastFailure: "http_status" });
    expect((await take(NOON)).claimed).toMatchObject({ id, attempt: 2, byHand: true });
  });

  test("a delivery to an endpoint that is resumed just while its 410 is put on record is sent again", async () => {
    const id = await writeDelivery();
    const taken = await take(NOON);
    await pauseBuyer();
    await whileOpen(resumeBuyer, () => recordGone(taken));
    expect(await show(id)).toMatchObject({ state: "pending", nextAt: NOON });
  });

  const writeSale = (tx: Queryable, lead: string, status: string) =>
    tx.execute(`insert into sales
      (id, campaign_id, lead_id, buyer_id, place, status, price, payout, currency, sold_at, supplier_id)
      values ('${newUuid()}', '${CAMPAIGN}', '${lead}', 'first', 1, '${status}', 1, 1, 'USD', '${iso(NOON)}', 'acme')`);

  const ofAsking = [
    ["reserved", "pending", 2],
    ["declined", "dead", 1],
    ["sold", "delivered", 1],
  ] as const;

  test.each(ofAsking)(
    "an asking whose answer died with its server, of a lead that is %s by then, is %s",
    async (status, state, attempts) => {
      const lead = newUuid();
      const id = await writeDelivery(lead, BUYER, true);
      await world.database.write((tx) => writeSale(tx, lead, "reserved"));
      await take(NOON);
      await world.database.write((tx) =>
        tx.execute(`update sales set status = '${status}' where campaign_id = '${CAMPAIGN}'`),
      );
      const claimed = await claimWith(newUuid(), NOON + 61_000, BUYER);
      expect(claimed.map((each) => each.id)).toEqual(state === "pending" ? [id] : []);
      expect(await show(id)).toMatchObject({ state, attempts: [] });
      const rows = await world.database.read((db) => db.execute("select attempts from deliveries"));
      expect(Array.from(rows)).toEqual([{ attempts }]);
    },
  );

  /** A lead that was sold to the buyer and did not arrive: the lead, and its delivery. */
  async function writeUndelivered(): Promise<{ lead: string; id: string }> {
    const lead = newUuid();
    const id = await writeDelivery(lead);
    await world.database.write(async (tx) => {
      await tx.execute(`insert into campaigns (id, revision, definition) values ('${CAMPAIGN}', 1, '{}')`);
      await tx.execute(`insert into leads (id, campaign_id, supplier_id, status, is_test, currency, revision, decided_at, fields, trace)
        values ('${lead}', '${CAMPAIGN}', 'acme', 'ACCEPTED', false, 'USD', 1, '${iso(NOON)}', '{"first_name":"Ada"}', '[]')`);
      await writeSale(tx, lead, "sold");
    });
    await record([ended(await take(NOON), NOON, { ...failed(NOON), state: "dead" })]);
    return { lead, id };
  }

  /** As the lane does: the lead is locked, its sale is undone, and its delivery ends. */
  async function takeBack(tx: Queryable, lead: string): Promise<void> {
    await tx.execute(`select from leads where id = '${lead}' and campaign_id = '${CAMPAIGN}' for update`);
    await tx.execute(
      `update sales set status = 'returned' where lead_id = '${lead}' and campaign_id = '${CAMPAIGN}'`,
    );
    await endUndone(tx, lead);
  }

  const recoverAll = (tx: Queryable) =>
    recover(tx, { recipient: BUYER, since: iso(NOON - 1_000), until: null, after: null }, iso(NOON), 10);
  const again = {
    "sent again": (tx: Queryable, id: string) => redeliver(tx, id, iso(NOON)),
    recovered: (tx: Queryable, _id: string) => recoverAll(tx),
  };

  for (const [how, send] of Object.entries(again)) {
    test(`a delivery that is being ${how} while its lead is taken back is not sent`, async () => {
      const { lead, id } = await writeUndelivered();
      await whileOpen(
        (tx) => send(tx, id),
        () => world.database.write((tx) => takeBack(tx, lead)),
      );
      expect(await show(id)).toMatchObject({ state: "dead" });
    });

    test(`a delivery whose lead is being taken back while it is ${how} is not sent`, async () => {
      const { lead, id } = await writeUndelivered();
      await whileOpen(
        (tx) => takeBack(tx, lead),
        () => world.database.write<unknown>((tx) => send(tx, id)),
      );
      expect(await show(id)).toMatchObject({ state: "dead" });
    });

    test(`a delivery that is being ${how} while its person is forgotten is emptied, and not sent`, async () => {
      const { lead, id } = await writeUndelivered();
      await whileOpen(
        (tx) => send(tx, id),
        () => forget(lead, NOON),
      );
      expect(await show(id)).toMatchObject({ state: "dead", body: "", erasedAt: NOON });
    });

    test(`a delivery that its buyer has refused is not ${how} before that is dealt with`, async () => {
      const { id } = await writeUndelivered();
      await world.database.write((tx) => tx.execute("update deliveries set refusal_due = true"));
      await world.database.write<unknown>((tx) => send(tx, id));
      expect(await show(id)).toMatchObject({ state: "dead" });
    });
  }

  test("a person is forgotten once no server may be sending the lead any more, though its delivery has ended", async () => {
    const { lead, id } = await writeUndelivered();
    await world.database.write((tx) =>
      tx.execute(`update deliveries set state = 'pending', ended_at = null, next_at = '${iso(NOON)}'`),
    );
    const taken = await take(NOON);
    await world.database.write((tx) => takeBack(tx, lead));
    expect((await forget(lead, NOON + 59_000)).left).toEqual([lead]);
    await record([ended(taken, NOON + 59_000, failed(NOON + 61_000))]);
    expect((await forget(lead, NOON + 59_000)).left).toEqual([]);
    expect(await show(id)).toMatchObject({ state: "dead", body: "" });
  });

  test("deliveries that ran out of time are given up in parts, however many they are, and operators are told of each", async () => {
    await world.database.write((tx) =>
      tx.execute(`insert into deliveries (id, campaign_id, lead_id, recipient, event, content_type, body, state, attempts, next_at, asks,
          give_up_at, created_at)
        select gen_random_uuid(), '${CAMPAIGN}', gen_random_uuid(), '${BUYER}', 'lead.accepted', 'application/json', '{}', 'pending', 0,
          '${iso(NOON)}', false, '${iso(NOON)}', '${iso(NOON)}' from generate_series(1, 2500)`),
    );
    let [transactions, told] = [0, 0];
    const database: Database = {
      ...world.database,
      write: (...work) => {
        transactions += 1;
        return world.database.write(...work);
      },
    };
    const store = openOutboxStore(database, async (_, alerts) => {
      told += alerts.length;
      return () => undefined;
    });
    await store.giveUp({ campaignId: CAMPAIGN, recipient: BUYER }, iso(NOON + 1_000));
    const rows = await world.database.read((db) =>
      db.execute("select state, count(*)::int as count from deliveries group by state"),
    );
    expect(Array.from(rows)).toEqual([{ state: "dead", count: 2_500 }]);
    expect([transactions, told]).toEqual([3, 2_500]);
  });

  test("a delivery that is sent again by hand while it is being sent is not sent twice at once", async () => {
    const { id } = await writeUndelivered();
    await world.database.write((tx) => redeliver(tx, id, iso(NOON)));
    const sent = await take(NOON);
    const again = await world.database.write((tx) => redeliver(tx, id, iso(NOON + 1_000)));
    expect(again).toMatchObject({ nextAt: NOON + 60_000 });
    expect(await claimWith(newUuid(), NOON + 1_000, BUYER)).toEqual([]);
    await record([ended(sent, NOON + 2_000)]);
    expect(await show(id)).toMatchObject({
      state: "delivered",
      attempts: [{}, { number: 2, trigger: "hand" }],
    });
  });

  test("a delivery whose server died is sent again by hand once its lease is over", async () => {
    const { id } = await writeUndelivered();
    await world.database.write((tx) => redeliver(tx, id, iso(NOON)));
    await take(NOON);
    const again = await world.database.write((tx) => redeliver(tx, id, iso(NOON + 61_000)));
    expect(again).toMatchObject({ nextAt: NOON + 61_000 });
    expect((await take(NOON + 61_000)).claimed.id).toBe(id);
  });

  test("a delivery that did not arrive is recovered, and says that there are no more", async () => {
    const { id } = await writeUndelivered();
    expect(await world.database.write(recoverAll)).toEqual({
      deliveries: [{ id, campaignId: CAMPAIGN }],
      last: null,
    });
    expect(await show(id)).toMatchObject({ state: "pending" });
  });
});
