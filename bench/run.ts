import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measureAuctions } from "./auction.ts";
import { measureBooks } from "./books.ts";
import { countedSales, type Ground, onGround, query, syncTime } from "./database.ts";
import { measureDelivery } from "./delivery.ts";
import { median, table, verdict, whole } from "./figures.ts";
import { type Inserts, measureInserts } from "./inserts.ts";
import type { Measured } from "./load.ts";
import { measurePings } from "./ping.ts";
import {
  measure,
  type Place,
  type Server,
  setUp,
  startBeside,
  startLeadgate,
  type Window,
} from "./servers.ts";
import { measureStored } from "./stored.ts";
import { measureSuppression } from "./suppression.ts";

/**
 * `bun run bench`: leads per second and latency of Leadgate on Postgres and on its embedded database, beside the textbook design and
 * beside plain inserts on the same Postgres, fsync on. All are measured in turn, round after round, so that whatever else the
 * machine does hits all alike; the figures are medians over the rounds, and the ratios mean more than the figures.
 * What a lead costs, also against another commit, is in costs.ts.
 *
 * `--seconds 4 --warm-up 1 --rounds 3`; with `--stored` it goes on to a million leads on record (stored.ts), with
 * `--delivery` to how leads reach their buyers (delivery.ts), with `--ping` to pings (ping.ts), with `--auction` to how buyers
 * are asked for bids (auction.ts), with `--suppression` to a million people put on a suppression list (suppression.ts), with `--books` to
 * reports and statements over a year of ten million leads (books.ts).
 */

const CONNECTIONS = [1, 16, 64, 256] as const;
const SERVERS = ["Leadgate, Postgres", "Leadgate, embedded", "textbook, Postgres"] as const;

interface Row {
  server: (typeof SERVERS)[number];
  connections: (typeof CONNECTIONS)[number];
  measured: Measured[];
}

const { values: options } = parseArgs({
  options: {
    seconds: { type: "string", default: "4" },
    "warm-up": { type: "string", default: "1" },
    rounds: { type: "string", default: "3" },
    stored: { type: "boolean", default: false },
    delivery: { type: "boolean", default: false },
    suppression: { type: "boolean", default: false },
    ping: { type: "boolean", default: false },
    auction: { type: "boolean", default: false },
    books: { type: "boolean", default: false },
  },
});
const window: Window = { seconds: Number(options.seconds), warmUpSeconds: Number(options["warm-up"]) };
const rounds = Number(options.rounds);

await onGround(async (ground) => {
  await showGround(ground);
  await compare(ground);
  if (options.stored) await measureStored(ground, window, rounds);
  if (options.delivery) await measureDelivery(ground, window, rounds);
  if (options.suppression) await measureSuppression(ground);
  if (options.ping) await measurePings(ground, window, rounds);
  if (options.auction) await measureAuctions(ground);
  if (options.books) await measureBooks(ground);
});

async function showGround({ url, folder }: Ground): Promise<void> {
  const [postgres] = await query(url, "show server_version");
  const [cpu] = cpus();
  console.log(`${cpus().length} × ${cpu?.model}; Bun ${Bun.version}; Postgres ${postgres?.server_version}`);
  console.log(`Making 8 KiB durable takes the disk ${syncTime(folder).toFixed(2)} ms`);
  const ceiling = await startBeside("ceiling.ts", "");
  const { leadsPerSecond } = await measure(ceiling.port, 256, { seconds: 2, warmUpSeconds: 1 });
  await ceiling.stop();
  console.log(`The load, against a server that only says 201: ${whole(leadsPerSecond)} leads/s\n`);
}

async function compare(ground: Ground): Promise<void> {
  const textbookUrl = await ground.createDatabase("textbook");
  const leadgateUrl = await ground.createDatabase("leadgate");
  const forTextbook = await ready({ databaseUrl: textbookUrl }, ground);
  await forTextbook.stop();
  const servers: Record<Row["server"], Server> = {
    "Leadgate, Postgres": await ready({ databaseUrl: leadgateUrl }, ground),
    "Leadgate, embedded": await ready({ dataDir: join(ground.folder, "embedded") }, ground),
    "textbook, Postgres": await startBeside("textbook/server.ts", textbookUrl),
  };
  const rows: Row[] = SERVERS.flatMap((server) =>
    CONNECTIONS.map((connections) => ({ server, connections, measured: [] })),
  );
  const inserts: Inserts[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const { server, connections, measured } of rows) {
      measured.push(await measure(servers[server].port, connections, window));
    }
    inserts.push(await measureInserts(ground.url, window.seconds));
    console.error(`round ${round} of ${rounds} is done`);
  }
  for (const server of Object.values(servers)) await server.stop();
  report(rows, inserts);
  for (const [name, url] of Object.entries({ Leadgate: leadgateUrl, textbook: textbookUrl })) {
    console.log(`${name}: ${whole(await countedSales(url))} leads accepted, each counted once`);
  }
}

/** A Leadgate that the load can be put on. */
async function ready(place: Place, { folder }: Ground): Promise<Server> {
  const server = await startLeadgate(place, folder);
  await setUp(server);
  return server;
}

function report(rows: readonly Row[], inserts: readonly Inserts[]): void {
  const insertRate = median(inserts.map((each) => each.perSecond));
  console.log(
    table([
      ["", "connections", "leads/s", "p50 ms", "p99 ms"],
      ...rows.map((row) => [
        row.server,
        String(row.connections),
        whole(figure(row, "leadsPerSecond")),
        figure(row, "p50").toFixed(2),
        figure(row, "p99").toFixed(2),
      ]),
      [`single-row inserts (${inserts[0]?.by})`, "64", whole(insertRate), "", ""],
    ]),
  );
  const rate = (server: Row["server"], connections: number) =>
    figure(rowOf(rows, server, connections), "leadsPerSecond");
  const p50 = (server: Row["server"]) => figure(rowOf(rows, server, 1), "p50");
  const leadgate = rate("Leadgate, Postgres", 256);
  const bestOfTextbook = Math.max(...CONNECTIONS.map((each) => rate("textbook, Postgres", each)));
  console.log();
  console.log(
    table([
      verdict({
        says: "Leadgate to textbook, leads/s at 256 connections",
        figure: leadgate / rate("textbook, Postgres", 256),
        atLeast: 12,
      }),
      ["Leadgate at 256 to textbook at its best, leads/s", (leadgate / bestOfTextbook).toFixed(2), "", ""],
      verdict({
        says: "Leadgate at 256 to single-row inserts, per second",
        figure: leadgate / insertRate,
        atLeast: 0.5,
      }),
      verdict({
        says: "Leadgate to textbook, p50 at 1 connection",
        figure: p50("Leadgate, Postgres") / p50("textbook, Postgres"),
        atMost: 1,
      }),
      verdict({
        says: "Embedded to Postgres, leads/s at 256 connections",
        figure: rate("Leadgate, embedded", 256) / leadgate,
        atLeast: 0.4,
      }),
    ]),
  );
  console.log();
}

function rowOf(rows: readonly Row[], server: Row["server"], connections: number): Row {
  const row = rows.find((each) => each.server === server && each.connections === connections);
  if (row === undefined) throw new Error(`nothing was measured of ${server} at ${connections}`);
  return row;
}

function figure({ measured }: Row, name: "leadsPerSecond" | "p50" | "p99"): number {
  return median(measured.map((each) => each[name]));
}
