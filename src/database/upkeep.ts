import type { Connection } from "./connection.ts";
import { DatabaseUnavailable, type OnProblem } from "./database.ts";
import type { Pool } from "./pool.ts";
import { withoutValues } from "./refusal.ts";

const EVERY_MS = 60_000;

/**
 * Does for the embedded database what a server's background processes would: without it, the write-ahead log grew to 369 MB
 * and tables were never cleaned.
 *
 * @returns what stops it.
 */
export function startUpkeep(pool: Pool, deadlineMs: number, onProblem: OnProblem): () => void {
  const timer = setInterval(async () => {
    try {
      const connection = await pool.take(performance.now() + deadlineMs);
      try {
        await tidy(connection);
      } finally {
        pool.give(connection);
      }
    } catch (error) {
      // Being busy or away now is no news: whoever needs the database hears of it.
      const cause = withoutValues(error);
      if (!(cause instanceof DatabaseUnavailable)) onProblem("The database's upkeep failed", cause);
    }
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Cleans the tables of which more than a fifth is dead, as autovacuum would, and writes what changed to the tables' files. */
export async function tidy({ sql }: Connection): Promise<void> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables
    where n_dead_tup > 50 + 0.2 * n_live_tup or n_mod_since_analyze > 50 + 0.1 * n_live_tup or n_ins_since_vacuum > 1000 + 0.2 * n_live_tup`;
  for (const { name } of tables) await sql.unsafe(`vacuum (analyze) ${name}`);
  await sql`checkpoint`;
}
