// `bun tests/proof/citus.ts --rounds 20`: two servers on a cluster of Citus of this run's own, each on the node of some campaigns. Under load
// a worker is killed and started again, then the coordinator, a worker's backend at COMMIT, and a server, each so many times. Then every
// lead that was acknowledged must be on record as it was told, no cap may be over and no wallet overdrawn, nothing may be there twice, and
// each buyer has what it bought. Needs a PostgreSQL with Citus: --bin /usr/lib/postgresql/15/bin. `--harms worker,coordinator,commit,server`
// chooses, in that order.
import { parseArgs } from "node:util";
import { openDatabase } from "#database/engine/connect.ts";
import { distributeTables } from "#database/spread/distribute.ts";
import { type CitusDatabase, citusDatabase } from "../support/citus.ts";
import { askOnce, type CitusCluster, startCitus } from "../support/citus-cluster.ts";
import { violations } from "../support/invariants.ts";
import { aDocument, OPERATOR_KEY } from "../support/leadgate.ts";
import { type Load, type Outgoing, startLoad } from "../support/load.ts";
import { aPersonsLead } from "../support/people.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { type PretendBuyer, startPretendBuyer } from "../support/pretend-buyer.ts";
import { type LeadgateProcess, startLeadgate, untilTrue } from "../support/process.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    lines: { type: "string", default: "32" },
    harms: { type: "string", default: "worker,coordinator,commit,server" },
    bin: { type: "string", default: "/usr/lib/postgresql/15/bin" },
  },
});

const CAMPAIGNS = ["solar", "roofing", "windows", "gutters", "siding", "doors"];

const harms = options.harms.split(",");
const HARMED = Number(options.rounds) * harms.length;

/** Of each contract with the first buyer, in a day. */
const CAP = 7 * HARMED;

/** Of the second buyer, over all campaigns: what the first leaves fills it. */
const CAP_OF_ALL = 20 * HARMED;

/** What the third buyer paid in, for leads at 30.00 in all campaigns: what the second leaves takes it. */
const PAID_IN = 150 * HARMED;

/** What is done to the cluster or its servers, and undone, while leads come in. */
type Harm = (harmed: Harmed, round: number) => Promise<void>;

interface Harmed {
  cluster: CitusCluster;
  citus: CitusDatabase;
  servers: readonly LeadgateProcess[];
}

async function killAndStart(server: Pick<PostgresServer, "kill" | "start">): Promise<void> {
  await server.kill();
  await Bun.sleep(Math.random() * 1000);
  await server.start();
}

const HARMS: Readonly<Record<string, Harm>> = {
  worker: async ({ cluster: { workers } }, round) => await killAndStart(workers[round % 2 === 0 ? 0 : 1]),
  coordinator: async ({ cluster: { coordinator } }) => await killAndStart(coordinator),
  commit: async ({ citus }, round) => await killOneAtCommit(citus.nodes[round % 2] ?? ""),
  server: async ({ servers }, round) => {
    const server = servers[round % servers.length];
    if (server !== undefined) await killAndStart(server);
  },
};

/** A COMMIT that waits for others before it writes is there to be seen. */
const COMMIT_WAITS_US = 50_000;

const AT_COMMIT = `select pid from pg_stat_activity
  where state = 'active' and query ilike 'commit%' and application_name = 'leadgate' and datname = current_database() limit 1`;

/** With SIGKILL, which has Postgres end all its other backends too and recover. */
async function killOneAtCommit(url: string): Promise<void> {
  await patiently(url, `alter system set commit_delay = ${COMMIT_WAITS_US}`);
  await patiently(url, "alter system set commit_siblings = 0");
  await patiently(url, "select pg_reload_conf()");
  let found: { pid: number } | undefined;
  while (found === undefined) [found] = await patiently<{ pid: number }>(url, AT_COMMIT);
  process.kill(found.pid, "SIGKILL");
  await patiently(url, "alter system reset all");
  await patiently(url, "select pg_reload_conf()");
}

/** Asks again while the node recovers. */
async function patiently<Row extends object>(url: string, text: string): Promise<Row[]> {
  for (const giveUp = Date.now() + 60_000; ; await Bun.sleep(20)) {
    try {
      return await askOnce<Row>(url, text);
    } catch (error) {
      if (Date.now() > giveUp) throw error;
    }
  }
}

function* leadsOfAll(): Generator<Outgoing> {
  for (let sent = 0; ; sent++) yield aPersonsLead({ flo_campaign_id: CAMPAIGNS[sent % CAMPAIGNS.length] });
}

/** Six campaigns, so that each node has some; each sells so many leads a day to the first buyer, who is sent them. */
function documentFor(buyer: PretendBuyer) {
  const document = aDocument({
    contracts: { first: { caps: { day: { leads: CAP } } } },
    buyers: {
      first: { delivery: { method: "webhook", url: buyer.url() } },
      second: { caps: { day: { leads: CAP_OF_ALL } } },
      third: { billing: { mode: "wallet" } },
    },
  });
  const [solar] = document.campaigns ?? [];
  if (solar === undefined) throw new Error("a campaign was to be there");
  const duplicates = { fields: ["phone" as const], window_days: 30 };
  return { ...document, campaigns: CAMPAIGNS.map((id) => ({ ...solar, id, name: id, duplicates })) };
}

/** Harms it again and again, each time after as many leads as some moments bring. */
async function harm(name: string, harmed: Harmed, load: Load): Promise<void> {
  const run = HARMS[name];
  if (run === undefined) throw new Error(`there is no harm ${name}`);
  for (let round = 1; round <= Number(options.rounds); round++) {
    await load.acknowledging(load.acknowledged.length + 20 + Math.floor(Math.random() * 100));
    const [before, began] = [load.acknowledged.length, performance.now()];
    await run(harmed, round);
    const back = performance.now();
    const during = load.acknowledged.length - before;
    await load.acknowledging(load.acknowledged.length + 1);
    console.log(
      `${name} ${round}: away for ${Math.round(back - began)} ms, ${during} acknowledged meanwhile, ${load.acknowledged.length} in all`,
    );
  }
}

/** All that is wrong when the last lead was acknowledged and sent. */
async function wrongIn(citus: CitusDatabase, load: Load, buyer: PretendBuyer): Promise<string[]> {
  const found: string[] = [];
  const [first = ""] = citus.nodes;
  await untilTrue(async () => {
    const [row] = await askOnce<{ left: number }>(
      first,
      "select count(*)::int as left from deliveries where state = 'pending'",
    );
    return row?.left === 0;
  }, "all deliveries to be through");
  const sold = await askOnce<{ campaign: string; leads: number; counted: number; delivered: number }>(
    first,
    `select s.campaign_id as campaign, s.leads, c.counted, d.delivered
     from (select campaign_id, count(*)::int as leads from sales where buyer_id = 'first' group by 1) s
     join (select campaign_id, total_leads::int as counted from campaign_counters where party = 'contract' and party_id = 'first') c
       using (campaign_id)
     join (select campaign_id, count(*)::int as delivered from deliveries where state = 'delivered' group by 1) d using (campaign_id)`,
  );
  for (const { campaign, leads, counted, delivered } of sold)
    if (leads > CAP || counted !== leads || delivered !== leads)
      found.push(`${campaign}: ${leads} sold, ${counted} counted, ${delivered} delivered, of at most ${CAP}`);
  const [others] = await askOnce<{ second: number; third: number; unmatched: number }>(
    first,
    `select (select count(*)::int from sales where buyer_id = 'second') as second,
       (select coalesce(sum(price), 0)::float8 from sales where buyer_id = 'third') as third,
       (select count(*)::int from leads where status = 'UNMATCHED') as unmatched`,
  );
  const { second = 0, third = 0, unmatched = 0 } = others ?? {};
  console.log(
    `sold: ${sold.map(({ campaign, leads }) => `${leads} of ${campaign}`).join(", ")}; ${second} of ${CAP_OF_ALL} to the second ` +
      `buyer, for ${third} of ${PAID_IN} to the third; ${unmatched} to nobody`,
  );
  if (second > CAP_OF_ALL) found.push(`${second} sold to the second buyer, of at most ${CAP_OF_ALL}`);
  if (third > PAID_IN) found.push(`sold for ${third} to the third buyer, of ${PAID_IN}`);
  if (unmatched > 0 && (second < CAP_OF_ALL || third + 30 <= PAID_IN))
    found.push("leads had no buyer before all was used up");
  const [all] = await askOnce<{ deliveries: number }>(
    first,
    "select count(*)::int as deliveries from deliveries",
  );
  if (all?.deliveries !== buyer.received.size)
    found.push(`${all?.deliveries} deliveries, and the buyer saw ${buyer.received.size}`);
  const settings = { databaseUrl: first, dataDir: "unused", connections: 4, writers: 4, deadlineMs: 60_000 };
  const database = await openDatabase(settings);
  try {
    return [...found, ...(await violations(database, { acknowledged: load.acknowledged }))];
  } finally {
    await database.close();
  }
}

function countedBy(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

async function payIn(server: LeadgateProcess | undefined): Promise<void> {
  const paid = await fetch(`${server?.url}/api/v1/admin/buyers/third/deposits`, {
    method: "POST",
    headers: { authorization: `Bearer ${OPERATOR_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ amount: PAID_IN.toFixed(2) }),
  });
  if (paid.status !== 201) throw new Error(await paid.text());
}

async function play(cluster: CitusCluster): Promise<string[]> {
  const citus = await citusDatabase(cluster.coordinator.url);
  await distributeTables(citus.coordinator, "yes", () => undefined);
  const buyer = await startPretendBuyer({ keepBodies: false });
  const servers: LeadgateProcess[] = [];
  for (const databaseUrl of citus.nodes) {
    const environment = { WEBHOOK_ALLOW_CIDRS: "127.0.0.0/8", LEADGATE_LOG_LEVEL: "warn" };
    servers.push(await startLeadgate({ databaseUrl, dataDir: "unused", environment }));
  }
  try {
    const [configured] = await Promise.all(
      servers.slice(0, 1).map((each) => each.configure(documentFor(buyer))),
    );
    await payIn(servers[0]);
    await using load = await startLoad({
      ports: servers.map(({ port }) => port),
      lines: Number(options.lines),
      key: configured?.keys["acme"] ?? "",
      leads: leadsOfAll(),
    });
    for (const name of harms) await harm(name, { cluster, citus, servers }, load);
    await load.finish();
    console.log(
      `${load.acknowledged.length} acknowledged, ${load.refusals.length} answers of 503 and such, ${load.broken} lines broken, ` +
        `${load.hung} answers that never came`,
    );
    const fates = servers.flatMap((each) => each.written().match(/the transaction is \w+/g) ?? []);
    console.log(`COMMITs whose answer was lost: ${JSON.stringify(Object.fromEntries(countedBy(fates)))}`);
    return await wrongIn(citus, load, buyer);
  } finally {
    for (const server of servers) await server.kill();
    await buyer.close();
  }
}

const cluster = await startCitus(options.bin);
try {
  const found = await play(cluster);
  for (const each of found) console.log(`FOUND ${each}`);
  console.log(found.length === 0 ? "Nothing was found." : `${found.length} findings.`);
  process.exitCode = found.length === 0 ? 0 : 1;
} finally {
  await cluster.stop();
}
