import { expect, test } from "bun:test";
import { openDiskWatch } from "#runtime/disk-watch.ts";

test("a disk with less room than the floor is low until there is room again, and the log says each once", async () => {
  const said: string[] = [];
  let free = 100;
  const watch = openDiskWatch({
    directory: "/data",
    floorBytes: 50,
    log: { warn: (message) => said.push(message), info: (message) => said.push(message) },
    freeBytes: async () => free,
  });
  const seen: boolean[] = [];
  for (free of [100, 49, 10, 50, 100]) {
    await watch.look();
    seen.push(watch.isLow());
  }
  expect(seen).toEqual([false, true, true, false, false]);
  expect(said).toEqual([
    "the disk is nearly full: leads and pings are answered 503",
    "the disk has room again",
  ]);
});

test("a disk that cannot be looked at is not low", async () => {
  const log = { warn: () => undefined, info: () => undefined };
  const freeBytes = () => Promise.reject(new Error("gone"));
  const watch = openDiskWatch({ directory: "/data", floorBytes: 50, log, freeBytes });
  await watch.look();
  expect(watch.isLow()).toBe(false);
});
