import { type Amount, add, amountOfTenThousandths, formatAmount, subtract } from "#money/amount.ts";

/** What leads brought in and cost; what a report is grouped by, it says of each row. */
export type PnlGroup = (typeof PNL_GROUPS)[number];

export const PNL_GROUPS = ["campaign", "supplier", "buyer", "source", "day"] as const;

/** What is known of some leads with the same group and currency. Money in ten-thousandths. */
export interface PnlFigures {
  currency: string;
  /** By the groups asked for: an id, the source, or the day as YYYY-MM-DD. Null: nobody bought, no source was given. */
  group: Readonly<Partial<Record<PnlGroup, string | null>>>;
  leads: number;
  accepted: number;
  sales: number;
  revenue: number;
  payouts: number;
}

/** A row of the report; money as decimal text. */
export interface PnlRow {
  currency: string;
  group: PnlFigures["group"];
  leads: number;
  /** Leads that were sold: one that several buyers have is counted once, with the first of them. */
  accepted: number;
  /** Sales to buyers: one for each buyer that has a lead. */
  sales: number;
  revenue: string;
  payouts: string;
  profit: string;
}

interface Sum extends Pick<PnlRow, "currency" | "group" | "leads" | "accepted" | "sales"> {
  revenue: Amount;
  payouts: Amount;
}

/** Adds figures up by group and currency; two currencies never meet. */
export interface PnlSums {
  /** Throws a RangeError when a sum is too large to be exact. */
  add(figures: PnlFigures): void;
  /** How many rows there are so far. */
  size(): number;
  /** By the groups in the order in which they were asked for, then by currency. */
  rows(): PnlRow[];
}

export function createPnlSums(groups: readonly PnlGroup[]): PnlSums {
  const sums = new Map<string, Sum>();
  const places = (sum: Sum) => [...groups.map((name) => sum.group[name] ?? null), sum.currency];
  return {
    add(figures) {
      const group = Object.fromEntries(groups.map((name) => [name, figures.group[name] ?? null]));
      const key = JSON.stringify([...groups.map((name) => group[name]), figures.currency]);
      const sum = sums.get(key) ?? { currency: figures.currency, group, ...NOTHING };
      sums.set(key, {
        ...sum,
        leads: sum.leads + figures.leads,
        accepted: sum.accepted + figures.accepted,
        sales: sum.sales + figures.sales,
        revenue: add(sum.revenue, amountOfTenThousandths(figures.revenue)),
        payouts: add(sum.payouts, amountOfTenThousandths(figures.payouts)),
      });
    },
    size: () => sums.size,
    rows: () => [...sums.values()].toSorted((one, other) => inOrder(places(one), places(other))).map(asRow),
  };
}

const NOTHING = {
  leads: 0,
  accepted: 0,
  sales: 0,
  revenue: amountOfTenThousandths(0),
  payouts: amountOfTenThousandths(0),
};

function asRow({ revenue, payouts, ...sum }: Sum): PnlRow {
  const { currency } = sum;
  return {
    ...sum,
    revenue: formatAmount(revenue, currency),
    payouts: formatAmount(payouts, currency),
    profit: formatAmount(subtract(revenue, payouts), currency),
  };
}

/** What has no name comes last. */
function inOrder(one: readonly (string | null)[], other: readonly (string | null)[]): number {
  for (const [place, name] of one.entries()) {
    const against = other[place] ?? null;
    if (name === against) continue;
    if (name === null || against === null) return name === null ? 1 : -1;
    return name < against ? -1 : 1;
  }
  return 0;
}
