// `bun run check`: everything that must hold before a change is shared. `--no-tests` leaves out the last step.
import { closingLine } from "./tally.ts";

const bin = (name: string) => [process.execPath, `node_modules/${name}`];

const steps: [name: string, command: string[]][] = [
  ["format", ["node_modules/.bin/biome", "ci", "--colors=off", "."]],
  [
    "lint",
    ["node_modules/.bin/oxlint", "--type-aware", "--deny-warnings", "src", "tests", "bench", "scripts"],
  ],
  ["types", ["node_modules/.bin/tsc", "-p", "."]],
  ["page types", ["node_modules/.bin/tsc", "-p", "src/web"]],
  ["dead code", bin("knip/bin/knip.js")],
  ["tests", [process.execPath, "tests/run.ts"]],
];

let passed = 0;
let failed = 0;
for (const [name, command] of steps) {
  if (name === "tests" && process.argv.includes("--no-tests")) continue;
  const started = performance.now();
  const { ok, said } = name === "tests" ? await watched(command) : await quiet(command);
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
  console.log(`${ok ? "ok    " : "FAILED"} ${name.padEnd(10)} ${seconds} s`);
  if (!ok) console.log(said.trimEnd());
  if (ok) passed++;
  else failed++;
}
console.log(closingLine({ passed, failed, skipped: 0 }));
process.exit(failed === 0 ? 0 : 1);

/** Runs a step and shows what it says only when it fails. */
async function quiet(command: string[]) {
  const step = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
  const said = await Promise.all([step.stdout, step.stderr].map((stream) => new Response(stream).text()));
  return { ok: (await step.exited) === 0, said: said.join("") };
}

/** Runs a step that takes long, in view. */
async function watched(command: string[]) {
  const step = Bun.spawn(command, { stdout: "inherit", stderr: "inherit" });
  return { ok: (await step.exited) === 0, said: "" };
}
