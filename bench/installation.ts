import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { openDatabase } from "#database/engine/connect.ts";
import { type Ground, onGround, query } from "./database.ts";
import { table, whole } from "./figures.ts";
import { ADMIN_KEY, measure, SECRET, type Server, setUp, startLeadgate } from "./servers.ts";
import { fill } from "./stored.ts";

/**
 * `bun bench/installation.ts`: an embedded database of 200,000 leads and 200,000 suppression entries is backed up while leads come in
 * at 100 a second, restored into both databases, and copied to Postgres; how long each takes, with the most memory that it needed.
 */

const STORED = 200_000;
const PACE = { pace: 100, warmUpSeconds: 1, seconds: 20 };
const CONNECTIONS = 32;

/** Filling goes on for longer than a lead may wait. */
const FILL_DEADLINE_MS = 10 * 60_000;

export async function measureInstallation(ground: Ground): Promise<void> {
  const dataDir = join(ground.folder, "grown");
  const file = join(ground.folder, "leadgate.backup");
  let server = await startLeadgate({ dataDir }, ground.folder);
  await setUp(server);
  await server.stop();
  await grow(dataDir);

  server = await startLeadgate({ dataDir }, ground.folder);
  const alone = await measure(server.port, CONNECTIONS, PACE);
  const beside = measure(server.port, CONNECTIONS, PACE);
  await Bun.sleep(3_000);
  const backup = await leadgate(["backup", "--out", file], urlOf(server));
  const during = await beside;
  await server.stop();
  const megabytes = (await stat(file)).size / 2 ** 20;

  const restored = await leadgate(["restore", file], { DATA_DIR: join(ground.folder, "restored") });
  const url = await ground.createDatabase("restored");
  const restoredToPostgres = await leadgate(["restore", file], {
    DATABASE_URL: url,
    DATA_DIR: join(ground.folder, "unused"),
  });
  const target = await ground.createDatabase("moved");
  const moved = await leadgate(["migrate-db", "--to", target], { DATA_DIR: dataDir });
  const [counted] = await query(target, "select count(*)::int as leads from leads");

  console.log(
    table([
      [`100 leads/s on ${whole(STORED)} leads, embedded`, "p50 ms", "p99 ms", "longest ms"],
      ["alone", alone.p50.toFixed(1), alone.p99.toFixed(1), alone.longest.toFixed(0)],
      ["while a backup is made", during.p50.toFixed(1), during.p99.toFixed(1), during.longest.toFixed(0)],
    ]),
  );
  console.log();
  console.log(
    table([
      ["", "seconds", "MiB at most"],
      [`backup, ${megabytes.toFixed(0)} MiB`, ...backup],
      ["restore, embedded", ...restored],
      ["restore, Postgres", ...restoredToPostgres],
      [`embedded to Postgres, ${whole(Number(counted?.["leads"]))} leads`, ...moved],
    ]),
  );
}

async function grow(dataDir: string): Promise<void> {
  const limits = { connections: 1, writers: 1, deadlineMs: FILL_DEADLINE_MS };
  const database = await openDatabase({ dataDir, ...limits });
  for (const statement of fill(STORED)) await database.write((tx) => tx.execute(statement));
  await database.close();
}

/** Runs a command to its end: seconds, and the most memory that it was seen to hold. */
async function leadgate(words: string[], environment: Record<string, string>): Promise<[string, string]> {
  const started = performance.now();
  let most = 0;
  const command = Bun.spawn([process.execPath, join(import.meta.dir, "../src/main.ts"), ...words], {
    env: { LEADGATE_SECRET: SECRET, LEADGATE_ADMIN_KEY: ADMIN_KEY, ...environment },
    stdout: "inherit",
    stderr: "inherit",
  });
  // What the system itself keeps as the most would be this process' own, which the command began as a copy of.
  const watch = setInterval(() => {
    most = Math.max(most, residentMegabytes(command.pid));
  }, 100);
  if ((await command.exited) !== 0) throw new Error(`leadgate ${words[0]} failed`);
  clearInterval(watch);
  return [((performance.now() - started) / 1000).toFixed(1), whole(most)];
}

/** Linux alone tells it: 0 elsewhere, and of a process that is gone. */
function residentMegabytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

function urlOf({ port }: Server): Record<string, string> {
  return { LEADGATE_URL: `http://127.0.0.1:${port}` };
}

if (import.meta.main) await onGround(measureInstallation);
