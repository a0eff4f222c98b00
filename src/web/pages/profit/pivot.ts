import type { paths } from "#web/api/leadgate.d.ts";
import { sumOf } from "#web/parts/amounts.ts";

type Report =
  paths["/api/v1/admin/reports/pnl"]["get"]["responses"][200]["content"]["application/json"]["data"];
export type Row = Report["rows"][number];
export type Total = Report["totals"][number];

/** What rows can be grouped by, with the names under which the API has it. */
export const GROUPS = {
  campaign: { label: "Campaign", column: "campaign_id", none: "no campaign" },
  supplier: { label: "Supplier", column: "supplier_id", none: "no supplier" },
  buyer: { label: "Buyer", column: "buyer_id", none: "nobody bought" },
  source: { label: "Source", column: "source", none: "no source" },
  sub_id: { label: "Sub id", column: "sub_id", none: "no sub id" },
  state: { label: "State", column: "state", none: "no state" },
  hour: { label: "Hour", column: "hour", none: "" },
  day: { label: "Day", column: "day", none: "" },
  week: { label: "Week", column: "week", none: "" },
  month: { label: "Month", column: "month", none: "" },
} as const satisfies Record<string, { label: string; column: keyof Row; none: string }>;

export type Group = keyof typeof GROUPS;

const COUNTS = [
  "leads",
  "accepted",
  "unmatched",
  "rejected",
  "duplicates",
  "sales",
  "refused",
  "returned",
] as const;
const AMOUNTS = ["sold", "refunds", "revenue", "payouts", "costs", "profit"] as const;

export type FigureName = (typeof COUNTS)[number] | (typeof AMOUNTS)[number] | "margin_percent";
export const FIGURES: readonly FigureName[] = [...COUNTS, ...AMOUNTS, "margin_percent"];

export type ProfitFigures = Pick<Total, FigureName>;

export function isMoney(figure: FigureName): figure is (typeof AMOUNTS)[number] {
  return (AMOUNTS as readonly string[]).includes(figure);
}

/** One value of a group, with what its leads came to; within it, those of the next group. */
export interface Branch {
  /** Null: there is none. */
  value: string | null;
  /** From the outermost to its own. */
  path: readonly (string | null)[];
  figures: ProfitFigures;
  within: readonly Branch[];
}

export interface Order {
  /** Undefined: by the names. */
  by: FigureName | undefined;
  isDescending: boolean;
}

/** The rows of one currency as a tree, a level for each group. Figures of a branch are the sums of those within it. */
export function treeOf(rows: readonly Row[], groups: readonly Group[], order: Order): Branch[] {
  return branchesOf(rows, groups, [], order);
}

function branchesOf(
  rows: readonly Row[],
  [group, ...others]: readonly Group[],
  above: readonly (string | null)[],
  order: Order,
): Branch[] {
  if (group === undefined) return [];
  const byValue = Map.groupBy(rows, (row) => row[GROUPS[group].column] ?? null);
  return [...byValue]
    .map(([value, own]): Branch => {
      const path = [...above, value];
      return { value, path, figures: summed(own), within: branchesOf(own, others, path, order) };
    })
    .toSorted(
      (one, other) =>
        (order.isDescending ? -1 : 1) *
        (order.by === undefined
          ? (one.value ?? "").localeCompare(other.value ?? "")
          : figureOf(one.figures, order.by) - figureOf(other.figures, order.by)),
    );
}

/** For sorting and drawing; amounts lose nothing that one could see. */
function figureOf(figures: ProfitFigures, name: FigureName): number {
  return Number(figures[name] ?? Number.NEGATIVE_INFINITY);
}

/** What several rows of one currency come to. */
function summed(rows: readonly ProfitFigures[]): ProfitFigures {
  const [only] = rows;
  if (only !== undefined && rows.length === 1) return only;
  const counts = Object.fromEntries(
    COUNTS.map((name) => [name, rows.reduce((sum, row) => sum + row[name], 0)]),
  );
  const amounts = Object.fromEntries(AMOUNTS.map((name) => [name, sumOf(rows.map((row) => row[name]))]));
  const sums = { ...counts, ...amounts } as Omit<ProfitFigures, "margin_percent">;
  const revenue = Number(sums.revenue);
  return {
    ...sums,
    margin_percent: revenue === 0 ? null : Math.round((10_000 * Number(sums.profit)) / revenue) / 100,
  };
}

export interface CrossTable {
  /** The values across, in their order. */
  values: readonly (string | null)[];
  /** A line for each branch of the outermost group: the figures of each value, undefined where there are none. */
  lines: readonly { branch: Branch; cells: readonly (ProfitFigures | undefined)[] }[];
  /** Of each value, all lines together. */
  totals: readonly ProfitFigures[];
}

/** The rows of one currency with one group down and another across. */
export function crossOf(rows: readonly Row[], down: Group, across: Group, order: Order): CrossTable {
  const [own, other] = [GROUPS[down].column, GROUPS[across].column];
  const byValue = Map.groupBy(rows, (row) => row[other] ?? null);
  const values = [...byValue.keys()].toSorted((one, next) => (one ?? "").localeCompare(next ?? ""));
  const lines = treeOf(rows, [down], order).map((branch) => {
    const of = rows.filter((row) => (row[own] ?? null) === branch.value);
    return {
      branch,
      cells: values.map((value) => {
        const there = of.filter((row) => (row[other] ?? null) === value);
        return there.length === 0 ? undefined : summed(there);
      }),
    };
  });
  return { values, lines, totals: values.map((value) => summed(byValue.get(value) ?? [])) };
}
