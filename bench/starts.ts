import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildExecutable } from "../scripts/build.ts";
import { median } from "./figures.ts";

/**
 * `bun bench/starts.ts`: how long the executable takes from its launch to the first 200 of /readyz, in an empty folder and
 * started again there, with the memory that it then holds; each the median of 5.
 */

const ROUNDS = 5;

interface Start {
  ms: number;
  megabytes: number;
}

const folder = await mkdtemp(join(tmpdir(), "leadgate-starts-"));
try {
  const executable = await buildExecutable(join(folder, "leadgate"));
  const first: Start[] = [];
  const second: Start[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const empty = await mkdtemp(join(folder, "empty-"));
    first.push(await start(executable, empty));
    second.push(await start(executable, empty));
  }
  console.log(`executable    ${((await stat(executable)).size / 2 ** 20).toFixed(0)} MiB`);
  console.log(`first start   ${summary(first)}`);
  console.log(`second start  ${summary(second)}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function start(executable: string, cwd: string): Promise<Start> {
  const port = freePort();
  const launched = performance.now();
  const child = Bun.spawn([executable], {
    cwd,
    env: { PORT: String(port) },
    stdout: "ignore",
    stderr: "ignore",
  });
  try {
    while (!(await isReady(port))) {
      if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`);
      await Bun.sleep(2);
    }
    return { ms: performance.now() - launched, megabytes: await residentMegabytes(child.pid) };
  } finally {
    child.kill("SIGTERM");
    await child.exited;
  }
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/readyz`, { keepalive: false })).ok;
  } catch {
    return false;
  }
}

function freePort(): number {
  const taken = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = taken;
  taken.stop(true);
  return port;
}

/** Linux alone tells it: NaN elsewhere. */
async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(status) ?? [];
  return Number(kilobytes) / 1024;
}

function summary(starts: readonly Start[]): string {
  const middle = (read: (start: Start) => number) => median(starts.map(read)).toFixed(0);
  return `${middle(({ ms }) => ms).padStart(5)} ms, then ${middle(({ megabytes }) => megabytes)} MiB`;
}
