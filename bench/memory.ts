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
