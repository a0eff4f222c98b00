import type { Queryable } from "#database/database.ts";
import { readRecordsBegin } from "#ledger/dropped-records.ts";
import { isKeptByHour, type PnlRange } from "./pnl-range.ts";

/**
 * From when on a report could be made (ms since 1970) that needs leads which are no longer on record; undefined: it can be made as it
 * is. What is kept by the hour, which is most, can be told of all time.
 */
export async function leadsMissingBefore(
  db: Queryable,
  range: PnlRange,
  now: Date,
): Promise<number | undefined> {
  if (isKeptByHour(range)) return undefined;
  const begin = await readRecordsBegin(db, now);
  return begin !== undefined && Date.parse(range.from) < begin ? begin : undefined;
}
