import { expect, test } from "bun:test";
import { discard, embeddedSettings, openFresh } from "../support/database.ts";
import { fuzz } from "./fuzz.ts";

/** The same in every run, so that a change is judged by itself; `bun run fuzz` goes on to others. */
const SEED = Number(process.env["FUZZ_SEED"] ?? 20260113);
const CASES = Number(process.env["FUZZ_CASES"] ?? 1_500);
/** What memory may grow by from half of the cases to all of them: what is kept of a lead or an answer by mistake is more. */
const MAY_GROW_BYTES = 64 * 1024 * 1024;

test(`a server answers ${CASES} requests of any kind, from anybody, without a fault (seed ${SEED})`, async () => {
  const settings = await embeddedSettings();
  const database = await openFresh(settings);
  try {
    const { cases, statuses, heap } = await fuzz(database, { seed: SEED, cases: CASES });
    console.log(`${cases} requests: ${JSON.stringify(statuses)}`);
    expect(cases).toBe(CASES);
    // What is refused before anything looks at it finds nothing.
    expect(Object.keys(statuses).map(Number)).toEqual(expect.arrayContaining([200, 201, 400, 401, 403, 404]));
    expect(heap.end - heap.half).toBeLessThan(MAY_GROW_BYTES);
  } finally {
    await database.close();
    await discard(settings);
  }
}, 600_000);
