// `npm test`: one Postgres for the whole run, `bun test` on it, one closing line. Arguments go to `bun test`; without any, the files
// are shared out to two of it, which on two cores took two thirds of the time.
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { closingLine, readBunSummary, type Tally } from "../scripts/tally.ts";
import { startPostgres } from "./support/postgres.ts";

process.exit(await runTests(process.argv.slice(2)));

async function runTests(requested: string[]): Promise<number> {
  const given = process.env["TEST_DATABASE_URL"];
  const postgres = given ? undefined : await startPostgres();
  try {
    const shares = requested.length > 0 ? [requested] : shareOut(await testFiles());
    const verdicts = await Promise.all(
      shares.map(async (files) => {
        const { output, status } = await bunTest(files, given ?? postgres?.url);
        const tally = readBunSummary(output);
        if (!tally) console.error("The tests ended without a summary: something in them ended the process.");
        return judge(tally, status);
      }),
    );
    const verdict = added(verdicts);
    console.log(closingLine(verdict));
    return verdict.failed === 0 && verdict.passed > 0 ? 0 : 1;
  } finally {
    await postgres?.stop();
  }
}

async function testFiles(): Promise<string[]> {
  const files = await Array.fromAsync(new Bun.Glob("**/*.test.ts").scan(import.meta.dir));
  return files
    .filter((file) => !file.includes("node_modules"))
    .sort()
    .map((file) => `./${join("tests", file)}`);
}

/** Neighbours take about as long as each other, so every second file makes halves that end together. */
function shareOut(files: readonly string[]): string[][] {
  const count = Math.min(2, availableParallelism());
  return Array.from({ length: count }, (_, share) => files.filter((_, index) => index % count === share));
}

function added(tallies: readonly Tally[]): Tally {
  const sum = (of: keyof Tally) => tallies.reduce((total, tally) => total + tally[of], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}

/** A run that ended badly counts as at least one failure, whatever its summary says. */
function judge(tally: Tally = { passed: 0, failed: 0, skipped: 0 }, status: number): Tally {
  const ranNothing = tally.passed + tally.failed === 0;
  return { ...tally, failed: tally.failed === 0 && (status !== 0 || ranNothing) ? 1 : tally.failed };
}

async function bunTest(requested: string[], databaseUrl: string | undefined) {
  // 30 s: opening an embedded database on a busy machine takes longer than bun's own limit of 5 s.
  const child = Bun.spawn([process.execPath, "test", "--timeout=30000", ...requested], {
    env: { ...process.env, TEST_DATABASE_URL: databaseUrl },
    stdin: "ignore",
    stdout: "inherit",
    stderr: "pipe",
  });
  // The child gets a terminal's Ctrl-C itself; here it only must not end us before Postgres has been stopped.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  const decoder = new TextDecoder();
  let output = "";
  for await (const chunk of child.stderr) {
    process.stderr.write(chunk);
    output += decoder.decode(chunk, { stream: true });
  }
  return { output, status: await child.exited };
}
