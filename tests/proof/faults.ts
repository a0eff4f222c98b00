import postgres from "postgres";
import type { PostgresServer } from "../support/postgres.ts";
import type { LeadgateProcess } from "../support/process.ts";
import type { Buyers } from "./buyers.ts";
import type { Progress } from "./progress.ts";
import { BUYERS } from "./world.ts";

/** What is done to a running installation. */
export type Fault =
  | "kill"
  | "stop"
  | "pause"
  | "postgres-fast"
  | "postgres-immediate"
  | "backends"
  | "buyer-down"
  | "buyer-up";

export interface Victims {
  readonly servers: readonly LeadgateProcess[];
  /** Undefined on the embedded database. */
  readonly postgres: PostgresServer | undefined;
  readonly buyers: Buyers;
  readonly random: () => number;
}

/** The faults of a run over so many leads: each at its place, in an order that the seed gives; two kills at the least. */
export function plannedFaults(
  leads: number,
  faults: number,
  { random, hasPostgres, isShared }: { random: () => number; hasPostgres: boolean; isShared: boolean },
): { fault: Fault; at: number }[] {
  const ofPostgres: Fault[] = hasPostgres
    ? ["postgres-fast", "backends", "postgres-immediate", "backends"]
    : [];
  const ofSeveral: Fault[] = isShared ? ["pause"] : [];
  const others: Fault[] = ["stop", ...ofSeveral, "buyer-down", "kill", "buyer-up", ...ofPostgres];
  const drawn = Array.from(
    { length: Math.max(0, faults - 2) },
    (_, index) => others[index % others.length] ?? "kill",
  );
  const shuffled = (["kill", "kill", ...drawn] as Fault[])
    .map((fault) => ({ fault, order: random() }))
    .toSorted((a, b) => a.order - b.order);
  return shuffled.map(({ fault }, index) => ({
    fault,
    at: Math.floor((leads * (index + 0.4 + 0.5 * random())) / (shuffled.length + 0.5)),
  }));
}

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

async function strike(
  fault: Fault,
  { servers, postgres: database, buyers, random }: Victims,
): Promise<string> {
  const index = Math.floor(random() * servers.length);
  const server = servers[index];
  const buyer = BUYERS[Math.floor(random() * BUYERS.length)] ?? "by-hand";
  switch (fault) {
    case "kill":
      await server?.kill();
      await server?.start();
      return `server ${index + 1}`;
    case "stop": {
      const code = await server?.stop();
      await server?.start();
      if (code !== 0) throw new Error(`a server that was told to stop ended with ${code}`);
      return `server ${index + 1}`;
    }
    case "pause":
      server?.signal("SIGSTOP");
      await Bun.sleep(PAUSE_MS);
      server?.signal("SIGCONT");
      return `server ${index + 1}`;
    case "postgres-fast":
      await database?.restart("fast");
      return "";
    case "postgres-immediate":
      await database?.restart("immediate");
      return "";
    case "backends":
      return database === undefined ? "" : await endBackends(database.url, random);
    case "buyer-down":
      buyers.take(buyer, "down");
      return buyer;
    case "buyer-up":
      for (const each of BUYERS) buyers.take(each, "up");
      return "all";
  }
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
