import { csvLine } from "#text/csv.ts";
import { PNL_COUNTS, type PnlGroup, type PnlRow } from "./pnl.ts";

/** How the columns are named by which a report is grouped. */
export const GROUP_COLUMNS = {
  campaign: "campaign_id",
  supplier: "supplier_id",
  buyer: "buyer_id",
  source: "source",
  sub_id: "sub_id",
  state: "state",
  hour: "hour",
  day: "day",
  week: "week",
  month: "month",
} as const satisfies Record<PnlGroup, string>;

/** What each row says beside that, in the order of its columns. */
export const FIGURE_COLUMNS = [
  "currency",
  "leads",
  ...PNL_COUNTS,
  "sold",
  "refunds",
  "revenue",
  "payouts",
  "costs",
  "profit",
  "margin_percent",
] as const satisfies readonly (keyof PnlRow)[];

type Cell = string | number | null;

/** A report in columns: its names, its rows, and the sum of all for each currency, which without groups are the rows. */
export interface PnlTable {
  columns: readonly string[];
  rows: readonly (readonly Cell[])[];
  totals: readonly (readonly Cell[])[];
}

export function pnlTable(
  { rows, totals }: { rows: readonly PnlRow[]; totals: readonly PnlRow[] },
  groups: readonly PnlGroup[],
): PnlTable {
  const figures = (row: PnlRow) => FIGURE_COLUMNS.map((name) => row[name]);
  const places = groups.map((_, place) => (place === 0 ? "total" : null));
  return {
    columns: [...groups.map((name) => GROUP_COLUMNS[name]), ...FIGURE_COLUMNS],
    rows: rows.map((row) => [...groups.map((name) => row.group[name] ?? null), ...figures(row)]),
    totals: groups.length === 0 ? [] : totals.map((row) => [...places, ...figures(row)]),
  };
}

/** As CSV with a line of names; the totals come last. */
export function pnlCsv({ columns, rows, totals }: PnlTable): string {
  return [columns, ...rows, ...totals].map(csvLine).join("");
}
