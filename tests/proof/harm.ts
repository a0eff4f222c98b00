import { existsSync, renameSync, writeFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import type { PostgresServer } from "../support/postgres.ts";
import { type LeadgateProcess, runLeadgate } from "../support/process.ts";

/** What is done to a machine that an installation runs on: its disk, its memory, its clock, what else is started there. */

/** A file system of so many MiB in memory, of the round's own. Only root can make one. */
export async function mountSmallDisk(folder: string, mebibytes: number): Promise<AsyncDisposable> {
  asRoot("mount", "-t", "tmpfs", "-o", `size=${mebibytes}m,mode=755`, "tmpfs", folder);
  return { [Symbol.asyncDispose]: async () => asRoot("umount", "-l", folder) };
}

const FULL_MS = 3_000;

/** Fills a disk to the last byte for some seconds. A Postgres that did not survive that is started again, as its operator would. */
export async function fillDisk(folder: string, database: PostgresServer | undefined): Promise<void> {
  const filler = join(folder, "filler");
  // It ends when nothing more fits.
  Bun.spawnSync(["dd", "if=/dev/zero", `of=${filler}`, "bs=1M"]);
  await Bun.sleep(FULL_MS);
  await rm(filler);
  if (database !== undefined && !(await isUp(database.url))) {
    await database.kill().catch(() => undefined);
    await database.start();
  }
}

async function isUp(url: string): Promise<boolean> {
  const client = postgres(url, { max: 1, onnotice: () => undefined, connect_timeout: 5 });
  try {
    await client`select 1`;
    return true;
  } catch {
    return false;
  } finally {
    await client.end({ timeout: 0 });
  }
}

/** Starts one more server on a folder that one works on; it must give up, and say why. */
export async function startSecond(dataDir: string, executable: string | undefined): Promise<void> {
  const { code, written } = await runLeadgate({ dataDir, ...(executable !== undefined && { executable }) });
  if (code !== 1) throw new Error(`a second server on a folder ended with ${code}:\n${written}`);
}

/** Lets a server have so much memory and no more; the kernel ends what wants more. Only root can say so, by control groups of version 1. */
export async function limitMemory({ pid }: LeadgateProcess, mebibytes: number): Promise<void> {
  const group = `/sys/fs/cgroup/memory/leadgate-${pid}`;
  await mkdir(group, { recursive: true });
  await Bun.write(join(group, "memory.limit_in_bytes"), String(mebibytes * 1_048_576));
  await Bun.write(join(group, "cgroup.procs"), String(pid));
}

/** From Debian's package of that name; it reads its file again each second. */
const FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";

/** Variables that give the server on this port a wall clock of its own, which `setClock` moves; what it measures goes on. */
export function ownClock(folder: string, port: number): Record<string, string> {
  if (!existsSync(FAKETIME)) throw new Error("--only clock needs libfaketime: apt-get install libfaketime");
  setClock(folder, port, 0);
  return {
    LD_PRELOAD: FAKETIME,
    FAKETIME_TIMESTAMP_FILE: clockFile(folder, port),
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    FAKETIME_CACHE_DURATION: "1",
  };
}

/** Sets the clock of a server so many seconds before or after the right time. */
export function setClock(folder: string, port: number, seconds: number): void {
  // Renamed into place: it is read at any moment.
  writeFileSync(`${clockFile(folder, port)}.next`, `${seconds < 0 ? "" : "+"}${seconds}\n`);
  renameSync(`${clockFile(folder, port)}.next`, clockFile(folder, port));
}

function clockFile(folder: string, port: number): string {
  return join(folder, `clock-${port}`);
}

function asRoot(...command: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(command);
  if (exitCode !== 0) throw new Error(`${command[0]} ended with ${exitCode}: ${stderr.toString()}`);
}
