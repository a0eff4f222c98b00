import { hostname } from "node:os";
import type { ServerFacts } from "#admin/parts.ts";
import type { Delivery } from "#delivery/delivery.ts";
import { freeIn } from "./disk-watch.ts";

/** What the server tells operators of itself. */
export function serverFacts(
  {
    disk,
    settings,
  }: {
    disk?: { directory: string; floorBytes: number } | undefined;
    settings: ServerFacts["settings"];
  },
  { outboxState, mailAnswers, locked }: Pick<Delivery, "outboxState" | "mailAnswers" | "locked">,
  strangersForward: () => boolean,
): ServerFacts {
  return {
    host: hostname(),
    settings,
    freeBytes: async () => (disk === undefined ? null : await freeIn(disk.directory)),
    floorBytes: disk?.floorBytes ?? 0,
    outbox: outboxState,
    mailAnswers,
    locked,
    strangersForward,
  };
}
