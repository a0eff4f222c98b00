// `npm test`: one Postgres for the whole run, two `bun test` at a time on it, one closing line. Arguments go to one `bun test`;
// `--quick` runs the files that need no database, and starts none.
import { availableParallelism } from "node:os";
import { closingLine, readBunSummary, type Tally } from "../scripts/tally.ts";
import { batchesOf, quickFiles, testFiles } from "./selection.ts";
import { startPostgres } from "./support/postgres.ts";

/** On two cores two took two thirds of the time of one. */
const AT_A_TIME = Math.min(2, availableParallelism());
/** Files of one `bun test`: many enough that its start counts little, few enough that the last ones end together. */
const BATCH = 6;

const running = new Set<Bun.Subprocess>();
// The children get a terminal's Ctrl-C themselves; here it only must not end us before Postgres has been stopped.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => running.forEach((child) => child.kill(signal)));
}

process.exit(await runTests(process.argv.slice(2)));

async function runTests(requested: string[]): Promise<number> {
  const isQuick = requested.includes("--quick");
  const given = process.env["TEST_DATABASE_URL"];
  const postgres = given || isQuick ? undefined : await startPostgres();
  try {
    const verdict = added(await runBatches(await batchesFor(requested, isQuick), given ?? postgres?.url));
    console.log(closingLine(verdict));
    return verdict.failed === 0 && verdict.passed > 0 ? 0 : 1;
  } finally {
    await postgres?.stop();
  }
}

async function batchesFor(requested: string[], isQuick: boolean): Promise<string[][]> {
  const files = await testFiles();
  if (!isQuick) return requested.length > 0 ? [requested] : batchesOf(files, BATCH);
  const quick = await quickFiles(files);
  return batchesOf(quick, Math.ceil(quick.length / AT_A_TIME));
}

async function runBatches(batches: readonly string[][], databaseUrl: string | undefined): Promise<Tally[]> {
  const left = batches.values();
  const tallies: Tally[] = [];
  const take = async () => {
    for (const files of left) tallies.push(await runBatch(files, databaseUrl));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, take));
  return tallies;
}

/** A batch that ended badly counts as at least one failure, whatever its summary says. */
async function runBatch(files: readonly string[], databaseUrl: string | undefined): Promise<Tally> {
  const { output, status } = await bunTest(files, databaseUrl);
  const tally = readBunSummary(output) ?? { passed: 0, failed: 0, skipped: 0 };
  const isBad = status !== 0 || tally.passed + tally.failed + tally.skipped === 0;
  if (!isBad || tally.failed > 0) return tally;
  console.error(`These tests ended badly, with status ${status}: ${files.join(" ")}`);
  return { ...tally, failed: 1 };
}

function added(tallies: readonly Tally[]): Tally {
  const sum = (of: keyof Tally) => tallies.reduce((total, tally) => total + tally[of], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}

async function bunTest(requested: readonly string[], databaseUrl: string | undefined) {
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
  return { output, status };
}
