import { readdirSync, readFileSync } from "node:fs";
import { query } from "./database.ts";

/** What Linux tells of processes. Ticks of its clocks are 10 ms. */

const TICK_US = 10_000;

/** Processor time that a process has taken with all its threads, in µs; with `families`, that of children that ended too. */
function processorTime(pid: number, families = false): number {
  const fields = statOf(pid);
  const ticks = families ? fields.slice(11, 15) : fields.slice(11, 13);
  return ticks.reduce((sum, each) => sum + Number(each), 0) * TICK_US;
}

/** A server's processor time, in µs. */
export function serverTime(pid: number): number {
  return processorTime(pid);
}

/** That of a Postgres: its postmaster and all that it has started. */
export function postgresTime(postmaster: number): number {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(statOf(Number(name))[1]) === postmaster)
    .map(Number);
  return children.reduce((sum, pid) => sum + processorTime(pid), processorTime(postmaster, true));
}

/** The process that all backends of a server are children of. */
export async function postmasterOf(url: string): Promise<number> {
  const [row] = await query(url, "select pg_read_file('postmaster.pid') as file");
  return Number.parseInt(String(row?.file), 10);
}

/** Memory that a process holds, in MB. */
export function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024) / 1e6;
}

/** The fields after the command's name, which may hold anything: state, parent and so on; none of a process that is gone. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
