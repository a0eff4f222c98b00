// `bun bench/sharing.ts`: what it costs to share campaigns among processes and servers, in turn on one Postgres: 8 campaigns on one process
// and on two (LEADGATE_PROCESSES), one campaign on one server and on two.
import { readdirSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CAMPAIGN, hotCampaign, SUPPLIER } from "./campaign.ts";
import { type Ground, onGround } from "./database.ts";
import { median, table, whole } from "./figures.ts";
import { postgresTime, postmasterOf, serverTime } from "./processes.ts";
import { ADMIN_KEY, ask, measure, type Server, SUPPLIER_KEY, startLeadgate } from "./servers.ts";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
    connections: { type: "string", default: "64" },
  },
});
const window = { warmUpSeconds: 1, seconds: Number(options.seconds) };
const connections = Number(options.connections);
const MANY = Array.from({ length: 8 }, (_, index) => `campaign-${index}`);

interface Arm {
  name: string;
  campaigns: readonly string[];
  servers: readonly Server[];
}

interface Figures {
  leadsPerSecond: number;
  p99: number;
  /** µs a lead. */
  server: number;
  postgres: number;
}

await onGround(async (ground) => {
  const postmaster = await postmasterOf(ground.url);
  const arms = [
    await openArm(ground, "8 campaigns, 1 process", MANY, ["1"]),
    await openArm(ground, "8 campaigns, 2 processes", MANY, ["2"]),
    await openArm(ground, "1 campaign, 1 server", [CAMPAIGN], ["1"]),
    await openArm(ground, "1 campaign, 2 servers", [CAMPAIGN], ["1", "1"]),
  ];
  const found = new Map<Arm, Figures[]>(arms.map((arm) => [arm, []]));
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const arm of arms) found.get(arm)?.push(await measureArm(arm, postmaster));
  }
  const rows = arms.map((arm) => {
    const of = (name: keyof Figures) => whole(median((found.get(arm) ?? []).map((each) => each[name])));
    return [arm.name, of("leadsPerSecond"), of("p99"), of("server"), of("postgres")];
  });
  console.log(table([["", "leads/s", "p99 ms", "server µs a lead", "Postgres µs a lead"], ...rows]));
  for (const { servers } of arms) for (const server of servers) await server.stop();
});

/** Servers on a database of their own, which know each other. */
async function openArm(
  ground: Ground,
  name: string,
  campaigns: readonly string[],
  processes: readonly string[],
): Promise<Arm> {
  const databaseUrl = await ground.createDatabase(`arm_${name.replaceAll(/\W+/g, "_")}`);
  const servers: Server[] = [];
  for (const count of processes) {
    servers.push(
      await startLeadgate({ databaseUrl }, ground.folder, undefined, { LEADGATE_PROCESSES: count }),
    );
  }
  const [first] = servers;
  if (first === undefined) throw new Error("an arm has servers");
  const wanted = processes.reduce((sum, count) => sum + Number(count), 0);
  while ((await serversSeen(first.port)) < wanted) await Bun.sleep(200);
  const [campaign] = hotCampaign.campaigns ?? [];
  const document = { ...hotCampaign, campaigns: campaigns.map((id) => ({ ...campaign, id, name: id })) };
  await ask(first.port, "PUT", "config", document);
  await ask(first.port, "POST", `suppliers/${SUPPLIER}/keys`, { secret: SUPPLIER_KEY });
  // Each looks for the others every ten seconds.
  if (wanted > 1) await Bun.sleep(11_000);
  return { name, campaigns, servers };
}

async function serversSeen(port: number): Promise<number> {
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/admin/servers`, { headers }).catch(
    () => undefined,
  );
  if (answer?.ok !== true) return 0;
  return ((await answer.json()) as { data: unknown[] }).data.length;
}

async function measureArm({ campaigns, servers }: Arm, postmaster: number): Promise<Figures> {
  const processes = servers.flatMap(({ pid }) => [pid, ...childrenOf(pid)]);
  const time = () => processes.reduce((sum, pid) => sum + serverTime(pid), 0);
  const [server, database] = [time(), postgresTime(postmaster)];
  const shares = servers.map(({ port }) => measure(port, connections / servers.length, window, ...campaigns));
  const measured = await Promise.all(shares);
  const leads = measured
    .flatMap(({ answers }) => Object.values(answers))
    .reduce((sum, each) => sum + each, 0);
  return {
    leadsPerSecond: measured.reduce((sum, each) => sum + each.leadsPerSecond, 0),
    p99: Math.max(...measured.map(({ p99 }) => p99)),
    server: (time() - server) / leads,
    postgres: (postgresTime(postmaster) - database) / leads,
  };
}

function childrenOf(parent: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) === parent;
      } catch {
        return false;
      }
    });
}
