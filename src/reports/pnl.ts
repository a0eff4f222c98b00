import type { REPORT_GROUPS } from "#campaigns/document.ts";
import { COUNTED, SUMMED } from "#ledger/figures.ts";
import { formatAmount, type MoneyTotal, moneyTotal } from "#money/amount.ts";

/** What leads brought in and cost; what a report is grouped by, it says of each row. */
export type PnlGroup = (typeof REPORT_GROUPS)[number];

/** What is counted of leads and sales. */
export const PNL_COUNTS = COUNTED;

/** What is summed up, in money. */
export const PNL_AMOUNTS = [...SUMMED, "costs"] as const;

type PnlCount = (typeof PNL_COUNTS)[number];
type PnlAmount = (typeof PNL_AMOUNTS)[number];

/** What is known of some leads, sales and costs with the same group and currency. Money as text of ten-thousandths. */
export interface PnlFigures extends Record<PnlCount, number>, Record<PnlAmount, string> {
  currency: string;
  /**
   * By the groups asked for: an id, what the lead says, an hour as 2030-01-31T09:00-05:00, a day as 2030-01-31, a week as 2030-W05, a
   * month as 2030-01. Null: nobody bought, nothing was given, or it is of no campaign.
   */
  group: Readonly<Partial<Record<PnlGroup, string | null>>>;
}

/** A row of the report; money as decimal text. */
export interface PnlRow {
  currency: string;
  group: PnlFigures["group"];
  /** Leads that were decided, of whatever status. */
  leads: number;
  /** Leads that were sold: one that several buyers have is counted once, with the first of them. */
  accepted: number;
  unmatched: number;
  rejected: number;
  duplicates: number;
  /** Sales to buyers: one for each buyer of a lead, also when it was undone afterwards. */
  sales: number;
  refused: number;
  returned: number;
  sold: string;
  refunds: string;
  /** What was sold less what was given back. */
  revenue: string;
  payouts: string;
  costs: string;
  /** Revenue less payouts and costs. */
  profit: string;
  /** Profit in hundredths of the revenue, to two decimals, half to even; null without revenue. */
  margin_percent: number | null;
}

type Sum = Record<PnlCount, number> &
  Record<PnlAmount, MoneyTotal> & {
    currency: string;
    /** By the groups in the order in which they were asked for. */
    names: readonly (string | null)[];
  };

/** Adds figures up by group and currency; two currencies never meet. */
export interface PnlSums {
  add(figures: PnlFigures): void;
  /** How many rows there are so far. */
  size(): number;
  /** By the groups in the order in which they were asked for, then by currency. Rows in which nothing is left are not among them. */
  rows(): PnlRow[];
}

export function createPnlSums(groups: readonly PnlGroup[]): PnlSums {
  const sums = new Map<string, Sum>();
  return {
    add(figures) {
      const { currency, group } = figures;
      const names = groups.map((name) => group[name] ?? null);
      const key = JSON.stringify([...names, currency]);
      let sum = sums.get(key);
      if (sum === undefined) {
        sum = { currency, names, ...NO_COUNTS, ...NO_AMOUNTS };
        sums.set(key, sum);
      }
      for (const name of PNL_COUNTS) sum[name] += figures[name];
      for (const name of PNL_AMOUNTS) sum[name] += moneyTotal(figures[name]);
    },
    size: () => sums.size,
    rows: () =>
      [...sums.values()]
        .filter(
          (sum) => PNL_COUNTS.some((name) => sum[name] !== 0) || PNL_AMOUNTS.some((name) => sum[name] !== 0n),
        )
        .toSorted((one, other) => inOrder(one, other))
        .map((sum) => asRow(sum, groups)),
  };
}

const NO_COUNTS = Object.fromEntries(PNL_COUNTS.map((name) => [name, 0])) as Record<PnlCount, 0>;
const NO_AMOUNTS: Record<PnlAmount, MoneyTotal> = { sold: 0n, refunds: 0n, payouts: 0n, costs: 0n };

function asRow(sum: Sum, groups: readonly PnlGroup[]): PnlRow {
  const { currency, names, sold, refunds, payouts, costs, ...counts } = sum;
  const revenue = sold - refunds;
  const profit = revenue - payouts - costs;
  const written = (amount: MoneyTotal) => formatAmount(amount, currency);
  const { accepted, unmatched, rejected, duplicates } = counts;
  return {
    currency,
    group: Object.fromEntries(groups.map((name, place) => [name, names[place] ?? null])),
    leads: accepted + unmatched + rejected + duplicates,
    ...counts,
    sold: written(sold),
    refunds: written(refunds),
    revenue: written(revenue),
    payouts: written(payouts),
    costs: written(costs),
    profit: written(profit),
    margin_percent: marginOf(profit, revenue),
  };
}

/** In whole numbers, as a double would round some halves up. */
function marginOf(profit: MoneyTotal, revenue: MoneyTotal): number | null {
  if (revenue === 0n) return null;
  const sign = profit < 0n !== revenue < 0n ? -1 : 1;
  const [part, whole] = [sizeOf(profit) * 10_000n, sizeOf(revenue)];
  const [quotient, twice] = [part / whole, (part % whole) * 2n];
  const isUp = twice > whole || (twice === whole && quotient % 2n === 1n);
  const hundredths = Number(isUp ? quotient + 1n : quotient);
  return hundredths === 0 ? 0 : (sign * hundredths) / 100;
}

function sizeOf(total: MoneyTotal): MoneyTotal {
  return total < 0n ? -total : total;
}

/** What has no name comes last. */
function inOrder(one: Sum, other: Sum): number {
  for (const [place, name] of one.names.entries()) {
    const against = other.names[place] ?? null;
    if (name === against) continue;
    if (name === null || against === null) return name === null ? 1 : -1;
    return name < against ? -1 : 1;
  }
  if (one.currency === other.currency) return 0;
  return one.currency < other.currency ? -1 : 1;
}
