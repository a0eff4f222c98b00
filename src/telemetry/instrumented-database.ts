import { type Database, DatabaseUnavailable, StatementRefused } from "#database/database.ts";
import type { Clock } from "#time/clock.ts";
import type { Observer, Tracing, WriteOutcome } from "./observer.ts";

/** The same database, with every write told to the observer. */
export function observedDatabase(
  database: Database,
  observer: Observer,
  clock: Clock,
  tracing: Tracing | undefined,
): Database {
  return {
    ...database,
    async write(work, patienceMs) {
      const began = clock.elapsedMs();
      let outcome: WriteOutcome = "committed";
      const writing = () => database.write(work, patienceMs);
      try {
        return await (tracing === undefined ? writing() : tracing.ofWrite(writing));
      } catch (error) {
        outcome = outcomeOf(error);
        throw error;
      } finally {
        observer.databaseWritten(outcome, clock.elapsedMs() - began);
      }
    },
  };
}

function outcomeOf(error: unknown): WriteOutcome {
  if (error instanceof StatementRefused) return "refused";
  return error instanceof DatabaseUnavailable ? "unavailable" : "failed";
}
