import { type Ground, onGround } from "./database.ts";
import { median, table, verdict, whole } from "./figures.ts";
import type { Measured } from "./load.ts";
import { measure, type Server, setUp, startLeadgate, type Window } from "./servers.ts";

/**
 * This checkout beside another one, both on Postgres: `bun run bench -- --against FOLDER`. They are loaded in turn, and who begins
 * changes from round to round, so that neither has the quieter machine. A ratio is the median over the rounds of this checkout's
 * figure to the other's of the same round.
 */

const CONNECTIONS = [64, 256] as const;
const ARMS = ["this", "the other"] as const;

type Arm = (typeof ARMS)[number];

export async function compareCheckouts(other: string, window: Window, rounds: number): Promise<void> {
  await onGround(async (ground) => {
    const servers: Record<Arm, Server> = {
      this: await begin("this_checkout", ground),
      "the other": await begin("other_checkout", ground, other),
    };
    for (const connections of CONNECTIONS) {
      const pairs: Record<Arm, Measured>[] = [];
      for (let round = 0; round < rounds; round++) {
        const measured = new Map<Arm, Measured>();
        for (const arm of round % 2 === 0 ? ARMS : ARMS.toReversed()) {
          measured.set(arm, await measure(servers[arm].port, connections, window));
        }
        pairs.push(Object.fromEntries(measured) as Record<Arm, Measured>);
      }
      report(connections, pairs);
    }
    for (const server of Object.values(servers)) await server.stop();
  });
}

async function begin(name: string, ground: Ground, checkout?: string): Promise<Server> {
  const server = await startLeadgate(
    { databaseUrl: await ground.createDatabase(name) },
    ground.folder,
    checkout,
  );
  await setUp(server);
  return server;
}

function report(connections: number, pairs: readonly Record<Arm, Measured>[]): void {
  const figure = (arm: Arm, name: "leadsPerSecond" | "p50" | "p99") =>
    median(pairs.map((pair) => pair[arm][name]));
  console.log(
    table([
      [`${connections} connections`, "leads/s", "p50 ms", "p99 ms"],
      ...ARMS.map((arm) => [
        arm,
        whole(figure(arm, "leadsPerSecond")),
        figure(arm, "p50").toFixed(2),
        figure(arm, "p99").toFixed(2),
      ]),
      verdict({
        says: "this to the other, leads/s",
        figure: median(pairs.map((pair) => pair.this.leadsPerSecond / pair["the other"].leadsPerSecond)),
        atLeast: 0.97,
      }),
    ]),
  );
  console.log();
}
