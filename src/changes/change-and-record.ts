import { nextRevision } from "#campaigns/campaign-lock-records.ts";
import type { RecordedChange } from "#configuration/history.ts";
import { type Author, recordChange } from "#configuration/history-records.ts";
import type { Queryable } from "#database/database.ts";

/**
 * Makes a change beside the document and, in the same transaction, writes the row of the history that tells of it: under the revision that
 * campaigns came to have by it, if they did. `changeOf` says what was changed; undefined: nothing.
 */
export async function changeAndRecord<Result>(
  tx: Queryable,
  author: Author,
  change: () => Promise<Result>,
  changeOf: (result: Result) => RecordedChange | undefined,
): Promise<Result> {
  const before = await nextRevision(tx);
  const result = await change();
  const made = changeOf(result);
  if (made === undefined) return result;
  const after = await nextRevision(tx);
  await recordChange(tx, author, made, after > before ? after - 1 : null);
  return result;
}
