import { existsSync } from "node:fs";
import { symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { campaignsOf, costDocument, type Kind } from "./cost-document.ts";
import { type Ground, onGround, query } from "./database.ts";
import { median, table, whole } from "./figures.ts";
import { type Floor, measureFloor } from "./floor.ts";
import { allocatedBytes, TELL_OF_GARBAGE } from "./memory.ts";
import { postgresTime, postmasterOf, residentMegabytes, serverTime } from "./processes.ts";
import {
  type Leadgate,
  measure,
  type Server,
  setUp,
  startBeside,
  startLeadgate,
  type Window,
} from "./servers.ts";

/**
 * `bun bench/costs.ts`: what a lead costs, in µs of processor time, bytes of the write-ahead log and what is allocated for JavaScript,
 * beside the floor: the least that any server on Bun and Postgres would need, measured in the same run. `--against REV` measures another commit (or folder) beside this
 * checkout, in turn. `--databases postgres,embedded --kinds leads,plain,delivered,pings --connections 64,256 --rounds 3 --seconds 4 --warm-up 1 --idle 30`;
 * `--memory low` sets LEADGATE_MEMORY.
 */

const { values: options } = parseArgs({
  options: {
    against: { type: "string" },
    databases: { type: "string", default: "postgres,embedded" },
    kinds: { type: "string", default: "leads,plain,delivered,pings" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "4" },
    "warm-up": { type: "string", default: "1" },
    idle: { type: "string", default: "30" },
    connections: { type: "string" },
    memory: { type: "string" },
  },
});
const window: Window = { seconds: Number(options.seconds), warmUpSeconds: Number(options["warm-up"]) };

type Place = "postgres" | "embedded";

interface Row {
  kind: Kind;
  connections: number;
  campaigns: number;
}

const ROWS: readonly Row[] = [
  ...[1, 16, 64, 256].map((connections) => ({ kind: "leads" as const, connections, campaigns: 1 })),
  ...[16, 64].map((campaigns) => ({ kind: "leads" as const, connections: 256, campaigns })),
  ...[1, 16, 64].map((campaigns) => ({ kind: "plain" as const, connections: 256, campaigns })),
  { kind: "delivered", connections: 64, campaigns: 1 },
  { kind: "pings", connections: 64, campaigns: 1 },
];

/** After that a server has given back what it does not need: see `MIMALLOC_PURGE_DELAY` in the manual. */
const QUIET_MS = 20_000;

/** Of one load; processor time in µs a lead, the log and what is allocated in bytes a lead. */
interface Cost {
  rate: number;
  p50: number;
  p99: number;
  server: number;
  postgres: number;
  wal: number;
  allocated: number;
}

/** A Leadgate of one checkout, on one database. */
interface Arm {
  name: string;
  place: Place;
  url: string;
  server: Leadgate;
  costs: Map<Row, Cost[]>;
}

await onGround(async (ground) => {
  const floor = await measureFloor(ground, window);
  const receiver = await startBeside("receiver.ts", "");
  const postmaster = await postmasterOf(ground.url);
  const connections = options.connections?.split(",").map(Number);
  const rows = ROWS.filter(
    (row) => options.kinds.split(",").includes(row.kind) && (connections?.includes(row.connections) ?? true),
  );
  for (const place of options.databases.split(",") as Place[]) {
    const arms: Arm[] = [];
    for (const [name, checkout] of await checkouts(ground)) {
      arms.push(await begin({ name, place, checkout }, ground, receiver));
    }
    for (const arm of arms) await idle(arm, postmaster);
    for (let round = 0; round < Number(options.rounds); round++) {
      for (const row of rows) {
        for (const arm of round % 2 === 0 ? arms : arms.toReversed()) await measureRow(arm, row, postmaster);
      }
      console.error(`${place}: round ${round + 1} of ${options.rounds} is done`);
    }
    report(arms, rows, floor);
    const held = arms.map(({ server }) => whole(residentMegabytes(server.pid)));
    await Bun.sleep(QUIET_MS);
    for (const [at, { name, server }] of arms.entries()) {
      const later = whole(residentMegabytes(server.pid));
      console.log(
        `\n${name}, ${place}: ${held[at]} MB as the load ends, ${later} MB ${QUIET_MS / 1000} s later`,
      );
      await server.stop();
    }
  }
  await receiver.stop();
});

/** This checkout, and the other one if there is one: a folder, or a commit that is checked out for the run. */
async function checkouts({ folder }: Ground): Promise<[string, string | undefined][]> {
  const { against } = options;
  if (against === undefined) return [["this", undefined]];
  if (existsSync(against))
    return [
      ["this", undefined],
      [against, resolve(against)],
    ];
  const checkout = join(folder, "other");
  const root = join(import.meta.dir, "..");
  if (!existsSync(checkout)) {
    await Bun.$`git -C ${root} archive ${against} --prefix=other/ | tar -x -C ${folder}`.quiet();
    await symlink(join(root, "node_modules"), join(checkout, "node_modules"));
  }
  return [
    ["this", undefined],
    [against, checkout],
  ];
}

async function begin(
  { name, place, checkout }: { name: string; place: Place; checkout: string | undefined },
  ground: Ground,
  receiver: Server,
): Promise<Arm> {
  const id = `costs_${crypto.randomUUID().slice(0, 8)}`;
  const url = await ground.createDatabase(id);
  const where = place === "postgres" ? { databaseUrl: url } : { dataDir: join(ground.folder, id) };
  const { memory } = options;
  const settings = { ...TELL_OF_GARBAGE, ...(memory !== undefined && { LEADGATE_MEMORY: memory }) };
  const server = await startLeadgate(where, ground.folder, checkout, settings);
  await setUp(server, costDocument(`http://127.0.0.1:${receiver.port}/`));
  return { name, place, url, server, costs: new Map() };
}

async function measureRow({ server, url, costs }: Arm, row: Row, postmaster: number): Promise<void> {
  const { kind, connections, campaigns } = row;
  const before = {
    server: serverTime(server.pid),
    postgres: postgresTime(postmaster),
    wal: await walOf(url),
    allocated: await allocatedBytes(server.log),
  };
  const load = { ...window, ...(kind === "pings" && { route: "ping" as const }) };
  const {
    answers,
    leadsPerSecond: rate,
    p50,
    p99,
  } = await measure(server.port, connections, load, ...campaignsOf(kind, campaigns));
  // What is still to be sent is this load's, not the next one's.
  if (kind === "delivered") await untilDone(server);
  const leads = Object.values(answers).reduce((sum, count) => sum + count, 0);
  const cost = {
    rate,
    p50,
    p99,
    server: (serverTime(server.pid) - before.server) / leads,
    postgres: (postgresTime(postmaster) - before.postgres) / leads,
    wal: ((await walOf(url)) - before.wal) / leads,
    allocated: ((await allocatedBytes(server.log)) - before.allocated) / leads,
  };
  costs.set(row, [...(costs.get(row) ?? []), cost]);
}

async function walOf(url: string): Promise<number> {
  const [row] = await query(
    url,
    "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as bytes",
  );
  return Number(row?.["bytes"]);
}

function report(arms: readonly Arm[], rows: readonly Row[], floor: Floor): void {
  const bare = floor.server + floor.postgres;
  console.log(
    `\nThe floor: ${floor.server.toFixed(1)} µs in the server, ${floor.postgres.toFixed(1)} µs in Postgres\n`,
  );
  console.log(
    table([
      [
        arms[0]?.place ?? "",
        "connections",
        "campaigns",
        "a second",
        "p50 ms",
        "p99 ms",
        "server µs",
        "Postgres µs",
        "WAL B",
        "allocated KB",
        "× floor",
      ],
      ...rows.flatMap((row) =>
        arms.map(({ name, place, costs }) => {
          const figure = (of: keyof Cost) => median((costs.get(row) ?? []).map((cost) => cost[of]));
          const isHere = place === "embedded";
          const times = (figure("server") + (isHere ? 0 : figure("postgres"))) / bare;
          return [
            arms.length > 1 ? `${row.kind}, ${name}` : row.kind,
            String(row.connections),
            String(row.campaigns),
            whole(figure("rate")),
            figure("p50").toFixed(2),
            figure("p99").toFixed(1),
            figure("server").toFixed(1),
            isHere ? "" : figure("postgres").toFixed(1),
            isHere ? "" : whole(figure("wal")),
            (figure("allocated") / 1024).toFixed(1),
            times.toFixed(1),
          ];
        }),
      ),
    ]),
  );
}

/** What it takes when there is nothing to do. */
async function idle({ name, place, url, server }: Arm, postmaster: number): Promise<void> {
  const seconds = Number(options.idle);
  await untilDone(server);
  const [ofServer, ofPostgres, done] = [
    serverTime(server.pid),
    postgresTime(postmaster),
    await transactions(url),
  ];
  await Bun.sleep(seconds * 1_000);
  const percent = (us: number) => `${(us / seconds / 1e4).toFixed(2)} %`;
  const said = [`\n${name}, ${place}: idle ${percent(serverTime(server.pid) - ofServer)} of a core`];
  if (place === "postgres") {
    // Each look at the count is a transaction itself, counted by the next.
    const perSecond = (((await transactions(url)) - done - 1) / seconds).toFixed(2);
    said.push(
      `Postgres ${percent(postgresTime(postmaster) - ofPostgres)}`,
      `${perSecond} transactions a second`,
    );
  }
  console.log(said.join(", "));
}

/** Until what the set-up left to be done is done. */
async function untilDone({ pid }: Server): Promise<void> {
  for (let look = 0; look < 30; look++) {
    const before = serverTime(pid);
    await Bun.sleep(2_000);
    if (serverTime(pid) - before < 40_000) return;
  }
}

async function transactions(url: string): Promise<number> {
  const [row] = await query(
    url,
    "select xact_commit + xact_rollback as done from pg_stat_database where datname = current_database()",
  );
  return Number(row?.["done"]);
}
