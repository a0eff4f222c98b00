import { statfs } from "node:fs/promises";
import type { Log } from "#telemetry/log.ts";
import type { Running } from "#time/running.ts";

/** Watches whether the disk of the embedded database has room. */
export interface DiskWatch extends Running {
  /** Whether there was less than the floor when it last looked. */
  isLow(): boolean;
  /** Looks now. */
  look(): Promise<void>;
}

export interface DiskWatchParts {
  directory: string;
  /** Below this nothing is taken in; 0: it does not matter. */
  floorBytes: number;
  log: Pick<Log, "warn" | "info">;
  /** Bytes that are free where the directory is. */
  freeBytes?: (directory: string) => Promise<number>;
}

const LOOK_EVERY_MS = 5_000;

/** A database that cannot write any more stops in the midst of things; one that takes nothing in goes on answering and delivering. */
export function openDiskWatch({ directory, floorBytes, log, freeBytes = freeIn }: DiskWatchParts): DiskWatch {
  let isLow = false;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const free = await freeBytes(directory).catch(() => Number.POSITIVE_INFINITY);
    const was = isLow;
    isLow = free < floorBytes;
    if (isLow && !was) log.warn("the disk is nearly full: leads and pings are answered 503", { bytes: free });
    if (!isLow && was) log.info("the disk has room again", { bytes: free });
  }

  return {
    isLow: () => isLow,
    look,
    start() {
      if (floorBytes === 0) return;
      void look();
      timer = setInterval(() => void look(), LOOK_EVERY_MS).unref();
    },
    async stop() {
      clearInterval(timer);
    },
  };
}

/** Bytes that are free where a folder is. */
export async function freeIn(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}
