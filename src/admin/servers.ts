import { type Route, route } from "#http/route.ts";
import { count, dataOf, listOf, named, objectOf, text, textOrNull, time } from "#http/schema.ts";
import { exampleCall, reply } from "#http/words.ts";
import { type KnownServer, readServers, readServersUncounted } from "#peers/peer-records.ts";
import type { AdminParts } from "./parts.ts";

/** The servers that run on this database. */
export function serversRoute({ database, operators }: AdminParts): Route {
  return route({
    method: "get",
    path: "/api/v1/admin/servers",
    who: operators.read,
    async answer({ context }) {
      const servers = await database.read(readServers).catch((error: unknown) => {
        if (!database.isSpread) throw error;
        return database.read(readServersUncounted);
      });
      return context.json(200, { data: servers.map(serverAnswer) });
    },
    words: {
      operation: "listServers",
      section: "Operators",
      summary: "The servers",
      description: `The servers that run on this Postgres, each process by itself, as each says of itself every ten seconds; one that has
been silent for longer may be gone, and is forgotten after an hour. With the embedded database there is one, and nothing is listed.`,
      calls: {
        servers: exampleCall("The demo set-up, on the embedded database", undefined, 200, { data: [] }),
      },
      replies: { 200: reply("The servers.", dataOf(listOf(SERVER))) },
    },
  });
}

const SERVER = named("Server", {
  ...objectOf({
    id: { ...text, description: "Made anew at each start." },
    host: { ...text, description: "Its machine." },
    copy: {
      ...count,
      type: ["integer", "null"],
      description: "Which of the processes that serve one port; null: the only one.",
    },
    address: { ...textOrNull, description: "Where servers of other machines reach it; null: they do not." },
    version: text,
    started_at: time,
    seen_seconds_ago: { ...count, description: "How long ago it was heard of." },
    node: {
      ...count,
      type: ["integer", "null"],
      description:
        "Which node of Citus it is connected to, as getCondition numbers them; null: the database is no such.",
    },
    campaigns: {
      ...count,
      description: "Campaigns whose leads it takes; 0 of each while a node of Citus is away.",
    },
    queue: { ...count, description: "Leads that waited in it." },
    leads_per_second: { ...count, description: "Leads that it decided a second." },
  }),
  examples: [
    {
      id: "0198c5a8-3f2e-7c11-9d0a-6f1d2b3c4d5e",
      host: "leads-1",
      copy: 2,
      address: "10.0.0.5:7801",
      version: "1.4.0",
      started_at: "2026-01-31T18:02:11.000Z",
      seen_seconds_ago: 4,
      node: null,
      campaigns: 12,
      queue: 3,
      leads_per_second: 840,
    },
  ],
});

function serverAnswer(server: KnownServer) {
  const { id, host, copy, address, version, startedAt, silentMs, node, campaigns, queue, leadsPerSecond } =
    server;
  return {
    id,
    host,
    copy,
    address,
    version,
    started_at: startedAt,
    seen_seconds_ago: Math.round(silentMs / 1000),
    node,
    campaigns,
    queue,
    leads_per_second: Math.round(leadsPerSecond),
  };
}
