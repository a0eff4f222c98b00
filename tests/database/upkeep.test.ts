import { expect, test } from "bun:test";
import { join } from "node:path";
import postgres, { type ReservedSql } from "postgres";
import { tidySince } from "#database/engine/upkeep.ts";
import { engineClient, startEngine } from "#database/pglite/engine.ts";
import { discard, embeddedSettings, postgresSettings, template } from "../support/database.ts";

const title = "upkeep lets a table use the room of its dead rows again, so that it stops growing";

test(`${title} (embedded)`, async () => {
  const settings = await embeddedSettings();
  const engine = await startEngine(join(settings.dataDir, "database"), await template());
  const client = engineClient(engine, () => undefined);
  await client`select 1`;
  const sizes = await sizesOfABusyTable(await client.reserve());
  await engine.kill();
  await discard(settings);
  expect(sizes.slice(1)).toEqual(Array(5).fill(sizes[1]));
});

test(`${title} (postgres)`, async () => {
  const settings = await postgresSettings();
  const client = postgres(settings.databaseUrl ?? "", { max: 1 });
  const sql = await client.reserve();
  const sizes = await sizesOfABusyTable(sql);
  sql.release();
  await client.end();
  await discard(settings);
  expect(sizes.slice(1)).toEqual(Array(5).fill(sizes[1]));
});

test("upkeep leaves an embedded database alone in which nothing was written since", async () => {
  const settings = await embeddedSettings();
  const engine = await startEngine(join(settings.dataDir, "database"), await template());
  const client = engineClient(engine, () => undefined);
  await client`select 1`;
  const sql = await client.reserve();
  const checkpoint = async () =>
    (await sql<{ at: string }[]>`select checkpoint_lsn::text as at from pg_control_checkpoint()`)[0]?.at;

  const tidied = await tidySince(undefined, { sql });
  const first = await checkpoint();
  const again = await tidySince(tidied, { sql });
  const second = await checkpoint();
  await sql`create table written (n int)`;
  await tidySince(again, { sql });
  const third = await checkpoint();
  await engine.kill();
  await discard(settings);

  expect([again, second]).toEqual([tidied, first]);
  expect(third).not.toBe(second);
});

async function sizesOfABusyTable(sql: ReservedSql): Promise<number[]> {
  await sql`create table busy (n int, filler text) with (autovacuum_enabled = off)`;
  await sql`insert into busy select n, repeat('x', 100) from generate_series(1, 10000) n`;
  const sizes = [];
  for (let round = 1; round <= 6; round++) {
    await sql`update busy set n = n + 1`;
    await tidySince(undefined, { sql });
    const [row] = await sql<{ size: number }[]>`select pg_relation_size('busy')::int as size`;
    sizes.push(row?.size ?? 0);
  }
  return sizes;
}
