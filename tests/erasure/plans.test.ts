import { afterAll, beforeAll, expect, test } from "bun:test";
import { sql } from "drizzle-orm";
import type { Database, Queryable } from "#database/database.ts";
import type { DatabaseSettings } from "#database/engine/connect.ts";
import { eraseOldLeads, forgetLeads } from "#erasure/erase.ts";
import { emptyEnded } from "#erasure/erase-records.ts";
import { leadsOf } from "#erasure/order-records.ts";
import { nextLeads } from "#erasure/retention-records.ts";
import { hasUnkeyed, lockUnkeyed } from "#erasure/unkeyed-records.ts";
import { ANY_LEAD, listLeads } from "#leads/lead-records.ts";
import { rowsOf } from "../journeys/delivery-journeys.ts";
import { discard, openFresh, postgresSettings } from "../support/database.ts";

const ROWS = 25_000;

let settings: DatabaseSettings;
let database: Database;

beforeAll(async () => {
  settings = await postgresSettings({ writers: 1 });
  database = await openFresh(settings);
}, 120_000);

afterAll(async () => {
  await database.close();
  await discard(settings);
});

/** A key of every lead: its number, as a UUID. */
const keyOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

const NOON = new Date("2026-01-13T17:00:00Z");

function findBy(person: { phone?: number; email?: number }): (tx: Queryable) => Promise<unknown[]> {
  const sought = (number: number | undefined) =>
    number === undefined ? null : { key: keyOf(number), value: String(number), keysIn: () => [] };
  const filter = {
    ...ANY_LEAD,
    supplier: "acme",
    person: { phone: sought(person.phone), email: sought(person.email) },
  };
  return (tx) => listLeads(tx, filter, null, 51);
}

const STEPS: [string, (tx: Queryable) => Promise<unknown>][] = [
  ["a search by phone", findBy({ phone: 500 })],
  ["a search by e-mail", findBy({ email: 600 })],
  ["a search by both", findBy({ phone: 700, email: 700 })],
  ["a search by id", (tx) => listLeads(tx, { ...ANY_LEAD, id: keyOf(800) }, null, 51)],
  ["a buyer's leads", (tx) => listLeads(tx, { ...ANY_LEAD, buyer: "first" }, null, 51)],
  [
    "finding whom to forget",
    (tx) => leadsOf(tx, { comparedKeys: [], personKeys: [keyOf(900), keyOf(901)] }, 20),
  ],
  [
    "forgetting",
    (tx) =>
      forgetLeads(
        tx,
        [keyOf(901)],
        { pepper: new Uint8Array(32), person: { comparedKeys: [], personKeys: [] } },
        NOON,
      ),
  ],
  ["erasing for age", (tx) => eraseOldLeads(tx, [keyOf(902), keyOf(903)], new Uint8Array(32), NOON)],
  ["emptying what has ended", (tx) => emptyEnded(tx, NOON.toISOString(), 100)],
  ["looking for leads without keys", async (tx) => [await hasUnkeyed(tx), await lockUnkeyed(tx, 250)]],
];

test("leads are found, forgotten and keyed by an index, also by statements that were planned while there were none", async () => {
  for (let round = 0; round < 6; round++) {
    for (const [, step] of STEPS) await database.write(step);
  }
  for (const statement of FILL) await database.write((tx) => tx.execute(sql.raw(statement)));
  for (const [name, step] of STEPS) expect([name, await touched(step)]).toEqual([name, FEW]);
  await database.write((tx) => tx.execute(sql`analyze`));
  for (const [name, step] of STEPS) expect([name, await touched(step)]).toEqual([name, FEW]);
}, 120_000);

test("old leads are read in the order of time, as many as are asked for", async () => {
  const place = { decidedAt: "2026-01-01 00:00:50+00", leadId: keyOf(0) };
  const few = (tx: Queryable) => nextLeads(tx, place, "2027-01-01T00:00:00Z", 10);
  for (let round = 0; round < 6; round++) expect(await touched(few)).toEqual(FEW);
});

/** The rows that a step reads: not one in sequence, and not many by index. */
async function touched(step: (tx: Queryable) => Promise<unknown>) {
  return database.write(async (tx) => {
    const before = await readSoFar(tx);
    await step(tx);
    const after = await readSoFar(tx);
    return { inSequence: after.inSequence - before.inSequence, few: after.byIndex - before.byIndex < 200 };
  });
}

async function readSoFar(tx: Queryable): Promise<{ inSequence: number; byIndex: number }> {
  const [row] = await rowsOf<{ inSequence: number | null; byIndex: number | null }>(
    tx,
    sql`select sum(seq_tup_read)::int as "inSequence", sum(idx_tup_fetch)::int as "byIndex" from pg_stat_xact_user_tables
        where relname in ('sales', 'lead_keys', 'unkeyed_leads', 'lead_updates') or schemaname = 'months'`,
  );
  return { inSequence: row?.inSequence ?? 0, byIndex: row?.byIndex ?? 0 };
}

const FEW = { inSequence: 0, few: true };

const FILL = [
  `insert into leads (id, campaign_id, supplier_id, status, is_test, currency, revision, decided_at, request_id, fields, trace)
   select key, 'solar', 'acme', 'UNMATCHED', false, 'USD', 1, timestamptz '2026-01-01 00:00:00+00' + number * interval '1 second', '', '{"phone": "+1"}', '[]'
   from generate_series(1, ${ROWS}) as number,
     lateral (select ('00000000-0000-4000-8000-' || lpad(number::text, 12, '0'))::uuid as key) as keyed`,
  `insert into sales (id, campaign_id, lead_id, buyer_id, place, status, price, payout, currency, sold_at, supplier_id)
   select id, campaign_id, id, 'first', 1, 'sold', 1, 1, 'USD', decided_at, supplier_id from leads`,
  `insert into deliveries (id, campaign_id, lead_id, recipient, event, content_type, body, state, attempts, next_at, give_up_at, created_at, ended_at)
   select id, campaign_id, id, 'buyer:first', 'lead.accepted', 'application/json', '{}', 'delivered', 1, decided_at, decided_at, decided_at, decided_at
   from leads`,
  `insert into delivery_attempts (delivery_id, campaign_id, number, trigger, started_at, duration_ms, excerpt)
   select id, campaign_id, 1, 'schedule', created_at, 1, 'ok' from deliveries`,
  `insert into lead_keys (key, campaign_id, lead_id, counted_at) select id, campaign_id, id, decided_at from leads`,
  `insert into lead_updates (id, campaign_id, lead_id, supplier_id, outcome, note, created_at)
   select id, campaign_id, id, supplier_id, 'sold', 'a note', decided_at from leads`,
];
