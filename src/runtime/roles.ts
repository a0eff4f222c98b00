import type { Running } from "#time/running.ts";

/**
 * What a process can do. `front`: answer callers; `lanes`: decide leads; `jobs`: settle what others left, erase, report, while the jobs
 * are this server's; `sender`: deliver; `peers`: take leads of its campaigns from other servers, and hand them theirs; `notes`: write
 * down what was seen on the way. Today every process can do all of it.
 */
export type ProcessRole = "front" | "lanes" | "jobs" | "sender" | "peers" | "notes";

/** Those of a line stop together, after those of the lines before: what takes something on comes before what that is handed to. */
const STOPPING: readonly (readonly ProcessRole[])[] = [
  ["front", "lanes", "jobs"],
  ["sender", "peers"],
  ["notes"],
];

/** All that runs in a process as one. It starts in the opposite order. */
export function runningIn(process: Readonly<Record<ProcessRole, readonly Running[]>>): Running {
  const stages = STOPPING.map((roles) => roles.flatMap((role) => process[role]));
  return {
    start() {
      for (const part of stages.toReversed().flat()) part.start();
    },
    async stop() {
      for (const stage of stages) await Promise.all(stage.map((part) => part.stop()));
    },
  };
}
