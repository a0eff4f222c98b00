import type { Queryable } from "#database/database.ts";
import { operation } from "./history.ts";
import { type Author, listHistory, recordChange } from "./history-records.ts";

/** How the history names a buyer that changes itself. */
export function nameOfSelf(buyerId: string): string {
  return `buyer:${buyerId}`;
}

/** Changes of a buyer that are looked at for who paused it. */
const MOST_CHANGES = 200;

/** Whether a buyer that is paused was so by itself, and by no operator since. */
export async function hasPausedItself(db: Queryable, buyerId: string): Promise<boolean> {
  const about = { about: [`buyer:${buyerId}`], since: null, until: null };
  const entries = await listHistory(db, about, null, MOST_CHANGES);
  const last = entries.find(({ changes }) =>
    changes.some(
      ({ kind, id, differences }) =>
        kind === "buyer" && id === buyerId && differences.some(({ path }) => path === "status"),
    ),
  );
  return last?.by === nameOfSelf(buyerId);
}

/** Puts on record that an operator pauses a buyer that has paused itself: it is not the buyer's to end any more. */
export async function takePauseOver(tx: Queryable, buyerId: string, author: Author): Promise<void> {
  if (author.by === nameOfSelf(buyerId) || !(await hasPausedItself(tx, buyerId))) return;
  const difference = { path: "status", from: "paused", to: "paused" };
  await recordChange(tx, author, operation({ kind: "buyer", id: buyerId }, "changed", difference));
}
