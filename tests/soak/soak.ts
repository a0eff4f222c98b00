import { type DatabaseSettings, openDatabase } from "#database/engine/connect.ts";
import { preparedDatabase } from "../faults/record.ts";
import { errands } from "../proof/errands.ts";
import { callAsOperator } from "../proof/operators.ts";
import { Progress } from "../proof/progress.ts";
import { sendErrands, type ToldLead } from "../proof/suppliers.ts";
import { CHECKER, WALLETS, worldDocument } from "../proof/world.ts";
import { discard } from "../support/database.ts";
import { violations } from "../support/invariants.ts";
import { givenAway } from "../support/people.ts";
import { startPostgres } from "../support/postgres.ts";
import { type Behaviour, startPretendBuyer } from "../support/pretend-buyer.ts";
import { type LeadgateProcess, startLeadgate } from "../support/process.ts";
import { randomFrom } from "../support/random.ts";
import { percentile, readProcess, readStored, type Sample } from "./sample.ts";

export interface Soak {
  readonly seed: number;
  readonly ms: number;
  /** Leads a second. */
  readonly rate: number;
  readonly everyMs: number;
  readonly database: "embedded" | "postgres";
  /** Absent: from source. */
  readonly executable: string | undefined;
}

export interface Soaked {
  readonly samples: Sample[];
  /** What must never be so, a sentence each. */
  readonly findings: string[];
  readonly figures: Record<string, number>;
}

/** One world under an even load for as long as that: `told` hears of each sample as it is taken. */
export async function playSoak(soak: Soak, told: (sample: Sample) => void): Promise<Soaked> {
  await using place = await openPlace(soak.database);
  const random = randomFrom(soak.seed);
  const receiver = await startPretendBuyer({
    keepBodies: false,
    forgets: true,
    choose: () => faultOf(random()),
  });
  await using server = await startLeadgate({
    ...place.settings,
    ...(soak.executable !== undefined && { executable: soak.executable }),
    environment: { WEBHOOK_ALLOW_CIDRS: "127.0.0.0/8", LEADGATE_LOG_LEVEL: "warn" },
  });
  const count = Math.ceil((soak.rate * soak.ms) / 1000);
  const addresses = {
    delivery: (id: string) => `${receiver.url()}${id}`,
    bidding: receiver.biddingUrl,
    checker: `${receiver.url()}${CHECKER}`,
  };
  const document = worldDocument(addresses, count * 100);
  const { keys } = await server.configure(document);
  await fillWallets(server);
  const campaigns = (document.campaigns ?? []).map(({ id = "", mode }) => ({
    id,
    isPinged: mode === "ping_post",
  }));
  const outcome = await underLoad(soak, {
    server,
    keys,
    campaigns,
    count,
    settings: place.settings,
    random,
    told,
  });
  await receiver.close();
  return outcome;
}

/** Of a hundred deliveries one fails: refused, answered late or never, or with an error. */
function faultOf(fraction: number): Behaviour {
  if (fraction > 0.01) return "accept";
  const faults = ["reject-json", "slow", "hang", "fail"] as const;
  return faults[Math.floor(fraction * 400)] ?? "reject-json";
}

interface Scene {
  readonly server: LeadgateProcess;
  readonly keys: Readonly<Record<string, string>>;
  readonly campaigns: readonly { id: string; isPinged: boolean }[];
  readonly count: number;
  readonly settings: DatabaseSettings;
  readonly random: () => number;
  readonly told: (sample: Sample) => void;
}

/** As many at once as a server that answers slowly would keep waiting. */
const LINES = 32;

async function underLoad(soak: Soak, scene: Scene): Promise<Soaked> {
  const progress = new Progress();
  const seen: Seen = { told: [], said: [], times: [], acknowledged: 0, findings: [], samples: [] };
  const [heard] = await Promise.all([
    sendEvenly(soak, scene, seen, progress).finally(() => progress.end()),
    sampleEvery(soak, scene, seen, progress),
  ]);
  const acknowledged = look(seen);
  const { findings, samples } = seen;
  const code = await scene.server.stop();
  if (code !== 0) findings.push(`the server ended with ${code}`);
  if (givenAway(scene.server.written()).length > 0) findings.push("a log tells who a person is");
  findings.push(...heard.surprises, ...(await wrongIn(scene.settings, acknowledged)));
  return { samples, findings, figures: { ...heard.counts, acknowledged } };
}

/** What was seen, and since the last sample. */
interface Seen {
  readonly told: ToldLead[];
  readonly said: string[];
  readonly times: number[];
  acknowledged: number;
  readonly findings: string[];
  readonly samples: Sample[];
}

/** Counts what was told since the last look, and forgets it: a run of many hours has no end of it. */
function look({ told, said, findings, ...seen }: Seen): number {
  findings.push(...givenAway(said.splice(0).join("\n")).map(() => "an answer tells who a person is"));
  return seen.acknowledged + told.splice(0).length;
}

/** Until the time is over: what was begun then is sent to its end. */
function* within<T>(ms: number, all: Iterable<T>): Generator<T> {
  const over = performance.now() + ms;
  for (const each of all) {
    if (performance.now() > over) return;
    yield each;
  }
}

function sendEvenly(
  { rate, ms }: Soak,
  { server, keys, campaigns, count, random }: Scene,
  { told, said, times }: Seen,
  progress: Progress,
) {
  const began = performance.now();
  let begun = 0;
  return sendErrands({
    ports: [server.port],
    lines: LINES,
    keys,
    errands: within(ms, errands(campaigns, count, random, [])),
    progress,
    random,
    told,
    said,
    pace: async () => {
      const due = began + (1000 * begun++) / rate;
      await Bun.sleep(Math.max(0, due - performance.now()));
    },
    observe: (took) => void times.push(took),
  });
}

async function sampleEvery({ everyMs }: Soak, scene: Scene, seen: Seen, progress: Progress): Promise<void> {
  const began = performance.now();
  while (!progress.isOver) {
    await Promise.race([Bun.sleep(everyMs), progress.until(Number.POSITIVE_INFINITY)]);
    seen.acknowledged = look(seen);
    const sample = await takeSample(scene, (performance.now() - began) / 60_000, seen.times.splice(0));
    seen.samples.push(sample);
    scene.told(sample);
  }
}

async function takeSample({ server, settings }: Scene, minutes: number, times: number[]): Promise<Sample> {
  const process = await readProcess(server.pid);
  const stored = settings.databaseUrl === undefined ? UNKNOWN : await readOnce(settings);
  return { minutes, ...process, ...stored, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
}

/** An embedded database is open to its server alone. */
const UNKNOWN = { leads: 0, due: 0, lagSeconds: 0, tablesMib: 0, indexesMib: 0 };

async function readOnce(settings: DatabaseSettings) {
  const database = await openDatabase(settings);
  try {
    return await readStored(database);
  } finally {
    await database.close();
  }
}

/** What is on record and should not be so; of the leads, whether there are as many as were acknowledged. */
async function wrongIn(settings: DatabaseSettings, acknowledged: number): Promise<string[]> {
  const database = await openDatabase(settings);
  try {
    await database.write((tx) => tx.execute("analyze"));
    const { leads } = await readStored(database);
    const lost =
      leads === acknowledged ? [] : [`${acknowledged} leads were acknowledged, and ${leads} are on record`];
    return [...lost, ...(await violations(database))];
  } finally {
    await database.close();
  }
}

async function fillWallets({ url }: LeadgateProcess): Promise<void> {
  for (const wallet of WALLETS) {
    const path = `/buyers/${wallet}/deposits`;
    await callAsOperator(url, "POST", path, { amount: "90000000.00", reference: "first" });
  }
}

/** A statement that checks hundreds of thousands of leads takes its time. */
const CHECK_MS = 1_800_000;

async function openPlace(kind: Soak["database"]) {
  if (kind === "embedded") {
    const settings: DatabaseSettings = { ...(await preparedDatabase("embedded")), deadlineMs: CHECK_MS };
    return { settings, [Symbol.asyncDispose]: () => discard(settings) };
  }
  const postgres = await startPostgres();
  const common = { dataDir: "unused", connections: 4, writers: 4, deadlineMs: CHECK_MS };
  const settings: DatabaseSettings = { databaseUrl: postgres.url, ...common };
  return { settings, [Symbol.asyncDispose]: () => postgres.stop() };
}
