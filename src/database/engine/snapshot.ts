import type { Snapshot } from "#database/database.ts";
import { queryableOver } from "#database/queryable.ts";
import { withoutValues } from "#database/refusal.ts";
import { type Connection, sendOn } from "./connection.ts";
import { watch } from "./transaction.ts";

/** No single statement of a reader takes longer, in milliseconds: a snapshot that stands still must not stay open for ever. */
const PATIENCE_MS = 60_000;

/**
 * Begins the transaction that sees one moment on a connection that nobody else uses meanwhile. `end` is called once, when the snapshot is
 * closed or could not be begun; the transaction is over by then when the connection is alive.
 */
export async function openSnapshot(connection: Connection, end: () => Promise<void>): Promise<Snapshot> {
  async function within<T>(work: () => Promise<T>): Promise<T> {
    const broken = watch(connection, performance.now() + PATIENCE_MS);
    try {
      return await Promise.race([work(), broken.promise]);
    } catch (error) {
      throw withoutValues(error);
    } finally {
      broken.stop();
    }
  }

  try {
    await within(async () => {
      await connection.sql`begin isolation level repeatable read read only`;
      // The moment is not that of BEGIN, but that of the first statement behind it.
      await connection.sql`select pg_current_snapshot()`;
    });
  } catch (error) {
    connection.destroy();
    await end();
    throw error;
  }
  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    if (connection.alive) {
      await within(async () => await connection.sql`rollback`).catch(() => connection.destroy());
    }
    await end();
  }
  const db = queryableOver(sendOn(connection));
  return {
    read: (work) => within(async () => await work(db)),
    close: () => (closed ??= close()),
  };
}
