import type { Sql } from "postgres";
import { DatabaseUnavailable, type OnProblem } from "#database/database.ts";
import { withoutValues } from "#database/refusal.ts";

/** On which the triggers of migration 0017 say that something changed. */
export const CHANNEL = "leadgate";

export interface ListeningParts {
  /** A client of its own, which connects again by itself. */
  client: Sql;
  /** Says a word on the channel, by another connection. */
  say(): Promise<unknown>;
  onProblem: OnProblem;
}

/** Listens, on a connection of its own. */
export interface Listening {
  listen(changed: () => void): () => boolean;
  close(): Promise<void>;
}

/**
 * Postgres' LISTEN. Whether words come through is known when one did: each connection begins with one of our own, for a pooler may take
 * LISTEN and send nothing.
 */
export function openListening({ client, say, onProblem }: ListeningParts): Listening {
  let isClosed = false;

  function complain(error: unknown): void {
    const cause = withoutValues(error);
    if (isClosed || cause instanceof DatabaseUnavailable) return;
    onProblem("The database tells of no changes; they are looked for every second instead", cause);
  }

  return {
    listen(changed) {
      let isHeard = false;
      const hear = () => {
        isHeard = true;
        changed();
      };
      const begin = () => {
        isHeard = false;
        say().catch(complain);
      };
      client.listen(CHANNEL, hear, begin).catch(complain);
      return () => isHeard;
    },
    async close() {
      isClosed = true;
      await client.end({ timeout: 0 });
    },
  };
}
