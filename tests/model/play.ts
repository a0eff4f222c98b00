import fc from "fast-check";
import type { Database } from "#database/database.ts";
import { violations } from "../support/invariants.ts";
import { commands, lookAtEverything } from "./commands.ts";
import { Model } from "./model.ts";
import { rules } from "./rules.ts";
import { openStage } from "./server.ts";

export interface ModelRun {
  readonly seed: number;
  readonly runs: number;
}

/** So many commands in a run at most. */
const LONGEST = 40;

/**
 * Does any commands to a real server and to the model of it, and throws when they say different things: with the fewest commands that make
 * it so. Answers how many runs there were.
 */
export async function playModel(database: Database, { seed, runs }: ModelRun): Promise<number> {
  await using stage = await openStage(database);
  let played = 0;
  const property = fc.asyncProperty(rules, commands(LONGEST), async (drawn, steps) => {
    played += 1;
    const real = await stage.begin(drawn);
    const model = new Model(drawn);
    await fc.asyncModelRun(() => ({ model, real }), steps);
    await lookAtEverything(model, real);
    const errors = real.leadgate.logged.filter((line) => line.includes('"level":"error"'));
    if (errors.length > 0) throw new Error(errors.join("\n"));
  });
  await fc.assert(property, { seed, numRuns: runs, verbose: 0 });
  const found = await violations(database, { clockWentBack: true });
  if (found.length > 0) throw new Error(found.join("\n"));
  return played;
}
