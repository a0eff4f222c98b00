import postgres from "postgres";
import type { PostgresServer } from "../support/postgres.ts";
import type { LeadgateProcess } from "../support/process.ts";
import type { Buyers } from "./buyers.ts";
import { fillDisk, limitMemory, setClock, startSecond } from "./harm.ts";
import type { Progress } from "./progress.ts";
import type { Manner, Wire } from "./wire.ts";
import { BUYERS } from "./world.ts";

/** What is done to a running installation. */
export type Fault = (typeof FAULTS)[number];
export const FAULTS = [
  "kill",
  "stop",
  "pause",
  "postgres-fast",
  "postgres-immediate",
  "backends",
  "buyer-down",
  "buyer-up",
  "database-slow",
  "database-sliced",
  "database-half-open",
  "database-reset",
  "buyers-slow",
  "buyers-sliced",
  "buyers-half-open",
  "buyers-reset",
  "second-process",
  "disk-full",
  "memory",
  "clock",
] as const;

export interface Victims {
  readonly servers: readonly LeadgateProcess[];
  /** Undefined on the embedded database. */
  readonly postgres: PostgresServer | undefined;
  readonly buyers: Buyers;
  /** What passes between servers and their database, and between them and buyers. */
  readonly wires: { readonly database: Wire | undefined; readonly buyers: Wire };
  /** Of the database's own folder. */
  readonly dataDir: string;
  readonly executable: string | undefined;
  readonly random: () => number;
}

export interface Planning {
  readonly random: () => number;
  readonly hasPostgres: boolean;
  readonly isShared: boolean;
  /** Nothing else is done, but for a kill. */
  readonly only: Fault | undefined;
}

/** The faults of a run over so many leads: each at its place, in an order that the seed gives; two kills at the least, or one beside `only`. */
export function plannedFaults(
  leads: number,
  faults: number,
  planning: Planning,
): { fault: Fault; at: number }[] {
  const { random, only } = planning;
  const others = only === undefined ? inSomeOrder(usualFaults(planning), random) : [only];
  const always: Fault[] = only === undefined ? ["kill", "kill"] : ["kill"];
  const drawn = Array.from(
    { length: Math.max(0, faults - always.length) },
    (_, index) => others[index % others.length] ?? "kill",
  );
  const shuffled = inSomeOrder([...always, ...drawn], random);
  return shuffled.map((fault, index) => ({
    fault,
    at: Math.floor((leads * (index + 0.4 + 0.5 * random())) / (shuffled.length + 0.5)),
  }));
}

function inSomeOrder<T>(all: readonly T[], random: () => number): T[] {
  return all
    .map((each) => ({ each, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ each }) => each);
}

/** What needs a machine of its own, such as a full disk or a wrong clock, is done where it is asked for. */
function usualFaults({ hasPostgres, isShared }: Planning): Fault[] {
  return [
    "stop",
    "buyer-down",
    "kill",
    "buyer-up",
    "buyers-slow",
    "buyers-sliced",
    "buyers-half-open",
    "buyers-reset",
    ...(isShared ? (["pause"] as const) : []),
    ...(hasPostgres ? OF_POSTGRES : (["second-process"] as const)),
  ];
}

const OF_POSTGRES = [
  "postgres-fast",
  "backends",
  "postgres-immediate",
  "backends",
  "database-slow",
  "database-sliced",
  "database-half-open",
  "database-reset",
] as const;

/** Does them one after the other as the load gets to their places; answers what was done, a line each. */
export async function inflict(
  planned: readonly { fault: Fault; at: number }[],
  victims: Victims,
  progress: Progress,
): Promise<string[]> {
  const done: string[] = [];
  for (const { fault, at } of planned) {
    await progress.until(at);
    if (progress.isOver) break;
    await Bun.sleep(victims.random() * 30);
    const began = performance.now();
    const leads = progress.count;
    const whom = await strike(fault, victims);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    done.push(`${leads}: ${[fault, whom].join(" ").trim()}, ${seconds} s`);
  }
  return done;
}

/** Longer than others wait for a sign of life, and than a campaign stays a server's that gives none. */
const PAUSE_MS = 11_000;

async function strike(fault: Fault, victims: Victims): Promise<string> {
  const { servers, postgres: database, buyers, wires, random } = victims;
  const index = Math.floor(random() * servers.length);
  const server = servers[index];
  const buyer = BUYERS[Math.floor(random() * BUYERS.length)] ?? "by-hand";
  switch (fault) {
    case "kill":
      await server?.kill();
      await server?.start();
      return `server ${index + 1}`;
    case "stop":
      await stopAndStart(server);
      return `server ${index + 1}`;
    case "pause":
      server?.signal("SIGSTOP");
      await Bun.sleep(PAUSE_MS);
      server?.signal("SIGCONT");
      return `server ${index + 1}`;
    case "postgres-fast":
    case "postgres-immediate":
      await database?.restart(fault === "postgres-fast" ? "fast" : "immediate");
      return "";
    case "backends":
      return database === undefined ? "" : await endBackends(database.url, random);
    case "buyer-down":
      buyers.take(buyer, "down");
      return buyer;
    case "buyer-up":
      for (const each of BUYERS) buyers.take(each, "up");
      return "all";
    case "second-process":
    case "disk-full":
    case "memory":
    case "clock":
      return await harm(fault, victims, server);
    case "database-slow":
    case "database-sliced":
    case "database-half-open":
    case "database-reset":
      return await disturb("database", mannerOf(fault), wires);
    case "buyers-slow":
    case "buyers-sliced":
    case "buyers-half-open":
    case "buyers-reset":
      return await disturb("buyers", mannerOf(fault), wires);
  }
}

async function stopAndStart(server: LeadgateProcess | undefined): Promise<void> {
  const code = await server?.stop();
  await server?.start();
  if (code !== 0) throw new Error(`a server that was told to stop ended with ${code}`);
}

/** Half as much again as a server takes for so many leads. */
const MEMORY_MIB = 400;

/** How wrong a server's clock may be, in seconds: by what a period, a token, a lease, or a day in UTC lasts. */
const CLOCKS = [0, 90, -90, 1_500, -1_500, 3_700, -3_700, 36_000, -7_300];
/** Until the server has noticed. */
const CLOCK_MS = 1_500;

async function harm(
  fault: "second-process" | "disk-full" | "memory" | "clock",
  { postgres: database, dataDir, executable, servers, random }: Victims,
  server: LeadgateProcess | undefined,
): Promise<string> {
  switch (fault) {
    case "second-process":
      if (database === undefined) await startSecond(dataDir, executable);
      return "";
    case "disk-full":
      await fillDisk(dataDir, database);
      for (const each of servers) if ((await each.status("/livez")) === 0) await each.start();
      return "";
    case "memory":
      if (server !== undefined) await limitMemory(server, MEMORY_MIB);
      return `${MEMORY_MIB} MiB`;
    case "clock": {
      const seconds = CLOCKS[Math.floor(random() * CLOCKS.length)] ?? 0;
      if (server !== undefined) setClock(dataDir, server.port, seconds);
      await Bun.sleep(CLOCK_MS);
      return `${seconds} s off`;
    }
  }
}

/** Longer than the deadline of a statement, and than that of a delivery: who waits has to do without its connections. */
const HALF_OPEN_MS = { database: 7_000, buyers: 2_500 };
const DISTURBED_MS = 2_000;

async function disturb(
  side: "database" | "buyers",
  manner: Manner,
  wires: Victims["wires"],
): Promise<string> {
  wires[side]?.behave(manner);
  await Bun.sleep(manner === "half-open" ? HALF_OPEN_MS[side] : DISTURBED_MS);
  wires[side]?.behave("fine");
  return "";
}

function mannerOf(fault: `${"database" | "buyers"}-${Manner}`): Manner {
  return fault.replace(/^(database|buyers)-/, "") as Manner;
}

/** Ends about half of the servers' connections. */
async function endBackends(url: string, random: () => number): Promise<string> {
  const operator = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    const backends = await operator<{ pid: number }[]>`
      select pid from pg_stat_activity where application_name = 'leadgate' order by pid`;
    const chosen = backends.filter(() => random() < 0.5);
    for (const { pid } of chosen) await operator`select pg_terminate_backend(${pid})`;
    return `${chosen.length} of ${backends.length}`;
  } finally {
    await operator.end();
  }
}
