import { nextRevision } from "#campaigns/campaign-lock-records.ts";
import type { RecordedChange } from "#configuration/history.ts";
import { recordChange } from "#configuration/history-records.ts";
import type { Database } from "#database/database.ts";
import { type AdminContext, callerOf } from "./operator.ts";

/**
 * The database for one change that an operator makes beside the document: each of its transactions also writes the row of the history
 * that tells of it. `changeOf` says from what the transaction resulted in what was changed; undefined when nothing was.
 */
export function recording<Result>(
  request: Request,
  { database, now }: AdminContext,
  changeOf: (result: Result) => RecordedChange | undefined,
): Database {
  const author = { by: callerOf(request), now: now() };
  return {
    ...database,
    write: (work) =>
      database.write(async (tx) => {
        const before = await nextRevision(tx);
        const result = await work(tx);
        const change = changeOf(result as Result);
        if (change === undefined) return result;
        const after = await nextRevision(tx);
        await recordChange(tx, author, change, after > before ? after - 1 : null);
        return result;
      }),
  };
}
