// `npm test`: one Postgres for the whole run, two workers of `bun test` on it, one closing line. Arguments go to `bun test`;
// `--quick` runs the files that need no database, and starts none; `--update-timings` has the times of the files taken anew.
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { closingLine, readBunSummary, type Tally } from "../scripts/tally.ts";
import { quickFiles, testFiles } from "./selection.ts";
import { startPostgres } from "./support/postgres.ts";

/**
 * Two at a time, which on two cores took two thirds of the time of one. Each runs one file after the other in one process, whose modules
 * and embedded database stay loaded; those that took longest come first, so that both end together.
 */
const IN_PARALLEL = [
  `--parallel=${Math.min(2, availableParallelism())}`,
  "--no-isolate",
  "--timings=tests/timings.json",
];

const running = new Set<Bun.Subprocess>();
// The children get a terminal's Ctrl-C themselves; here it only must not end us before Postgres has been stopped.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => running.forEach((child) => child.kill(signal)));
}

process.exit(await runTests(process.argv.slice(2)));

async function runTests(requested: string[]): Promise<number> {
  // What tests that were cut short leave behind goes with it. A Postgres, which runs as another user, must find its own folder in it.
  const folder = await mkdtemp(join(tmpdir(), "leadgate-tests-"));
  await chmod(folder, 0o711);
  process.env["TMPDIR"] = folder;
  const isQuick = requested.includes("--quick");
  const given = process.env["TEST_DATABASE_URL"];
  const postgres = given || isQuick ? undefined : await startPostgres();
  try {
    const verdict = await bunTest(await argumentsFor(requested, isQuick), given ?? postgres?.url);
    console.log(closingLine(verdict));
    return verdict.failed === 0 && verdict.passed > 0 ? 0 : 1;
  } finally {
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function argumentsFor(requested: string[], isQuick: boolean): Promise<string[]> {
  const options = requested.filter((argument) => argument === "--update-timings");
  if (!isQuick && requested.length > options.length) return requested;
  const files = await testFiles();
  return [...IN_PARALLEL, ...options, ...(isQuick ? await quickFiles(files) : files)];
}

/** A run that ended badly counts as at least one failure, whatever its summary says. */
async function bunTest(requested: readonly string[], databaseUrl: string | undefined): Promise<Tally> {
  // Two minutes: only what stands still for good runs into it, not what is slow on a busy machine.
  const child = Bun.spawn([process.execPath, "test", "--timeout=120000", ...requested], {
    env: { ...process.env, TEST_DATABASE_URL: databaseUrl },
    stdin: "ignore",
    stdout: "inherit",
    stderr: "pipe",
  });
  running.add(child);
  const decoder = new TextDecoder();
  let output = "";
  for await (const chunk of child.stderr) {
    process.stderr.write(chunk);
    output += decoder.decode(chunk, { stream: true });
  }
  const status = await child.exited;
  running.delete(child);
  const tally = readBunSummary(output) ?? { passed: 0, failed: 0, skipped: 0 };
  const isBad = status !== 0 || tally.passed + tally.failed + tally.skipped === 0;
  if (!isBad || tally.failed > 0) return tally;
  console.error(`The tests ended badly, with status ${status}.`);
  return { ...tally, failed: 1 };
}
