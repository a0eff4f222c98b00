// `bun run faults`: a world of suppliers, buyers and operators on real servers that are killed, stopped and cut off from their database,
// round after round, each on a database of its own; after each, what is on record is checked against what everyone saw.
import { parseArgs } from "node:util";
import { FAULTS } from "./faults.ts";
import { playRound, type Scenario } from "./round.ts";

const { values: options } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    leads: { type: "string", default: "5000" },
    rounds: { type: "string", default: "1" },
    database: { type: "string", default: "postgres" },
    servers: { type: "string", default: "1" },
    faults: { type: "string", default: "8" },
    lines: { type: "string", default: "64" },
    executable: { type: "string" },
    // One kind of fault alone, beside a kill.
    only: { type: "string" },
    // Not until all is delivered, which takes a minute after a kill: what is pending then may be so.
    settle: { type: "boolean", default: true },
  },
  allowNegative: true,
});

/** As many as fit on a screen; the others are of the same kinds. */
const MOST_SHOWN = 20;

/** How often each was done, over all rounds, and how many leads were acknowledged. */
const done = new Map<string, number>();
let acknowledged = 0;
let findings = 0;
for (let round = 0; round < Number(options.rounds); round++) {
  findings += await tell(scenarioOf(Number(options.seed) + round));
}
console.log(
  `In all ${[...done].map(([fault, times]) => `${times} × ${fault}`).join(", ")}; ${acknowledged} leads acknowledged.`,
);
console.log(findings === 0 ? "Nothing was found." : `${findings} findings.`);
process.exit(findings === 0 ? 0 : 1);

function scenarioOf(seed: number): Scenario {
  const { database } = options;
  if (database !== "embedded" && database !== "postgres")
    throw new Error("--database is embedded or postgres");
  const servers = Number(options.servers);
  if (servers !== 1 && servers !== 2 && servers !== 3) throw new Error("--servers is 1, 2 or 3");
  if (servers > 1 && database === "embedded") throw new Error("the embedded database has one server");
  const only = FAULTS.find((fault) => fault === options.only);
  if (options.only !== undefined && only === undefined)
    throw new Error(`--only is one of ${FAULTS.join(", ")}`);
  return {
    only,
    seed,
    leads: Number(options.leads),
    database,
    servers,
    faults: Number(options.faults),
    lines: Number(options.lines),
    settle: options.settle,
    executable: options.executable,
  };
}

/** Plays a round and tells how it went; answers how much was found. */
async function tell(scenario: Scenario): Promise<number> {
  const { seed, leads, database, servers, faults, lines, only } = scenario;
  const again =
    `--seed ${seed} --leads ${leads} --database ${database} --servers ${servers} --faults ${faults} --lines ${lines}` +
    `${scenario.settle ? "" : " --no-settle"}${only === undefined ? "" : ` --only ${only}`}`;
  console.log(`\nbun run faults ${again}`);
  const outcome = await playRound(scenario);
  for (const line of outcome.faults) {
    console.log(`  at lead ${line}`);
    const fault = /^\d+: ([\w-]+)/.exec(line)?.[1] ?? line;
    done.set(fault, (done.get(fault) ?? 0) + 1);
  }
  acknowledged += outcome.figures["acknowledged"] ?? 0;
  const figures = Object.entries(outcome.figures).map(([name, count]) => `${name} ${count}`);
  console.log(`  ${outcome.seconds} s; ${figures.join(", ")}`);
  for (const [index, finding] of outcome.findings.slice(0, MOST_SHOWN).entries()) {
    console.log(`  FOUND ${finding}`);
    for (const line of outcome.explained[index] ?? []) console.log(`    ${line}`);
  }
  return outcome.findings.length;
}
