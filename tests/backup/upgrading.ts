// Upgrades a database, and stays in the middle of a step until it is killed: bun upgrading.ts STEPS_LEFT DATA_DIR [DATABASE_URL].
import postgres from "postgres";
import { openEmbedded } from "#database/engine/embedded.ts";
import { migrate } from "#database/migrate.ts";
import { migrations } from "#database/migrations.ts" with { type: "macro" };

const [stepsLeft, dataDir = "", databaseUrl] = process.argv.slice(2);
const steps = migrations();
const place = steps.length - 1 - Number(stepsLeft);
const last = steps[place];
if (last === undefined) throw new Error("there is no schema");

/** The statements of that step, and after the first of them a second in which whoever waits for the word can kill this. */
const withPause = {
  *[Symbol.iterator]() {
    yield* last.statements.slice(0, 1);
    console.log("in the middle");
    yield "select pg_sleep(1)";
    yield* last.statements.slice(1);
  },
} as unknown as readonly string[];
const known = [...steps.slice(0, place), { ...last, statements: withPause }];

const common = { connections: 1, writers: 1, deadlineMs: 60_000 };
if (databaseUrl === undefined) {
  const settings = { dataDir, ...common, template: undefined, onProblem: () => undefined };
  await openEmbedded(settings, (client) => migrate(client, known));
} else await migrate(postgres(databaseUrl, { max: 1, onnotice: () => undefined }), known);
