import type { Database } from "#database/database.ts";
import { createPnlSums, type PnlRow } from "./pnl.ts";
import type { PnlRange } from "./pnl-range.ts";
import { readPnl } from "./pnl-records.ts";

/** Sources are whatever suppliers write there. */
export const MOST_PNL_ROWS = 20_000;

export interface PnlReport {
  rows: PnlRow[];
  totals: PnlRow[];
}

/**
 * The report of ranges that have nothing in common; undefined when it would have too many rows, or when nobody waits for it any more, as
 * `isUnwanted` says.
 */
export async function reportPnl(
  database: Database,
  ranges: readonly PnlRange[],
  isUnwanted: () => boolean = () => false,
): Promise<PnlReport | undefined> {
  const [sums, totals] = [createPnlSums(ranges[0]?.groups ?? []), createPnlSums([])];
  for (const range of ranges) {
    for await (const page of readPnl(database, range)) {
      for (const figures of page) {
        sums.add(figures);
        totals.add(figures);
      }
      if (sums.size() > MOST_PNL_ROWS) return undefined;
      if (isUnwanted()) return undefined;
    }
  }
  return { rows: sums.rows(), totals: totals.rows() };
}
