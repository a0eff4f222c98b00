import { join } from "node:path";
import type { Sql } from "postgres";
import { type Connection, openConnection } from "./connection.ts";
import type { Database, OnProblem } from "./database.ts";
import { lockDirectory } from "./directory-lock.ts";
import { type Engine, engineClient, startEngine } from "./engine.ts";
import { openPool } from "./pool.ts";
import { readThrough } from "./reading.ts";
import { startUpkeep } from "./upkeep.ts";
import { writeThrough } from "./writing.ts";

export interface EmbeddedSettings {
  readonly dataDir: string;
  readonly deadlineMs: number;
  /** An archive by `makeTemplate` that a new database is unpacked from; absent: the one compiled in, else initdb is run. */
  readonly template: string | undefined;
  readonly onProblem: OnProblem;
}

/** Brings a database up to date before anything else happens on it. */
type Prepare = (client: Sql) => Promise<void>;

/** With initdb, on a slow and busy machine. */
const LONGEST_START_MS = 120_000;

/**
 * PGlite, spoken to through the same driver as Postgres: what postgres.js writes goes to the thread instead of a socket. It has one
 * connection, which serves all in turn.
 *
 * @throws DatabaseRefused when another process has the directory.
 */
export async function openEmbedded(settings: EmbeddedSettings, prepare: Prepare): Promise<Database> {
  const { deadlineMs, onProblem } = settings;
  const directory = join(settings.dataDir, "database");
  const unlock = lockDirectory(directory, new Date());
  let engine: Engine | undefined;
  let isPrepared = false;

  /** A connection and the thread behind it live and die together; the next thread starts when the last one is gone. */
  async function connect(): Promise<Connection> {
    await engine?.kill();
    const started = await startEngine(directory, settings.template);
    engine = started;
    return await openConnection(
      (onclose) => engineClient(started, onclose),
      async (client) => {
        if (!isPrepared) await prepare(client);
        isPrepared = true;
        await client.unsafe(lane);
      },
    );
  }

  const pool = openPool(connect, 1);
  try {
    pool.give(await pool.take(performance.now() + LONGEST_START_MS));
  } catch (error) {
    await engine?.kill();
    unlock();
    throw error;
  }
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    stopUpkeep();
    try {
      await pool.close(async () => await engine?.close());
    } finally {
      await engine?.kill();
      unlock();
    }
  }

  const limits = { deadlineMs, alone: true, onProblem };
  const stopUpkeep = startUpkeep(pool, deadlineMs, onProblem);
  return {
    kind: "embedded",
    read: (work) => readThrough(pool, work, deadlineMs),
    write: (work) => writeThrough(pool, work, limits),
    async ping() {
      await readThrough(pool, (db) => db.execute("select 1"), deadlineMs);
    },
    close: () => (closing ??= close()),
  };
}

/** See the writers' parameters in postgres.ts. */
const lane = `set default_transaction_read_only = on; set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set jit = off`;
