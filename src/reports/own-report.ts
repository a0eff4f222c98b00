import { type AccountHolder, readAccount } from "#campaigns/account-records.ts";
import type { Database } from "#database/database.ts";
import type { DayOrTime } from "#time/day-or-time.ts";
import { dayRange } from "#time/day-range.ts";
import { isoOf } from "#time/iso.ts";
import { leadsMissingBefore } from "./leads-missing.ts";
import type { PnlGroup, PnlRow } from "./pnl.ts";
import { reportPnl } from "./pnl-report.ts";
import { GROUP_COLUMNS } from "./pnl-table.ts";

/** What a supplier or a buyer asks of the report about itself. */
export interface OwnReportAsked {
  party: { kind: AccountHolder; id: string };
  range: { from: DayOrTime | null; to: DayOrTime | null };
  group: PnlGroup;
  mostDays: number;
  now: Date;
}

export interface OwnReport<Figures> {
  /** ISO 8601, no earlier than what it needs is on record; `to` is the moment before which it ends. */
  from: string;
  to: string;
  timezone: string;
  /** With the column of the group beside the figures. */
  rows: Figures[];
  totals: Figures[];
}

/** What is said of `too_many_rows`. */
export const TOO_MANY_ROWS = "This would be too many rows: ask for fewer days.";

/** The report of one party's leads and money, in days of its time zone; `figuresOf` is what of a row is its to know. */
export async function reportOwn<Figures extends object>(
  database: Database,
  { party: { kind, id }, range: asked, group, mostDays, now }: OwnReportAsked,
  figuresOf: (row: PnlRow) => Figures,
): Promise<OwnReport<Figures> | "too_many_days" | "too_many_rows"> {
  const account = await database.read((db) => readAccount(db, kind, id));
  const timezone = account?.timezone ?? "UTC";
  const range = dayRange(asked, { timezone, now, mostDays });
  if (range === undefined) return "too_many_days";
  const only = { campaign: null, supplier: null, buyer: null, source: null, [kind]: id };
  const wanted = { ...range, timezone, groups: [group], includeTest: false, only };
  // What a buyer is told is in the books, a supplier's leads are not.
  const begin =
    kind === "buyer" ? undefined : await database.survey((db) => leadsMissingBefore(db, wanted, now));
  const from = begin === undefined ? range.from : isoOf(begin);
  const made = await reportPnl(database, [{ ...wanted, from }]);
  if (made === undefined) return "too_many_rows";
  const rows = made.rows.map((row) => ({
    [GROUP_COLUMNS[group]]: row.group[group] ?? null,
    ...figuresOf(row),
  }));
  return { ...range, from, timezone, rows, totals: made.totals.map(figuresOf) };
}
