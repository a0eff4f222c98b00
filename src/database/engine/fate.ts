import type { Connection } from "./connection.ts";
import type { Pool } from "./pool.ts";

/** A transaction whose COMMIT was sent on a connection that was lost before the answer. */
export interface Doubt {
  readonly xid: string;
  readonly lost: Connection;
  readonly alone: boolean;
}

export type Fate = "committed" | "aborted" | "unknown";

/** Pause before asking again, in milliseconds. */
const PAUSE_MS = 50;

/**
 * Asks the database itself how a transaction ended, until it is known or `until` has come. Takes the place of the lost connection in
 * the pool and gives it back.
 */
export async function fateOf(doubt: Doubt, pool: Pool, until: number): Promise<Fate> {
  while (performance.now() < until) {
    let connection: Connection;
    try {
      connection = await pool.replace(until);
    } catch {
      await Bun.sleep(PAUSE_MS);
      continue;
    }
    const fate = await ask(connection, doubt, until);
    if (fate !== "no answer") {
      pool.give(connection);
      return fate;
    }
    connection.destroy();
  }
  pool.vacate();
  return "unknown";
}

async function ask(connection: Connection, doubt: Doubt, until: number): Promise<Fate | "no answer"> {
  const timer = setTimeout(() => connection.destroy(), until - performance.now());
  try {
    for (;;) {
      const [answer] = await connection.sql<{ status: string | null }[]>`
        select pg_xact_status(${doubt.xid}::text::xid8) as status`;
      const status = answer?.status;
      if (status === "aborted") return "aborted";
      if (status === "committed") return isSameHistory(connection, doubt) ? "committed" : "unknown";
      if (status !== "in progress") return "unknown";
      // Its backend either is still committing, which can't be interrupted, or never got the COMMIT and would wait for it.
      await connection.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where pid = ${doubt.lost.backendPid} and backend_xid = ${doubt.xid}::text::xid8::xid`;
      await Bun.sleep(PAUSE_MS);
    }
  } catch (error) {
    // "transaction ID … is in the future": it went down with a crash before anything of it reached the disk.
    return (error as Record<string, unknown>)["code"] === "22023" ? "aborted" : "no answer";
  } finally {
    clearTimeout(timer);
  }
}

/**
 * After a crash, ids of transactions that never reached the disk are given out again, and "committed" may speak of somebody
 * else's. A crash shows in the counters' reset time.
 */
function isSameHistory(connection: Connection, doubt: Doubt): boolean {
  return doubt.alone || connection.lastCrash === doubt.lost.lastCrash;
}
