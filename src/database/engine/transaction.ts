import { DatabaseUnavailable, type Queryable } from "#database/database.ts";
import { queryableOver } from "#database/queryable.ts";
import { type Connection, sendOn } from "./connection.ts";

/** How a transaction ended. In doubt: COMMIT was sent and its answer never came. */
export type TransactionEnd<T> =
  | { readonly ended: "committed"; readonly value: T }
  | { readonly ended: "rolled back"; readonly error: unknown }
  | { readonly ended: "in doubt"; readonly value: T };

/**
 * Runs `work` between BEGIN and COMMIT on a connection that nobody else uses, until `until` (milliseconds of `performance.now()`).
 * Never throws, and says "committed" only when the database said so. A connection it cannot vouch for is destroyed.
 *
 * `outcome`: the id of the row by which its fate can be asked for later; undefined: it leaves none.
 *
 * BEGIN is not waited for: it goes out together with the work's first statements, which saves a round trip. Connections are
 * read-only outside `begin read write`, so should BEGIN ever fail, what was sent behind it changes nothing.
 */
export async function transact<T>(
  connection: Connection,
  work: (tx: Queryable) => Promise<T>,
  { until, outcome }: { until: number; outcome: string | undefined },
): Promise<TransactionEnd<T>> {
  const broken = watch(connection, until);
  const gate = openGate(connection);
  try {
    const begun = begin(connection, outcome);
    let value: T;
    try {
      [, value] = await Promise.race([Promise.all([begun, runWork(work, gate.tx)]), broken.promise]);
    } catch (error) {
      gate.shut();
      await rollBack(connection, begun, broken.promise);
      return { ended: "rolled back", error };
    }
    gate.shut();
    return await commit(connection, value, gate.firstError(), broken.promise);
  } finally {
    broken.stop();
  }
}

/** Rejects when the connection is lost or it gets too late; then the connection is destroyed too. */
export function watch(
  connection: Connection,
  until: number,
): { readonly promise: Promise<never>; stop(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => undefined);
  const timer = setTimeout(() => {
    connection.destroy();
    reject(new DatabaseUnavailable("The database did not answer in time"));
  }, until - performance.now());
  connection.onLost = () => reject(new DatabaseUnavailable("The connection to the database was lost"));
  if (!connection.alive) connection.onLost();
  return {
    promise,
    stop() {
      clearTimeout(timer);
      connection.onLost = undefined;
    },
  };
}

/** Begins, and writes the row that says that it was committed, should it be. */
async function begin({ sql }: Connection, outcome: string | undefined): Promise<void> {
  try {
    // Started by name: `Promise.all` alone would start them a turn later, behind the work's first statement.
    const begun = sql`begin read write`.execute();
    const written =
      outcome === undefined
        ? undefined
        : sql`insert into running.outcomes (id, is_made) values (${outcome}, true)`.execute();
    await Promise.all([begun, written]);
  } catch {
    // A standby refuses it too; a new connection may reach the new primary.
    throw new DatabaseUnavailable("The database would not begin a transaction that writes");
  }
}

async function runWork<T>(work: (tx: Queryable) => Promise<T>, tx: Queryable): Promise<T> {
  return await work(tx);
}

/** Leaves the connection outside any transaction, or destroyed. */
async function rollBack(connection: Connection, begun: Promise<void>, broken: Promise<never>): Promise<void> {
  try {
    await Promise.race([begun, broken]);
    await Promise.race([connection.sql`rollback`, broken]);
  } catch {
    connection.destroy();
  }
}

async function commit<T>(
  connection: Connection,
  value: T,
  firstError: unknown,
  broken: Promise<never>,
): Promise<TransactionEnd<T>> {
  try {
    const answer = await Promise.race([connection.sql`commit`, broken]);
    if (answer.command === "COMMIT") return { ended: "committed", value };
    // To COMMIT after a failed statement the database answers ROLLBACK, and calls that a success.
    return {
      ended: "rolled back",
      error: firstError ?? new Error("The database rolled a transaction back instead of committing it"),
    };
  } catch (error) {
    if (connection.alive && isPlainRefusal(error)) return { ended: "rolled back", error };
    connection.destroy();
    return { ended: "in doubt", value };
  }
}

/** An ERROR in answer to COMMIT means rolled back; a FATAL may come after the commit was made. */
function isPlainRefusal(error: unknown): boolean {
  const { name, severity, code } = error as Record<string, unknown>;
  return name === "PostgresError" && severity === "ERROR" && /^(23|40)/.test(String(code));
}

/**
 * The transaction that `work` gets. It is shut as soon as the work is over, so that a straggler, such as the other half of a
 * failed `Promise.all`, can't run a statement in the next transaction of the same connection.
 */
function openGate(connection: Connection): { tx: Queryable; shut(): void; firstError(): unknown } {
  let open = true;
  let error: unknown;
  const onConnection = sendOn(connection);
  async function send(...statement: Parameters<Queryable["send"]>) {
    if (!open) throw new DatabaseUnavailable("The transaction is over");
    if (!connection.alive) throw new DatabaseUnavailable("The connection to the database was lost");
    try {
      return await onConnection(...statement);
    } catch (reason) {
      error ??= reason;
      throw reason;
    }
  }

  return {
    tx: queryableOver(send),
    shut() {
      open = false;
    },
    firstError: () => error,
  };
}
