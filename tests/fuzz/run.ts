// `bun run fuzz [SEED]`: one run of the fuzzer after the other, each with the next seed, until Ctrl-C or a fault.
import { join } from "node:path";

const TEST = join(import.meta.dir, "fuzz.test.ts");
const given = Number(process.argv[2]);

for (let seed = Number.isSafeInteger(given) ? given : Date.now() % 2 ** 31; ; seed += 1) {
  const child = Bun.spawn([process.execPath, "test", TEST], {
    env: { ...process.env, FUZZ_SEED: String(seed), FUZZ_CASES: process.env["FUZZ_CASES"] ?? "10000" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const status = await child.exited;
  if (status !== 0) process.exit(status);
}
