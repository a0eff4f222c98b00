import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import type { Database, Queryable } from "#database/database.ts";
import { type DatabaseSettings, openDatabase } from "#database/engine/connect.ts";
import { migrate } from "#database/migrate.ts";
import { migrations } from "#database/migrations.ts";
import { keepMonths, keepMonthsOf, type Transact } from "#database/month-records.ts";
import { endForAll, monthsToMake, nameOfMonths } from "#database/months.ts";
import { readDelivery } from "#delivery/outbox/delivery-records.ts";
import { type AttemptRecord, claim, finish, insertDeliveries } from "#delivery/outbox/outbox-records.ts";
import { openOutboxStore } from "#delivery/outbox/outbox-store.ts";
import { findLead } from "#leads/lead-records.ts";
import { firstUuidAt, newUuid } from "#text/ids.ts";
import { HOUR_MS } from "#time/durations.ts";
import { talliesOf, withCopy } from "../backup/round-trip.ts";
import { discard, onBothDatabases, postgresSettings } from "../support/database.ts";

const at = (iso: string) => Date.parse(iso);

describe("the months that are made", () => {
  const named = (end: string | undefined, now: string) =>
    monthsToMake(end === undefined ? undefined : at(end), at(now)).map((each) => nameOfMonths("leads", each));

  test("are all so far, and two ahead, where there are none", () => {
    expect(named(undefined, "2026-11-29T14:00:00Z")).toEqual([
      "leads_before_2026_12",
      "leads_2026_12",
      "leads_2027_01",
    ]);
  });

  test("are the next one when a month begins, and none for the rest of it", () => {
    expect(named("2027-02-01T00:00:00Z", "2026-11-30T23:59:59.999Z")).toEqual([]);
    expect(named("2027-02-01T00:00:00Z", "2026-12-01T00:00:00Z")).toEqual(["leads_2027_02"]);
    expect(named("2027-03-01T00:00:00Z", "2026-12-31T23:59:59.999Z")).toEqual([]);
  });

  test("are one for those that nobody made, and then one for each", () => {
    expect(named("2027-02-01T00:00:00Z", "2031-05-05T00:00:00Z")).toEqual([
      "leads_2027_02_to_2031_05",
      "leads_2031_06",
      "leads_2031_07",
    ]);
  });

  test("none are made when a clock is set back", () => {
    expect(named("2027-02-01T00:00:00Z", "2024-01-01T00:00:00Z")).toEqual([]);
  });

  test("what came without one gets an end that lies a week ahead at least, of the clock and of its newest row", () => {
    const end = (newest: string, now: string) => new Date(endForAll(at(newest), at(now))).toISOString();
    expect(end("2026-11-02T00:00:00Z", "2026-11-20T00:00:00Z")).toBe("2026-12-01T00:00:00.000Z");
    expect(end("2026-11-02T00:00:00Z", "2026-11-29T00:00:00Z")).toBe("2027-01-01T00:00:00.000Z");
    expect(end("2031-11-02T00:00:00Z", "2026-11-20T00:00:00Z")).toBe("2031-12-01T00:00:00.000Z");
  });
});

const NOW = new Date();

/** The first moment of the month behind the one of `NOW`: there is one of its own for it in any database. */
const EDGE = Date.UTC(NOW.getUTCFullYear(), NOW.getUTCMonth() + 1);
const edgeId = (offset: number, number: number) =>
  firstUuidAt(EDGE + offset).replace(/0000-000000000000$/, `8000-${String(number).padStart(12, "0")}`);

const aLeadRow = (id: string) =>
  `insert into leads (id, campaign_id, supplier_id, status, is_test, currency, revision, decided_at, fields, trace)
   values ('${id}', 'solar', 'acme', 'UNMATCHED', false, 'USD', 1, now(), '{}', '[]')`;

/** Of each row of a table in which part it is. */
async function placesIn(db: Queryable, table: string): Promise<string[]> {
  const rows = await db.execute<{ place: string }>(
    `select tableoid::regclass::text as place from ${table} order by ${table === "delivery_attempts" ? "delivery_id" : "id"}`,
  );
  return Array.from(rows, ({ place }) => place.replace("months.", ""));
}

/** The bounds of the parts of leads, as they follow each other; each begins where the one before ends. */
async function spansOfLeads(db: Queryable): Promise<[string, string][]> {
  const rows = await db.execute<{ bounds: string }>(
    `select pg_get_expr(relpartbound, pg_class.oid) as bounds from pg_inherits join pg_class on pg_class.oid = inhrelid
     where inhparent = 'leads'::regclass`,
  );
  const spans = Array.from(rows, ({ bounds }) => /FROM \('?([^')]+)'?\) TO \('([^')]+)'\)/.exec(bounds));
  return spans
    .flatMap((found): [string, string][] => (found === null ? [] : [[found[1] ?? "", found[2] ?? ""]]))
    .toSorted(([, one], [, other]) => (one < other ? -1 : 1));
}

function expectNoGap(spans: readonly [string, string][]): void {
  expect(spans.map(([from]) => from)).toEqual(["MINVALUE", ...spans.slice(0, -1).map(([, to]) => to)]);
}

const anAttempt = (id: string, lease: string): AttemptRecord => ({
  id,
  lease,
  attempt: 1,
  trigger: "schedule",
  startedAt: NOW.toISOString(),
  durationMs: 5,
  httpStatus: 200,
  failure: null,
  excerpt: "ok",
  state: "delivered",
  nextAt: NOW.toISOString(),
  verdict: "accepted",
  price: null,
  reference: null,
  reason: null,
});

onBothDatabases("tables that are kept by month", (world) => {
  const deliver = async (tx: Queryable, ids: readonly string[], lead: string) => {
    await insertDeliveries(
      tx,
      ids.map((id) => ({
        id,
        lead,
        campaign: "solar",
        recipient: "webhook:hook" as const,
        event: "lead.unmatched",
        contentType: "application/json",
        body: "{}",
        subject: null,
        giveUpAt: new Date(NOW.getTime() + 60_000).toISOString(),
      })),
      NOW.toISOString(),
    );
  };
  const lease = newUuid();
  const take = async (tx: Queryable) =>
    await claim(
      tx,
      { campaignId: "solar", recipient: "webhook:hook" },
      { id: lease, at: NOW.toISOString(), endsAt: new Date(NOW.getTime() + 1).toISOString(), limit: 10 },
    );

  test("have a lead of a month's last moment and its deliveries of the next month's first each where it belongs", async () => {
    const lead = edgeId(-1, 1);
    const deliveries = [edgeId(-1, 2), edgeId(0, 3)];
    await world.database.write(async (tx) => {
      await tx.execute(aLeadRow(lead));
      await deliver(tx, deliveries, lead);
    });
    const claimed = await world.database.write(take);
    expect(claimed.map(({ id }) => id).toSorted()).toEqual(deliveries);
    await world.database.write((tx) =>
      finish(
        tx,
        "solar",
        // A first attempt that is answered has no row.
        deliveries.map((id) => ({ ...anAttempt(id, lease), attempt: 2 })),
        NOW.toISOString(),
      ),
    );
    for (const table of ["deliveries", "delivery_attempts"]) {
      const [before, behind] = await world.database.read((db) => placesIn(db, table));
      expect(before).toStartWith(`${table}_before_`);
      expect(behind).toMatch(/_20\d\d_\d\d$/);
      expect(behind).not.toBe(before);
    }
    for (const id of deliveries) {
      const found = await world.database.read((db) => readDelivery(db, id));
      expect(found).toMatchObject({
        delivery: { state: "delivered", leadId: lead },
        attempts: [{ number: 2, excerpt: "ok" }],
      });
    }
    expect(await world.database.read((db) => findLead(db, lead))).toMatchObject({ id: lead });
  });

  test("are claimed from the months in which something waited, and from an older one once something of it is due again", async () => {
    const [old, young] = [edgeId(-1, 1), edgeId(0, 2)];
    const store = openOutboxStore(world.database, async () => () => undefined);
    const setState = (id: string, state: string) =>
      world.database.write((tx) => tx.execute(`update deliveries set state = '${state}' where id = '${id}'`));
    const later = new Date(EDGE + 2 * HOUR_MS).toISOString();
    const claimed = async () => {
      const at = { id: newUuid(), at: later, endsAt: new Date(EDGE + 3 * HOUR_MS).toISOString(), limit: 10 };
      const rows = await store.claim({ campaignId: "solar", recipient: "webhook:hook" }, at);
      return rows.map(({ id }) => id);
    };
    await world.database.write((tx) => deliver(tx, [old, young], old));
    await setState(old, "paused");
    expect(await store.whatIsDue(later)).toMatchObject({ due: [{ campaignId: "solar" }], since: EDGE });
    expect(await claimed()).toEqual([young]);
    await setState(old, "pending");
    expect(await claimed()).toEqual([]);
    expect(await store.whatIsDue(later)).toMatchObject({ due: [{ campaignId: "solar" }], since: null });
    expect(await claimed()).toEqual([old]);
    await setState(old, "paused");
    expect((await store.whatIsDue(later)).since).toBe(EDGE);
    await world.database.write((tx) =>
      tx.execute(`update deliveries set state = 'pending', next_at = now() where id = '${old}'`),
    );
    store.forget();
    expect(await claimed()).toEqual([old]);
  });

  test("take in what comes when its month is missing, and make it one while nothing is lost or there twice", async () => {
    const years = 24 * 366 * 86_400_000 + Math.floor(Math.random() * 1000) * 366 * 86_400_000;
    const jumped = new Date(EDGE + years);
    const ids = [edgeId(-1, 1), edgeId(0, 2), edgeId(years, 3), edgeId(years + 1, 4)];
    await world.database.write(async (tx) => {
      for (const id of ids) await tx.execute(aLeadRow(id));
      await deliver(tx, ids, ids[0] ?? "");
    });
    expect((await world.database.read((db) => placesIn(db, "leads"))).slice(2)).toEqual([
      "leads_later",
      "leads_later",
    ]);
    const patiences: (number | undefined)[] = [];
    const patient: Database = {
      ...world.database,
      async write(work, patienceMs) {
        patiences.push(patienceMs);
        return await world.database.write(work, patienceMs);
      },
    };
    await keepMonthsOf(patient, jumped);
    expect(patiences.every((each) => each === 30 * 60_000)).toBe(true);
    for (const table of ["leads", "deliveries"]) {
      const places = await world.database.read((db) => placesIn(db, table));
      expect(places).toHaveLength(4);
      expect(places).not.toContain(`${table}_later`);
    }
    const spans = await world.database.read(spansOfLeads);
    expectNoGap(spans);
    await keepMonthsOf(world.database, jumped);
    expect(await world.database.read(spansOfLeads)).toEqual(spans);
  });

  test("get the part anew that takes what no month does, when somebody has dropped or detached it by hand", async () => {
    await world.database.write((tx) => tx.execute("drop table months.leads_later"));
    await world.database.write((tx) =>
      tx.execute("alter table deliveries detach partition months.deliveries_later"),
    );
    expect(await keepMonthsOf(world.database, NOW)).toEqual(["leads", "deliveries"]);
    expect(await keepMonthsOf(world.database, NOW)).toEqual([]);
    const far = edgeId(2000 * 366 * 86_400_000, 1);
    await world.database.write((tx) => tx.execute(aLeadRow(far)));
    expect(await world.database.read((db) => placesIn(db, "leads"))).toEqual(["leads_later"]);
  });
});

onBothDatabases("a backup of tables that are kept by month", (world) => {
  test("brings back every row, whichever months there are where it is restored", async () => {
    const ids = [edgeId(-1, 1), edgeId(0, 2), edgeId(200 * 366 * 86_400_000, 3)];
    await world.database.write(async (tx) => {
      for (const id of ids) await tx.execute(aLeadRow(id));
    });
    await withCopy(world.database, world.kind === "embedded" ? "postgres" : "embedded", async (copy) => {
      expect(await talliesOf(copy)).toEqual(await talliesOf(world.database));
      const places = await copy.read((db) => placesIn(db, "leads"));
      expect(places).toHaveLength(3);
      expect(places).not.toContain("leads_later");
    });
  }, 60_000);
});

describe("an upgrade of tables that were whole", () => {
  let settings: DatabaseSettings;
  let client: postgres.Sql;
  const steps = migrations();
  const place = steps.findIndex(({ statements }) =>
    statements.some((each) => each.includes('CREATE SCHEMA "months"')),
  );
  const transact: Transact = async (work) =>
    (await client.begin((tx) => work((text) => tx.unsafe(text)))) as Awaited<ReturnType<typeof work>>;
  const countLeads = async () =>
    (
      await client<{ all: number; later: number }[]>`
      select (select count(*)::int from leads) as all, (select count(*)::int from months.leads_later) as later`
    )[0];

  beforeAll(async () => {
    settings = await postgresSettings();
    client = postgres(settings.databaseUrl ?? "", { max: 1, onnotice: () => undefined });
    await migrate(client, steps.slice(0, place));
    const ids = [edgeId(-1, 1), "00000000-0000-4000-8000-000000000001", edgeId(-400 * 86_400_000, 2)];
    for (const id of ids) await client.unsafe(aLeadRow(id));
    await client.begin(async (tx) => {
      for (const statement of steps[place]?.statements ?? []) await tx.unsafe(statement);
    });
  });
  afterAll(async () => {
    await client.end();
    await discard(settings);
  });

  test("keeps every lead in its place, by the indexes that there were, whenever it is killed", async () => {
    expect(await countLeads()).toEqual({ all: 3, later: 3 });
    for (let done = 0; done < 12; done++) {
      let left = done;
      const killed: Transact = async (work) => {
        if (left-- === 0) throw new Error("killed");
        return await transact(work);
      };
      await keepMonths(killed, NOW).catch(() => undefined);
      expect(await countLeads()).toMatchObject({ all: 3 });
    }
    await keepMonths(transact, NOW);
    expect(await countLeads()).toEqual({ all: 3, later: 0 });
    const [row] = await client<{ unattached: number }[]>`
      select count(*)::int as unattached from pg_index where indrelid = 'leads'::regclass and not indisvalid`;
    expect(row).toEqual({ unattached: 0 });
    expect((await client`select from leads where id = ${edgeId(-1, 1)}`).length).toBe(1);
  });

  test("goes on at the next start, on as many servers as there are, and leaves no gap between the months", async () => {
    const rest = steps.slice(place);
    for (const { when, hash } of rest.slice(0, 1))
      await client`insert into drizzle.__drizzle_migrations (hash, created_at) values (${hash}, ${when})`;
    const far = edgeId(10 * 366 * 86_400_000, 7);
    await client.unsafe(aLeadRow(far));
    const databases = await Promise.all([1, 2, 3].map(() => openDatabase(settings)));
    await Promise.allSettled(databases.map((database) => keepMonthsOf(database, NOW)));
    const [database] = databases as [Database];
    await keepMonthsOf(database, NOW);
    expect(await countLeads()).toEqual({ all: 4, later: 0 });
    expectNoGap(await database.read(spansOfLeads));
    await Promise.all(databases.map((each) => each.close()));
  }, 60_000);

  test("a statement that nobody waits for has longer than the database's deadline, and the next one has that again", async () => {
    const database = await openDatabase({ ...settings, writers: 1, deadlineMs: 10_000 });
    const limit = async (tx: Queryable) =>
      (await tx.execute<{ statement_timeout: string }>("show statement_timeout"))[0]?.statement_timeout;
    expect(await database.write(limit, 60_000)).toBe("54s");
    expect(await database.write(limit)).toBe("9s");
    await database.close();
  });

  test("a claim of what was written since a month opens none of those before", async () => {
    const database = await openDatabase({ ...settings, writers: 1 });
    const locked = await database.write(async (tx) => {
      const lease = { id: newUuid(), at: NOW.toISOString(), endsAt: NOW.toISOString(), limit: 1 };
      await claim(tx, { campaignId: "solar", recipient: "webhook:hook" }, lease, EDGE);
      const rows = await tx.execute<{ name: string }>(
        "select relation::regclass::text as name from pg_locks where pid = pg_backend_pid() and locktype = 'relation'",
      );
      return Array.from(rows, ({ name }) => name.replace("months.", ""));
    });
    await database.close();
    const opened = locked.filter((name) => /^deliveries_(before_|later|20\d\d_\d\d)[\d_]*$/.test(name));
    expect(opened.length).toBeGreaterThan(0);
    expect(opened.filter((name) => name.startsWith("deliveries_before"))).toEqual([]);
  });

  test("a statement that seeks a lead or a delivery by its id asks the months of these ids alone", async () => {
    const database = await openDatabase({ ...settings, writers: 1 });
    const asked = await database.write(async (tx) => {
      const id = edgeId(0, 9);
      await finish(tx, "solar", [anAttempt(id, newUuid())], NOW.toISOString());
      await findLead(tx, edgeId(-1, 1));
      const rows = await tx.execute<{ name: string }>(
        sql`select relname as name from pg_stat_xact_user_tables
            where schemaname = 'months' and relname ~ '^(leads|deliveries)_' and coalesce(idx_scan, 0) + coalesce(seq_scan, 0) > 0
            order by 1`,
      );
      return Array.from(rows, ({ name }) => name);
    });
    await database.close();
    expect(asked.map((name) => name.split("_")[0])).toEqual(["deliveries", "leads"]);
  });
});
