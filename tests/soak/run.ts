// `bun run soak --hours N --rate R`: a server under an even load of so many leads a second, of whose deliveries one in a hundred fails; a line
// of figures each minute, a picture of them in the end, and what of them grew.
import { parseArgs } from "node:util";
import { drawn } from "./picture.ts";
import { playSoak } from "./soak.ts";
import { grownIn, lineOf } from "./verdict.ts";

const { values: options } = parseArgs({
  options: {
    hours: { type: "string", default: "1" },
    rate: { type: "string", default: "50" },
    database: { type: "string", default: "postgres" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    /** Seconds between two lines. */
    every: { type: "string", default: "60" },
    executable: { type: "string" },
    picture: { type: "string", default: "soak.svg" },
  },
});

const { database } = options;
if (database !== "embedded" && database !== "postgres") throw new Error("--database is embedded or postgres");
const soak = {
  seed: Number(options.seed),
  ms: Number(options.hours) * 3_600_000,
  rate: Number(options.rate),
  everyMs: Number(options.every) * 1000,
  database,
  executable: options.executable,
} as const;
console.log(
  `bun run soak --hours ${options.hours} --rate ${soak.rate} --database ${database} --seed ${soak.seed}`,
);
const { samples, findings, figures } = await playSoak(soak, (sample) => console.log(lineOf(sample)));
await Bun.write(options.picture, drawn(samples));
console.log(
  Object.entries(figures)
    .map(([name, count]) => `${name} ${count}`)
    .join(", "),
);
for (const sentence of grownIn(samples)) console.log(sentence);
for (const finding of findings) console.log(`FOUND ${finding}`);
console.log(
  `Drawn in ${options.picture}. ${findings.length === 0 ? "Nothing was found." : `${findings.length} findings.`}`,
);
process.exit(findings.length === 0 ? 0 : 1);
