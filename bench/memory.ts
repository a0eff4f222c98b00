import { readFile } from "node:fs/promises";

/** Resident memory in MiB, looked at five times a second. Linux alone tells it. */
export function watchMemory(pid: number) {
  const seen: number[] = [];
  const look = async () => {
    const [, kilobytes] =
      /^VmRSS:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, "utf8").catch(() => "")) ?? [];
    if (kilobytes !== undefined) seen.push(Math.round(Number(kilobytes) / 1024));
  };
  void look();
  const timer = setInterval(() => void look(), 200);
  return {
    stop() {
      clearInterval(timer);
      const half = Math.floor(seen.length / 2);
      return {
        growth: Math.max(...seen.slice(half)) / Math.max(...seen.slice(0, half)),
        before: seen[0] ?? Number.NaN,
        most: Math.max(...seen),
        after: seen.at(-1) ?? Number.NaN,
      };
    },
  };
}

/** What has JavaScript's collector tell in a program's log what it finds and leaves. */
export const TELL_OF_GARBAGE = { BUN_JSC_logGC: "1" };

/**
 * What a program that was told so has allocated for JavaScript by its last collections, in bytes: all that they found, but for what the one
 * before each had left. A worker has a collector of its own.
 */
export async function allocatedBytes(log: string): Promise<number> {
  const left = new Map<string, number>();
  let kilobytes = 0;
  const collections = (await readFile(log, "utf8")).matchAll(COLLECTION);
  for (const [, heap = "", found, leaves] of collections) {
    kilobytes += Number(found) - (left.get(heap) ?? 0);
    left.set(heap, Number(leaves));
  }
  return kilobytes * 1024;
}

const COLLECTION = /^\[GC<(\w+)>: START \w (\d+)kb => .* => (\d+)kb, /gm;
