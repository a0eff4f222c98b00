import type { ParameterOrJSON, ReservedSql, Sql } from "postgres";
import { DatabaseUnavailable, type Queryable, type Row } from "#database/database.ts";

/**
 * One connection to one backend, for one user at a time, that never reconnects. postgres.js alone does not promise that: when a
 * backend dies, a pooled client runs later statements on a replacement, even inside another's transaction
 * (porsager/postgres#1204, #1189, #1217). Here, losing the backend ends the connection for good.
 */
export interface Connection {
  /**
   * @throws DatabaseUnavailable once the connection is lost. postgres.js would write to a socket that is no more, in a later turn,
   * where nobody can catch the error.
   */
  readonly sql: ReservedSql;
  readonly backendPid: number;
  /** When its backend began, in seconds since 1970: with the number, it names that one backend. */
  readonly backendStart: string;
  readonly alive: boolean;
  /** Called once, when the connection is lost while it is in use. */
  onLost: (() => void) | undefined;
  /** Ends it at once; statements that were under way are rejected. */
  destroy(): void;
}

/**
 * Connects with a client of `max: 1`.
 *
 * @param makeClient makes the client; it must call back when its only connection closes.
 * @param prepare what to do on it first.
 * @param withinMs how long all that may take.
 */
export async function openConnection(
  makeClient: (onclose: () => void) => Sql,
  prepare?: (client: Sql) => Promise<unknown>,
  withinMs?: number,
): Promise<Connection> {
  let alive = true;
  const client = makeClient(() => {
    if (!alive) return;
    alive = false;
    connection?.onLost?.();
  });
  passAsText(client);
  let connection: Connection | undefined;
  const setUp = async (): Promise<Connection> => {
    const [server] = await client<{ pid: number; start: string | null }[]>`
      select pg_backend_pid() as pid, (
        select extract(epoch from backend_start)::text from pg_stat_activity where pid = pg_backend_pid()) as start`;
    if (server === undefined) throw new Error("a row was to come");
    await prepare?.(client);
    // Reserving waits for ever on a connection that was never used (3.4.9, without fetch_types), hence after the first question.
    const sql = await client.reserve();
    connection = {
      get sql() {
        if (!alive) throw new DatabaseUnavailable("The connection to the database was lost");
        return sql;
      },
      backendPid: server.pid,
      backendStart: server.start ?? "",
      get alive() {
        return alive;
      },
      onLost: undefined,
      destroy() {
        alive = false;
        endAtOnce(client);
      },
    };
    return connection;
  };
  try {
    return await (withinMs === undefined ? setUp() : within(withinMs, [client], setUp()));
  } catch (error) {
    endAtOnce(client);
    throw error;
  }
}

/**
 * What new clients are asked first, which fails when it takes longer: they are ended then. A server that stands still between taking a
 * connection and answering the first question would be waited for without an end.
 */
export async function within<T>(ms: number, clients: readonly Sql[], asked: Promise<T>): Promise<T> {
  const timer = setTimeout(() => {
    for (const client of clients) endAtOnce(client);
  }, ms);
  try {
    return await asked;
  } finally {
    clearTimeout(timer);
  }
}

/** What was asked on it and not answered is rejected. */
export function endAtOnce(client: Sql): void {
  void client.end({ timeout: 0 }).catch(() => undefined);
}

/** Sends one statement at once, behind those that were sent before. */
export function sendOn(connection: Connection): Queryable["send"] {
  return async (text, parameters, manner) => {
    const isKept = manner === "kept";
    const query = connection.sql.unsafe(text, parameters as ParameterOrJSON<never>[], { prepare: isKept });
    return manner === "once, as arrays" ? ((await query.values()) as unknown as Row[]) : await query;
  };
}

const JSON_TYPES = [114, 3802];
/** Dates, times, intervals, and arrays of them and of numerics. */
const TIME_TYPES = [1082, 1083, 1114, 1115, 1182, 1184, 1185, 1231];

/** Has times come and go as text, to the microsecond and in the database's words, and JSON go as the text that it is given as. */
function passAsText({ options }: Sql): void {
  const asItIs = <T>(value: T) => value;
  for (const type of TIME_TYPES) options.parsers[type] = asItIs;
  for (const type of [...TIME_TYPES, ...JSON_TYPES]) options.serializers[type] = asItIs;
}
