import { expect, test } from "bun:test";
import { runningIn } from "#runtime/roles.ts";
import type { Running } from "#time/running.ts";

test("what runs in a process starts with what others hand work to, and stops when they have stopped", async () => {
  const told: string[] = [];
  const part = (name: string): Running => ({
    start: () => void told.push(`${name} starts`),
    async stop() {
      told.push(`${name} stops`);
      await Promise.resolve();
      told.push(`${name} has stopped`);
    },
  });
  const running = runningIn({
    front: [],
    lanes: [part("lanes")],
    jobs: [part("erasure")],
    sender: [part("sender")],
    peers: [],
    notes: [part("notes")],
  });
  running.start();
  expect(told.splice(0)).toEqual(["notes starts", "sender starts", "lanes starts", "erasure starts"]);
  await running.stop();
  expect(told).toEqual([
    "lanes stops",
    "erasure stops",
    "lanes has stopped",
    "erasure has stopped",
    "sender stops",
    "sender has stopped",
    "notes stops",
    "notes has stopped",
  ]);
});
