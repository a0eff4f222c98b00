import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { type DatabaseSettings, openDatabase } from "#database/engine/connect.ts";
import { prepareDirectory } from "#database/pglite/data-directory.ts";
import { migratedTemplate } from "../support/database.ts";
import { violations } from "../support/invariants.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { type LeadgateProcess, startLeadgate } from "../support/process.ts";
import { randomFrom } from "../support/random.ts";
import { type Buyers, startBuyers } from "./buyers.ts";
import { brokenClaims, rowsOf, type Seen } from "./claims.ts";
import { errands } from "./errands.ts";
import { explainedBy } from "./explain.ts";
import { type Fault, inflict, plannedFaults, type Victims } from "./faults.ts";
import { mountSmallDisk, ownClock } from "./harm.ts";
import { callAsOperator, operate } from "./operators.ts";
import {
  type Collector,
  historyGivingAway,
  metricsGivingAway,
  peopleRemembered,
  startCollector,
} from "./privacy.ts";
import { Progress } from "./progress.ts";
import { reportsUnlikeTheirSum } from "./reports.ts";
import { sendErrands } from "./suppliers.ts";
import { openWire, type Wire } from "./wire.ts";
import { BUYERS, CHECKER, WALLETS, worldDocument } from "./world.ts";

/** What makes a round: the same again is the same again, as far as the machine lets it. */
export interface Scenario {
  readonly seed: number;
  readonly leads: number;
  readonly database: "embedded" | "postgres";
  readonly servers: 1 | 2 | 3;
  readonly faults: number;
  readonly lines: number;
  /** Wait until everything is delivered or dead; without it, what is pending may be so. */
  readonly settle: boolean;
  /** The one fault that is done beside a kill; absent: all of the usual ones. */
  readonly only?: Fault | undefined;
  /** Absent: from source. */
  readonly executable?: string | undefined;
}

export interface Outcome {
  /** What must never be so, a sentence each. */
  readonly findings: string[];
  /** Of the first findings, in their order: what is on record of the lead that each is about. */
  readonly explained: string[][];
  /** What was done to it, a line each. */
  readonly faults: string[];
  readonly seconds: number;
  readonly figures: Record<string, number>;
}

/** One world on a new database, from its first lead to the last check. */
export async function playRound(scenario: Scenario): Promise<Outcome> {
  await using place = await openPlace(scenario);
  const random = seededRandom(scenario.seed);
  await using buyers = await startBuyers(scenario.seed);
  await using toBuyers = await openWire({ host: "127.0.0.1", port: buyers.receiver.port }, random("wire"));
  await using collector = startCollector();
  await using servers = await startServers(scenario, place, collector);
  const began = performance.now();
  const { postgres, dataDir } = place;
  const wires = { database: place.wire, buyers: toBuyers };
  const stage = { servers: servers.all, buyers, postgres, wires, dataDir, random };
  const { seen, faults } = await play(scenario, stage).catch((error: unknown) => {
    throw new Error(`the world stood still; its servers said last:\n${lastLines(servers.all)}`, {
      cause: error,
    });
  });
  if (scenario.settle) await settle(servers.all, buyers);
  const findings = await metricsGivingAway(servers.all);
  if (collector.figures.givenAway > 0) findings.push("a trace tells who a person is");
  for (const server of servers.all) {
    const code = await server.stop();
    if (code !== 0) findings.push(`a server that was told to stop ended with ${code}`);
  }
  const seconds = Math.round((performance.now() - began) / 1000);
  const written = servers.all.map((server) => server.written()).join("\n");
  const checked = await check(scenario, place.settings, { ...seen, written }, findings);
  return { ...checked, faults, seconds };
}

function lastLines(servers: readonly LeadgateProcess[]): string {
  return servers.map((server) => server.written().trimEnd().split("\n").slice(-25).join("\n")).join("\n\n");
}

/** Streams of its own for each of those who draw from it: what one does more often changes nothing for the others. */
function seededRandom(seed: number): (name: string) => () => number {
  return (name) => randomFrom(Number(BigInt(Bun.hash(`${seed} ${name}`)) % 2n ** 31n));
}

interface Place extends AsyncDisposable {
  readonly settings: DatabaseSettings;
  /** The same, over a wire that faults disturb. */
  readonly ofServers: DatabaseSettings;
  readonly postgres: PostgresServer | undefined;
  readonly wire: Wire | undefined;
  readonly dataDir: string;
}

/** Enough for some thousand leads, and soon filled. */
const DISK_MIB = 600;

/** A database of the round's own; a Postgres too, which faults end and start again. */
async function openPlace({ database, only, seed }: Scenario): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "leadgate-round-"));
  await using started = new AsyncDisposableStack();
  started.defer(() => rm(folder, { recursive: true, force: true }));
  if (only === "disk-full") started.use(await mountSmallDisk(folder, DISK_MIB));
  const opened =
    database === "embedded" ? await openEmbedded(folder) : await openPostgres(folder, seed, started);
  const all = started.move();
  return { ...opened, dataDir: folder, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function openEmbedded(dataDir: string) {
  const settings = { dataDir, connections: 4, writers: 4, deadlineMs: CHECK_MS };
  await prepareDirectory(join(dataDir, "database"), async () => Bun.file(await migratedTemplate()).bytes());
  return { settings, ofServers: settings, postgres: undefined, wire: undefined };
}

async function openPostgres(dataDir: string, seed: number, started: AsyncDisposableStack) {
  const postgres = await startPostgres({ dataDir });
  started.defer(() => postgres.stop());
  const url = new URL(postgres.url);
  const wire = started.use(await openWire({ host: url.hostname, port: Number(url.port) }, randomFrom(seed)));
  const common = { dataDir: "unused", connections: 4, writers: 4, deadlineMs: CHECK_MS };
  url.port = String(wire.port);
  return {
    settings: { ...common, databaseUrl: postgres.url },
    ofServers: { ...common, databaseUrl: url.href },
    postgres,
    wire,
  };
}

/** A statement that checks tens of thousands of leads takes its time. */
const CHECK_MS = 600_000;

async function startServers(
  { servers, executable, only }: Scenario,
  { ofServers: settings, dataDir }: Place,
  { url }: Collector,
) {
  const usual = {
    WEBHOOK_ALLOW_CIDRS: "127.0.0.0/8",
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    // On a machine without a moment to spare the embedded database takes longer than that for its first statements.
    ...(settings.databaseUrl === undefined && { LEADGATE_DATABASE_DEADLINE_MS: "30000" }),
  };
  const one = () =>
    startLeadgate({
      ...settings,
      ...(executable === undefined ? {} : { executable }),
      environment: (port) => (only === "clock" ? { ...usual, ...ownClock(dataDir, port) } : usual),
    });
  const all: LeadgateProcess[] = [];
  for (let started = 0; started < servers; started++) all.push(await one());
  return {
    all,
    [Symbol.asyncDispose]: async () =>
      void (await Promise.all(all.map((each) => each[Symbol.asyncDispose]()))),
  };
}

interface Stage extends Omit<Victims, "random" | "executable"> {
  readonly random: (name: string) => () => number;
}

async function play(
  scenario: Scenario,
  stage: Stage,
): Promise<{ seen: Omit<Seen, "written">; faults: string[] }> {
  const { servers, buyers, random } = stage;
  const { leads, lines, executable } = scenario;
  const [first] = servers;
  if (first === undefined) throw new Error("a world needs a server");
  const addresses = addressesOver(stage.wires.buyers, buyers);
  const document = worldDocument(addresses, leads);
  const { keys } = await first.configure(document);
  await fillWallets(first);
  const campaigns = document.campaigns ?? [];
  const kinds = campaigns.map(({ id = "", mode }) => ({ id, isPinged: mode === "ping_post" }));
  const progress = new Progress();
  const suppressed: string[] = [];
  const told: Seen["heard"]["told"] = [];
  const planned = plannedFaults(leads, scenario.faults, {
    random: random("plan"),
    hasPostgres: stage.postgres !== undefined,
    // A short round would be over before a server that stands still is missed.
    isShared: servers.length > 1 && leads >= 1_000,
    only: scenario.only,
  });
  const sending = sendErrands({
    ports: servers.map(({ port }) => port),
    lines,
    keys,
    errands: errands(kinds, leads, random("errands"), suppressed),
    progress,
    random: random("suppliers"),
    told,
    clocksJump: scenario.only === "clock",
  }).finally(() => progress.end());
  const operating = operate({
    urls: servers.map(({ url }) => url),
    campaigns,
    document,
    progress,
    random: random("operators"),
    told,
    suppressed,
    pace: 30,
  });
  const faults = await inflictOrEnd(planned, { ...stage, executable, random: random("faults") }, progress);
  const [heard, ruled] = await Promise.all([sending, operating]);
  return { seen: { heard, ruled, received: buyers.received }, faults };
}

/** Where buyers are reached: over the wire that faults disturb. */
function addressesOver({ port }: Wire, { receiver }: Buyers) {
  const over = (url: string) => url.replace(`:${receiver.port}/`, `:${port}/`);
  return {
    delivery: (id: string) => over(`${receiver.url()}${id}`),
    bidding: (price: string) => over(receiver.biddingUrl(price)),
    checker: over(`${receiver.url()}${CHECKER}`),
  };
}

/** When a fault could not be done, suppliers need not wait for a server that does not come back. */
async function inflictOrEnd(
  planned: readonly { fault: Fault; at: number }[],
  victims: Parameters<typeof inflict>[1],
  progress: Progress,
): Promise<string[]> {
  try {
    return await inflict(planned, victims, progress);
  } catch (error) {
    progress.end();
    throw error;
  }
}

async function fillWallets({ url }: LeadgateProcess): Promise<void> {
  for (const wallet of WALLETS) {
    await callAsOperator(url, "POST", `/buyers/${wallet}/deposits`, { amount: "300.00", reference: "first" });
  }
}

/** What a server that died had leased is taken over after a minute; for longer than this nothing is waited for. */
const SETTLE_MS = 240_000;

/** Waits until nothing is pending: all buyers are up and behave, and what is late is sent by hand. */
async function settle(servers: readonly LeadgateProcess[], buyers: Buyers): Promise<void> {
  buyers.behave();
  const url = servers[0]?.url ?? "";
  const since = new Date(Date.now() - 86_400_000).toISOString();
  for (const buyer of BUYERS) {
    await callAsOperator(url, "POST", `/buyers/${buyer}/recover`, { since, until: new Date().toISOString() });
  }
  for (const giveUp = performance.now() + SETTLE_MS; performance.now() < giveUp; await Bun.sleep(1000)) {
    const deliveries = await callAsOperator(url, "GET", "/deliveries?state=pending&limit=1");
    const leads = await callAsOperator(url, "GET", "/leads?status=PENDING&limit=1");
    if (deliveries?.body.data?.length === 0 && leads?.body.data?.length === 0) return;
  }
}

/** The others are of the same kinds. */
const MOST_EXPLAINED = 5;

async function check(
  { only }: Scenario,
  settings: DatabaseSettings,
  seen: Seen,
  findings: readonly string[],
): Promise<Pick<Outcome, "findings" | "explained" | "figures">> {
  const database = await openDatabase(settings);
  try {
    // Unanalysed, some thousands of leads are joined with each other one by one.
    await database.write((tx) => tx.execute("analyze"));
    const found = [
      ...findings,
      ...(await violations(database, { acknowledged: seen.heard.told, clocksJump: only === "clock" })),
      ...(await brokenClaims(database, seen)),
      ...(await historyGivingAway(database)),
      ...(await peopleRemembered(database, seen.ruled.forgotten)),
      ...(await reportsUnlikeTheirSum(database)),
    ];
    const explained = await Promise.all(
      found.slice(0, MOST_EXPLAINED).map((each) => explainedBy(database, each, seen.written)),
    );
    return { findings: found, explained, figures: await figuresOf(database, seen) };
  } finally {
    await database.close();
  }
}

async function figuresOf(
  database: Parameters<typeof rowsOf>[0],
  { heard, ruled }: Seen,
): Promise<Record<string, number>> {
  const rows = await rowsOf<{ name: string; count: number }>(
    database,
    sql`select 'leads ' || status as name, count(*)::int as count from leads group by status
      union all select 'sales ' || status, count(*)::int from sales group by status
      union all select 'deliveries ' || state, count(*)::int from deliveries group by state
      union all select 'ledger ' || kind, count(*)::int from ledger group by kind
      union all select 'returns ' || status, count(*)::int from returns group by status
      order by name`,
  );
  return {
    ...heard.counts,
    ...Object.fromEntries(heard.refusals),
    acknowledged: new Set(heard.told.map(({ id }) => id)).size,
    ...Object.fromEntries(rows.map(({ name, count }) => [name, count])),
    ...ruled.counts,
  };
}
