import { parseArgs } from "node:util";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { distributeTables } from "#database/spread/distribute.ts";
import { citusDatabase } from "../tests/support/citus.ts";
import { startCitus } from "../tests/support/citus-cluster.ts";
import { startPostgres } from "../tests/support/postgres.ts";
import { CAMPAIGN, hotCampaign } from "./campaign.ts";
import { DURABLE, folderOfItsOwn } from "./database.ts";
import { median, table, whole } from "./figures.ts";
import { postgresTime, postmasterOf, serverTime } from "./processes.ts";
import { measure, type Server, setUp, startLeadgate } from "./servers.ts";

/**
 * `bun bench/citus.ts`: what a lead takes of the database's processors on Citus (a coordinator, the node that has the campaign, and another
 * one, all that they do) beside one Postgres, in turn, fsync on. The buyers have no caps of their own, which are refused there.
 * `--rounds 3 --seconds 4 --warm-up 1 --connections 64,128,256 --idle 20 --bin /usr/lib/postgresql/15/bin`
 */

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "4" },
    "warm-up": { type: "string", default: "1" },
    connections: { type: "string", default: "64,128,256" },
    idle: { type: "string", default: "20" },
    bin: { type: "string", default: "/usr/lib/postgresql/15/bin" },
  },
});
const window = { seconds: Number(options.seconds), warmUpSeconds: Number(options["warm-up"]) };

/** A server and the databases whose work is its. */
interface Arm {
  name: string;
  server: Server;
  postmasters: readonly number[];
  /** Of the databases, in µs a second, when nothing is to be done. */
  idle: number;
  costs: Map<number, Cost[]>;
}

/** In µs a lead. */
interface Cost {
  rate: number;
  server: number;
  database: number;
}

const document: ConfigurationDocument = {
  ...hotCampaign,
  buyers: (hotCampaign.buyers ?? []).map(({ caps: _, ...buyer }) => buyer),
};

const folder = await folderOfItsOwn();
const plain = await startPostgres({ binDir: options.bin, settings: DURABLE });
const cluster = await startCitus(options.bin, DURABLE);
try {
  const citus = await citusDatabase(cluster.coordinator.url);
  await distributeTables(citus.coordinator, "yes", () => undefined);
  const node = citus.nodes[await citus.nodeOf(CAMPAIGN)] ?? "";
  const nodes = [citus.coordinator, ...citus.nodes];
  const arms = [await begin("one Postgres", plain.url, [plain.url]), await begin("Citus", node, nodes)];
  const counts = options.connections.split(",").map(Number);
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const connections of counts)
      for (const arm of round % 2 === 0 ? arms : arms.toReversed()) await measureOne(arm, connections);
    console.error(`round ${round + 1} of ${options.rounds} is done`);
  }
  report(arms, counts);
  for (const { server } of arms) await server.stop();
} finally {
  await plain.stop();
  await cluster.stop();
}

async function begin(name: string, databaseUrl: string, urls: readonly string[]): Promise<Arm> {
  const server = await startLeadgate({ databaseUrl }, folder);
  await setUp(server, document);
  const postmasters = await Promise.all(urls.map(postmasterOf));
  const seconds = Number(options.idle);
  const before = timeOf(postmasters);
  await Bun.sleep(seconds * 1000);
  return { name, server, postmasters, idle: (timeOf(postmasters) - before) / seconds, costs: new Map() };
}

function timeOf(postmasters: readonly number[]): number {
  return postmasters.reduce((sum, pid) => sum + postgresTime(pid), 0);
}

async function measureOne({ server, postmasters, costs }: Arm, connections: number): Promise<void> {
  const before = { server: serverTime(server.pid), database: timeOf(postmasters) };
  const { answers, leadsPerSecond: rate } = await measure(server.port, connections, window);
  const leads = Object.values(answers).reduce((sum, count) => sum + count, 0);
  const cost = {
    rate,
    server: (serverTime(server.pid) - before.server) / leads,
    database: (timeOf(postmasters) - before.database) / leads,
  };
  costs.set(connections, [...(costs.get(connections) ?? []), cost]);
}

function report(arms: readonly Arm[], counts: readonly number[]): void {
  const figure = ({ costs }: Arm, connections: number, of: keyof Cost) =>
    median((costs.get(connections) ?? []).map((cost) => cost[of]));
  const [one] = arms;
  if (one === undefined) return;
  console.log(
    table([
      ["", "connections", "a second", "server µs", "database µs", "× one Postgres"],
      ...counts.flatMap((connections) =>
        arms.map((arm) => {
          const database = figure(arm, connections, "database");
          return [
            arm.name,
            String(connections),
            whole(figure(arm, connections, "rate")),
            figure(arm, connections, "server").toFixed(1),
            database.toFixed(1),
            (database / figure(one, connections, "database")).toFixed(2),
          ];
        }),
      ),
    ]),
  );
  for (const { name, idle } of arms)
    console.log(`${name}: ${(idle / 1000).toFixed(0)} ms a second when idle`);
}
