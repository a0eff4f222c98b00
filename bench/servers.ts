import { join } from "node:path";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { CAMPAIGN, hotCampaign, LIST, SUPPLIER } from "./campaign.ts";
import type { Load, Measured } from "./load.ts";

/** What every server of a run is given; the same everywhere, so that hashes made by one are found by another. */
export const SECRET = "benchmark-secret-of-no-use-anywhere-else";
export const ADMIN_KEY = "benchmark-operator-key-of-no-use";
export const SUPPLIER_KEY = "benchmark-supplier-key-of-no-use";
const LISTED_PEOPLE = 200_000;
/** The most that one request may add. */
const LISTED_AT_ONCE = 10_000;

const HERE = join(import.meta.dir, "..");

export interface Server {
  port: number;
  pid: number;
  stop(): Promise<void>;
}

/** Where a Leadgate keeps its leads: in Postgres, or in the embedded database. */
export type Place = { databaseUrl: string } | { dataDir: string };

/** A Leadgate, and where its log is. */
export interface Leadgate extends Server {
  log: string;
}

/** Starts Leadgate as it is started from source, in this checkout or another, its log beside the other files of the run in `folder`. */
export async function startLeadgate(
  place: Place,
  folder: string,
  checkout = HERE,
  settings: Record<string, string> = {},
): Promise<Leadgate> {
  const database =
    "databaseUrl" in place
      ? { DATABASE_URL: place.databaseUrl, DATA_DIR: join(folder, "unused") }
      : { DATA_DIR: place.dataDir };
  const log = join(folder, `leadgate-${crypto.randomUUID()}.log`);
  const server = spawn(
    ["src/main.ts", "serve"],
    {
      ...database,
      ...settings,
      LEADGATE_ADMIN_KEY: ADMIN_KEY,
      PORT: "0",
      LOG_FORMAT: "json",
      WEBHOOK_ALLOW_CIDRS: "127.0.0.0/8",
    },
    { stdout: "ignore", stderr: Bun.file(log) },
    checkout,
  );
  const port = await heardIn(log, server);
  return { port, pid: server.pid, log, stop: () => stop(server) };
}

/** The port that the log says is listened on. */
async function heardIn(log: string, server: Bun.Subprocess): Promise<number> {
  for (const giveUp = Date.now() + 60_000; Date.now() < giveUp; await Bun.sleep(50)) {
    const said = await Bun.file(log).text();
    const port = /"port":(\d+)/.exec(said)?.[1];
    if (port !== undefined) return Number(port);
    if (server.exitCode !== null) throw new Error(`Leadgate did not start:\n${said}`);
  }
  throw new Error(`Leadgate did not start in time; its log is ${log}`);
}

/** Starts a program, named from this folder, that prints its port: the number alone, or in an object. */
export async function startBeside(
  script: string,
  databaseUrl: string,
  options: readonly string[] = [],
): Promise<Server> {
  const server = spawn(
    [join(import.meta.dir, script), ...options],
    { DATABASE_URL: databaseUrl },
    { stdout: "pipe", stderr: "inherit" },
  );
  for await (const line of server.stdout) {
    const said = JSON.parse(new TextDecoder().decode(line)) as number | { port: number };
    const port = typeof said === "number" ? said : said.port;
    return { port, pid: server.pid, stop: () => stop(server) };
  }
  throw new Error(`${script} did not start`);
}

function spawn<Out extends "ignore" | "pipe">(
  command: string[],
  environment: Record<string, string>,
  output: { stdout: Out; stderr: "inherit" | ReturnType<typeof Bun.file> },
  checkout = HERE,
) {
  const server = Bun.spawn([process.execPath, ...command], {
    ...output,
    cwd: checkout,
    env: { ...inherited(), ...environment, LEADGATE_SECRET: SECRET },
  });
  // A run that fails or is interrupted takes its servers with it.
  process.on("exit", () => server.kill("SIGKILL"));
  return server;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));

/** The environment without settings of Leadgate's own, which would make one machine's figures another's. */
function inherited(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("LEADGATE_")));
}

async function stop(server: Bun.Subprocess): Promise<void> {
  server.kill("SIGTERM");
  await server.exited;
}

/**
 * Sets a fresh Leadgate up: the hot campaign, the supplier's key, 200,000 people on the suppression list, none of them a person of the
 * load, and one lead, so that every counter is there.
 */
export async function setUp({ port }: Server, document: ConfigurationDocument = hotCampaign): Promise<void> {
  await ask(port, "PUT", "config", document);
  await ask(port, "POST", `suppliers/${SUPPLIER}/keys`, { secret: SUPPLIER_KEY });
  for (let from = 0; from < LISTED_PEOPLE; from += LISTED_AT_ONCE) {
    const entries = Array.from({ length: LISTED_AT_ONCE }, (_, index) => ({
      email: `listed.${from + index}@example.com`,
    }));
    await ask(port, "POST", `suppression-lists/${LIST}/entries`, { entries });
  }
  await measure(port, 1, { warmUpSeconds: 0, seconds: 0 });
}

/** Asks as the operator. */
export async function ask(port: number, method: string, path: string, body: unknown): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/admin/${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_KEY}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return await answer.json();
}

let people = 0;
/** More than any load can send; every load gets people of its own. */
const PEOPLE_PER_LOAD = 3_000_000;

/** How long a load is put on before it is measured, and how long it is measured. */
export type Window = Pick<Load, "warmUpSeconds" | "seconds" | "pace" | "route">;

/** Puts a load on a server, from a process of its own. Throws unless every lead was accepted, or every ping answered. */
export async function measure(
  port: number,
  connections: number,
  window: Window,
  ...campaigns: string[]
): Promise<Measured> {
  const load: Load = {
    ...window,
    connections,
    port,
    key: SUPPLIER_KEY,
    campaigns: campaigns.length === 0 ? [CAMPAIGN] : campaigns,
    supplier: SUPPLIER,
    firstPerson: people,
  };
  people += PEOPLE_PER_LOAD;
  const caller = Bun.spawn([process.execPath, join(import.meta.dir, "load.ts"), JSON.stringify(load)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const said = await new Response(caller.stdout).text();
  if ((await caller.exited) !== 0) throw new Error("the load failed");
  const measured = JSON.parse(said) as Measured;
  const expected = window.route === "ping" ? "200" : "201";
  if (Object.keys(measured.answers).some((status) => status !== expected)) {
    throw new Error(`not every lead was accepted: ${JSON.stringify(measured.answers)}`);
  }
  return measured;
}
