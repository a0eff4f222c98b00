import postgres from "postgres";
import { openDatabase } from "#database/engine/connect.ts";
import { allStatements } from "#database/migrate.ts";
import { SPREADING } from "#database/nodes/spreading.ts";
import { distributeTables } from "#database/spread/distribute.ts";
import { askOnce } from "./citus-cluster.ts";
import { makeEmptyingFunction, makeTriggersGiveWay } from "./emptying.ts";

/** The coordinator of a cluster of Citus with at least two other nodes, as its superuser; unset: what needs one is left out. */
export const CITUS_URL = process.env["TEST_CITUS_URL"];

/** A database of one name on each node of the cluster, which know each other. */
export interface CitusDatabase {
  readonly coordinator: string;
  /** Those with shards. */
  readonly nodes: readonly string[];
  /** On which of these a campaign is. */
  nodeOf(campaign: string): Promise<number>;
  /** Ends all connections to a node, whatever they are doing. */
  endConnections(node: number): Promise<void>;
  /** Moves a campaign, with all that goes with it, to another of these. */
  move(campaign: string, node: number, how: "block_writes" | "force_logical"): Promise<void>;
  /** Has a node let nobody in, or all again. */
  letIn(node: number, whom: "nobody" | "all"): Promise<void>;
  /** What a statement finds on a node. */
  ask<Row extends object>(node: number, text: string): Promise<Row[]>;
  drop(): Promise<void>;
}

export async function citusDatabase(given = CITUS_URL): Promise<CitusDatabase> {
  const cluster = await knownCluster(given);
  const name = freshName();
  for (const url of cluster.at("postgres")) await askOnce(url, `create database ${name}`);
  for (const url of cluster.at(name)) await askOnce(url, "create extension citus");
  const [coordinator = ""] = cluster.at(name);
  for (const { host, port, isCoordinator } of cluster.nodes) {
    await askOnce(
      coordinator,
      `select ${isCoordinator ? "citus_set_coordinator_host" : "citus_add_node"}('${host}', ${port})`,
    );
  }
  return citusDatabaseAt(cluster, name);
}

/**
 * One that is spread already, with nothing in it but its schema: a copy of a template that the cluster keeps. Its campaigns are on the first
 * of the nodes, to which a server of a test is connected; the second has one that no test names.
 */
export async function spreadCitusDatabase(): Promise<CitusDatabase> {
  const cluster = await knownCluster(CITUS_URL);
  const template = await spreadTemplate(cluster);
  const name = freshName();
  for (const url of cluster.at("postgres"))
    await askOnce(url, `create database ${name} template ${template}`);
  return citusDatabaseAt(cluster, name);
}

interface Cluster {
  nodes: { host: string; port: number; isCoordinator: boolean }[];
  /** A database of it on each node, the coordinator first. */
  at(database: string): string[];
}

async function knownCluster(given = ""): Promise<Cluster> {
  const nodes = await askOnce<Cluster["nodes"][number]>(
    given,
    `select nodename as host, nodeport as port, groupid = 0 as "isCoordinator" from pg_dist_node
     where noderole = 'primary' order by groupid`,
  );
  const at = (database: string) =>
    nodes.map(({ host, port }) => {
      const url = new URL(given);
      [url.hostname, url.port, url.pathname] = [host, String(port), `/${database}`];
      return url.href;
    });
  return { nodes, at };
}

function freshName(): string {
  return `test_${crypto.randomUUID().replaceAll("-", "")}`;
}

function citusDatabaseAt(cluster: Cluster, name: string): CitusDatabase {
  const [coordinator = "", ...nodes] = cluster.at(name);
  const [, ...administrations] = cluster.at("postgres");
  return {
    coordinator,
    nodes,
    async nodeOf(campaign) {
      const [found] = await askOnce<{ node: number }>(
        coordinator,
        `select groupid as node from pg_dist_placement
         where shardid = get_shard_id_for_distribution_column('campaigns', '${campaign}')`,
      );
      return (found?.node ?? 0) - 1;
    },
    async endConnections(node) {
      await askOnce(
        nodes[node] ?? "",
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
      );
    },
    async move(campaign, node, how) {
      const { hostname, port } = new URL(nodes[node] ?? "");
      await askOnce(
        coordinator,
        `select citus_move_shard_placement(shardid, nodename, nodeport, '${hostname}', ${port}, '${how}')
         from pg_dist_shard_placement where shardid = get_shard_id_for_distribution_column('campaigns', '${campaign}')`,
      );
    },
    async letIn(node, whom) {
      const url = administrations[node] ?? "";
      await askOnce(url, `alter database ${name} allow_connections ${whom === "all"}`);
      if (whom === "nobody")
        await askOnce(
          url,
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
        );
    },
    ask: (node, text) => askOnce(nodes[node] ?? "", text),
    async drop() {
      // What was to be committed on several nodes when a connection ended is prepared still.
      for (const url of cluster.at(name)) await askOnce(url, "select recover_prepared_transactions()");
      for (const url of cluster.at("postgres")) await askOnce(url, `drop database ${name} with (force)`);
    },
  };
}

/** Shards of a table in the template, before one is made of the campaign that is on the second node: each is asked by what names none. */
const SHARDS = 2;

/** No test has a campaign of this name: all that it has are on the first node. */
const ON_SECOND = "on-the-second-node";

/** The template's name; it is made when it is first wanted, and kept for later runs on the same schema. */
async function spreadTemplate(cluster: Cluster): Promise<string> {
  const made = Bun.hash(
    JSON.stringify([allStatements(), SPREADING, makeEmptyingFunction("citus"), SHARDS]),
  ).toString(36);
  const name = `template_${made}`;
  const [coordinator = "", ...nodes] = cluster.at(name);
  const [administration = ""] = cluster.at("postgres");
  const client = postgres(administration, { max: 1, onnotice: () => undefined });
  try {
    await client`select pg_advisory_lock(7239042)`;
    const [found] = await client`select from pg_database where datname = ${name} and datistemplate`;
    if (found !== undefined) return name;
    for (const url of cluster.at("postgres"))
      await askOnce(url, `drop database if exists ${name} with (force)`);
    for (const url of cluster.at("postgres")) await askOnce(url, `create database ${name}`);
    for (const url of [coordinator, ...nodes]) await askOnce(url, "create extension citus");
    await spreadOnFirst(coordinator, cluster);
    // The coordinator last: it says by that that all is made.
    for (const url of cluster.at("postgres").toReversed()) {
      await askOnce(url, `alter database ${name} allow_connections false`);
      await askOnce(
        url,
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`,
      );
      await askOnce(url, `alter database ${name} is_template true`);
    }
    return name;
  } finally {
    await client.end({ timeout: 1 });
  }
}

async function spreadOnFirst(coordinator: string, { nodes }: Cluster): Promise<void> {
  const [own, first, second] = nodes;
  if (own === undefined || first === undefined || second === undefined)
    throw new Error("a coordinator and two nodes were to be there");
  await askOnce(coordinator, `select citus_set_coordinator_host('${own.host}', ${own.port})`);
  await askOnce(coordinator, `select citus_add_node('${first.host}', ${first.port})`);
  await askOnce(coordinator, `select citus_add_node('${second.host}', ${second.port})`);
  const secondHas = (has: boolean) =>
    askOnce(
      coordinator,
      `select citus_set_node_property('${second.host}', ${second.port}, 'shouldhaveshards', ${has})`,
    );
  await secondHas(false);
  const migrating = { databaseUrl: coordinator, dataDir: "unused", connections: 1, writers: 1 };
  await (await openDatabase({ ...migrating, deadlineMs: 60_000 })).close();
  await askOnce(coordinator, makeTriggersGiveWay);
  await askOnce(
    coordinator,
    `alter database ${new URL(coordinator).pathname.slice(1)} set citus.shard_count = ${SHARDS}`,
  );
  await distributeTables(coordinator, "yes", () => undefined);
  await secondHas(true);
  const [made] = await askOnce<{ shard: string }>(
    coordinator,
    `select isolate_tenant_to_new_shard('campaigns', '${ON_SECOND}', 'CASCADE', shard_transfer_mode := 'block_writes') as shard`,
  );
  await askOnce(
    coordinator,
    `select citus_move_shard_placement(${made?.shard}, '${first.host}', ${first.port}, '${second.host}', ${second.port}, 'block_writes')`,
  );
  await askOnce(coordinator, makeEmptyingFunction("citus"));
}
