import { expect, test } from "bun:test";
import { type SQL, sql } from "drizzle-orm";
import type { Database } from "#database/database.ts";
import { deleteSomeAnswers, emptySomeEnded, eraseSomeOld, retentions } from "#erasure/retain.ts";
import {
  arrivals,
  type DeliveryJourney,
  delivering,
  deliveryJourneys,
  rowsOf,
  webhookTo,
} from "../journeys/delivery-journeys.ts";
import { aDocument, aLead, type Leadgate } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";

const DAY_MS = 86_400_000;
/** The pepper of the tests' master key. */
const PEPPER = new Uint8Array(32).fill(7);

/**
 * Erases all that has become old by the test's clock, as a server does in the background: it leaves to others what they are at, which the
 * test waits for.
 */
async function eraseOld({ leadgate, database }: DeliveryJourney): Promise<void> {
  const alone: Database = {
    ...database,
    write: (work, patienceMs) =>
      database.write(async (tx) => {
        await tx.execute("select from retention for update");
        return await work(tx);
      }, patienceMs),
  };
  await eraseNow({ leadgate, database: alone });
}

async function eraseNow({
  leadgate,
  database,
}: Pick<DeliveryJourney, "leadgate" | "database">): Promise<void> {
  const now = leadgate.clock.now();
  for (const retention of await retentions(database)) {
    while (await eraseSomeOld(retention, { database, pepper: PEPPER }, now));
  }
  while (await emptySomeEnded(database, now));
}

async function rowsFrom({ database }: DeliveryJourney, query: SQL): Promise<unknown[]> {
  return database.read((db) => rowsOf(db, query));
}

async function send(leadgate: Leadgate, campaign: string): Promise<string> {
  return (await leadgate.ingest("acme", aLead({ flo_campaign_id: campaign }))).body.data.id;
}

/** Which of the leads still tell who the person is. */
async function known(leadgate: Leadgate, ids: readonly string[]): Promise<boolean[]> {
  const leads = await Promise.all(ids.map((id) => leadgate.admin("GET", `/leads/${id}`)));
  return leads.map(({ body }) => body.data.fields.phone !== undefined);
}

/** The campaigns `solar`, `roofs` and `wind`, with what each keeps. */
function keeping(days: { solar?: number | null; roofs?: number | null; wind?: number | null }) {
  const document = aDocument();
  const [solar] = document.campaigns ?? [];
  const campaigns = Object.entries(days).map(([id, pii_days]) => ({
    ...solar,
    id,
    pii_days: pii_days ?? null,
  }));
  return { ...document, campaigns };
}

deliveryJourneys("campaign with pii_days", (journey) => {
  test("a campaign with pii_days no longer tells who its leads' people are after so many days, and keeps what was decided", async () => {
    const { leadgate } = journey;
    await leadgate.configure(keeping({ solar: 30, roofs: 10, wind: null }));
    const ids = await Promise.all(["solar", "roofs", "wind"].map((campaign) => send(leadgate, campaign)));
    leadgate.clock.pass(11 * DAY_MS);
    ids.push(await send(leadgate, "roofs"));
    await eraseOld(journey);
    expect(await known(leadgate, ids)).toEqual([true, false, true, true]);
    leadgate.clock.pass(20 * DAY_MS);
    await eraseOld(journey);
    expect(await known(leadgate, ids)).toEqual([false, false, true, false]);
    const kept = sql`select leads.status, buyer_id, price::text, json_array_length(trace) > 1 as traced, sent
      from leads join sales on lead_id = leads.id where erased_at is not null`;
    const erased = {
      status: "ACCEPTED",
      buyer_id: "first",
      price: "10.0000",
      traced: true,
      sent: null,
    };
    expect(await rowsFrom(journey, kept)).toEqual([erased, erased, erased]);
  });

  test("a campaign with pii_days still knows who repeats an earlier lead", async () => {
    const { leadgate } = journey;
    await leadgate.configure(keeping({ solar: 5 }));
    const ada = aLead();
    await leadgate.ingest("acme", ada);
    leadgate.clock.pass(6 * DAY_MS);
    await eraseOld(journey);
    expect((await leadgate.ingest("acme", ada)).body.data.status).toBe("DUPLICATE");
  });

  test("a campaign with pii_days keeps no key of a lead's person after that, but those that later leads are compared with", async () => {
    const { leadgate } = journey;
    await leadgate.configure(keeping({ solar: 5 }));
    const ada = aLead();
    await leadgate.ingest("acme", ada);
    await leadgate.ingest("acme", ada);
    const found = async () => (await leadgate.admin("GET", `/leads?phone=${ada["phone"]}`)).body.data.length;
    expect(await found()).toBe(2);
    const keys = sql`select leads.status, count(*)::int as keys from leads join lead_keys on lead_id = leads.id group by 1 order by 1`;
    expect(await rowsFrom(journey, keys)).toEqual([
      { status: "ACCEPTED", keys: 2 },
      { status: "DUPLICATE", keys: 2 },
    ]);
    leadgate.clock.pass(6 * DAY_MS);
    await eraseOld(journey);
    expect(await rowsFrom(journey, keys)).toEqual([{ status: "ACCEPTED", keys: 2 }]);
    expect(await found()).toBe(0);
  });

  test("a campaign with pii_days that begins to erase, or erases sooner, does so with all that it has", async () => {
    const { leadgate } = journey;
    await leadgate.configure(keeping({ solar: 20, wind: null }));
    const ids = [await send(leadgate, "solar"), await send(leadgate, "wind")];
    leadgate.clock.pass(15 * DAY_MS);
    ids.push(await send(leadgate, "solar"));
    await eraseOld(journey);
    expect(await known(leadgate, ids)).toEqual([true, true, true]);
    await leadgate.configure(keeping({ solar: 10, wind: 20 }));
    await eraseOld(journey);
    expect(await known(leadgate, ids)).toEqual([false, true, true]);
    await leadgate.configure(keeping({ solar: 20, wind: 10 }));
    await eraseOld(journey);
    expect(await known(leadgate, ids)).toEqual([false, false, true]);
    // Those who keep for as long as another did before are looked at from the beginning.
    leadgate.clock.pass(6 * DAY_MS);
    await leadgate.configure(keeping({ solar: null, wind: null }));
    await eraseOld(journey);
    expect(await known(leadgate, ids)).toEqual([false, false, true]);
  });

  test("a campaign with pii_days erases some at a time, however many there are, and from several servers at once", async () => {
    const { leadgate, database } = journey;
    await leadgate.configure(keeping({ solar: 10, wind: null }));
    await Promise.all(Array.from({ length: 330 }, (_, at) => send(leadgate, at % 3 ? "solar" : "wind")));
    leadgate.clock.pass(11 * DAY_MS);
    const [retention] = await retentions(database);
    expect(retention).toEqual({ days: 10, campaigns: ["solar"] });
    const parts = { database, pepper: PEPPER };
    expect(await eraseSomeOld(retention ?? { days: 0, campaigns: [] }, parts, leadgate.clock.now())).toBe(
      true,
    );
    const erased = sql`select campaign_id, count(*)::int as count from leads where erased_at is not null group by 1`;
    const [some, ...others] = await rowsFrom(journey, erased);
    expect(others).toEqual([]);
    // A hundred at a time; the server may have been at it by itself, once.
    expect([100, 200]).toContain((some as { count: number }).count);
    // Whoever finds another at it leaves it to that one, which may be the server itself.
    await untilTrue(async () => {
      await Promise.all([eraseNow(journey), eraseNow(journey)]);
      const [first] = await rowsFrom(journey, erased);
      return (first as { count: number }).count >= 220;
    }, "all that is old to be erased");
    expect(await rowsFrom(journey, erased)).toEqual([{ campaign_id: "solar", count: 220 }]);
  });

  test("a campaign with pii_days sends what has still to be sent, and forgets it then", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer({ behaviour: "fail" });
    await leadgate.configure(
      delivering(
        {
          first: webhookTo(buyer, {
            retry_schedule: [86_400, 86_400, 86_400],
            give_up_after_seconds: 864_000,
            headers: { "x-name": "{last_name}" },
          }),
        },
        { campaign: { pii_days: 1 } },
      ),
    );
    const id = await send(leadgate, "solar");
    const states = sql`select state, body = '' as empty, erased_at is not null as erased from deliveries`;
    await untilTrue(
      async () => (await leadgate.admin("GET", `/leads/${id}`)).body.data.deliveries[0].last_failure !== null,
      "a first failure",
    );
    buyer.behave("accept");
    leadgate.clock.pass(DAY_MS + 1000);
    await eraseOld(journey);
    expect(await known(leadgate, [id])).toEqual([false]);
    leadgate.clock.pass(DAY_MS);
    await untilTrue(async () => {
      const [delivery] = (await leadgate.admin("GET", `/leads/${id}`)).body.data.deliveries;
      return delivery.state === "delivered";
    }, "the lead to be delivered");
    const [received] = await arrivals(buyer, 1);
    expect(received?.bodies.at(-1)).toContain("Lovelace");
    expect(received?.headers["x-name"]).toBe("Lovelace");
    await eraseOld(journey);
    expect(await rowsFrom(journey, states)).toEqual([{ state: "delivered", empty: true, erased: true }]);
    expect(await rowsFrom(journey, sql`select request from deliveries`)).toEqual([{ request: null }]);
  });

  test("a campaign with pii_days does not wait for ever for an endpoint that is gone", async () => {
    const { leadgate } = journey;
    const buyer = await journey.buyer({ behaviour: "gone" });
    await leadgate.configure(
      delivering(
        { first: webhookTo(buyer, { give_up_after_seconds: 3 * 86_400 }) },
        { campaign: { pii_days: 1 } },
      ),
    );
    const id = await send(leadgate, "solar");
    const states = sql`select state, body = '' as empty from deliveries`;
    await untilTrue(
      async () => (await leadgate.admin("GET", `/leads/${id}`)).body.data.deliveries[0].state === "paused",
      "the delivery to be paused",
    );
    leadgate.clock.pass(2 * DAY_MS);
    await eraseOld(journey);
    expect(await rowsFrom(journey, states)).toEqual([{ state: "paused", empty: false }]);
    leadgate.clock.pass(2 * DAY_MS);
    await eraseOld(journey);
    expect(await rowsFrom(journey, states)).toEqual([{ state: "dead", empty: true }]);
  });

  test("pii_days is carried out by the servers", async () => {
    const { leadgate } = journey;
    await leadgate.configure(keeping({ solar: 30 }));
    const id = await send(leadgate, "solar");
    leadgate.clock.pass(31 * DAY_MS);
    leadgate.another();
    await untilTrue(async () => (await known(leadgate, [id]))[0] === false, "a lead to be erased");
  });

  test("a campaign with pii_days must name a number of days that there can be", async () => {
    const { leadgate } = journey;
    for (const pii_days of [0, 3651, 1.5, "30"]) {
      const { status, body } = await leadgate.admin(
        "POST",
        "/config/plan",
        keeping({ solar: pii_days as number }),
      );
      expect([status, body.field_errors]).toEqual([
        400,
        [
          {
            field: "campaigns[solar].pii_days",
            code: "invalid_format",
            message: "must be a whole number from 1 to 3,650, or null to keep personal data",
          },
        ],
      ]);
    }
  });
});

deliveryJourneys("answers to idempotency keys", (journey) => {
  test("the answers to idempotency keys are deleted once they are not given again any more", async () => {
    const { leadgate, database } = journey;
    await leadgate.configure(aDocument());
    await leadgate.ingest("acme", aLead(), { "idempotency-key": "old" });
    leadgate.clock.pass(DAY_MS - 1000);
    await leadgate.ingest("acme", aLead(), { "idempotency-key": "new" });
    const count = sql`select count(*)::int as count from idempotency_keys`;
    await deleteSomeAnswers(database, leadgate.clock.now());
    expect(await rowsFrom(journey, count)).toEqual([{ count: 2 }]);
    leadgate.clock.pass(2000);
    await deleteSomeAnswers(database, leadgate.clock.now());
    expect(await rowsFrom(journey, count)).toEqual([{ count: 1 }]);
  });
});
