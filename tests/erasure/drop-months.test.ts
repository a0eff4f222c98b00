import { beforeEach, expect, test } from "bun:test";
import type { Database, Queryable } from "#database/database.ts";
import { dropMonths } from "#database/month-drop-records.ts";
import { dropOldMonths, findOldMonths, sweepMonths } from "#erasure/drop-months.ts";
import { findLedgerFlaws } from "#ledger/check-records.ts";
import { firstUuidAt, leadIdOf } from "#text/ids.ts";
import { talliesOf, withCopy } from "../backup/round-trip.ts";
import { closeUsersOf } from "../support/closing.ts";
import { onBothDatabases } from "../support/database.ts";
import { aDocument, aLead, openLeadgate } from "../support/leadgate.ts";
import { untilTrue } from "../support/process.ts";

const DAY_MS = 86_400_000;
const NOW = new Date();
/** Where the oldest month of any database ends that was made today. */
const EDGE = Date.UTC(NOW.getUTCFullYear(), NOW.getUTCMonth() + 1);
/** When that month, and no other, is over for 31 days. */
const LATER = new Date(EDGE + 40 * DAY_MS);

const isoAt = (ms: number) => new Date(ms).toISOString();
const idAt = (ms: number, number: number) =>
  firstUuidAt(ms).replace(/0000-000000000000$/, `8000-${String(number).padStart(12, "0")}`);
/** Leads of the oldest month, and one of the next. */
const [OLD, OLDER, YOUNG] = [idAt(EDGE - 1, 1), idAt(EDGE - 9 * DAY_MS, 2), idAt(EDGE, 3)] as const;

const inForce = `insert into configurations (revision, document, applied_at, applied_by)
  values (1, '{"version":1,"records_days":31}', now(), 'test')`;

const aLeadRow = (id: string, status = "UNMATCHED", decidedAt = isoAt(EDGE - 1)) =>
  `insert into leads (id, campaign_id, supplier_id, status, is_test, currency, revision, decided_at, fields, trace)
   values ('${id}', 'solar', 'acme', '${status}', false, 'USD', 1, '${decidedAt}', '{}', '[]')`;

const aDelivery = (id: string, lead: string, state = "delivered") =>
  `insert into deliveries (id, campaign_id, lead_id, recipient, event, content_type, body, state, attempts, next_at, give_up_at, created_at,
     ended_at)
   values ('${id}', 'solar', '${lead}', 'buyer:first', 'lead.accepted', 'text/plain', '', '${state}', 1, now(), now(), now(),
     case '${state}' when 'delivered' then now() end)`;

const aReturn = (lead: string, status: string) =>
  `insert into returns (id, campaign_id, lead_id, sale_id, buyer_id, reason, note, status, amount, currency, asked_at, asked_by, decided_at)
   values ('${idAt(1, 9)}', 'solar', '${lead}', '${idAt(1, 8)}', 'first', 'other', 'Ada did not answer', '${status}', 1, 'USD', now(),
     'buyer', ${status === "pending" ? "null" : "now()"})`;

/** A delivery that was written in the month behind its lead's. */
const LATE = idAt(EDGE + 1, 4);

/** All that there can be of a lead beside it, each once. */
const HANGING = [
  aDelivery(idAt(EDGE - 1, 5), OLD),
  aDelivery(LATE, OLD),
  ...[idAt(EDGE - 1, 5), LATE].map(
    (
      id,
    ) => `insert into delivery_attempts (delivery_id, campaign_id, number, trigger, started_at, duration_ms)
      values ('${id}', 'solar', 1, 'schedule', now(), 1)`,
  ),
  `insert into lead_updates (id, campaign_id, lead_id, supplier_id, outcome, created_at)
   values ('${idAt(1, 6)}', 'solar', '${OLD}', 'acme', 'sold', now())`,
  `insert into check_answers (key, campaign_id, lead_id, answer, expires_at) values ('${idAt(1, 7)}', 'solar', '${OLD}', '{}', now())`,
  `insert into redeemed_pings (id, campaign_id, lead_id, bids, redeemed_at) values ('${idAt(1, 8)}', 'solar', '${OLD}', '[]', now())`,
  `insert into unkeyed_leads (lead_id, campaign_id) values ('${OLD}', 'solar')`,
  ...[OLD, YOUNG].map(
    (lead) =>
      `insert into lead_keys (key, campaign_id, lead_id, counted_at) values ('${lead}', 'solar', '${lead}', now())`,
  ),
  `insert into buyer_duplicate_keys (key, buyer_id, lead_id, counted_at) values ('${OLD}', 'first', '${OLD}', now())`,
  aReturn(OLD, "rejected"),
  `insert into sales (id, campaign_id, lead_id, buyer_id, place, status, price, payout, currency, sold_at, supplier_id)
   values ('${idAt(1, 8)}', 'solar', '${OLD}', 'first', 1, 'sold', 1, 1, 'USD', now(), 'acme')`,
];

async function write(database: Database, statements: readonly string[]): Promise<void> {
  await database.write(async (tx) => {
    for (const statement of statements) await tx.execute(statement);
  });
}

async function rows(database: Database, query: string): Promise<unknown[]> {
  return await database.read(async (db) => Array.from(await db.execute(query)));
}

/** What is on record of leads, table by table. */
async function left(database: Database): Promise<Record<string, number>> {
  const counts = Object.keys(AFTERWARDS).map((table) => `(select count(*)::int from ${table}) as ${table}`);
  const [found] = await rows(database, `select ${counts.join(", ")}`);
  return found as Record<string, number>;
}

const AFTERWARDS = {
  leads: 1,
  deliveries: 0,
  delivery_attempts: 0,
  lead_updates: 0,
  check_answers: 0,
  redeemed_pings: 0,
  unkeyed_leads: 0,
  lead_keys: 1,
  buyer_duplicate_keys: 0,
  returns: 1,
  sales: 1,
};

const toTheEnd = async (step: () => Promise<boolean>) => {
  while (await step());
  return true;
};

/** What a server does in an hour. */
async function look(database: Database, now = LATER): Promise<boolean> {
  await sweepMonths(database, toTheEnd);
  const { end } = await database.read((db) => findOldMonths(db, now));
  if (end === undefined) return false;
  const isDropped = await dropOldMonths(database, end, now);
  await sweepMonths(database, toTheEnd);
  return isDropped;
}

/** The same database, whose server is killed before its transaction of that number. */
function killedAt(database: Database, number: number): Database {
  let begun = 0;
  const write: Database["write"] = async (work, patienceMs) => {
    if (begun++ === number) throw new Error("killed");
    return await database.write(work, patienceMs);
  };
  return { ...database, write };
}

onBothDatabases("months that are over for records_days", (world) => {
  test("are dropped with all that hangs on their leads, wherever a server is killed, and the books stay", async () => {
    await write(world.database, [inForce, ...[OLD, OLDER, YOUNG].map((id) => aLeadRow(id)), ...HANGING]);
    for (let number = 0; number < 8; number++) {
      await look(killedAt(world.database, number)).catch(() => undefined);
      const { leads, lead_keys: keys } = await left(world.database);
      expect([leads === 1 || keys === 2, leads === 3 || leads === 1]).toEqual([true, true]);
    }
    await look(world.database);
    expect(await left(world.database)).toEqual(AFTERWARDS);
    expect(await rows(world.database, "select note from returns")).toEqual([{ note: null }]);
    expect(await look(world.database)).toBe(false);
  });

  test("have a place for what still comes of their time, which is dropped as well, and are in a backup as they are", async () => {
    await write(world.database, [inForce, ...[OLD, YOUNG].map((id) => aLeadRow(id))]);
    expect(await look(world.database)).toBe(true);
    await write(world.database, [aLeadRow(OLDER)]);
    const places = await rows(
      world.database,
      "select tableoid::regclass::text as place from leads order by id",
    );
    expect(places).not.toContainEqual({ place: "months.leads_later" });
    await withCopy(world.database, world.kind === "embedded" ? "postgres" : "embedded", async (copy) => {
      expect(await talliesOf(copy)).toEqual(await talliesOf(world.database));
      expect(await look(copy)).toBe(true);
      expect(await left(copy)).toMatchObject({ leads: 1 });
    });
    expect(await look(world.database)).toBe(true);
    expect(await rows(world.database, "select id from leads")).toEqual([{ id: YOUNG }]);
  }, 60_000);

  test("stay while no document says so, while they are too young, and while a lead of theirs was decided not long ago", async () => {
    await write(world.database, [aLeadRow(OLD)]);
    expect(await look(world.database)).toBe(false);
    await write(world.database, [inForce]);
    expect(await look(world.database, new Date(EDGE + 30 * DAY_MS))).toBe(false);
    await write(world.database, [aLeadRow(OLDER, "UNMATCHED", isoAt(EDGE + 20 * DAY_MS))]);
    expect(await world.database.read((db) => findOldMonths(db, LATER))).toEqual({
      end: undefined,
      heldBack: undefined,
    });
    expect(await left(world.database)).toMatchObject({ leads: 2 });
  });

  test.each<[string, string[], "leads" | "deliveries" | "returns"]>([
    ["a lead that is pending", [aLeadRow(OLDER, "PENDING")], "leads"],
    ["a lead that is put aside", [aLeadRow(OLDER, "HELD")], "leads"],
    ["a delivery that waits", [aDelivery(idAt(EDGE - 1, 5), OLD, "pending")], "deliveries"],
    ["a delivery of a later month that is paused", [aDelivery(LATE, OLD, "paused")], "deliveries"],
    ["a return that nobody has decided", [aReturn(OLD, "pending")], "returns"],
  ])("are kept by %s, which is named", async (_, statements, what) => {
    await write(world.database, [inForce, aLeadRow(OLD), aLeadRow(YOUNG), ...statements]);
    const { end, heldBack } = await world.database.read((db) => findOldMonths(db, LATER));
    expect([end, heldBack?.end]).toEqual([undefined, EDGE]);
    expect(heldBack?.unfinished).toMatchObject([{ what, count: 1 }]);
    // It came about after the look that found nothing, or even while the tables were being locked.
    expect(await dropOldMonths(world.database, EDGE, LATER)).toBe(false);
    let asked = 0;
    const mayGo = async () => asked++ === 0;
    expect(await world.database.write((tx) => dropMonths(tx, EDGE, mayGo))).toBe(false);
    expect(await left(world.database)).toMatchObject({ leads: 2 + Number(what === "leads") });
    expect(await rows(world.database, "select from pg_class where relname like '%\\_next'")).toEqual([]);
  });

  test("keep those after them", async () => {
    await write(world.database, [inForce, aLeadRow(OLD), aLeadRow(YOUNG, "HELD", isoAt(EDGE))]);
    const { end, heldBack } = await world.database.read((db) =>
      findOldMonths(db, new Date(EDGE + 100 * DAY_MS)),
    );
    expect(end).toBe(EDGE);
    expect(heldBack?.unfinished).toEqual([{ what: "leads", count: 1, one: YOUNG }]);
  });
});

onBothDatabases("what operators and suppliers see of leads that were dropped", (world) => {
  const records_days = 31;
  const call = (path: string) => `/reports/pnl?from=2026-01-01&to=2026-01-31${path}`;
  // One server drops for all: it is to be that of the test, not one before.
  beforeEach(() => closeUsersOf(world.database));

  test("is nothing of the leads, and of the money what it was", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument({ more: { records_days } }));
    const lead = aLead({ source: "google" });
    const { id } = (await leadgate.ingest("acme", lead)).body.data;
    await leadgate.ingest("acme", aLead({ phone: "512" }));
    const asked = [call("&group_by=campaign,supplier,buyer,day"), call("&group_by=month")];
    const before = await Promise.all(asked.map((path) => leadgate.admin("GET", path)));
    expect((await leadgate.admin("GET", call("&group_by=source"))).status).toBe(200);
    const { body: balance } = await leadgate.admin("GET", "/suppliers/acme/balance");

    const look = async () => {
      const { end } = await world.database.read((db) => findOldMonths(db, LATER));
      return end !== undefined && (await dropOldMonths(world.database, end, LATER));
    };
    expect(await look()).toBe(true);
    await sweepMonths(world.database, toTheEnd);

    expect(await Promise.all(asked.map(async (path) => (await leadgate.admin("GET", path)).body))).toEqual(
      before.map(({ body }) => body),
    );
    expect((await leadgate.admin("GET", "/suppliers/acme/balance")).body).toEqual(balance);
    expect(await findLedgerFlaws(world.database, leadgate.clock.now())).toEqual([]);
    expect((await leadgate.admin("GET", `/leads/${id}`)).status).toBe(404);
    expect((await leadgate.admin("GET", "/leads?buyer=first")).body.data).toEqual([]);
    expect((await leadgate.admin("GET", `/leads?phone=${String(lead.phone)}`)).body.data).toEqual([]);
    expect(
      (await leadgate.admin("POST", `/leads/${id}/returns`, { reason: "other", note: "-" })).status,
    ).toBe(404);
    const headers = { "x-api-key": leadgate.keyOf("acme") };
    expect((await leadgate.call("GET", `/api/v1/leads/${id}`, { headers })).status).toBe(404);
    expect((await leadgate.admin("GET", "/ledger?kind=sale")).body.data).toMatchObject([
      { lead_id: id },
      { lead_id: id },
      { lead_id: id },
    ]);
    // Nobody is a duplicate of what is not on record.
    expect((await leadgate.ingest("acme", lead)).body.data.status).toBe("ACCEPTED");

    leadgate.clock.pass(40 * DAY_MS);
    await leadgate.ingest("acme", aLead());
    await write(world.database, ["delete from leads where decided_at < '2026-02-01'"]);
    const refused = await leadgate.admin("GET", call("&group_by=source"));
    expect(refused.body.field_errors).toMatchObject([{ field: "from", code: "out_of_range" }]);
    expect(refused.body.field_errors[0].message).toStartWith(
      "must not be before 2026-02-01T00:00:00.000Z: earlier",
    );
    const { body: counts } = await leadgate.admin("GET", "/reports/leads?from=2026-01-01&group_by=status");
    expect(counts.data).toMatchObject({ from: "2026-02-01T00:00:00.000Z", rows: [{ leads: 1 }] });
    leadgate.clock.pass(1_000);
    const order = { document: aDocument(), since: "2026-01-01" };
    const { body: asking } = await leadgate.admin("POST", "/simulations", order);
    const result = async () =>
      (await leadgate.admin("GET", `/simulations/${asking.data.id}`)).body.data.result;
    await untilTrue(async () => (await result()) !== null, "a simulation to be done");
    expect(await result()).toMatchObject({ leads: 1, warnings: [{ code: "records_begin" }, {}] });

    // A plan says what it would drop.
    leadgate.clock.pass(70 * DAY_MS);
    const planned = await leadgate.admin("POST", "/config/plan", aDocument({ more: { records_days } }));
    expect(planned.body.data.warnings).toContainEqual({
      path: "records_days",
      code: "drops_leads",
      message:
        "drops the leads before 2026-04-01T00:00:00.000Z with their deliveries within the hour, for good: sales and sums stay",
    });
  });

  test("is named by the condition, while something keeps a month, and told by an event", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument({ more: { records_days } }));
    expect((await leadgate.admin("GET", "/condition")).body.data.records).toEqual({ held_back: null });
    await write(world.database, [aLeadRow(OLD), aReturn(OLD, "pending")]);
    leadgate.clock.set(LATER.toISOString());
    const { held_back: heldBack } = (await leadgate.admin("GET", "/condition")).body.data.records;
    expect(heldBack).toEqual({
      before: isoAt(EDGE),
      leads: 0,
      deliveries: 0,
      returns: 1,
      lead_id: leadIdOf(OLD),
      delivery_id: null,
    });
    await untilTrue(
      async () => leadgate.logged.some((line) => line.includes("old records are kept")),
      "a line of the log",
    );
  });

  test("is all of them, as long as the clock of the server is ahead of the database's", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument({ more: { records_days } }));
    await write(world.database, [aLeadRow(OLD)]);
    leadgate.clock.set(LATER.toISOString());
    await untilTrue(
      async () => leadgate.logged.some((line) => line.includes("ahead of the database's")),
      "a line of the log",
    );
    expect((await left(world.database)).leads).toBe(1);
  });

  test("is refused by plan where leads are compared, or may be given back, for longer than they stay", async () => {
    const leadgate = openLeadgate(world.database);
    const document = aDocument({
      campaign: { duplicates: { window_days: 90 } },
      buyers: { first: { returns: { window_days: 60 } } },
      contracts: { second: { returns: { window_days: 40 } } },
      more: { records_days },
    });
    const { status, body } = await leadgate.admin("POST", "/config/plan", document);
    const message = "must not be above records_days, which is 31";
    const paths = [
      "campaigns[solar].duplicates.window_days",
      "buyers[first].returns.window_days",
      "campaigns[solar].buyers[second].returns.window_days",
    ];
    expect([status, body.field_errors]).toEqual([
      400,
      paths.map((field) => ({ field, code: "out_of_range", message })),
    ]);
    const changed = await leadgate.admin("POST", "/config/plan", aDocument({ more: { records_days: 400 } }));
    expect(changed.body.data.changes).toContainEqual(
      expect.objectContaining({
        kind: "setting",
        id: "records_days",
        differences: [{ path: "records_days", from: null, to: 400 }],
      }),
    );
  });
});

onBothDatabases("a month that somebody reads", (world) => {
  test("is dropped when that is over, and keeps no lead waiting meanwhile", async () => {
    if (world.kind === "embedded") return;
    await write(world.database, [inForce, aLeadRow(OLD)]);
    const snapshot = await world.database.snapshot();
    const readIt = (db: Queryable) => db.execute("select count(*) from leads");
    await snapshot.read(readIt);
    let tries = 0;
    const impatient: Database = {
      ...world.database,
      async makeTables(work, patienceMs) {
        tries += 1;
        return await world.database.makeTables(work, patienceMs);
      },
    };
    const dropping = dropOldMonths(impatient, EDGE, LATER);
    await untilTrue(async () => tries > 1, "a second try");
    await write(world.database, [aLeadRow(YOUNG)]);
    await snapshot.close();
    expect(await dropping).toBe(true);
    expect(await rows(world.database, "select id from leads")).toEqual([{ id: YOUNG }]);
    // Else the first server of another test sweeps what that test has just written: its leads are of this month, too.
    await sweepMonths(world.database, toTheEnd);
  }, 30_000);
});
