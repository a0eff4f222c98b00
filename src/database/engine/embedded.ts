import { EventEmitter } from "node:events";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Sql } from "postgres";
import {
  type Database,
  DatabaseRefused,
  type OnProblem,
  type Queryable,
  type Snapshot,
} from "#database/database.ts";
import { copyDirectory } from "#database/pglite/directory-copy.ts";
import { lockDirectory } from "#database/pglite/directory-lock.ts";
import { type Engine, engineClient, startEngine } from "#database/pglite/engine.ts";
import { withoutValues } from "#database/refusal.ts";
import { type Connection, openConnection } from "./connection.ts";
import { CHANNEL } from "./listening.ts";
import { openPool, type Pool } from "./pool.ts";
import { readThrough } from "./reading.ts";
import { openSnapshot } from "./snapshot.ts";
import { openUpkeep } from "./upkeep.ts";
import { writeThrough } from "./writing.ts";

export interface EmbeddedSettings {
  readonly dataDir: string;
  readonly deadlineMs: number;
  /** An archive by `makeTemplate` that a new database is unpacked from; absent: the one compiled in, else initdb is run. */
  readonly template: string | undefined;
  readonly onProblem: OnProblem;
  /** False while its schema may be an older one; see WriteLimits. */
  readonly leavesOutcomes?: boolean;
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
  const { deadlineMs, onProblem, leavesOutcomes = true } = settings;
  const directory = join(settings.dataDir, "database");
  const copy = `${directory}.copy`;
  const unlock = lockDirectory(directory, new Date());
  // Of a process that was killed: nobody else can be at it now.
  for (const left of [copy, join(settings.dataDir, "filling")])
    await rm(left, { recursive: true, force: true });
  const told = new EventEmitter().setMaxListeners(0);
  let engine: Engine | undefined;
  let isPrepared = false;

  /** A connection and the thread behind it live and die together; the next thread starts when the last one is gone. */
  async function connect(): Promise<Connection> {
    await engine?.kill();
    const started = await startEngine(directory, settings.template);
    engine = started;
    return await openConnection(
      (onclose) => engineClient(started, onclose, () => told.emit(CHANNEL)),
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
  let isCopied = false;
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    upkeep.stop();
    try {
      await pool.close(async () => await engine?.close());
    } finally {
      await engine?.kill();
      unlock();
    }
  }

  const limits = { deadlineMs, leavesOutcomes, onProblem };
  const read = <T>(work: (db: Queryable) => Promise<T>) => readThrough(pool, work, deadlineMs);
  const upkeep = openUpkeep(pool, deadlineMs, onProblem);
  upkeep.start();
  const write: Database["write"] = (work, patienceMs = deadlineMs) => {
    upkeep.written();
    return writeThrough(pool, work, { ...limits, deadlineMs: patienceMs });
  };
  return {
    kind: "embedded",
    isSpread: false,
    read,
    survey: read,
    isStandbyRecent: async () => null,
    lookUp: read,
    write,
    makeTables: write,
    ping: () => answers(pool, deadlineMs),
    listen(changed) {
      told.on(CHANNEL, changed);
      return () => true;
    },
    snapshot: (alone) => (alone === undefined ? snapshotOfCopy() : snapshotInPlace()),
    close: () => (closing ??= close()),
  };

  async function snapshotOfCopy(): Promise<Snapshot> {
    if (isCopied) throw new DatabaseRefused("A backup is being made already. Try again when it is done.");
    isCopied = true;
    async function removeCopy(): Promise<void> {
      await rm(copy, { recursive: true, force: true });
      isCopied = false;
    }
    upkeep.stop();
    try {
      await copyDirectory(directory, copy, (work) => onConnection(pool, deadlineMs, work));
      return await openDirectory(copy, removeCopy);
    } catch (error) {
      await removeCopy();
      throw withoutValues(error);
    } finally {
      if (closing === undefined) upkeep.start();
    }
  }

  async function snapshotInPlace(): Promise<Snapshot> {
    const connection = await pool.take(performance.now() + deadlineMs);
    return await openSnapshot(connection, async () => pool.give(connection));
  }
}

async function onConnection<T>(
  pool: Pool,
  deadlineMs: number,
  work: (sql: Connection["sql"]) => Promise<T>,
): Promise<T> {
  const connection = await pool.take(performance.now() + deadlineMs);
  try {
    return await work(connection.sql);
  } finally {
    pool.give(connection);
  }
}

/** Opens a directory that nobody else has open, for reading alone; `end` is called when that is over. */
async function openDirectory(directory: string, end: () => Promise<void>): Promise<Snapshot> {
  const engine = await startEngine(directory, undefined);
  try {
    const connection = await openConnection((onclose) => engineClient(engine, onclose));
    return await openSnapshot(connection, async () => {
      await engine.kill();
      await end();
    });
  } catch (error) {
    await engine.kill();
    throw error;
  }
}

async function answers(pool: Pool, deadlineMs: number): Promise<void> {
  await readThrough(pool, (db) => db.execute("select 1"), deadlineMs);
}

/** See the writers' parameters in postgres.ts. */
const lane = `listen ${CHANNEL}; set default_transaction_read_only = on; set plan_cache_mode = force_generic_plan;
  set enable_seqscan = off; set enable_bitmapscan = off; set jit = off`;
