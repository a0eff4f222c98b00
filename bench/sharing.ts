// `bun bench/sharing.ts`: what it costs to share campaigns among processes and servers, in turn on one Postgres: 8 campaigns on one process
// and on two (LEADGATE_PROCESSES), one campaign on one server and on two, 8 campaigns on two servers that get any lead or only their own.
// `--connections 256 --rounds 3 --seconds 4 --warm-up 30 --only processes,campaign,servers`
import { readdirSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CAMPAIGN, hotCampaign, SUPPLIER } from "./campaign.ts";
import { type Ground, onGround, query } from "./database.ts";
import { median, type Target, table, verdict, whole } from "./figures.ts";
import { postgresTime, postmasterOf, serverTime } from "./processes.ts";
import { ADMIN_KEY, ask, measure, type Server, SUPPLIER_KEY, startLeadgate } from "./servers.ts";

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "4" },
    "warm-up": { type: "string", default: "30" },
    rounds: { type: "string", default: "3" },
    connections: { type: "string", default: "256" },
    only: { type: "string", default: "" },
  },
});
const connections = Number(options.connections);
const MANY = Array.from({ length: 8 }, (_, index) => `campaign-${index}`);

/** Servers on a database of their own, and what is sent to them. */
interface Arm {
  of: "processes" | "campaign" | "servers";
  name: string;
  campaigns: readonly string[];
  /** The processes of each server. */
  servers: readonly number[];
  /** Each lead goes to the server that has its campaign. */
  toOwners?: boolean;
}

interface Installation {
  servers: readonly Server[];
  databaseUrl: string;
}

interface Figures {
  leadsPerSecond: number;
  p99: number;
  /** µs a lead. */
  server: number;
  postgres: number;
  /** Leads in one transaction. */
  batch: number;
}

const ARMS: readonly Arm[] = [
  { of: "processes", name: "8 campaigns, 1 process", campaigns: MANY, servers: [1] },
  { of: "processes", name: "8 campaigns, 2 processes", campaigns: MANY, servers: [2] },
  { of: "campaign", name: "1 campaign, 1 server", campaigns: [CAMPAIGN], servers: [1] },
  { of: "campaign", name: "1 campaign, 2 servers", campaigns: [CAMPAIGN], servers: [1, 1] },
  {
    of: "servers",
    name: "8 campaigns, 2 servers, to owners",
    campaigns: MANY,
    servers: [1, 1],
    toOwners: true,
  },
  { of: "servers", name: "8 campaigns, 2 servers, in turn", campaigns: MANY, servers: [1, 1] },
];

/** What the second arm of a kind may cost of the first. */
const WANTED: Readonly<Record<Arm["of"], { leads: number; cpu?: number }>> = {
  processes: { leads: 0.95, cpu: 1.15 },
  campaign: { leads: 0.95, cpu: 1.1 },
  servers: { leads: 0.95 },
};

await onGround(async (ground) => {
  const postmaster = await postmasterOf(ground.url);
  const arms = ARMS.filter(({ of }) => options.only === "" || options.only.split(",").includes(of));
  const opened = await Promise.all(arms.map((arm) => openArm(ground, arm)));
  // Each server looks for the others every ten seconds.
  await Bun.sleep(11_000);
  const found = arms.map((): Figures[] => []);
  for (let round = -1; round < Number(options.rounds); round++) {
    for (const [index, arm] of arms.entries()) {
      const seconds = round < 0 ? warmUpOf(arm) : Number(options.seconds);
      const installation = opened[index];
      if (installation === undefined) throw new Error("an arm was not opened");
      const figures = await measureArm(arm, installation, { postmaster, seconds });
      if (round >= 0) found[index]?.push(figures);
    }
  }
  tell(arms, found);
  for (const { servers } of opened) for (const server of servers) await server.stop();
});

/** Processes that share leads get as many of them as one that has all. */
function warmUpOf({ campaigns, servers }: Arm): number {
  const processes = servers.reduce((sum, count) => sum + count, 0);
  return Number(options["warm-up"]) * (campaigns.length > 1 ? processes : 1);
}

function tell(arms: readonly Arm[], found: readonly Figures[][]): void {
  const middle = (index: number, name: keyof Figures) =>
    median((found[index] ?? []).map((each) => each[name]));
  const cpu = (index: number) => middle(index, "server") + middle(index, "postgres");
  const rows = arms.map(({ name }, index) => {
    const figures = (["leadsPerSecond", "p99", "server", "postgres", "batch"] as const).map((each) =>
      middle(index, each),
    );
    return [name, ...figures.map(whole)];
  });
  const head = ["", "leads/s", "p99 ms", "server µs a lead", "Postgres µs a lead", "leads a batch"];
  console.log(table([head, ...rows]));
  const targets = arms.flatMap(({ of, name }, second): Target[] => {
    const first = second - 1;
    if (arms[first]?.of !== of) return [];
    const { leads, cpu: most } = WANTED[of];
    const leadsPerSecond = middle(second, "leadsPerSecond") / middle(first, "leadsPerSecond");
    return [
      { says: `${name}: leads/s, times`, figure: leadsPerSecond, atLeast: leads },
      ...(most === undefined
        ? []
        : [{ says: `${name}: CPU a lead, times`, figure: cpu(second) / cpu(first), atMost: most }]),
    ];
  });
  console.log(table([["Target", "measured", "wanted", ""], ...targets.map(verdict)]));
}

/** Servers on a database of their own, which know each other. */
async function openArm(ground: Ground, { name, campaigns, servers: wanted }: Arm): Promise<Installation> {
  const databaseUrl = await ground.createDatabase(`arm_${name.replaceAll(/\W+/g, "_")}`);
  const servers: Server[] = [];
  for (const count of wanted) {
    const settings = { LEADGATE_PROCESSES: String(count), LEADGATE_REQUESTS_PER_ADDRESS: "0" };
    servers.push(await startLeadgate({ databaseUrl }, ground.folder, undefined, settings));
  }
  const [first] = servers;
  if (first === undefined) throw new Error("an arm has servers");
  const processes = wanted.reduce((sum, count) => sum + count, 0);
  while ((await serversSeen(first.port)) < processes) await Bun.sleep(200);
  const [campaign] = hotCampaign.campaigns ?? [];
  const document = { ...hotCampaign, campaigns: campaigns.map((id) => ({ ...campaign, id, name: id })) };
  await ask(first.port, "PUT", "config", document);
  await ask(first.port, "POST", `suppliers/${SUPPLIER}/keys`, { secret: SUPPLIER_KEY });
  return { servers, databaseUrl };
}

async function serversSeen(port: number): Promise<number> {
  const headers = { authorization: `Bearer ${ADMIN_KEY}` };
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/admin/servers`, { headers }).catch(
    () => undefined,
  );
  if (answer?.ok !== true) return 0;
  return ((await answer.json()) as { data: unknown[] }).data.length;
}

async function measureArm(
  { campaigns, toOwners }: Arm,
  { servers, databaseUrl }: Installation,
  { postmaster, seconds }: { postmaster: number; seconds: number },
): Promise<Figures> {
  const owned = toOwners === true ? await ownedBy(databaseUrl, servers.length) : [];
  const processes = servers.flatMap(({ pid }) => [pid, ...childrenOf(pid)]);
  const time = () => processes.reduce((sum, pid) => sum + serverTime(pid), 0);
  const committed = () => commitsIn(databaseUrl);
  const [server, database, commits] = [time(), postgresTime(postmaster), await committed()];
  const shares = servers.map(({ port }, index) => {
    const own = owned[index]?.length ? owned[index] : campaigns;
    return measure(port, connections / servers.length, { warmUpSeconds: 0, seconds }, ...own);
  });
  const measured = await Promise.all(shares);
  const leads = measured
    .flatMap(({ answers }) => Object.values(answers))
    .reduce((sum, each) => sum + each, 0);
  return {
    leadsPerSecond: measured.reduce((sum, each) => sum + each.leadsPerSecond, 0),
    p99: Math.max(...measured.map(({ p99 }) => p99)),
    server: (time() - server) / leads,
    postgres: (postgresTime(postmaster) - database) / leads,
    batch: leads / ((await committed()) - commits),
  };
}

/** The campaigns of each server, in the order of their start. */
async function ownedBy(databaseUrl: string, count: number): Promise<string[][]> {
  const rows = await query(
    databaseUrl,
    `select campaign_id, (select count(*)::int from running.servers as older where older.started_at < servers.started_at) as place
      from running.owners join running.servers on servers.id = server_id order by campaign_id`,
  );
  return Array.from({ length: count }, (_, index) =>
    rows.filter(({ place }) => place === index).map(({ campaign_id: id }) => String(id)),
  );
}

/** The batches that were committed so far. */
async function commitsIn(databaseUrl: string): Promise<number> {
  const [row] = await query(databaseUrl, "select count(*)::int as batches from running.outcomes");
  return Number(row?.["batches"]);
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
