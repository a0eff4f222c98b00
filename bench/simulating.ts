import { parseArgs } from "node:util";
import { hotCampaign } from "./campaign.ts";
import { type Ground, onGround } from "./database.ts";
import { median, table, verdict } from "./figures.ts";
import { ask, measure, type Server, setUp, startLeadgate } from "./servers.ts";

/**
 * `bun bench/simulating.ts [--leads 60000] [--rounds 5]`: how long leads take, at 300 a second, beside a simulation of those that came
 * before, and without one, in turn. The document is the same, so no lead may end otherwise, though others come meanwhile.
 */

const PACE = 300;
const CONNECTIONS = 16;
const WINDOW = { warmUpSeconds: 1, seconds: 6, pace: PACE };
/** Simulations too have to be compiled. */
const WARM_UP_ROUNDS = 2;

const { values: options } = parseArgs({
  options: { leads: { type: "string", default: "60000" }, rounds: { type: "string", default: "5" } },
});

interface Simulation {
  id: string;
  state: "waiting" | "running" | "done" | "stopped" | "failed";
  progress: { leads: number };
  result: { differing: number } | null;
}

/** p99 in ms, and how many leads were decided anew meanwhile. */
type Round = Record<"alone" | "beside" | "simulated", number>;

async function measureBeside({ createDatabase, folder }: Ground): Promise<void> {
  const server = await startLeadgate({ databaseUrl: await createDatabase("simulating") }, folder);
  await setUp(server);
  const since = new Date().toISOString();
  for (let leads = 0; leads < Number(options.leads); leads += await sent(server));
  const rounds: Round[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + Number(options.rounds); round++) {
    const alone = (await measure(server.port, CONNECTIONS, WINDOW)).p99;
    const { id } = await asked(server, "POST", "simulations", { document: hotCampaign, since });
    const beside = (await measure(server.port, CONNECTIONS, WINDOW)).p99;
    const { state, progress } = await asked(server, "GET", `simulations/${id}`);
    if (state !== "running") throw new Error(`The simulation is ${state} before the leads have come`);
    await asked(server, "POST", `simulations/${id}/stop`, {});
    console.log(`p99 ${alone.toFixed(1)} and ${beside.toFixed(1)} ms beside ${progress.leads} decided anew`);
    rounds.push({ alone, beside, simulated: progress.leads });
  }
  const counted = rounds.slice(WARM_UP_ROUNDS);
  const middle = (figure: (round: Round) => number) => median(counted.map(figure));
  const { id } = await asked(server, "POST", "simulations", { document: hotCampaign, since });
  await measure(server.port, CONNECTIONS, WINDOW);
  console.log(
    table([
      verdict({
        says: "p99 beside a simulation, times that alone",
        figure: middle((each) => each.beside) / middle((each) => each.alone),
        atMost: 1.2,
      }),
      ["p99 alone, ms", middle((each) => each.alone).toFixed(1), "", ""],
      ["p99 beside a simulation, ms", middle((each) => each.beside).toFixed(1), "", ""],
      [
        "Leads decided anew a second beside them",
        (middle((each) => each.simulated) / (WINDOW.warmUpSeconds + WINDOW.seconds)).toFixed(0),
        "",
        "",
      ],
      verdict({ says: "Leads that end otherwise", figure: await differing(server, id), atMost: 0 }),
    ]),
  );
  await server.stop();
}

/** As many leads as the server takes in five seconds. */
async function sent({ port }: Server): Promise<number> {
  const { answers } = await measure(port, 64, { warmUpSeconds: 0, seconds: 5 });
  return Object.values(answers).reduce((sum, each) => sum + each, 0);
}

async function asked(server: Server, method: string, path: string, body?: unknown): Promise<Simulation> {
  return ((await ask(server.port, method, path, body)) as { data: Simulation }).data;
}

async function differing(server: Server, id: string): Promise<number> {
  for (;;) {
    const { state, result } = await asked(server, "GET", `simulations/${id}`);
    if (result !== null) return result.differing;
    if (state !== "running" && state !== "waiting") throw new Error(`The simulation is ${state}`);
    await Bun.sleep(500);
  }
}

await onGround(measureBeside);
