import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

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

/** Of several campaigns one that the node connected to has not; see `readNodeOf`. */
export async function findElsewhere(
  db: Queryable,
  campaigns: readonly string[],
): Promise<string | undefined> {
  const own = await readOwnNode(db);
  for (const campaign of campaigns) if ((await readNodeOf(db, campaign)) !== own) return campaign;
  return undefined;
}

/**
 * The node that has a campaign's rows, there be such a campaign or not. Under the campaign's lock it stays there until the transaction
 * ends: who moves it waits for those who write.
 */
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
