import { afterAll, describe, expect, test } from "bun:test";
import { eq, sql } from "drizzle-orm";
import fc from "fast-check";
import { builderOn } from "#database/builder.ts";
import { type Database, DatabaseUnavailable, type Queryable, StatementRefused } from "#database/database.ts";
import { deleteOutcomes } from "#database/outcome-records.ts";
import { refusalOf } from "#database/refusal.ts";
import { statement } from "#database/statement.ts";
import { suppliers, suppressionEntries, suppressionLists } from "#database/tables.ts";
import { discard, embeddedSettings, failureOf, onBothDatabases, openFresh } from "../support/database.ts";

const insertSupplier = statement<{ id: string }, { id: string; definition: string }>(
  "supplier.insert",
  "unspread",
  ($) => sql`insert into suppliers (id, definition) values (${$.id}, ${$.definition}::jsonb) returning id`,
);
const count = statement<{ n: number }, { n: number }>(
  "count",
  "unspread",
  ($) => sql`select ${$.n}::int as n`,
);
const add = (tx: Queryable, id: string) => insertSupplier.run(tx, { id, definition: "{}" });
const idsIn = async (database: Database) =>
  (await database.read((db) => builderOn(db).select().from(suppliers).orderBy(suppliers.id))).map(
    ({ id }) => id,
  );

const FIRST_UUID = "00000000-0000-7000-8000-000000000000";
const LAST_UUID = "ffffffff-ffff-7fff-bfff-ffffffffffff";

onBothDatabases("a database", (world) => {
  test("keeps what a transaction wrote", async () => {
    const answer = await world.database.write(async (tx) => {
      await add(tx, "acme");
      await builderOn(tx)
        .insert(suppliers)
        .values({ id: "zenith", definition: { name: "Zenith" } });
      return "done";
    });
    expect(answer).toBe("done");
    expect(await idsIn(world.database)).toEqual(["acme", "zenith"]);
  });

  test("can say of each transaction for a day that it was committed", async () => {
    const { database } = world;
    const idsOf = () =>
      database.read((db) => db.execute<{ id: string }>("select id::text as id from running.outcomes"));
    await database.write((tx) =>
      tx.execute("update running.outcomes set began_at = now() - interval '25 hours'"),
    );
    const before = (await idsOf()).length;
    expect(before).toBeGreaterThan(0);
    const deleted = await database.write((tx) => deleteOutcomes(tx, LAST_UUID, before + 1));
    const left = await idsOf();
    expect([deleted, left.length]).toEqual([before, 1]);
    expect(await database.write((tx) => deleteOutcomes(tx, FIRST_UUID, 10))).toBe(0);
  });

  test("keeps nothing of a transaction whose work throws, and throws the same error", async () => {
    const mistake = new Error("changed my mind");
    const writing = world.database.write(async (tx) => {
      await add(tx, "acme");
      throw mistake;
    });
    expect(await failureOf(writing)).toBe(mistake);
    expect(await idsIn(world.database)).toEqual([]);
  });

  test("refuses to call a transaction committed in which a statement failed, even when the work ignored that", async () => {
    const writing = world.database.write(async (tx) => {
      await add(tx, "acme");
      await add(tx, "acme").catch(() => undefined);
    });
    expect(await failureOf(writing)).toMatchObject({ name: "StatementRefused", sqlstate: "23505" });
    expect(await idsIn(world.database)).toEqual([]);
  });

  test("shuts a transaction to whatever goes on behind it", async () => {
    const over = Promise.withResolvers<void>();
    let straggler: Promise<unknown> = Promise.resolve();
    const writing = world.database.write(async (tx) => {
      straggler = over.promise.then(() => add(tx, "straggler"));
      straggler.catch(() => undefined);
      await add(tx, "acme");
      throw new Error("the other half failed");
    });
    expect(await failureOf(writing)).toMatchObject({ message: "the other half failed" });
    await world.database.write(async (tx) => {
      over.resolve();
      expect(await failureOf(straggler)).toMatchObject({ message: "The transaction is over" });
      await add(tx, "later");
    });
    expect(await idsIn(world.database)).toEqual(["later"]);
  });

  test("does not let a read change anything", async () => {
    const reading = world.database.read((db) =>
      builderOn(db).insert(suppliers).values({ id: "acme", definition: {} }),
    );
    expect(await failureOf(reading)).toMatchObject({ name: "StatementRefused", sqlstate: "25006" });
    expect(await idsIn(world.database)).toEqual([]);
  });

  test("serves reads and writes that come at once", async () => {
    const numbers = Array.from({ length: 40 }, (_, index) => index);
    await Promise.all(
      numbers.map(async (number) => {
        await world.database.write((tx) => add(tx, `supplier_${number}`));
        await world.database.read((db) =>
          builderOn(db)
            .select()
            .from(suppliers)
            .where(eq(suppliers.id, `supplier_${number}`)),
        );
      }),
    );
    expect(await idsIn(world.database)).toHaveLength(40);
  });

  test("answers statements of one read that overlap, and ones that follow after a pause", async () => {
    const answers = await world.database.read(async (db) => {
      const together = await Promise.all([count.run(db, { n: 1 }), count.run(db, { n: 2 })]);
      await new Promise((resolve) => setImmediate(resolve));
      return [...together, await count.run(db, { n: 3 })];
    });
    expect(answers).toMatchObject([[{ n: 1 }], [{ n: 2 }], [{ n: 3 }]]);
  });

  test("writes ten thousand rows from one JSON parameter", async () => {
    await world.database.write((tx) =>
      builderOn(tx).insert(suppressionLists).values({ id: "dnc", definition: {} }),
    );
    const rows = Array.from({ length: 10_000 }, () => ({ key: crypto.randomUUID() }));
    const insertAll = statement<never, { rows: string }>(
      "entries.insert",
      "unspread",
      ($) => sql`insert into suppression_entries (key, list_id, added_at)
          select key, 'dnc', '2026-01-01T00:00:00Z' from jsonb_to_recordset(${$.rows}::jsonb) as row(key uuid)`,
    );
    await world.database.write((tx) => insertAll.run(tx, { rows: JSON.stringify(rows) }));
    expect(await world.database.read((db) => builderOn(db).$count(suppressionEntries))).toBe(10_000);
  });

  test("gives back any text that Postgres can store", async () => {
    const echo = statement<{ text: string; json: unknown }, { text: string; json: string }>(
      "echo",
      "unspread",
      ($) => sql`select ${$.text}::text as text, ${$.json}::jsonb as json`,
    );
    const storable = fc.string({ unit: "binary", maxLength: 200 }).map((text) => text.replaceAll("\0", ""));
    await fc.assert(
      fc.asyncProperty(storable, async (text) => {
        const values = { text, json: JSON.stringify({ text: [text] }) };
        const rows = await world.database.read((db) => echo.run(db, values));
        expect(rows[0]).toEqual({ text, json: { text: [text] } });
      }),
    );
  });

  test("gives back raw values in the same form on both databases", async () => {
    const [row] = await world.database.read((db) =>
      statement<Record<string, unknown>>(
        "forms",
        "unspread",
        sql`select 1 as "int", 2::bigint as "bigint", 1.50::numeric as "numeric", 0.5::float8 as "float", true as "boolean",
              array['a', 'b'] as "array", '{"a":1}'::json as "json", '\\x00ff'::bytea as "bytes",
              timestamptz '2026-03-04 12:00+00' at time zone 'UTC' as "timestamp", null as "null"`,
      ).run(db, {}),
    );
    const forms: Record<string, unknown> = { ...row, bytes: [...((row?.["bytes"] ?? []) as Uint8Array)] };
    expect(forms).toEqual({
      int: 1,
      bigint: "2",
      numeric: "1.50",
      float: 0.5,
      boolean: true,
      array: "{a,b}",
      json: { a: 1 },
      bytes: [0x00, 0xff],
      timestamp: "2026-03-04 12:00:00",
      null: null,
    });
  });

  test("names the constraint that data broke, and repeats nothing of the data", async () => {
    await world.database.write((tx) => add(tx, "acme"));
    const writing = world.database.write((tx) =>
      builderOn(tx)
        .insert(suppliers)
        .values({ id: "acme", definition: { phone: "+15550100" } }),
    );
    const error = await failureOf(writing);
    expect(refusalOf(error)).toEqual({ sqlstate: "23505", constraint: "suppliers_pkey" });
    expect(Bun.inspect(error)).not.toContain("acme");
    expect(Bun.inspect(error)).not.toContain("5550100");
  });

  test("tells a value that does not fit from a statement that is wrong", async () => {
    const failing = async (text: string) => failureOf(world.database.read((db) => db.execute(sql.raw(text))));
    const misfit = await failing("select 'secret'::int");
    expect(refusalOf(misfit)).toEqual({ sqlstate: "22P02" });
    const wrong = await failing("select missing_column from suppliers");
    expect(refusalOf(wrong)).toBeUndefined();
    expect(wrong).toBeInstanceOf(StatementRefused);
    expect((wrong as Error).message).toContain("missing_column");
  });

  test("answers a ping", async () => {
    await world.database.ping();
  });
});

describe("a closed database", () => {
  const settings = embeddedSettings();
  afterAll(async () => discard(await settings));

  test("lets what was running end and refuses what comes after", async () => {
    const database = await openFresh(await settings);
    const running = database.write((tx) => add(tx, "acme"));
    const closing = database.close();
    await running;
    await closing;
    expect(await failureOf(database.ping())).toBeInstanceOf(DatabaseUnavailable);
    expect(await failureOf(database.write((tx) => add(tx, "late")))).toMatchObject({ certain: true });
    await database.close();
  });
});
