import { describe, expect, test } from "bun:test";
import { asFile } from "#backup/file.ts";
import { openTally, type Part } from "#backup/part.ts";
import { everyTable } from "#backup/table-records.ts";
import type { Database } from "#database/database.ts";
import { openDatabase } from "#database/engine/connect.ts";
import { inspectDatabase } from "#database/engine/database-status.ts";
import { newestStep, stepsUpTo } from "#database/migrate.ts";
import { discard, failureOf, onBothDatabases } from "../support/database.ts";
import { violations } from "../support/invariants.ts";
import { aDocument, aLead, openLeadgate, type Reply } from "../support/leadgate.ts";
import { backedUp, blankSettings, restoreInto, SECRET_KEY, talliesOf, withCopy } from "./round-trip.ts";

onBothDatabases("backup", (world) => {
  test("a backup is of every table and column that the database has", async () => {
    const rows = await world.database.read((db) =>
      db.execute<{ table_name: string; column_name: string }>(
        `select table_name, column_name from information_schema.columns where table_schema = 'public'`,
      ),
    );
    const there = rows.map((row) => `${row.table_name}.${row.column_name}`).sort();
    const covered = everyTable().flatMap(({ name, columns }) =>
      columns.map((column) => `${name}.${column.name}`),
    );
    expect(covered.toSorted()).toEqual(there);
    expect(there.length).toBeGreaterThan(100);
  });

  test("a backup keeps every value to the last digit and letter", async () => {
    for (const rows of AWKWARD) await world.database.write((tx) => tx.execute(rows));
    await withCopy(world.database, world.kind === "embedded" ? "postgres" : "embedded", async (copy) => {
      const tallies = await talliesOf(copy);
      expect(tallies).toEqual(await talliesOf(world.database));
      expect(tallies["leads"]?.rows).toBe(2);
      expect(await awkwardValues(copy)).toEqual(await awkwardValues(world.database));
    });
  });

  describe.each(["embedded", "postgres"] as const)("restored to the other kind or the same (%s)", (kind) => {
    test("a backup restored to the other kind or the same answers the same leads alike", async () => {
      const leadgate = openLeadgate(world.database);
      await leadgate.configure(
        aDocument({
          campaign: { distribution: "round_robin" },
          contracts: { third: { caps: { day: { leads: 1 } } } },
        }),
      );
      const first = aLead();
      const sent: Reply["body"][] = [];
      for (const lead of [first, aLead(), aLead()]) {
        sent.push(
          (await leadgate.ingest("acme", lead, { "idempotency-key": `k-${String(lead["phone"])}` })).body,
        );
      }
      expect(sent.map((body) => body.data.buyer_id)).toEqual(["first", "second", "third"]);
      await leadgate.admin("POST", "/buyers/first/secret", {});
      const trace = await leadgate.admin("GET", `/leads/${sent[0].data.id}`);

      await withCopy(world.database, kind, async (copy) => {
        expect(await talliesOf(copy)).toEqual(await talliesOf(world.database));
        const keys = new Map([["acme", leadgate.keyOf("acme")]]);
        const again = openLeadgate(copy, leadgate.clock, keys);
        const replayed = await again.ingest("acme", first, {
          "idempotency-key": `k-${String(first["phone"])}`,
        });
        expect(replayed.headers.get("idempotent-replayed")).toBe("true");
        expect(replayed.body).toEqual(sent[0]);
        expect((await again.ingest("acme", first)).body.data.status).toBe("DUPLICATE");
        expect((await again.admin("GET", `/leads/${sent[0].data.id}`)).body).toEqual(trace.body);
        const next = [];
        for (let count = 0; count < 4; count++)
          next.push((await again.ingest("acme", aLead())).body.data.buyer_id);
        expect(next).toEqual(["first", "second", "first", "second"]);
        expect((await again.admin("GET", "/config")).body).toEqual(
          (await leadgate.admin("GET", "/config")).body,
        );
        expect(await violations(copy)).toEqual([]);
        await again.server.stop();
      });
    });
  });

  test("a backup is refused by a database that holds something, which stays as it is", async () => {
    const leadgate = openLeadgate(world.database);
    await leadgate.configure(aDocument());
    const bytes = await backedUp(world.database);
    const settings = await blankSettings(world.kind);
    await restoreInto(settings, bytes);
    expect(await failureOf(restoreInto(settings, bytes))).toMatchObject({
      name: "DatabaseRefused",
      message: expect.stringContaining("is not empty, and is left as it is"),
    });
    await discard(settings);
  });
});

test("a backup of an older version restores as it was, and is brought up to date when it is opened", async () => {
  const settings = await blankSettings("postgres");
  const [oldest] = stepsUpTo(newestStep()) ?? [];
  await restoreInto(settings, await oldBackup(oldest?.when ?? 0));
  expect(await inspectDatabase(settings)).toMatchObject({ schema: "older" });
  const database = await openDatabase(settings);
  expect(await database.read((db) => db.execute("select id, definition from suppliers"))).toEqual([
    { id: "acme", definition: { name: "Acme", portal: { email: [] } } },
  ] as never);
  expect(await inspectDatabase(settings)).toMatchObject({ schema: "up to date" });
  await database.close();

  expect(await failureOf(restoreInto(settings, await oldBackup(newestStep() + 1)))).toMatchObject({
    name: "DatabaseRefused",
    message: "This was made by a newer version of Leadgate. Use that version or a later one.",
  });
  await discard(settings);
});

/** One supplier, as a version whose newest step was `schema` would have written it. */
async function oldBackup(schema: number): Promise<Uint8Array> {
  const table = {
    name: "suppliers",
    columns: [
      { name: "id", type: "text" },
      { name: "definition", type: "jsonb" },
    ],
  };
  const lines = ['["acme", "{\\"name\\": \\"Acme\\"}"]'];
  const tally = openTally();
  for (const line of lines) tally.add(line);
  async function* parts(): AsyncGenerator<Part> {
    const about = { version: "0.0.1", madeAt: "2025-01-01T00:00:00Z", secretFingerprint: "" };
    yield { part: "header", header: { ...about, database: "postgres", schema, tables: [table] } };
    yield { part: "rows", table, lines };
    yield { part: "table", table, tally: tally.read() };
    yield { part: "end" };
  }
  return Buffer.concat(await Array.fromAsync(asFile(parts(), SECRET_KEY)));
}

/** Values that a careless copy would bend. */
const AWKWARD = [
  `insert into leads (id, campaign_id, supplier_id, status, is_test, currency, revision, decided_at, request_id, fields, sent, trace)
  values
    (gen_random_uuid(), 'c', E'tab\\t, line\\nand "quotes" \\\\ \u20ac \\U0001f600', 'REJECTED', true, 'USD', 2147483647, '2026-03-08 02:30:00.123456-05', '',
      '{"a": 1.10, "b": 12345678901234567890, "c": "\u00e9", "d": null}', E'{ "a" : 1.10 ,\\n "a": 2 }', '[]'),
    (gen_random_uuid(), '', '', 'UNMATCHED', false, '', -1, 'infinity', '\u202e', '[]', null, '{}')`,
  `insert into ledger (id, kind, buyer_id, buyer_amount, at) values (gen_random_uuid(), 'payment', 'b', 99999999999999.9999, 'epoch')`,
];

async function awkwardValues(database: Database): Promise<unknown> {
  return await database.read((db) =>
    db.execute(
      "select supplier_id, revision, decided_at::text, request_id, fields::text, sent::text, trace::text, (select buyer_amount::text from ledger) as price from leads order by revision",
    ),
  );
}
