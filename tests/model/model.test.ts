import { expect, test } from "bun:test";
import { onBothDatabases } from "../support/database.ts";
import { playModel } from "./play.ts";

/** Another one in each run; MODEL_SEED makes it happen again. */
const SEED = Number(process.env["MODEL_SEED"] ?? Date.now() % 1_000_000);
/** `bun run model` says how many. */
const RUNS = Number(process.env["MODEL_RUNS"] ?? 5);
/** After so many runs the database is emptied: each leaves its campaigns there. */
const AT_ONCE = 50;

onBothDatabases("model", (world) => {
  const chunks = Math.ceil(RUNS / AT_ONCE);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const seed = SEED + chunk;
    test(`the server says what a small model of it says, whatever happens to both (MODEL_SEED=${seed})`, async () => {
      const runs = Math.min(AT_ONCE, RUNS);
      expect(await playModel(world.database, { seed, runs })).toBe(runs);
    }, 600_000);
  }
});
