import postgres from "postgres";
import type { Database, OnProblem } from "#database/database.ts";
import { withoutValues } from "#database/refusal.ts";
import { openConnection } from "./connection.ts";
import { CHANNEL, openListening } from "./listening.ts";
import { openPool } from "./pool.ts";
import { readThrough } from "./reading.ts";
import { openSnapshot } from "./snapshot.ts";
import { writeThrough } from "./writing.ts";

export interface PostgresSettings {
  readonly url: string;
  /** Most connections for reading. */
  readonly connections: number;
  /** Most transactions at a time. */
  readonly writers: number;
  readonly deadlineMs: number;
  readonly onProblem: OnProblem;
  /** False while its schema may be an older one; see WriteLimits. */
  readonly leavesOutcomes?: boolean;
}

/** Postgres at a URL. Connects when it is first asked something, and anew whenever a connection was lost. */
export function openPostgres(settings: PostgresSettings): Database {
  const { url, deadlineMs, onProblem, leavesOutcomes = true } = settings;
  const limits = { deadlineMs, leavesOutcomes, onProblem };
  const readers = openPool(connector(url, readerParameters(deadlineMs), deadlineMs), settings.connections);
  const lookers = openPool(connector(url, lookerParameters(deadlineMs), deadlineMs), LOOKERS);
  const writers = openPool(connector(url, writerParameters(deadlineMs), deadlineMs), settings.writers);
  const listening = openListening({
    client: postgresClient(url, deadlineMs, () => undefined),
    say: () =>
      readThrough(readers, (db) => db.execute(`select pg_notify('${CHANNEL}', 'hello')`), deadlineMs),
    onProblem,
  });
  return {
    kind: "postgres",
    read: (work) => readThrough(readers, work, deadlineMs),
    lookUp: (work) => readThrough(lookers, work, deadlineMs),
    write: (work) => writeThrough(writers, work, limits),
    async ping() {
      await readThrough(readers, (db) => db.execute("select 1"), deadlineMs);
    },
    listen: (changed) => listening.listen(changed),
    async snapshot() {
      const connect = connector(url, { default_transaction_read_only: "on" }, deadlineMs);
      const connection = await connect().catch((error: unknown) => {
        throw withoutValues(error);
      });
      return await openSnapshot(connection, async () => connection.destroy());
    },
    async close() {
      await Promise.all([listening.close(), readers.close(), lookers.close(), writers.close()]);
    },
  };
}

function connector(url: string, parameters: Record<string, string | number>, deadlineMs: number) {
  // Set once it is connected: poolers refuse what they do not know when it comes with the connection's first message.
  const settings = Object.entries(parameters).map(([name, value]) => `set ${name} = '${value}'`);
  return () =>
    openConnection(
      (onclose) => postgresClient(url, deadlineMs, onclose),
      (client) => client.unsafe(settings.join("; ")),
    );
}

/** A client with one connection, which is set up the same way everywhere. */
export function postgresClient(url: string, connectMs: number, onclose: () => void): postgres.Sql {
  return postgres(url, {
    max: 1,
    onclose,
    connect_timeout: Math.min(5, connectMs / 1000),
    max_lifetime: null,
    keep_alive: 15,
    // Saves a question per connection; arrays come back as text, which Drizzle's array columns understand.
    fetch_types: false,
    onnotice: () => undefined,
    connection: { application_name: "leadgate" },
  });
}

/** The server's own limits end a little before ours, so that it says itself what was too slow and the connection survives. */
function readerParameters(deadlineMs: number) {
  return {
    default_transaction_read_only: "on",
    statement_timeout: Math.floor(deadlineMs * 0.9),
    lock_timeout: Math.floor(deadlineMs * 0.8),
  };
}

/** Pings of one campaign are read for together, so few connections serve many. */
const LOOKERS = 4;

/**
 * The statements of a lane are planned once per connection, for any parameters. Without sequential scans, a plan that was made while
 * a table was empty still uses its index when it is big; without bitmaps, a look-up that the index alone can answer asks no more; without
 * JIT, the price put on a scan that can't be avoided compiles nothing.
 */
function lookerParameters(deadlineMs: number) {
  return {
    ...readerParameters(deadlineMs),
    plan_cache_mode: "force_generic_plan",
    enable_seqscan: "off",
    enable_bitmapscan: "off",
    jit: "off",
  };
}

function writerParameters(deadlineMs: number) {
  return { ...lookerParameters(deadlineMs), idle_in_transaction_session_timeout: deadlineMs };
}
