import { afterAll, beforeAll, expect, test } from "bun:test";
import { type SQL, sql } from "drizzle-orm";
import postgres from "postgres";
import type { Database, Queryable } from "#database/database.ts";
import type { DatabaseSettings } from "#database/engine/connect.ts";
import {
  addToGeneration,
  beginGeneration,
  isSuppressed,
  removeOlder,
  removeSuppressionKeys,
} from "#suppression/entry-records.ts";
import { discard, openFresh, postgresSettings } from "../support/database.ts";
import { aDocument, openLeadgate } from "../support/leadgate.ts";

let settings: DatabaseSettings;
let database: Database;

beforeAll(async () => {
  // One connection for writing and one for reading, each of which plans a statement once.
  settings = await postgresSettings({ writers: 1, connections: 1, deadlineMs: 30_000 });
  database = await openFresh(settings);
  const operator = openLeadgate(database);
  await operator.configure(aDocument({ more: { suppression_lists: [{ id: "dnc", name: "Do not call" }] } }));
  await operator.server.stop();
  // As a new embedded database is unpacked, and as autovacuum leaves an empty table.
  const client = postgres(settings.databaseUrl ?? "", { max: 1, onnotice: () => undefined });
  await client.unsafe("vacuum (analyze) suppression_entries");
  await client.end();
}, 120_000);

afterAll(async () => {
  await database.close();
  await discard(settings);
});

test("people are looked for on a list by their keys and not among all who are on it, also where that was planned while nobody was", async () => {
  const keys = Array.from({ length: 1000 }, () => crypto.randomUUID());
  const entries = { keys, kinds: ["phone" as const] };
  expect(await isSuppressed(database, "dnc", keys)).toBe(false);
  expect(await database.write((tx) => removeSuppressionKeys(tx, "dnc", keys))).toBe(0);
  const generation = (await beginGeneration(database, "dnc")) ?? 0;
  await removeOlder(database, "dnc", generation);
  await database.write((tx) => addToGeneration(tx, "dnc", entries, generation, new Date()));
  const filtered = await Promise.all([database.read(filtersOf), database.write(filtersOf)]);
  const [read, written] = filtered.map((each) => each.join("\n"));
  expect([read, written]).not.toContainEqual(expect.stringContaining("key = ANY"));
  expect(filtered.map((each) => each.length > 0)).toEqual([true, true]);
});

/** What statements that the connection has prepared compare entries with, one after another. */
async function filtersOf(db: Queryable): Promise<string[]> {
  const prepared = await rowsOf<{ name: string; parameters: number }>(
    db,
    sql`select name, cardinality(parameter_types) as parameters from pg_prepared_statements
        where statement ~ 'suppression_entries' and statement !~ 'insert|pg_prepared_statements'`,
  );
  const filters: string[] = [];
  for (const { name, parameters } of prepared) {
    const explain = sql.raw(
      `explain (costs off) execute "${name}"(${Array(parameters).fill("null").join()})`,
    );
    const plan = await rowsOf<{ "QUERY PLAN": string }>(db, explain);
    filters.push(...plan.map((row) => row["QUERY PLAN"]).filter((line) => line.includes("Filter: ")));
  }
  return filters;
}

async function rowsOf<Row>(db: Queryable, statement: SQL): Promise<Row[]> {
  const rows: unknown = await db.execute(statement);
  return rows as Row[];
}
