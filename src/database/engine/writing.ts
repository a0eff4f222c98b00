import { DatabaseUnavailable, type OnProblem, type Queryable } from "#database/database.ts";
import { meaningOf, withoutValues } from "#database/refusal.ts";
import { type Doubt, fateOf } from "./fate.ts";
import type { Pool } from "./pool.ts";
import { transact } from "./transaction.ts";

/** A transaction that loses against others this often in a row is given up. */
const MOST_ATTEMPTS = 5;

export interface WriteLimits {
  readonly deadlineMs: number;
  /** Whether each transaction leaves a row by which its fate can be found out; its table may not be there yet. */
  readonly leavesOutcomes: boolean;
  readonly onProblem: OnProblem;
}

/**
 * Runs `work` in a transaction, again when it lost against another one, and finds out the fate of one whose COMMIT went unanswered.
 *
 * @throws DatabaseUnavailable, StatementRefused, and whatever `work` throws of its own.
 */
export async function writeThrough<T>(
  pool: Pool,
  work: (tx: Queryable) => Promise<T>,
  limits: WriteLimits,
): Promise<T> {
  const until = performance.now() + limits.deadlineMs;
  for (let attempt = 1; ; attempt++) {
    const connection = await pool.take(until);
    const outcome = limits.leavesOutcomes ? Bun.randomUUIDv7() : undefined;
    const ending = await transact(connection, work, { until, outcome });
    switch (ending.ended) {
      case "committed":
        pool.give(connection);
        return ending.value;
      case "rolled back":
        if (meaningOf(ending.error) === "unavailable") connection.destroy();
        pool.give(connection);
        if (meaningOf(ending.error) !== "lost against another transaction") throw withoutValues(ending.error);
        if (attempt === MOST_ATTEMPTS || performance.now() >= until) {
          throw new DatabaseUnavailable("The transaction kept losing against others");
        }
        break;
      case "in doubt":
        if (await wasCommitted(pool, { id: outcome, lost: connection }, limits)) return ending.value;
        throw new DatabaseUnavailable("The connection to the database was lost; nothing was committed");
    }
  }
}

/** @throws DatabaseUnavailable with `certain: false` when nobody can say. */
async function wasCommitted(pool: Pool, doubt: Doubt, limits: WriteLimits): Promise<boolean> {
  const fate = await fateOf(doubt, pool, performance.now() + limits.deadlineMs);
  limits.onProblem(`The answer to a COMMIT was lost; the transaction is ${fate}`);
  if (fate === "unknown") {
    throw new DatabaseUnavailable(
      "The connection to the database was lost at COMMIT, and nobody could say whether it was made",
      false,
    );
  }
  return fate === "committed";
}
