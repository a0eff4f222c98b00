import postgres from "postgres";
import type { Ground } from "./database.ts";
import { postgresTime, postmasterOf, serverTime } from "./processes.ts";
import { measure, startBeside, type Window } from "./servers.ts";

/** The least that a lead can cost, in µs of processor time. */
export interface Floor {
  /** Bun.serve that reads the body and answers 201 with four headers, 256 connections. */
  server: number;
  /** A row of 750 bytes, 128 a statement, in a table with one key. */
  postgres: number;
}

const ROWS = 128;
const FILLER = 700;
const STATEMENTS = 400;

export async function measureFloor(ground: Ground, window: Window): Promise<Floor> {
  return { server: await serverFloor(window), postgres: await postgresFloor(ground) };
}

async function serverFloor(window: Window): Promise<number> {
  const bare = await startBeside("ceiling.ts", "");
  const before = serverTime(bare.pid);
  const { answers } = await measure(bare.port, 256, window);
  const took = serverTime(bare.pid) - before;
  await bare.stop();
  return took / (answers["201"] ?? Number.NaN);
}

async function postgresFloor({ url }: Ground): Promise<number> {
  const client = postgres(url, { max: 1, fetch_types: false, onnotice: () => undefined });
  const postmaster = await postmasterOf(url);
  await client.unsafe("create table if not exists floor (id uuid primary key, at timestamptz, filler text)");
  const filler = "x".repeat(FILLER);
  const before = postgresTime(postmaster);
  for (let statement = 0; statement < STATEMENTS; statement++) {
    const rows = JSON.stringify(Array.from({ length: ROWS }, () => ({ id: Bun.randomUUIDv7(), filler })));
    await client`insert into floor select id, now(), filler from json_to_recordset(${rows}::text::json) as row (id uuid, filler text)`;
  }
  const took = postgresTime(postmaster) - before;
  await client.end();
  return took / (STATEMENTS * ROWS);
}
