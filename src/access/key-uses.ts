import type { Database, Queryable } from "#database/database.ts";
import type { Log } from "#telemetry/log.ts";
import type { Running } from "#time/running.ts";

/** A key's id and when it was last good. */
export interface KeyUse {
  id: string;
  at: Date;
}

/**
 * When keys were last used. What is seen is kept in memory and written once a minute, at most one write for each key, beside the leads
 * and never in their transactions; what a crash takes with it is that minute.
 */
export interface KeyUses extends Running {
  used(keyId: string, at: Date): void;
  /** What this server knows of a key's last use beyond what is on record. */
  lastUse(keyId: string): Date | undefined;
}

const WRITTEN_EVERY_MS = 60_000;

export function openKeyUses(
  { database, log }: { database: Database; log: Log },
  write: (db: Queryable, uses: readonly KeyUse[]) => Promise<void>,
): KeyUses {
  let pending = new Map<string, Date>();
  let writing = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    if (pending.size === 0) return;
    const taken = pending;
    pending = new Map();
    try {
      // In one order on every server, or two of them could wait for each other's rows.
      const uses = [...taken]
        .map(([id, at]) => ({ id, at }))
        .toSorted((one, other) => (one.id < other.id ? -1 : 1));
      await database.write((tx) => write(tx, uses));
    } catch (error) {
      pending = new Map([...taken, ...pending]);
      log.debug("when keys were last used could not be written", { error });
    }
  }

  return {
    used: (keyId, at) => pending.set(keyId, at),
    lastUse: (keyId) => pending.get(keyId),
    start() {
      timer = setInterval(() => {
        writing = writing.then(flush);
      }, WRITTEN_EVERY_MS).unref();
    },
    async stop() {
      clearInterval(timer);
      await writing.then(flush);
    },
  };
}
