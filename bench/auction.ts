import { readdir, readFile } from "node:fs/promises";
import type { ConfigurationDocument } from "#campaigns/document.ts";
import { type Ground, onGround } from "./database.ts";
import { table, verdict, whole } from "./figures.ts";
import { ask, type Server, startBeside, startLeadgate } from "./servers.ts";

/**
 * `bun bench/auction.ts`, or `bun run bench --auction`: pings in a campaign whose buyers bid live, and in every auction a few of them
 * hang and a few answer garbage. How long after the budget the supplier has its answer, and what 10,000 auctions leave behind.
 * Server, buyers, Postgres and the supplier are processes of their own.
 */

const AUCTIONS = 10_000;
const WARM_UP = 1_000;
const AT_ONCE = 50;
const BUDGET_MS = 1000;
/** So many misbehave in each way in every auction, and as many of their kind bid. */
const MISBEHAVING = 5;
const BEST = "99.00";
/** Kept connections are closed after four seconds without use. */
const SETTLE_MS = 6_000;

const CAMPAIGN = "auctioned";
const SUPPLIER = "acme-media";
const SUPPLIER_KEY = "benchmark-auction-key-of-no-use";

export async function measureAuctions(ground: Ground): Promise<void> {
  const bidders = await startBeside("bidders.ts", "");
  const databaseUrl = await ground.createDatabase("auctions");
  const server = await startLeadgate({ databaseUrl }, ground.folder);
  await ask(server.port, "PUT", "config", auctioned(bidders));
  await ask(server.port, "POST", `suppliers/${SUPPLIER}/keys`, { secret: SUPPLIER_KEY });
  await hold(server, WARM_UP);
  const before = await settled(server, bidders);
  const began = performance.now();
  const { tookMs, timersMs, won } = await hold(server, AUCTIONS);
  const seconds = (performance.now() - began) / 1000;
  const after = await settled(server, bidders);
  await server.stop();
  await bidders.stop();
  const late = (all: readonly number[], share: number) =>
    (all[Math.floor(share * (all.length - 1))] ?? Number.NaN) - BUDGET_MS;
  const beyond = (share: number) => late(tookMs, share);
  console.log(
    table([
      [
        `${whole(AUCTIONS)} auctions, ${AT_ONCE} at once, ${whole(AUCTIONS / seconds)} a second`,
        "before",
        "after",
      ],
      ["the server's open sockets", String(before.sockets), String(after.sockets)],
      ["the buyers' open connections", String(before.connections), String(after.connections)],
      ["the server's memory, MiB", whole(before.megabytes), whole(after.megabytes)],
    ]),
  );
  console.log();
  console.log(
    table([
      verdict({
        says: `Answered after the budget of ${BUDGET_MS} ms, p50 ms`,
        figure: beyond(0.5),
        atMost: 30,
      }),
      verdict({
        says: `Answered after the budget of ${BUDGET_MS} ms, p99 ms`,
        figure: beyond(0.99),
        atMost: 30,
      }),
      [`Answered after the budget of ${BUDGET_MS} ms, latest, ms`, beyond(1).toFixed(2), "", ""],
      ["A timer beside it rang late by, p99 ms", late(timersMs, 0.99).toFixed(2), "", ""],
      verdict({ says: "Auctions that the best bid won", figure: won / AUCTIONS, atLeast: 0.999 }),
      verdict({ says: "Sockets after to before", figure: after.sockets / before.sockets, atMost: 1.1 }),
      verdict({ says: "Memory after to before", figure: after.megabytes / before.megabytes, atMost: 1.2 }),
    ]),
  );
  console.log();
}

/** Buyers of which, in each auction, five hang and five answer garbage; the others bid, one of them always the most. */
function auctioned({ port }: Server): ConfigurationDocument {
  const address = `http://127.0.0.1:${port}`;
  const paths = ["hangs", "babbles"].flatMap((kind) =>
    Array.from({ length: MISBEHAVING * 2 }, (_, index) => `/${kind}/${index}/${index + 10}.00`),
  );
  const buyers = [`/bids/${BEST}`, ...paths].map((path, index) => ({
    id: `buyer-${index}`,
    delivery: {
      method: "webhook" as const,
      url: `${address}/leads`,
      ping: { url: address + path, timeout_ms: 10_000, max_in_flight: 1_000 },
    },
  }));
  const limit = { per_second: 100_000, burst_per_second: 100_000, burst_seconds: 1 };
  return {
    version: 1,
    suppliers: [{ id: SUPPLIER, rate_limits: { ping: limit } }],
    buyers,
    campaigns: [
      {
        id: CAMPAIGN,
        mode: "ping_post",
        distribution: "highest_bid",
        ping_budget_ms: BUDGET_MS,
        fields: [{ name: "roof_age", type: "integer" }],
        suppliers: [{ supplier: SUPPLIER, payout: { mode: "margin" } }],
        buyers: buyers.map(({ id }) => ({ buyer: id })),
      },
    ],
  };
}

interface Held {
  /** How long each ping took its supplier, sorted. */
  tookMs: number[];
  /** How long as many timers of the budget's length took beside them, sorted: what the machine alone makes late. */
  timersMs: number[];
  /** Of how many the best bid was the answer. */
  won: number;
}

async function hold(server: Server, auctions: number): Promise<Held> {
  const tookMs: number[] = [];
  const timersMs: number[] = [];
  let won = 0;
  let left = auctions;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, index) => {
      // Evenly spread: a thousand connections in one instant are more than a listener's queue.
      await Bun.sleep((index * BUDGET_MS) / AT_ONCE);
      while (left > 0) {
        left -= 1;
        const began = performance.now();
        const timer = Bun.sleep(BUDGET_MS).then(() => timersMs.push(performance.now() - began));
        const price = await ping(server);
        tookMs.push(performance.now() - began);
        won += price === BEST ? 1 : 0;
        await timer;
      }
    }),
  );
  return { tookMs: sorted(tookMs), timersMs: sorted(timersMs), won };
}

function sorted(figures: readonly number[]): number[] {
  return figures.toSorted((one, other) => one - other);
}

/** The price that was answered; undefined: there was no bid. Throws when it was no answer. */
async function ping({ port }: Server): Promise<string | undefined> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/ping`, {
    method: "POST",
    headers: { "x-api-key": SUPPLIER_KEY, "content-type": "application/json" },
    body: JSON.stringify({ flo_campaign_id: CAMPAIGN, flo_supplier_id: SUPPLIER, state: "TX", roof_age: 12 }),
  });
  const said = (await answer.json()) as { price?: string };
  if (answer.status !== 200) throw new Error(`a ping was answered ${answer.status} ${JSON.stringify(said)}`);
  return said.price;
}

interface Kept {
  sockets: number;
  connections: number;
  megabytes: number;
}

/** What is held once nothing is going on. Linux alone tells of another process. */
async function settled(server: Server, bidders: Server): Promise<Kept> {
  await Bun.sleep(SETTLE_MS);
  const report = await fetch(`http://127.0.0.1:${bidders.port}/report`, { keepalive: false });
  const { open } = (await report.json()) as { open: number };
  const files = await readdir(`/proc/${server.pid}/fd`);
  const status = await readFile(`/proc/${server.pid}/status`, "utf8");
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(status) ?? [];
  // The question itself is on one.
  return { sockets: files.length, connections: open - 1, megabytes: Number(kilobytes) / 1024 };
}

if (import.meta.main) await onGround(measureAuctions);
