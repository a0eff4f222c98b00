import { join } from "node:path";
import { parseArgs } from "node:util";
import { CAMPAIGN, hotCampaign } from "./campaign.ts";
import { costlyBodies } from "./costly-inputs.ts";
import { onGround } from "./database.ts";
import { median, table, verdict } from "./figures.ts";
import { ask, measure, type Server, setUp, startLeadgate } from "./servers.ts";

/**
 * `bun bench/neighbours.ts`: how much longer a supplier waits whose neighbour sends the costliest bodies that are allowed, over and over
 * on 32 connections, as often as its limit lets it. A supplier sends 50 leads a second, by itself and beside each kind of body, in turn.
 * `--rounds 3 --seconds 5`.
 */

const GREEDY = { id: "greedy", key: `greedy-${"k".repeat(32)}`, connections: 32 };
const PACE = 50;
const MOST_TIMES = 3;

const { values: options, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: { rounds: { type: "string", default: "3" }, seconds: { type: "string", default: "5" } },
});

const [port, kind] = positionals;
if (port !== undefined && kind !== undefined) await beGreedy(port, kind);
else await compare();

async function compare(): Promise<void> {
  await onGround(async (ground) => {
    const server = await startLeadgate(
      { databaseUrl: await ground.createDatabase("neighbours") },
      ground.folder,
    );
    const [campaign] = hotCampaign.campaigns ?? [];
    await setUp(server, {
      ...hotCampaign,
      suppliers: [...(hotCampaign.suppliers ?? []), { id: GREEDY.id }],
      campaigns: [{ ...campaign, suppliers: [...(campaign?.suppliers ?? []), { supplier: GREEDY.id }] }],
    });
    await ask(server.port, "POST", `suppliers/${GREEDY.id}/keys`, { secret: GREEDY.key });
    const kinds = Object.keys(costlyBodies());
    const times = new Map<string, { alone: number[]; beside: number[] }>();
    for (let round = 0; round < Number(options.rounds); round++) {
      for (const each of kinds) {
        const of = times.get(each) ?? { alone: [], beside: [] };
        times.set(each, of);
        of.alone.push(await p99(server));
        of.beside.push(await beside(server, each));
      }
    }
    await server.stop();
    tell(times);
  });
}

async function p99({ port: at }: Server): Promise<number> {
  const window = { warmUpSeconds: 1, seconds: Number(options.seconds), pace: PACE };
  return (await measure(at, 8, window)).p99;
}

async function beside(server: Server, body: string): Promise<number> {
  const neighbour = Bun.spawn(
    [process.execPath, join(import.meta.dir, "neighbours.ts"), String(server.port), body],
    {
      stdout: "inherit",
      stderr: "inherit",
    },
  );
  try {
    return await p99(server);
  } finally {
    neighbour.kill("SIGKILL");
    await neighbour.exited;
  }
}

/** On each connection the next as soon as it may be: when it is told to wait it does. */
async function beGreedy(at: string, body: string): Promise<never> {
  const sent = {
    method: "POST",
    headers: { "x-api-key": GREEDY.key, "content-type": "application/json", "x-campaign": CAMPAIGN },
    body: costlyBodies()[body] ?? "",
  };
  const send = async () => {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${at}/api/v1/ingest`, sent);
      await answer.arrayBuffer();
      await Bun.sleep(Number(answer.headers.get("retry-after") ?? 0) * 1_000);
    }
  };
  return await Promise.race(Array.from({ length: GREEDY.connections }, send));
}

function tell(times: ReadonlyMap<string, { alone: number[]; beside: number[] }>): void {
  const rows = [...times].map(([name, { alone, beside: near }]) => ({
    name,
    alone: median(alone),
    beside: median(near),
    times: median(near) / median(alone),
  }));
  console.log(
    table([
      ["p99 in ms, beside a neighbour's", "alone", "beside", "times"],
      ...rows.map((row) => [row.name, row.alone.toFixed(1), row.beside.toFixed(1), row.times.toFixed(1)]),
    ]),
  );
  const most = Math.max(...rows.map((row) => row.times));
  console.log(
    table([
      ["Target", "measured", "wanted", ""],
      verdict({ says: "p99 beside the costliest neighbour, times", figure: most, atMost: MOST_TIMES }),
    ]),
  );
}
