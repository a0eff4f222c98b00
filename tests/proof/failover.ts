// `bun tests/proof/failover.ts --rounds 3`: a server on two Postgres of which one follows the other, synchronously. Under load the first is
// killed and the second takes over; every lead that was acknowledged must be there, and the server must find its new database by itself.
// Needs the programs of a whole PostgreSQL: --bin /usr/lib/postgresql/15/bin.
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import postgres from "postgres";
import { type DatabaseSettings, openDatabase } from "#database/engine/connect.ts";
import { violations } from "../support/invariants.ts";
import { type AcknowledgedLead, aDocument } from "../support/leadgate.ts";
import { startLoad } from "../support/load.ts";
import { leads } from "../support/people.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { startLeadgate } from "../support/process.ts";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "1" },
    lines: { type: "string", default: "32" },
    bin: { type: "string", default: "/usr/lib/postgresql/15/bin" },
  },
});

let findings = 0;
for (let round = 1; round <= Number(options.rounds); round++) findings += await playFailover(round);
console.log(findings === 0 ? "Nothing was found." : `${findings} findings.`);
process.exit(findings === 0 ? 0 : 1);

/** A primary and its standby, each with a folder of its own. */
interface Pair {
  primary: PostgresServer;
  standby: PostgresServer;
  end(): Promise<void>;
}

async function playFailover(round: number): Promise<number> {
  const pair = await startPair();
  const hosts = [pair.primary.url, pair.standby.url].map((url) => new URL(url).host);
  const both = `postgres://postgres@${hosts.join(",")}/postgres`;
  const settings = {
    databaseUrl: both,
    dataDir: "unused",
    connections: 4,
    writers: 4,
    deadlineMs: 60_000,
  };
  await using server = await startLeadgate({
    ...settings,
    environment: { DATABASE_READ_URL: pair.standby.url, WEBHOOK_ALLOW_CIDRS: "127.0.0.0/8" },
  });
  const document = aDocument({ contracts: { first: { caps: { day: { leads: 500 } } } } });
  const { keys } = await patiently(() => server.configure(document));
  await using load = await startLoad({
    ports: [server.port],
    lines: Number(options.lines),
    key: keys["acme"] ?? "",
    leads: leads(),
  });
  await load.acknowledging(300 + Math.floor(Math.random() * 700));
  await pair.primary.kill();
  const lost = performance.now();
  await asOperator(pair.standby.url, "select pg_promote(true, 30)");
  const promoted = performance.now();
  const before = load.acknowledged.length;
  await load.acknowledging(before + 1);
  const again = performance.now();
  await load.acknowledging(before + 500);
  await load.finish();
  const code = await server.stop();
  const found = [
    ...(code === 0 ? [] : [`the server ended with ${code}`]),
    ...(await wrongIn(settings, load.acknowledged)),
  ];
  console.log(
    `round ${round}: ${load.acknowledged.length} acknowledged, ${before} when it took over; promoted after ` +
      `${Math.round(promoted - lost)} ms, first lead ${Math.round(again - promoted)} ms later, ${load.broken} lines broken`,
  );
  for (const each of found) console.log(`  FOUND ${each}`);
  await pair.end();
  return found.length;
}

/** On a machine that is busy a standby may be late with its first answer. */
async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (const giveUp = Date.now() + 60_000; ; await Bun.sleep(500)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > giveUp) throw error;
    }
  }
}

/** What is on record and should not be so, read from the server that took over. */
async function wrongIn(
  settings: DatabaseSettings,
  acknowledged: readonly AcknowledgedLead[],
): Promise<string[]> {
  const database = await openDatabase(settings);
  try {
    await database.write((tx) => tx.execute("analyze"));
    return await violations(database, { acknowledged });
  } finally {
    await database.close();
  }
}

async function startPair(): Promise<Pair> {
  const [ofPrimary, ofStandby] = [await ownFolder(), await ownFolder()];
  const settings = { fsync: "on", wal_keep_size: "256MB" };
  const primary = await startPostgres({ binDir: options.bin, dataDir: ofPrimary, settings });
  const { port } = new URL(primary.url);
  const data = join(ofStandby, "data");
  await run(
    join(options.bin, "pg_basebackup"),
    "-h",
    "127.0.0.1",
    "-p",
    port,
    "-U",
    "postgres",
    "-D",
    data,
    "-R",
    "-c",
    "fast",
  );
  const { uid, gid } = await stat(join(ofPrimary, "data"));
  await run("chown", "-R", `${uid}:${gid}`, ofStandby);
  const standby = await startPostgres({ binDir: options.bin, dataDir: ofStandby, settings });
  await asOperator(primary.url, "alter system set synchronous_standby_names = '*'");
  await asOperator(primary.url, "select pg_reload_conf()");
  return {
    primary,
    standby,
    async end() {
      await standby.stop();
      for (const folder of [ofPrimary, ofStandby]) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ownFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "leadgate-failover-"));
}

async function run(...command: string[]): Promise<void> {
  const { exitCode, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command[0]} ended with ${exitCode}: ${stderr.toString()}`);
}

async function asOperator(url: string, statement: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => undefined });
  try {
    await client.unsafe(statement);
  } finally {
    await client.end();
  }
}
