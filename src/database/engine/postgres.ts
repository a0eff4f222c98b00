import type { Database, OnProblem, Queryable } from "#database/database.ts";
import { openWhatIsThere } from "#database/nodes/what-is-there.ts";
import { withoutValues } from "#database/refusal.ts";
import { openFollowing, openSurvey } from "./following.ts";
import { CHANNEL, openListening } from "./listening.ts";
import { openPool, type Pool } from "./pool.ts";
import { readThrough } from "./reading.ts";
import { serversAt } from "./servers.ts";
import { openSnapshot } from "./snapshot.ts";
import { writeThrough } from "./writing.ts";

export interface PostgresSettings {
  readonly url: string;
  /** Most connections for reading. */
  readonly connections: number;
  /** Most transactions at a time. */
  readonly writers: number;
  readonly deadlineMs: number;
  readonly onProblem: OnProblem;
  /** False while its schema may be an older one; see WriteLimits. */
  readonly leavesOutcomes?: boolean;
  /** The address of the coordinator where its tables are spread over nodes of Citus. */
  readonly coordinator?: string | undefined;
  /** A standby for what may be so many milliseconds old. */
  readonly standby?: StandbySettings | undefined;
}

export interface StandbySettings {
  readonly url: string;
  readonly mostLagMs: number;
}

/** Postgres at a URL. Connects when it is first asked something, and anew whenever a connection was lost. */
export function openPostgres(settings: PostgresSettings): Database {
  const { url, deadlineMs, onProblem, leavesOutcomes = true, coordinator } = settings;
  const isSpread = coordinator !== undefined;
  const limits = { deadlineMs, leavesOutcomes, onProblem };
  const servers = serversAt(url, deadlineMs);
  const readers = openPool(() => servers.connect(readerParameters(deadlineMs)), settings.connections);
  const lookers = openPool(() => servers.connect(lookerParameters(deadlineMs, isSpread)), LOOKERS);
  const writers = openPool(() => servers.connect(writerParameters(deadlineMs, isSpread)), settings.writers);
  const on = isSpread ? onSpread : asItIs;
  const read = <T>(work: (db: Queryable) => Promise<T>) => readThrough(readers, on(work), deadlineMs);
  const listening = openListening({
    client: servers.client(),
    say: () => read((db) => db.execute(`select pg_notify('${CHANNEL}', 'hello')`)),
    onProblem,
  });
  const makers =
    coordinator === undefined
      ? writers
      : openPool(() => serversAt(coordinator, deadlineMs).connect(writerParameters(deadlineMs, true)), 1);
  const writeBy =
    (pool: Pool): Database["write"] =>
    (work, patienceMs) =>
      patienceMs === undefined
        ? writeThrough(pool, on(work), limits)
        : writeThrough(pool, patient(on(work), patienceMs), { ...limits, deadlineMs: patienceMs });
  const whatIsThere = isSpread ? openReadingOfWhatIsThere(settings, read) : undefined;
  const standby = settings.standby === undefined ? undefined : openStandby(settings, settings.standby, read);
  return {
    kind: "postgres",
    isSpread,
    read,
    survey: standby?.survey ?? read,
    ...(whatIsThere === undefined ? {} : { whatIsThere }),
    isStandbyRecent: async () => (await standby?.isRecent()) ?? null,
    lookUp: (work) => readThrough(lookers, on(work), deadlineMs),
    write: writeBy(writers),
    makeTables: writeBy(makers),
    async ping() {
      await read((db) => db.execute("select 1"));
    },
    // No trigger tells of changes there: a word that was said can't be prepared to be committed on several nodes.
    listen: isSpread ? () => () => false : (changed) => listening.listen(changed),
    async snapshot() {
      const connection = await servers
        // By one connection to each node, what is on it is as at one moment.
        .connect({
          default_transaction_read_only: "on",
          ...(isSpread ? { "citus.max_adaptive_executor_pool_size": 1 } : {}),
        })
        .catch((error: unknown) => {
          throw withoutValues(error);
        });
      const snapshot = await openSnapshot(connection, async () => connection.destroy());
      return { ...snapshot, read: (work) => snapshot.read(on(work)) };
    },
    async close() {
      const pools = [
        readers,
        lookers,
        ...new Set([writers, makers]),
        ...(standby === undefined ? [] : [standby]),
        ...(whatIsThere === undefined ? [] : [whatIsThere]),
      ];
      await Promise.all([listening.close(), ...pools.map((pool) => pool.close())]);
    },
  };
}

/** How long a node may take to answer that it is there, in ms. */
const ANSWER_MS = 2_000;

function openReadingOfWhatIsThere(
  { url, connections, deadlineMs }: PostgresSettings,
  read: Database["read"],
) {
  const servers = serversAt(url, deadlineMs);
  return openWhatIsThere({
    read,
    async answers({ address }) {
      const node = new URL(url);
      node.host = address;
      const asking = serversAt(node.href, ANSWER_MS).connect({ statement_timeout: ANSWER_MS });
      const late = Bun.sleep(ANSWER_MS).then(() => undefined);
      const connection = await Promise.race([asking, late]).catch(() => undefined);
      void asking.then((each) => each.destroy()).catch(() => undefined);
      return connection !== undefined;
    },
    openReading(setUp) {
      const pool = openPool(async () => {
        const connection = await servers.connect({
          ...readerParameters(deadlineMs),
          default_transaction_read_only: "off",
        });
        await connection.sql.unsafe([...setUp, "set default_transaction_read_only = on"].join("; "));
        return connection;
      }, connections);
      return {
        read: (work) => readThrough(pool, onSpread(work), deadlineMs),
        close: () => pool.close(),
      };
    },
    elapsedMs: () => performance.now(),
  });
}

type Asking<T> = (db: Queryable) => Promise<T>;

function asItIs<T>(work: Asking<T>): Asking<T> {
  return work;
}

/** The same work, which is told that tables are spread over nodes. */
function onSpread<T>(work: Asking<T>): Asking<T> {
  return (db) => work({ ...db, isSpread: true });
}

/** The same work, in which a statement may take as long as all of it. */
function patient<T>(work: (tx: Queryable) => Promise<T>, patienceMs: number): (tx: Queryable) => Promise<T> {
  return async (tx) => {
    await tx.execute(`set local statement_timeout = ${Math.floor(patienceMs * 0.9)}`);
    return await work(tx);
  };
}

/** A standby in its own right, and the leader where it is too old or away. */
function openStandby(
  { connections, deadlineMs, onProblem }: PostgresSettings,
  { url, mostLagMs }: StandbySettings,
  readLeader: Database["read"],
) {
  const servers = serversAt(url, deadlineMs, "any");
  const readers = openPool(() => servers.connect(readerParameters(deadlineMs)), connections);
  const read = <T>(work: (db: Queryable) => Promise<T>) => readThrough(readers, work, deadlineMs);
  const following = openFollowing({
    placeOfLeader: () => readLeader(async (db) => await placeOf(db, "pg_current_wal_lsn()")),
    placeOfFollower: () => read(async (db) => await placeOf(db, "pg_last_wal_replay_lsn()")),
    mostLagMs,
    elapsedMs: () => performance.now(),
  });
  return {
    survey: openSurvey({
      isRecent: following.isRecent,
      readStandby: read,
      readLeader,
      onProblem: mostLagMs > 0 ? onProblem : () => undefined,
    }),
    // Allowed no moment behind, it is not there to be read.
    isRecent: async () => (mostLagMs > 0 ? await following.isRecent() : null),
    close: () => readers.close(),
  };
}

/** Null on a server for which the function says nothing. */
async function placeOf(
  db: Queryable,
  place: "pg_current_wal_lsn()" | "pg_last_wal_replay_lsn()",
): Promise<string | null> {
  const isFollower = place === "pg_last_wal_replay_lsn()";
  const [row] = await db.execute<{ place: string | null }>(
    `select case when pg_is_in_recovery() = ${isFollower} then ${place}::text end as place`,
  );
  return row?.place ?? null;
}

/** The server's own limits end a little before ours, so that it says itself what was too slow and the connection survives. */
function readerParameters(deadlineMs: number) {
  return {
    default_transaction_read_only: "on",
    statement_timeout: Math.floor(deadlineMs * 0.9),
    lock_timeout: Math.floor(deadlineMs * 0.8),
  };
}

/** Pings of one campaign are read for together, so few connections serve many. */
const LOOKERS = 4;

/**
 * The statements of a lane are planned once per connection, for any parameters. Without sequential scans, a plan that was made while
 * a table was empty still uses its index when it is big; without bitmaps, a look-up that the index alone can answer asks no more; without
 * JIT, the price put on a scan that can't be avoided compiles nothing. Citus plans by the parameters, which say on what node the rows are.
 */
function lookerParameters(deadlineMs: number, isSpread: boolean) {
  return {
    ...readerParameters(deadlineMs),
    plan_cache_mode: isSpread ? "auto" : "force_generic_plan",
    enable_seqscan: "off",
    enable_bitmapscan: "off",
    jit: "off",
  };
}

function writerParameters(deadlineMs: number, isSpread: boolean) {
  return {
    ...lookerParameters(deadlineMs, isSpread),
    idle_in_transaction_session_timeout: deadlineMs,
    // Shard by shard, or a table that others refer to cannot be written after one that is spread was read.
    // What is decided on a campaign's node is written to its shards: the lane holds what keeps these where they are.
    ...(isSpread
      ? { "citus.multi_shard_modify_mode": "sequential", "citus.enable_manual_changes_to_shards": "on" }
      : {}),
  };
}
