import { join } from "node:path";
import { parseArgs } from "node:util";
import { sql } from "drizzle-orm";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import type { Database } from "#database/database.ts";
import { openDatabase } from "#database/engine/connect.ts";
import { type Leadgate, openLeadgate, testClock, testTimers } from "../tests/support/leadgate.ts";
import { randomFrom } from "../tests/support/random.ts";
import { type Ground, onGround } from "./database.ts";
import { table, verdict } from "./figures.ts";
import { CHANGED, IN_FORCE, marketWith } from "./market.ts";
import { postgresTime, postmasterOf, serverTime } from "./processes.ts";

/**
 * `bun bench/simulations.ts [--leads 100000] [--anew 10000]`: mixed leads (direct with caps and filters, weighted, shared, ping-post, many
 * of them repeated) taken in by the lane, and then decided anew by the same document: no lead may end otherwise. What that costs a lead, in
 * this process and in Postgres, and what it adds to the memory. Then the first of them by another document, which must bring what an
 * installation with that document makes of the same leads.
 */

const AT_ONCE = 128;
const CAMPAIGNS = ["direct", "direct", "weighted", "shared", "pinged"] as const;
/** The memory is told each time that so many leads more are decided. */
const TELL_EVERY = 10_000;

async function measureSimulation({ createDatabase, folder }: Ground): Promise<void> {
  const { values } = parseArgs({
    options: { leads: { type: "string", default: "100000" }, anew: { type: "string", default: "10000" } },
  });
  const databaseUrl = await createDatabase("simulated");
  const database = await openOn(databaseUrl, folder);
  const leadgate = openLeadgate(database, ownClock);
  await leadgate.configure(marketWith(IN_FORCE));
  const since = new Date();
  await takeIn(leadgate, Number(values.leads));
  await database.write((tx) => tx.execute("analyze"));
  await measureUnchanged(leadgate, since, await postmasterOf(databaseUrl));
  const until = await decidedAfter(database, Number(values.anew));
  const tried = await simulated(leadgate, { document: marketWith(CHANGED), since, until });
  const second = await openOn(await createDatabase("anew"), folder);
  const taken = await takenInAnew(second, await recordedBefore(database, until), since);
  console.log(
    table([
      ["Leads decided by another document", String(tried.result.leads), "", ""],
      ["  of them end otherwise", String(tried.result.differing), "", ""],
      verdict({
        says: "Figures unlike those of a second installation",
        figure: unlike(tried.result, taken.result),
        atMost: 0,
      }),
    ]),
  );
  await leadgate.server.stop();
  await Promise.all([database.close(), second.close()]);
}

async function measureUnchanged(leadgate: Leadgate, since: Date, postmaster: number): Promise<void> {
  const [own, postgres] = [serverTime(process.pid), postgresTime(postmaster)];
  const [began, memory] = [performance.now(), watchMemory()];
  const { result } = await simulated(leadgate, { document: marketWith(IN_FORCE), since }, tellMemory());
  const seconds = (performance.now() - began) / 1000;
  const aLead = (microseconds: number) => microseconds / result.leads;
  const [server, ofPostgres] = [
    aLead(serverTime(process.pid) - own),
    aLead(postgresTime(postmaster) - postgres),
  ];
  console.log(`${result.leads} leads: ${JSON.stringify(result.totals[0].before)}`);
  console.log(
    table([
      verdict({ says: "Leads that end otherwise", figure: result.differing, atMost: 0 }),
      verdict({ says: "CPU a lead in the server, µs", figure: server, atMost: 300 }),
      verdict({ says: "CPU a lead in Postgres, µs", figure: ofPostgres, atMost: 300 }),
      verdict({ says: "Leads a second", figure: result.leads / seconds, atLeast: 3_334 }),
      ["Memory that it added at the most, MiB", memory().toFixed(0), "", ""],
    ]),
  );
}

async function openOn(databaseUrl: string, folder: string): Promise<Database> {
  const dataDir = join(folder, "unused");
  return await openDatabase({ databaseUrl, dataDir, deadlineMs: 60_000, connections: 8, writers: 2 });
}

const ownClock = {
  now: () => new Date(),
  elapsedMs: () => performance.now(),
  ...testTimers(),
  set: () => undefined,
};

/** A moment before which so many leads were decided, or a few less: those of a batch are together. */
async function decidedAfter(database: Database, leads: number): Promise<Date | undefined> {
  const [row] = await database.read((db) =>
    db.execute<{ at: string }>(
      sql`select decided_at::text as at from leads order by decided_at, campaign_id collate "C", id offset ${leads} limit 1`,
    ),
  );
  return row && new Date(row.at);
}

interface RecordedLead {
  campaign: string;
  supplier: string;
  fields: Record<string, string>;
  at: number;
}

/** In the order in which they were decided. */
async function recordedBefore(database: Database, until = new Date()): Promise<RecordedLead[]> {
  return await database.read((db) =>
    db.execute<RecordedLead>(
      sql`select campaign_id as campaign, supplier_id as supplier, fields, (extract(epoch from decided_at) * 1000)::float8 as at
        from leads where decided_at < ${until.toISOString()}::timestamptz order by decided_at, campaign_id collate "C", id`,
    ),
  );
}

/** What an installation on that database, with the other document, makes of the leads, each at its time. */
async function takenInAnew(database: Database, leads: readonly RecordedLead[], since: Date) {
  const leadgate = openLeadgate(database, testClock(since.toISOString()));
  await leadgate.configure(marketWith(CHANGED));
  for (const { campaign, supplier, fields, at } of leads) {
    leadgate.clock.set(new Date(at).toISOString());
    await takeInOne(leadgate, campaign, supplier, fields);
  }
  leadgate.clock.pass(1);
  const taken = await simulated(leadgate, { document: marketWith(CHANGED), since });
  await leadgate.server.stop();
  return taken;
}

type Figures = Record<"before" | "after", { leads: number }> & { id: string | null; currency: string };
type Parties = Record<"totals" | "campaigns" | "suppliers" | "buyers", Figures[]>;

/** How many rows of figures say something else after the one simulation than before the other. */
function unlike(tried: Parties, taken: Parties): number {
  const said = (rows: Figures[], side: "before" | "after") =>
    rows.filter((row) => row[side].leads > 0).map((row) => JSON.stringify([row.id, row.currency, row[side]]));
  return (["totals", "campaigns", "suppliers", "buyers"] as const)
    .flatMap((party) => {
      const [would, did] = [said(tried[party], "after"), said(taken[party], "before")];
      return [...would.filter((row) => !did.includes(row)), ...did.filter((row) => !would.includes(row))];
    })
    .map((row) => console.log(row)).length;
}

/**
 * Takes leads in, many at once; every third person comes more than once, never twice at once: of two pings side by side neither finds the
 * other's person, and taken in anew, one by one, the second would be refused.
 */
async function takeIn(leadgate: Leadgate, leads: number): Promise<void> {
  const random = randomFrom(7);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  let left = leads;
  const coming = new Set<number>();
  async function callAgainAndAgain(): Promise<void> {
    while (left > 0) {
      const person = Math.floor(random() * leads * 0.7);
      if (coming.has(person)) continue;
      left -= 1;
      coming.add(person);
      await takeInOne(leadgate, pick(CAMPAIGNS), pick(["acme", "beta"]), {
        first_name: "Ada",
        last_name: "Lovelace",
        phone: `512${String(2_000_000 + person)}`,
        email: `ada.${person}@example.com`,
        state: pick(["TX", "OK", "NM", "CA"]),
      });
      coming.delete(person);
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

async function simulated(
  leadgate: Leadgate,
  { document, since, until }: { document: ConfigurationDocument; since: Date; until?: Date | undefined },
  decided: (leads: number) => void = () => undefined,
) {
  const window = { since: since.toISOString(), ...(until && { until: until.toISOString() }) };
  const started = await leadgate.admin("POST", "/simulations", { document, ...window });
  if (started.status !== 202) throw new Error(JSON.stringify(started.body));
  for (;;) {
    const { data } = (await leadgate.admin("GET", `/simulations/${started.body.data.id}`)).body;
    decided(data.leads ?? 0);
    if (data.state === "done") return data;
    if (data.failure !== null) throw new Error(data.failure);
    await Bun.sleep(500);
  }
}

function tellMemory(): (leads: number) => void {
  let next = 0;
  return (leads) => {
    if (leads < next) return;
    console.log(`${leads} leads decided: ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MiB`);
    next = (Math.floor(leads / TELL_EVERY) + 1) * TELL_EVERY;
  };
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
