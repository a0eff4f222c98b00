import { join } from "node:path";
import { parseArgs } from "node:util";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { openDatabase } from "#database/engine/connect.ts";
import { type Leadgate, openLeadgate, testTimers } from "../tests/support/leadgate.ts";
import { randomFrom } from "../tests/support/random.ts";
import { type Ground, onGround } from "./database.ts";
import { table, verdict } from "./figures.ts";
import { postgresTime, postmasterOf, serverTime } from "./processes.ts";

/**
 * `bun bench/simulations.ts [--leads 100000]`: mixed leads (direct with caps and filters, weighted, shared, ping-post, many of them
 * repeated) taken in by the lane, and then decided anew by the same document: no lead may end otherwise. What that costs a lead, in this
 * process and in Postgres, and what it adds to the memory.
 */

const AT_ONCE = 128;
const CAMPAIGNS = ["direct", "direct", "weighted", "shared", "pinged"] as const;

async function measureSimulation({ createDatabase, folder }: Ground): Promise<void> {
  const { values } = parseArgs({ options: { leads: { type: "string", default: "100000" } } });
  const databaseUrl = await createDatabase("simulated");
  const database = await openDatabase({
    databaseUrl,
    dataDir: join(folder, "unused"),
    deadlineMs: 60_000,
    connections: 8,
    writers: 2,
  });
  const leadgate = openLeadgate(database, ownClock);
  await leadgate.configure(market);
  const since = new Date();
  await takeIn(leadgate, Number(values.leads));
  await database.write((tx) => tx.execute("analyze"));
  const postmaster = await postmasterOf(databaseUrl);
  const [own, postgres] = [serverTime(process.pid), postgresTime(postmaster)];
  const [began, memory] = [performance.now(), watchMemory()];
  const { result } = await simulated(leadgate, since);
  const seconds = (performance.now() - began) / 1000;
  const aLead = (microseconds: number) => microseconds / result.leads;
  const [server, ofPostgres] = [
    aLead(serverTime(process.pid) - own),
    aLead(postgresTime(postmaster) - postgres),
  ];
  const counted = result.totals[0].before;
  console.log(`${result.leads} leads: ${JSON.stringify(counted)}`);
  console.log(
    table([
      verdict({ says: "Leads that end otherwise", figure: result.differing, atMost: 0 }),
      verdict({ says: "CPU a lead, µs", figure: server + ofPostgres, atMost: 300 }),
      ["  of that in Postgres, µs", ofPostgres.toFixed(0), "", ""],
      verdict({ says: "Leads a second", figure: result.leads / seconds, atLeast: 3_334 }),
      ["Memory that it added at the most, MiB", memory().toFixed(0), "", ""],
    ]),
  );
  await leadgate.server.stop();
  await database.close();
}

const ownClock = {
  now: () => new Date(),
  elapsedMs: () => performance.now(),
  ...testTimers(),
  set: () => undefined,
};

const FAST = { per_second: 100_000, burst_per_second: 100_000 };
const suppliers = [
  { supplier: "acme", payout: { mode: "revenue_share" as const, percent: "60" } },
  { supplier: "beta", payout: { mode: "fixed" as const, amount: "4.00" }, caps: { day: { leads: 20_000 } } },
];

const market: ConfigurationDocument = {
  version: 1,
  suppliers: ["acme", "beta"].map((id) => ({ id, name: id, rate_limits: { ingest: FAST, ping: FAST } })),
  buyers: ["one", "two", "three", "four"].map((id) => ({
    id,
    name: id,
    timezone: "America/New_York",
    ...(id === "two" && { caps: { day: { leads: 15_000 } } }),
    ...(id === "four" && { duplicates: { fields: ["phone"], window_days: 1 } }),
  })),
  campaigns: [
    {
      id: "direct",
      name: "Direct",
      filters: { field: "state", op: "in", value: ["TX", "OK", "NM"] },
      suppliers,
      buyers: [
        { buyer: "one", price: "20.00", priority: 1, caps: { day: { leads: 5_000 } } },
        { buyer: "two", price: "15.00", priority: 2, states: ["TX", "OK"] },
        { buyer: "three", price: "12.00", priority: 3 },
      ],
    },
    {
      id: "weighted",
      name: "Weighted",
      distribution: "weighted",
      duplicates: { action: "route_to_original" },
      suppliers,
      buyers: [
        { buyer: "one", price: "18.00", weight: 5 },
        { buyer: "two", price: "17.00", weight: 3 },
        { buyer: "four", price: "16.00", weight: 2, exclude_states: ["OK"] },
      ],
    },
    {
      id: "shared",
      name: "Shared",
      distribution: "round_robin",
      max_sells: 2,
      suppliers,
      buyers: ["one", "three", "four"].map((buyer, place) => ({ buyer, price: `${9 - place}.00` })),
    },
    {
      id: "pinged",
      name: "Pinged",
      mode: "ping_post",
      suppliers,
      buyers: [
        { buyer: "one", price: "19.00", caps: { day: { leads: 6_000 } } },
        { buyer: "three", price: "14.00" },
      ],
    },
  ],
};

/** Takes leads in, many at once; every third person comes more than once. */
async function takeIn(leadgate: Leadgate, leads: number): Promise<void> {
  const random = randomFrom(7);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  let left = leads;
  async function callAgainAndAgain(): Promise<void> {
    while (left > 0) {
      left -= 1;
      const person = Math.floor(random() * leads * 0.7);
      await takeInOne(leadgate, pick(CAMPAIGNS), pick(["acme", "beta"]), {
        first_name: "Ada",
        last_name: "Lovelace",
        phone: `512${String(2_000_000 + person)}`,
        email: `ada.${person}@example.com`,
        state: pick(["TX", "OK", "NM", "CA"]),
      });
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, callAgainAndAgain));
}

async function takeInOne(
  leadgate: Leadgate,
  campaign: string,
  supplier: string,
  fields: Record<string, string>,
): Promise<void> {
  const addressed = { flo_campaign_id: campaign, flo_supplier_id: supplier };
  if (campaign !== "pinged") return void (await leadgate.ingest(supplier, { ...addressed, ...fields }));
  const { first_name: _, last_name: __, ...pinged } = fields;
  const headers = { "x-api-key": leadgate.keyOf(supplier), "content-type": "application/json" };
  const body = JSON.stringify({ ...addressed, ...pinged });
  const asked = await leadgate.call("POST", "/api/v1/ping", { headers, body });
  if (asked.body.accepted !== true) return;
  await leadgate.ingest(supplier, { ...addressed, ...fields, flo_ping_id: asked.body.ping_id });
}

async function simulated(leadgate: Leadgate, since: Date) {
  const order = { document: market, since: since.toISOString() };
  const started = await leadgate.admin("POST", "/simulations", order);
  if (started.status !== 202) throw new Error(JSON.stringify(started.body));
  for (;;) {
    const { data } = (await leadgate.admin("GET", `/simulations/${started.body.data.id}`)).body;
    if (data.state === "done") return data;
    if (data.failure !== null) throw new Error(data.failure);
    await Bun.sleep(500);
  }
}

/** MiB by which the memory was above what it is now, at the most, until that is asked. */
function watchMemory(): () => number {
  Bun.gc(true);
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 100);
  return () => {
    clearInterval(timer);
    return (most - before) / 2 ** 20;
  };
}

await onGround(measureSimulation);
process.exit(0);
