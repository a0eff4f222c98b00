import { DatabaseUnavailable, type OnProblem } from "#database/database.ts";
import { withoutValues } from "#database/refusal.ts";
import type { Connection } from "./connection.ts";
import type { Pool } from "./pool.ts";

const EVERY_MS = 60_000;

/** Tidies the embedded database now and again, from its start until it is stopped. */
export interface Upkeep {
  start(): void;
  stop(): void;
  /** Something is written: without a word of it there is nothing to tidy. */
  written(): void;
}

/**
 * Does for the embedded database what a server's background processes would: without it, the write-ahead log grew to 369 MB
 * and tables were never cleaned.
 */
export function openUpkeep(pool: Pool, deadlineMs: number, onProblem: OnProblem): Upkeep {
  let timer: NodeJS.Timeout | undefined;
  // By whoever had it before.
  let isWritten = true;
  let tidiedAt: string | undefined;

  async function attempt(): Promise<void> {
    if (!isWritten) return;
    isWritten = false;
    try {
      const connection = await pool.take(performance.now() + deadlineMs);
      try {
        tidiedAt = await tidySince(tidiedAt, connection);
      } finally {
        pool.give(connection);
      }
    } catch (error) {
      isWritten = true;
      // Being busy or away now is no news: whoever needs the database hears of it.
      const cause = withoutValues(error);
      if (!(cause instanceof DatabaseUnavailable)) onProblem("The database's upkeep failed", cause);
    }
  }

  return {
    start() {
      timer = setInterval(() => void attempt(), EVERY_MS).unref();
    },
    stop: () => clearInterval(timer),
    written() {
      isWritten = true;
    },
  };
}

/**
 * Tidies, unless nothing was written since the log ended where an earlier call said: most looks of an idle server write nothing, and
 * tidying a minute took more than all else that it does. The answer is where the log ends now.
 */
export async function tidySince(
  tidiedAt: string | undefined,
  connection: Pick<Connection, "sql">,
): Promise<string> {
  const { sql } = connection;
  const endOfLog = async () =>
    (await sql<{ end: string }[]>`select pg_current_wal_insert_lsn()::text as end`)[0]?.end ?? "";
  if (tidiedAt === undefined || (await endOfLog()) !== tidiedAt) await tidy(connection);
  return await endOfLog();
}

/**
 * Vacuums the tables of which a fifth is dead or new, as autovacuum would, and those whose transaction ids grow old; then writes
 * what changed to the tables' files. PGlite adds up what happened to each table only when it is asked to.
 */
async function tidy({ sql }: Pick<Connection, "sql">): Promise<void> {
  await sql`select pg_stat_force_next_flush()`;
  const tables = await sql<{ name: string; isOld: boolean }[]>`
    select format('%I.%I', nspname, pg_class.relname) as name, age(relfrozenxid) > 100000000 as "isOld"
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    left join pg_stat_all_tables as counted on relid = pg_class.oid
    where relkind in ('r', 'm')
      and (age(relfrozenxid) > 100000000
        or n_dead_tup > 50 + 0.2 * reltuples
        or n_mod_since_analyze > 500 + 0.2 * reltuples)`;
  for (const { name, isOld } of tables) {
    await sql.unsafe(`vacuum (analyze${isOld ? ", freeze" : ""}) ${name}`);
  }
  await sql`checkpoint`;
}
