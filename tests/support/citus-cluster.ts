import postgres from "postgres";
import { type PostgresServer, startPostgres } from "./postgres.ts";

/** A cluster of Citus of this run's own. */
export interface CitusCluster {
  readonly coordinator: PostgresServer;
  readonly workers: readonly [PostgresServer, PostgresServer];
  stop(): Promise<void>;
}

const NODE_SETTINGS = {
  shared_preload_libraries: "citus",
  wal_level: "logical",
  max_prepared_transactions: "200",
  max_connections: "300",
  fsync: "on",
  "citus.shard_count": "8",
  "citus.node_conninfo": "sslmode=disable",
};

/** A coordinator and two nodes, by the programs in a folder, whose PostgreSQL has Citus. */
export async function startCitus(
  binDir: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<CitusCluster> {
  const start = () => startPostgres({ binDir, settings: { ...NODE_SETTINGS, ...settings } });
  const coordinator = await start();
  const workers = [await start(), await start()] as const;
  for (const { url } of [coordinator, ...workers]) await askOnce(url, "create extension citus");
  const portOf = ({ url }: PostgresServer) => new URL(url).port;
  await askOnce(coordinator.url, `select citus_set_coordinator_host('127.0.0.1', ${portOf(coordinator)})`);
  for (const worker of workers)
    await askOnce(coordinator.url, `select citus_add_node('127.0.0.1', ${portOf(worker)})`);
  return {
    coordinator,
    workers,
    async stop() {
      for (const each of [coordinator, ...workers]) await each.stop();
    },
  };
}

/** Runs statements on a connection of their own. */
export async function askOnce<Row extends object>(url: string, text: string): Promise<Row[]> {
  // What it asks by itself of types fails unheard while a node recovers.
  const client = postgres(url, { max: 1, onnotice: () => undefined, fetch_types: false });
  try {
    return [...(await client.unsafe<Row[]>(text))];
  } finally {
    await client.end({ timeout: 1 });
  }
}
