import { OnAnotherNode } from "#intake/lane/lane.ts";
import type { SettlerParts } from "#intake/recover.ts";
import { type DueReturn, selectDueReturns } from "#leads/return-records.ts";
import { returnIdOf } from "#text/ids.ts";
import { goThrough } from "#time/go-through.ts";
import { lookEvery } from "#time/look-every.ts";
import type { Running } from "#time/running.ts";
import { acceptReturn } from "./decide-return.ts";

/** How often returns are looked for that nobody decided in time, in ms. */
const LOOK_EVERY_MS = 60_000;

/** Accepts the returns that nobody decided in the hours that their buyer's terms give. */
export function openAcceptance(parts: SettlerParts): Running {
  const { clock, jobs, log } = parts;
  return lookEvery({
    clock,
    who: jobs,
    everyMs: LOOK_EVERY_MS,
    look: (isStopped) => acceptDueReturns(parts, isStopped),
    failed: (error) => log.warn("returns that are due cannot be looked for", { error }),
  });
}

async function acceptDueReturns(parts: SettlerParts, isStopped: () => boolean): Promise<void> {
  const now = parts.clock.now();
  await goThrough<DueReturn>({
    read: (after, limit) => parts.database.read((db) => selectDueReturns(db, now, after, limit)),
    deal: ({ id }) => acceptOne(id, now, parts),
    failed({ id }, error) {
      // A server of that node does it.
      if (error instanceof OnAnotherNode) return;
      parts.log.warn("a return that is due is not accepted yet", { return_id: returnIdOf(id), error });
    },
    isStopped,
  });
}

/** It cannot be where its sale was undone otherwise, or its lead is being decided. */
async function acceptOne(id: string, now: Date, parts: SettlerParts): Promise<void> {
  const accepted = await acceptReturn(id, { by: "leadgate", now }, parts);
  if (!("refused" in accepted)) return;
  const reason = accepted.refused === "conflict" ? accepted.why : undefined;
  parts.log.warn("a return that is due was not accepted", { return_id: returnIdOf(id), reason });
}
