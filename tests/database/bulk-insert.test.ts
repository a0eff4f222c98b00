import { expect, test } from "bun:test";
import { type BulkInsert, bulkInsert } from "#database/bulk-insert.ts";
import { type Database, StatementRefused } from "#database/database.ts";
import { onBothDatabases } from "../support/database.ts";

interface Row {
  text: string | null;
  fields: string;
  money: number | null;
  isTest: boolean;
}

const AT = "2026-01-13T17:00:00.123Z";
const KEY = "01a22714-92c6-7013-bdf9-a1370b60254c";

const intoRows: BulkInsert<Row> = bulkInsert<Row>("many_rows", {
  id: ["uuid", () => KEY],
  campaign_id: ["text", ({ text }) => text],
  fields: ["jsonb", ({ fields }) => fields],
  trace: ["json", ({ fields }) => fields],
  price: ["money", ({ money }) => money],
  is_test: ["boolean", ({ isTest }) => isTest],
  place: ["smallint", () => -3],
  revision: ["integer", () => 70_000],
  at: ["instant", (_, at) => at],
});

const ROWS: readonly Row[] = [
  { text: "solar", fields: '{"name":"Zoë 🚀"}', money: 400_000, isTest: false },
  { text: null, fields: "[]", money: null, isTest: true },
  { text: "a\u2028b\\n\t,", fields: '"\\u001f"', money: -12_345_678_901_234, isTest: false },
  { text: "x".repeat(300_000), fields: "null", money: 1, isTest: true },
  { text: "zero", fields: "1.50", money: 0, isTest: false },
];

/** What is in the table once each of these went in as one of so many. */
async function written(database: Database, copies: number): Promise<unknown[]> {
  return await inTable(database, async () => {
    const rows = ROWS.flatMap((row) => Array.from({ length: copies }, () => row));
    await database.write((tx) => intoRows.run(tx, rows, AT));
    return await database.read((db) =>
      db.execute(`select distinct id::text, campaign_id, fields::text, trace::text, price::text, is_test, place, revision, at::text
        from many_rows order by fields::text`),
    );
  });
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  return undefined;
}

async function inTable<T>(database: Database, work: () => Promise<T>): Promise<T> {
  await database.write((tx) =>
    tx.execute(`create table many_rows (id uuid, campaign_id text, fields jsonb, trace json, price numeric(20, 4), is_test boolean,
      place smallint, revision integer, at timestamptz, check (campaign_id <> 'refused'))`),
  );
  try {
    return await work();
  } finally {
    await database.write((tx) => tx.execute("drop table many_rows"));
  }
}

onBothDatabases("rows that are written at once", (world) => {
  test("rows are the same whether few are written at once or many", async () => {
    const few = await written(world.database, 1);
    expect(few).toHaveLength(ROWS.length);
    expect(few).toContainEqual(expect.objectContaining({ campaign_id: "solar", price: "40.0000" }));
    expect(await written(world.database, 40)).toEqual(few);
  });

  test("one row that is refused among many has all of them refused, and the next ones are written", async () => {
    const { database } = world;
    const good = Array.from({ length: 100 }, () => ROWS[0] as Row);
    const bad = good.with(70, { text: "refused", fields: "{}", money: 1, isTest: false });
    await inTable(database, async () => {
      const refused = await errorOf(
        database.write((tx) =>
          Promise.all([intoRows.run(tx, good, AT), intoRows.run(tx, bad, AT), intoRows.run(tx, good, AT)]),
        ),
      );
      expect(refused).toBeInstanceOf(StatementRefused);
      await database.write(async (tx) => {
        const copied = [intoRows.run(tx, good, AT), intoRows.run(tx, good, AT)];
        expect(await tx.execute("select 1 as one")).toEqual([{ one: 1 }]);
        await Promise.all(copied);
      });
      const counted = await database.read((db) => db.execute("select count(*)::int as rows from many_rows"));
      expect(counted).toEqual([{ rows: 200 }]);
    });
  });

  test("rows are not written behind a statement of their transaction that failed", async () => {
    const { database } = world;
    const good = Array.from({ length: 100 }, () => ROWS[0] as Row);
    await inTable(database, async () => {
      const failed = await errorOf(
        database.write((tx) => Promise.all([tx.execute("select 1 / 0"), intoRows.run(tx, good, AT)])),
      );
      expect(failed).toMatchObject({ sqlstate: "22012" });
      const counted = await database.read((db) => db.execute("select count(*)::int as rows from many_rows"));
      expect(counted).toEqual([{ rows: 0 }]);
    });
  });
});
