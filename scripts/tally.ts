/** How many of a step's parts passed, failed and were left out. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Reads the summary that `bun test` ends with (` 8 pass`, ` 0 fail`, …, `Ran 8 tests across 2 files.`).
 * Only the last one counts, since a test may itself print the summary of another run. Undefined when there is none: a test that
 * ends the process leaves no summary and status 0, which must not look like success.
 */
export function readBunSummary(output: string): Tally | undefined {
  const lines = output.replace(COLOURS, "").trimEnd().split("\n");
  const end = lines.findLastIndex((line) => /^Ran \d+ tests? across \d+ files?\./.test(line));
  if (end === -1) return undefined;
  const counts = new Map<string, number>();
  for (let at = end - 1; at >= 0; at--) {
    const found = /^ *(\d+) (pass|fail|skip|todo|filtered out|errors?|expect\(\) calls|snapshots?.*)$/.exec(
      lines[at] ?? "",
    );
    if (found?.[1] === undefined || found[2] === undefined) break;
    counts.set(found[2].replace(/^errors$/, "error"), Number(found[1]));
  }
  const count = (name: string) => counts.get(name) ?? 0;
  return { passed: count("pass"), failed: count("fail"), skipped: count("skip") + count("todo") };
}

/** The one line that everything here ends with, and that .ci/run adds up. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g");
