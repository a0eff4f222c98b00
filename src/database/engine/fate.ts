import type { Connection } from "./connection.ts";
import type { Pool } from "./pool.ts";

/** A transaction whose COMMIT was sent on a connection that was lost before the answer. */
export interface Doubt {
  /** Of its row in `running.outcomes`; undefined: it wrote none, and nobody can say. */
  readonly id: string | undefined;
  readonly lost: Connection;
}

export type Fate = "committed" | "aborted" | "unknown";

/** Pause before asking again, in milliseconds. */
const PAUSE_MS = 50;

/**
 * Finds out how a transaction ended, until it is known or `until` has come: by a row that it wrote, so that any server with its data can
 * say, one that took over from the last one too. Takes the place of the lost connection in the pool and gives it back.
 */
export async function fateOf(doubt: Doubt, pool: Pool, until: number): Promise<Fate> {
  while (doubt.id !== undefined && performance.now() < until) {
    let connection: Connection;
    try {
      connection = await pool.replace(until);
    } catch {
      await Bun.sleep(PAUSE_MS);
      continue;
    }
    const fate = await ask(connection, doubt.id, doubt.lost, until);
    if (fate !== "no answer") {
      pool.give(connection);
      return fate;
    }
    connection.destroy();
    await Bun.sleep(PAUSE_MS);
  }
  pool.vacate();
  return "unknown";
}

async function ask(
  connection: Connection,
  id: string,
  lost: Connection,
  until: number,
): Promise<Fate | "no answer"> {
  const timer = setTimeout(() => connection.destroy(), until - performance.now());
  try {
    // It either is still committing, which can't be interrupted, or never got the COMMIT and would wait for it.
    await connection.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where pid = ${lost.backendPid} and extract(epoch from backend_start)::text = ${lost.backendStart}`;
    return await settle(connection, id);
  } catch {
    return "no answer";
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Writes the row of a transaction that was not committed, so that it can't be committed any more; where the row is there already, it was.
 * While it still runs, this waits for its end. The row is written in either case: with a synchronous standby the answer then comes once
 * the standby has both.
 */
async function settle({ sql }: Connection, id: string): Promise<Fate | "no answer"> {
  await sql`begin read write`;
  const [row] = await sql<{ isMade: boolean }[]>`
    insert into running.outcomes as known (id, is_made) values (${id}, false)
    on conflict (id) do update set is_made = known.is_made
    returning is_made as "isMade"`;
  const { command } = await sql`commit`;
  if (row === undefined || command !== "COMMIT") return "no answer";
  return row.isMade ? "committed" : "aborted";
}
