import { expect, test } from "bun:test";
import { onBothDatabases } from "../support/database.ts";
import { playModel } from "./play.ts";

/** Another one in each run; MODEL_SEED makes it happen again. */
const SEED = Number(process.env["MODEL_SEED"] ?? Date.now() % 1_000_000);
/** `bun run model` says how many; without it there are as many as fit into some seconds. */
const RUNS = process.env["MODEL_RUNS"];
const LONGEST_MS = 5_000;
/** After so many runs the database is emptied: each leaves its campaigns there. */
const AT_ONCE = 50;

onBothDatabases("model", (world) => {
  const chunks = RUNS === undefined ? 1 : Math.ceil(Number(RUNS) / AT_ONCE);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const seed = SEED + chunk;
    test(`the server says what a small model of it says, whatever happens to both (MODEL_SEED=${seed})`, async () => {
      const limit = RUNS === undefined ? { atMost: LONGEST_MS } : {};
      const played = await playModel(world.database, { seed, runs: AT_ONCE, ...limit });
      console.log(`MODEL_SEED=${seed}, ${world.kind}: ${played} runs`);
      expect(played).toBeGreaterThan(0);
    }, 600_000);
  }
});
