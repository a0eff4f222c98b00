// `npm test`: one Postgres for the whole run, `bun test` on it, one closing line. Arguments go to `bun test`.
import { closingLine, readBunSummary, type Tally } from "../scripts/tally.ts";
import { startPostgres } from "./support/postgres.ts";

process.exit(await runTests(process.argv.slice(2)));

async function runTests(requested: string[]): Promise<number> {
  const given = process.env["TEST_DATABASE_URL"];
  const postgres = given ? undefined : await startPostgres();
  try {
    const { output, status } = await bunTest(requested, given ?? postgres?.url);
    const tally = readBunSummary(output);
    if (!tally) console.error("The tests ended without a summary: something in them ended the process.");
    const verdict = judge(tally, status);
    console.log(closingLine(verdict));
    return verdict.failed === 0 && verdict.passed > 0 ? 0 : 1;
  } finally {
    await postgres?.stop();
  }
}

/** A run that ended badly counts as at least one failure, whatever its summary says. */
function judge(tally: Tally = { passed: 0, failed: 0, skipped: 0 }, status: number): Tally {
  const ranNothing = tally.passed + tally.failed === 0;
  return { ...tally, failed: tally.failed === 0 && (status !== 0 || ranNothing) ? 1 : tally.failed };
}

async function bunTest(requested: string[], databaseUrl: string | undefined) {
  // 30 s: opening an embedded database on a busy machine takes longer than bun's own limit of 5 s.
  const child = Bun.spawn(
    [process.execPath, "test", "--timeout=30000", ...(requested.length > 0 ? requested : ["tests"])],
    {
      env: { ...process.env, TEST_DATABASE_URL: databaseUrl },
      stdin: "ignore",
      stdout: "inherit",
      stderr: "pipe",
    },
  );
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
