import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LIST } from "./campaign.ts";
import { type Ground, onGround } from "./database.ts";
import { table, verdict, whole } from "./figures.ts";
import { watchMemory } from "./memory.ts";
import { ADMIN_KEY, measure, type Place, type Server, setUp, startLeadgate } from "./servers.ts";

/**
 * `bun bench/suppression.ts`, or `bun run bench --suppression`: a million people put on a suppression list by the command, on both
 * databases: how long it takes, what the server's memory does, and how long leads that come meanwhile wait. Then the same file again,
 * in the place of the list.
 */

const ROWS = 1_000_000;
const PACE = { connections: 16, window: { seconds: 8, warmUpSeconds: 1, pace: 200 } };
/** A list as one gets them: most rows have a phone, some an e-mail, and one in a thousand is no person. */
const BAD_EACH = 1000;

interface Imported {
  seconds: number;
  said: string;
}

export async function measureSuppression(ground: Ground): Promise<void> {
  const file = join(ground.folder, "do-not-call.csv");
  await writeFile(file, listed());
  const places: [string, Place, number][] = [
    ["Postgres", { databaseUrl: await ground.createDatabase("suppression") }, 60],
    ["embedded", { dataDir: join(ground.folder, "suppression") }, 120],
  ];
  for (const [name, place, mostSeconds] of places) {
    const server = await startLeadgate(place, ground.folder);
    await setUp(server);
    const quiet = await measure(server.port, PACE.connections, PACE.window);
    const memory = watchMemory(server.pid);
    const importing = importBy(server, file);
    const beside = await measure(server.port, PACE.connections, PACE.window);
    const first = await importing;
    const again = await importBy(server, file);
    const { before, most, after, growth } = memory.stop();
    await server.stop();
    console.log(`\n${name}: ${first.said}`);
    console.log(
      table([
        [`${whole(ROWS)} rows, ${name}`, "s", "rows/s"],
        ["put on a list", first.seconds.toFixed(1), whole(ROWS / first.seconds)],
        ["the same file again", again.seconds.toFixed(1), whole(ROWS / again.seconds)],
      ]),
    );
    console.log(
      table([
        [`leads at ${PACE.window.pace}/s, ${name}`, "p50 ms", "p99 ms", "longest ms"],
        ["before", quiet.p50.toFixed(1), quiet.p99.toFixed(1), quiet.longest.toFixed(0)],
        ["beside the import", beside.p50.toFixed(1), beside.p99.toFixed(1), beside.longest.toFixed(0)],
      ]),
    );
    console.log(`memory of the server: ${before} MiB before, ${most} at most, ${after} afterwards`);
    console.log(
      table([
        verdict({
          says: `${name}: seconds for a million rows`,
          figure: first.seconds,
          atMost: mostSeconds,
        }),
        verdict({ says: `${name}: memory of the second half to the first`, figure: growth, atMost: 1.25 }),
      ]),
    );
  }
}

function* listed(): Generator<string> {
  yield "phone,email\n";
  for (let row = 1; row <= ROWS; row++) {
    const phone = row % BAD_EACH === 0 ? "none" : `3${String(row).padStart(9, "0")}`;
    yield `${phone},${row % 4 === 0 ? `on.the.list.${row}@example.com` : ""}\n`;
  }
}

/** By the command, as an operator would. It ends with 1, because of the bad rows. */
async function importBy(server: Server, file: string): Promise<Imported> {
  const started = performance.now();
  const command = Bun.spawn([process.execPath, "src/main.ts", "suppress", "import", file, "--list", LIST], {
    cwd: join(import.meta.dir, ".."),
    env: {
      ...process.env,
      LEADGATE_URL: `http://127.0.0.1:${server.port}`,
      LEADGATE_ADMIN_KEY: ADMIN_KEY,
    },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [said, told, code] = await Promise.all([
    new Response(command.stdout).text(),
    new Response(command.stderr).text(),
    command.exited,
  ]);
  if (code !== 1 || !told.includes(`Bad rows: ${whole(ROWS / BAD_EACH)}.`)) {
    throw new Error(`the import ended with ${code}: ${told.slice(0, 1000)}`);
  }
  return { seconds: (performance.now() - started) / 1000, said: said.trim() };
}

if (import.meta.main) await onGround(measureSuppression);
