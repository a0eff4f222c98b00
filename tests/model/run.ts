// `bun run model --runs N --seed S`: any commands to a server and to the model of it, on both databases, until they say different things.
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});

const child = Bun.spawn([process.execPath, "test", join(import.meta.dir, "model.test.ts")], {
  env: { ...process.env, MODEL_RUNS: options.runs, MODEL_SEED: options.seed },
  stdio: ["ignore", "inherit", "inherit"],
});
process.exit(await child.exited);
