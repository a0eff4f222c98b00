import { type SQL, sql } from "drizzle-orm";
import { type Dialect, inWordsOf } from "#database/by-campaign-records.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** A server as it wrote of itself. */
export interface ServerRow {
  /** UUIDv7, made when it started. */
  id: string;
  version: string;
  /** The machine, and the socket on it by which servers there reach this one. */
  host: string;
  socket: string;
  /** `host:port` by which servers of other machines do; null: they cannot. */
  address: string | null;
  /** Which of the processes of its machine that serve one port; null: it is the only one. */
  copy: number | null;
  /** ISO 8601. */
  startedAt: string;
  /** Leads that wait in it, and leads that it decided a second since it was last written. */
  queue: number;
  leadsPerSecond: number;
  /** The number of the node of Citus that it is connected to; null: the database is no such. */
  node: number | null;
}

/** The same with what the database knows. */
export interface KnownServer extends ServerRow {
  /** How long ago it was heard of, in ms. */
  silentMs: number;
  /** Campaigns whose leads it takes. */
  campaigns: number;
}

/**
 * Writes what a server says of itself, and reads what all do that were heard of in the last hour, in the order of their start. Over nodes
 * of Citus no campaigns are counted: of a node that is away nobody could.
 */
export async function exchangeServers(tx: Queryable, own: ServerRow): Promise<KnownServer[]> {
  const [, known] = await Promise.all([
    writeServer.run(tx, { server: JSON.stringify(own) }),
    readServersUncounted(tx),
  ]);
  return known;
}

export async function readServers(db: Queryable): Promise<KnownServer[]> {
  return await selectServers.run(db, {});
}

/** The same, over nodes of Citus without their campaigns: of a node that is away nobody could count them. */
export async function readServersUncounted(db: Queryable): Promise<KnownServer[]> {
  return await selectMet.run(db, {});
}

const writeServer = statement<unknown, { server: string }>(
  "write_server",
  "unspread",
  (
    $,
  ) => sql`insert into running.servers (id, version, host, socket, address, copy, started_at, queue, leads_per_second, node,
        seen_at)
      select id, version, host, socket, address, copy, "startedAt", queue, "leadsPerSecond", node, now()
      from json_to_record(${$.server}::text::json) as row (id uuid, version text, host text, socket text, address text, copy int,
        "startedAt" timestamptz, queue int, "leadsPerSecond" float8, node int)
      on conflict (id) do update set seen_at = excluded.seen_at, queue = excluded.queue, leads_per_second = excluded.leads_per_second,
        node = excluded.node`,
);

interface Owned {
  campaigns: SQL;
  join: SQL;
}

/** Citus counts rows that are spread for all servers at once. */
const OWNED: Record<Dialect, Owned> = {
  postgres: {
    campaigns: sql`(select count(*)::int from running.owners where server_id = servers.id and ends_at > now())`,
    join: sql``,
  },
  citus: {
    campaigns: sql`coalesce(owned.campaigns, 0)`,
    join: sql`left join (select server_id, count(*)::int as campaigns from running.owners where ends_at > now() group by server_id) owned
      on owned.server_id = servers.id`,
  },
};

function serversWith({ campaigns, join }: Owned): SQL {
  return sql`select id::text as id, version, host, socket, address, copy, queue, leads_per_second as "leadsPerSecond", node,
        to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "startedAt",
        greatest(0, extract(epoch from now() - seen_at) * 1000)::float8 as "silentMs",
        ${campaigns} as campaigns
      from running.servers ${join} where seen_at > now() - interval '1 hour' order by started_at, id`;
}

const selectServers = inWordsOf((dialect) =>
  statement<KnownServer>("select_servers", "unspread", serversWith(OWNED[dialect])),
);

const selectMet = inWordsOf((dialect) =>
  statement<KnownServer>(
    "select_servers_to_meet",
    "unspread",
    serversWith(dialect === "postgres" ? OWNED.postgres : { campaigns: sql`0`, join: sql`` }),
  ),
);

/** A server stops: its campaigns are anybody's from now on. */
export async function deleteServer(tx: Queryable, id: string): Promise<void> {
  await Promise.all([releaseOwned.run(tx, { id }), deleteServerRow.run(tx, { id })]);
}

const releaseOwned = statement<unknown, { id: string }>(
  "release_owned",
  "unspread",
  ($) => sql`delete from running.owners where server_id = ${$.id}::text::uuid`,
);

const deleteServerRow = statement<unknown, { id: string }>(
  "delete_server",
  "unspread",
  ($) =>
    sql`delete from running.servers where id = ${$.id}::text::uuid or seen_at < now() - interval '1 day'`,
);

/** Whose a campaign is, for how many ms more. */
export interface OwnerRow {
  campaignId: string;
  serverId: string;
  restMs: number;
}

/** Under the campaigns' locks: nobody else claims them meanwhile. `campaigns`: ids as the text of an array. */
export const readOwners = statement<OwnerRow, { campaigns: string }>(
  "read_owners",
  "unspread",
  ($) => sql`select campaign_id as "campaignId", server_id::text as "serverId",
        (extract(epoch from ends_at - clock_timestamp()) * 1000)::float8 as "restMs"
      from running.owners where campaign_id = any (${$.campaigns}::text[])`,
);

/** A campaign and the server that is to take its leads. */
export interface OwnerClaim {
  campaignId: string;
  serverId: string;
}

/** Claims campaigns for so many ms from now. */
export async function writeOwners(
  tx: Queryable,
  claims: readonly OwnerClaim[],
  forMs: number,
): Promise<void> {
  await claimCampaigns.run(tx, { claims: JSON.stringify(claims), ms: forMs });
}

const claimCampaigns = statement<unknown, { claims: string; ms: number }>(
  "claim_campaigns",
  "unspread",
  ($) => sql`insert into running.owners (campaign_id, server_id, ends_at)
      select "campaignId", "serverId", clock_timestamp() + ${$.ms}::int * interval '1 millisecond'
      from json_to_recordset(${$.claims}::text::json) as row ("campaignId" text, "serverId" uuid)
      on conflict (campaign_id) do update set server_id = excluded.server_id, ends_at = excluded.ends_at`,
);

/** Hands a campaign over, if it still is `from`'s. */
export async function moveOwner(
  tx: Queryable,
  { campaignId, serverId }: OwnerClaim,
  from: string,
): Promise<void> {
  await moveCampaign.run(tx, { campaign: campaignId, to: serverId, from });
}

const moveCampaign = statement<unknown, { campaign: string; to: string; from: string }>(
  "move_campaign",
  "unspread",
  ($) => sql`update running.owners set server_id = ${$.to}::text::uuid
      where campaign_id = ${$.campaign} and server_id = ${$.from}::text::uuid`,
);
