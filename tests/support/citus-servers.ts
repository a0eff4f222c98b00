import type { ConfigurationDocument } from "#campaigns/document.ts";
import type { Database } from "#database/database.ts";
import { openDatabase } from "#database/engine/connect.ts";
import { distributeTables } from "#database/spread/distribute.ts";
import { type CitusDatabase, citusDatabase } from "./citus.ts";
import { closeUsersOf } from "./closing.ts";
import { aLead, type Leadgate, openLeadgate, type Reply, type TestClock } from "./leadgate.ts";

/** Campaigns enough that each of two nodes has some. */
export const CAMPAIGNS = ["solar", "roofing", "windows", "gutters", "siding", "doors"];

/** The document with its campaign under each of these names. */
export function inManyCampaigns(document: ConfigurationDocument): ConfigurationDocument {
  const [solar] = document.campaigns ?? [];
  if (solar === undefined) throw new Error("a campaign was to be there");
  return { ...document, campaigns: CAMPAIGNS.map((id) => ({ ...solar, id, name: id })) };
}

/** Two servers for each of two nodes of one installation. */
export interface ServersOfNodes {
  readonly citus: CitusDatabase;
  readonly databases: readonly Database[];
  /** By their node. */
  readonly servers: readonly (readonly Leadgate[])[];
  readonly campaigns: readonly (readonly string[])[];
  close(): Promise<void>;
}

export async function openServersOfNodes(
  clock: TestClock,
  keys: Map<string, string>,
): Promise<ServersOfNodes> {
  const citus = await citusDatabase();
  await distributeTables(citus.coordinator, "yes", () => undefined);
  const settings = { dataDir: "unused", connections: 4, writers: 4, deadlineMs: 60_000 };
  const urls = citus.nodes.slice(0, 2);
  const databases = await Promise.all(urls.map((databaseUrl) => openDatabase({ ...settings, databaseUrl })));
  const nodes = await Promise.all(CAMPAIGNS.map((id) => citus.nodeOf(id)));
  return {
    citus,
    databases,
    servers: databases.map((database) => [0, 1].map(() => openLeadgate(database, clock, keys))),
    campaigns: [0, 1].map((node) => CAMPAIGNS.filter((_, index) => nodes[index] === node)),
    async close() {
      for (const database of databases) {
        await closeUsersOf(database);
        await database.close();
      }
      await citus.drop();
    },
  };
}

/** Sends leads to servers that are opened by then. */
export function sendingTo(opened: () => Pick<ServersOfNodes, "servers" | "campaigns">) {
  function ingest(node: number, campaign: string, headers = {}, server = 0): Promise<Reply> | undefined {
    return opened().servers[node]?.[server]?.ingest("acme", aLead({ flo_campaign_id: campaign }), headers);
  }

  /** Who got it, or how it ended. */
  async function send(
    node: number,
    campaign = opened().campaigns[node]?.[0] ?? "",
    server = 0,
  ): Promise<string> {
    const reply = await ingest(node, campaign, {}, server);
    return (
      reply?.body.data?.buyer_id ?? reply?.body.data?.status ?? `${reply?.status}: ${reply?.body.message}`
    );
  }

  /** So many at once: how many of them each got. */
  async function sendMany(count: number, node: (place: number) => number): Promise<Record<string, number>> {
    const got = await Promise.all(
      Array.from({ length: count }, (_, place) => {
        const own = opened().campaigns[node(place)] ?? [];
        return send(node(place), own[place % own.length], place % 3 === 0 ? 1 : 0);
      }),
    );
    return Object.fromEntries([...Map.groupBy(got, (each) => each)].map(([who, each]) => [who, each.length]));
  }
  return { ingest, send, sendMany };
}
