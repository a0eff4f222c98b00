// `npm test`: one Postgres and one executable for the whole run, three workers of `bun test`, one closing line. Arguments go to
// `bun test`; `--quick` runs the files that need no database, and starts none; `--update-timings` has the times taken anew; `--citus` runs the
// journeys, or the files that are named, on the nodes of Citus that TEST_CITUS_URL names the coordinator of.
import { chmod, mkdtemp, readFile, rm, statfs } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { memoryVariables } from "#runtime/process-memory.ts";
import { closingLine, readBunSummary, type Tally } from "../scripts/tally.ts";
import { quickFiles, testFiles } from "./selection.ts";
import { processorSeconds, timesOf } from "./support/at-end.ts";
import { allButLeftOut, LEFT_OUT } from "./support/left-out-on-citus.ts";
import { startPostgres } from "./support/postgres.ts";

/**
 * Three at a time on two cores: a quarter of what tests take is waiting, for a lease to end or a deadline. The quick ones wait for nothing,
 * and loading the program for each worker takes as long as a third of them. Each worker runs one file after the other in one process, whose
 * modules and databases stay loaded; those that took longest come first, so that all end together.
 */
function inParallel(isQuick: boolean): string[] {
  const workers = isQuick ? 1 : Math.min(3, availableParallelism() + 1);
  return [`--parallel=${workers}`, "--no-isolate", "--timings=tests/timings.json"];
}

/** As the server has them, which takes a sixth of the processor time away; of memory tests may use what there is. */
const { BUN_JSC_forceRAMSize: _, ...variables } = memoryVariables("normal", "postgres");

/** Where files are kept in memory. */
const MEMORY = "/dev/shm";
/** More than twice what the tests' files take at most. */
const ROOM_BYTES = 8 * 2 ** 30;

const running = new Set<Bun.Subprocess>();
// The children get a terminal's Ctrl-C themselves; here it only must not end us before Postgres has been stopped.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => running.forEach((child) => child.kill(signal)));
}

const verdict = await runTests(process.argv.slice(2));
console.log(processorTime());
console.log(closingLine(verdict));
process.exit(verdict.failed === 0 && verdict.passed > 0 ? 0 : 1);

async function runTests(requested: string[]): Promise<Tally> {
  // What tests that were cut short leave behind goes with it. A Postgres, which runs as another user, must find its own folder in it.
  const folder = await mkdtemp(join(await placeForFiles(), "leadgate-tests-"));
  await chmod(folder, 0o711);
  process.env["TMPDIR"] = folder;
  const isQuick = requested.includes("--quick");
  if (isQuick) process.env["TEST_QUICK"] = "yes";
  const given = process.env["TEST_DATABASE_URL"];
  const postgres = given || isQuick ? undefined : await startPostgres();
  try {
    const tally = await bunTest(await argumentsFor(requested, isQuick), given ?? postgres?.url);
    console.log(await dearestFiles(folder));
    return tally;
  } finally {
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Where files of tests go: to memory where that has room for them and programs may be started from it, unless TMPDIR names a place. Embedded
 * databases put each commit on the disk: on one, files of theirs took twice the time, and a tenth more of the processor.
 */
async function placeForFiles(): Promise<string> {
  if (process.env["TMPDIR"] !== undefined) return tmpdir();
  try {
    const mounts = (await readFile("/proc/mounts", "utf8")).split("\n");
    const options = mounts.findLast((line) => line.split(" ")[1] === MEMORY)?.split(" ")[3];
    const { bavail, bsize } = await statfs(MEMORY);
    const isFit = options !== undefined && !options.split(",").includes("noexec");
    return isFit && bavail * bsize >= ROOM_BYTES ? MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/**
 * What this process and all that it started took of the processor, but for what was killed with nobody waiting for it: on a busy machine
 * that says more of the tests than the time that passed.
 */
function processorTime(): string {
  return `${processorSeconds().toFixed(0)} s of the processor`;
}

/** The files that took most of it, by what the workers noted; a worker's first file has all that the others find loaded. */
async function dearestFiles(folder: string): Promise<string> {
  const noted = await Bun.file(timesOf(folder))
    .text()
    .catch(() => "");
  const files = noted.split("\n").filter(Boolean);
  const dearest = files.toSorted((one, other) => secondsIn(other) - secondsIn(one)).slice(0, 10);
  return dearest.length === 0 ? "" : `Most of the processor, in seconds: ${dearest.join(", ")}`;
}

function secondsIn(noted: string): number {
  return Number(noted.slice(noted.lastIndexOf(" ")));
}

async function argumentsFor(requested: string[], isQuick: boolean): Promise<string[]> {
  if (requested.includes("--citus")) return await argumentsForCitus(requested);
  const options = requested.filter((argument) => argument === "--update-timings");
  if (!isQuick && requested.length > options.length) return requested;
  const files = await testFiles();
  // Whatever starts a server in a process of its own starts this one: half of the processor time that it takes from source.
  if (!isQuick) process.env["TEST_EXECUTABLE"] ??= await executable();
  // Each worker would make it for itself where it was not kept yet, which takes as long as a hundred tests.
  if (!isQuick) await makeMigratedTemplate();
  return [...inParallel(isQuick), ...options, ...(isQuick ? await quickFiles(files) : files)];
}

async function argumentsForCitus(requested: readonly string[]): Promise<string[]> {
  if (process.env["TEST_CITUS_URL"] === undefined)
    throw new Error("TEST_CITUS_URL is to name the coordinator");
  for (const { why, titles } of LEFT_OUT) console.log(`left out, ${titles.length} titles: ${why}`);
  const named = requested.filter((argument) => argument !== "--citus");
  const journeys = (await testFiles()).filter((file) => file.includes("/journeys/"));
  return ["--no-isolate", `--test-name-pattern=${allButLeftOut()}`, ...(named.length > 0 ? named : journeys)];
}

async function executable(): Promise<string> {
  const { builtExecutable } = await import("./support/executable.ts");
  return await builtExecutable();
}

async function makeMigratedTemplate(): Promise<void> {
  const { migratedTemplate } = await import("./support/database.ts");
  await migratedTemplate();
}

/** A run that ended badly counts as at least one failure, whatever its summary says. */
async function bunTest(requested: readonly string[], databaseUrl: string | undefined): Promise<Tally> {
  // Two minutes: only what stands still for good runs into it, not what is slow on a busy machine.
  const child = Bun.spawn([process.execPath, "test", "--timeout=120000", ...requested], {
    env: { ...variables, ...process.env, TEST_DATABASE_URL: databaseUrl },
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
