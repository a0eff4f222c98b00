import postgres from "postgres";

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
  /** What a statement finds on a node. */
  ask<Row extends object>(node: number, text: string): Promise<Row[]>;
  drop(): Promise<void>;
}

export async function citusDatabase(): Promise<CitusDatabase> {
  const given = CITUS_URL ?? "";
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  const known = await ask<{ host: string; port: number; isCoordinator: boolean }>(
    given,
    `select nodename as host, nodeport as port, groupid = 0 as "isCoordinator" from pg_dist_node
     where noderole = 'primary' order by groupid`,
  );
  const at = (database: string) =>
    known.map(({ host, port }) => {
      const url = new URL(given);
      [url.hostname, url.port, url.pathname] = [host, String(port), `/${database}`];
      return url.href;
    });
  for (const url of at("postgres")) await ask(url, `create database ${name}`);
  for (const url of at(name)) await ask(url, "create extension citus");
  const [coordinator = "", ...nodes] = at(name);
  for (const { host, port, isCoordinator } of known) {
    await ask(
      coordinator,
      `select ${isCoordinator ? "citus_set_coordinator_host" : "citus_add_node"}('${host}', ${port})`,
    );
  }
  return {
    coordinator,
    nodes,
    async nodeOf(campaign) {
      const [found] = await ask<{ node: number }>(
        coordinator,
        `select groupid as node from pg_dist_placement
         where shardid = get_shard_id_for_distribution_column('campaigns', '${campaign}')`,
      );
      return (found?.node ?? 0) - 1;
    },
    async endConnections(node) {
      await ask(
        nodes[node] ?? "",
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
      );
    },
    ask: (node, text) => ask(nodes[node] ?? "", text),
    async drop() {
      for (const url of at("postgres")) await ask(url, `drop database ${name} with (force)`);
    },
  };
}

async function ask<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    return [...(await client.unsafe<Row[]>(text))];
  } finally {
    await client.end({ timeout: 1 });
  }
}
