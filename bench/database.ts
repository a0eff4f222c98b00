import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { startPostgres } from "../tests/support/postgres.ts";
import { median } from "./figures.ts";

/** A Postgres as one would run it in earnest: what it says is committed is on the disk. */
export const DURABLE = {
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  shared_buffers: "256MB",
  max_wal_size: "4GB",
  min_wal_size: "2GB",
  max_connections: "200",
};

/** A Postgres of the run's own, and a folder for all else that the run leaves on the disk. */
export interface Ground {
  /** The database that is there from the start; superuser. */
  url: string;
  folder: string;
  /** Makes a database; its URL. */
  createDatabase(name: string): Promise<string>;
}

/** Both are gone afterwards, but for the folder of a run that failed: the servers' logs are in it. */
export async function onGround(work: (ground: Ground) => Promise<void>): Promise<void> {
  const folder = await folderOfItsOwn();
  const database = await startPostgres({ settings: DURABLE });
  const { url } = database;
  try {
    await makeSegments(url);
    await work({
      url,
      folder,
      async createDatabase(name) {
        await query(url, `create database ${name}`);
        return url.replace(/[^/]+$/, name);
      },
    });
    await rm(folder, { recursive: true });
  } catch (error) {
    console.error(`The logs of this run are in ${folder}`);
    throw error;
  } finally {
    await database.stop();
  }
}

/** Segments of the log, 16 MB each. */
const SEGMENTS = 120;

/**
 * Has the log go through so many segments, which are used again from then on: as in a Postgres that has run for a day. In a new one each is
 * made while leads come, 60 ms in which nothing is committed, and a load of 10,000 leads/s has one of them each second.
 */
async function makeSegments(url: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    for (let made = 0; made < SEGMENTS; made++) {
      await client`select pg_logical_emit_message(true, 'bench', 'a segment'), pg_switch_wal()`;
    }
    await client`checkpoint`;
  } finally {
    await client.end();
  }
}

/** Where servers of a run write their logs. */
export async function folderOfItsOwn(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "leadgate-bench-"));
}

/** Runs one statement on a connection of its own. */
export async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return await client.unsafe(statement);
  } finally {
    await client.end();
  }
}

/**
 * Checks that a database kept its word under the load: every lead that was accepted is counted, once, on its contract and on its
 * supplier. Answers how many there are. Throws when the figures differ.
 */
export async function countedSales(url: string): Promise<number> {
  const [found] = await query(
    url,
    `select (select count(*)::int from leads where status = 'ACCEPTED') as leads,
       (select sum(total_leads)::int from campaign_counters where party = 'contract') as contracts,
       (select sum(total_leads)::int from campaign_counters where party = 'supplier') as suppliers`,
  );
  const { leads, contracts, suppliers } = found as Record<"leads" | "contracts" | "suppliers", number>;
  if (leads !== contracts || leads !== suppliers) {
    throw new Error(
      `${leads} leads were accepted, ${contracts} counted on contracts, ${suppliers} on suppliers`,
    );
  }
  return leads;
}

/** How long the disk takes to make 8 KiB durable, in ms: the least that any commit can take. */
export function syncTime(folder: string): number {
  const file = openSync(join(folder, "sync"), "w");
  const page = new Uint8Array(8192);
  const times = Array.from({ length: 200 }, () => {
    const started = performance.now();
    writeSync(file, page);
    fsyncSync(file);
    return performance.now() - started;
  });
  closeSync(file);
  return median(times);
}
