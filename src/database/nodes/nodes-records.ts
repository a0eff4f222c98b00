import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { arrayTextOfAny, statement } from "#database/statement.ts";
import { SPREADING } from "./spreading.ts";

/** The number by which Citus knows the node that is connected to. */
export async function readOwnNode(db: Queryable): Promise<number> {
  const [own] = await selectOwnNode.run(db, {});
  return own?.node ?? 0;
}

const selectOwnNode = statement<{ node: number }>(
  "select_own_node",
  "unspread",
  sql`select groupid as node from pg_dist_local_group`,
);

/** A node that campaigns may be on. */
export interface CampaignNode {
  node: number;
  /** `host:port` by which the other nodes reach it. */
  address: string;
}

export async function readNodes(db: Queryable): Promise<CampaignNode[]> {
  return await selectNodes.run(db, {});
}

const selectNodes = statement<CampaignNode>(
  "select_nodes",
  "unspread",
  sql`select groupid as node, nodename || ':' || nodeport as address from pg_dist_node
      where noderole = 'primary' and exists (select 1 from pg_dist_placement where pg_dist_placement.groupid = pg_dist_node.groupid
        and shardid in (select shardid from pg_dist_shard where logicalrelid = 'public.campaigns'::regclass))
      order by groupid`,
);

/**
 * The number of the shard that has a campaign, if it is on the node connected to: there it stays until the transaction ends, as it could
 * not be moved, or split, without this lock. Undefined: it is elsewhere, or was moved just now.
 */
export async function lockShardHere(tx: Queryable, campaign: string): Promise<string | undefined> {
  const [[locked], [found]] = await Promise.all([
    lockShard.run(tx, { campaign }),
    selectShardHere.run(tx, { campaign }),
  ]);
  return found?.isHere === true && found.shard === locked?.shard ? found.shard : undefined;
}

/** As Citus does for what it writes itself: 5 is a lock that writers share, and movers do not. */
const lockShard = statement<{ shard: string }, { campaign: string }>(
  "lock_shard_of_campaign",
  "unspread",
  ($) => sql`select shard::text as shard, lock_shard_metadata(5, array[shard])::text as locked
      from get_shard_id_for_distribution_column('public.campaigns', ${$.campaign}::text) as shard`,
);

const selectShardHere = statement<{ shard: string; isHere: boolean }, { campaign: string }>(
  "select_shard_here",
  "unspread",
  (
    $,
  ) => sql`select shardid::text as shard, groupid = (select groupid from pg_dist_local_group) as "isHere" from pg_dist_placement
      where shardid = get_shard_id_for_distribution_column('public.campaigns', ${$.campaign}::text)`,
);

/** The names, with their schema, of the shards that go with one of the campaigns', by those of the tables as statements have them. */
export async function readShardNames(db: Queryable, shard: string): Promise<Map<string, string>> {
  const rows = await selectShardNames.run(db, { shard });
  const names = new Map(rows.map(({ table, name }) => [table, name]));
  return new Map(
    Object.entries(SPREADING).flatMap(([table, spreading]) => {
      const name = names.get(table.includes(".") ? table : `public.${table}`);
      return typeof spreading === "object" && name !== undefined ? [[table, name]] : [];
    }),
  );
}

const selectShardNames = statement<{ table: string; name: string }, { shard: string }>(
  "select_shard_names",
  "unspread",
  (
    $,
  ) => sql`select nspname || '.' || relname as table, nspname || '.' || relname || '_' || other.shardid as name
      from pg_dist_shard own join pg_dist_shard other
        on other.shardminvalue = own.shardminvalue and other.shardmaxvalue = own.shardmaxvalue
      join pg_class on pg_class.oid = other.logicalrelid join pg_namespace on pg_namespace.oid = relnamespace
      where own.shardid = ${$.shard}::text::bigint and nspname in ('public', 'running')`,
);

/** The node that has a campaign's rows, there be such a campaign or not. It may be another one a moment later: see `lockShardHere`. */
export async function readNodeOf(db: Queryable, campaign: string): Promise<number | undefined> {
  const [found] = await selectNodeOf.run(db, { campaign });
  return found?.node;
}

const selectNodeOf = statement<{ node: number }, { campaign: string }>(
  "select_node_of_campaign",
  "one campaign",
  ($) => sql`select groupid as node from pg_dist_placement
      where shardid = get_shard_id_for_distribution_column('public.campaigns', ${$.campaign}::text)`,
);

/** The campaigns whose rows are on one of these nodes; an empty id is of what is of no campaign. */
export async function readCampaignsOn(db: Queryable, nodes: readonly CampaignNode[]): Promise<string[]> {
  const [known] = await selectKnownCampaigns.run(db, {});
  const campaigns = arrayTextOfAny(["", ...(known?.ids ?? [])]);
  const rows = await selectCampaignsOn.run(db, { campaigns, nodes: JSON.stringify(nodes) });
  return rows.map(({ id }) => id);
}

/** Of tables that each node has: the campaigns' own may be away. */
const selectKnownCampaigns = statement<{ ids: string[] | null }>(
  "select_known_campaigns",
  "unspread",
  sql`select json_agg(id) as ids from (
        select json_array_elements(document::json -> 'campaigns') ->> 'id' as id
        from configurations where revision = (select max(revision) from configurations)
        union select id from archived_entries where kind = 'campaign') as known`,
);

const selectCampaignsOn = statement<{ id: string }, { campaigns: string; nodes: string }>(
  "select_campaigns_on_nodes",
  "unspread",
  ($) => sql`select id from unnest(${$.campaigns}::text[]) as id
      join pg_dist_placement on shardid = get_shard_id_for_distribution_column('public.campaigns', id)
      where groupid in (select (json_array_elements(${$.nodes}::text::json) ->> 'node')::int)`,
);

/**
 * Statements after which a connection finds of tables that are spread by campaign the rows of these campaigns and no others: temporary
 * views come before the tables. What names campaigns asks no other node.
 */
export function viewsOfCampaigns(campaigns: readonly string[]): string[] {
  const list = campaigns.map((id) => `'${id.replaceAll("'", "''")}'`).join();
  const spread = Object.entries(SPREADING).flatMap(([table, spreading]) =>
    typeof spreading === "object" && !table.includes(".") ? [{ table, by: spreading.by }] : [],
  );
  return [
    // A view of this connection's own is none of the coordinator's business.
    "set citus.enable_ddl_propagation = off",
    ...spread.map(
      ({ table, by }) =>
        `create temporary view ${table} as select * from public.${table} where ${by} = any (array[${list}]::text[])`,
    ),
  ];
}
