import { sql } from "drizzle-orm";
import type { Database } from "#database/database.ts";
import { createPnlSums, type PnlGroup, type PnlRow } from "#reports/pnl.ts";
import { readPnl } from "#reports/pnl-records.ts";
import { rowsOf } from "./claims.ts";

const DAY_MS = 86_400_000;
const MONEY = ["sold", "refunds", "payouts", "costs"] as const;
const COUNTS = ["accepted", "unmatched", "rejected", "duplicates", "sales", "refused", "returned"] as const;

/** Where the profit and loss of these days, by hourly figures or by the leads themselves, is not a plain sum of leads and ledger. */
export async function reportsUnlikeTheirSum(database: Database): Promise<string[]> {
  const plain = await plainSum(database);
  const groups: PnlGroup[][] = [[], ["campaign", "supplier", "buyer"], ["state"]];
  const found: string[] = [];
  for (const group of groups) {
    const sums = summary(await report(database, group));
    for (const name of [...COUNTS, ...MONEY]) {
      if (sums[name] !== plain[name]) {
        const by = group.join(", ") || "nothing";
        found.push(`the report by ${by} has ${name} ${sums[name]}, and the plain sum is ${plain[name]}`);
      }
    }
  }
  return found;
}

type Summary = Record<(typeof MONEY)[number] | (typeof COUNTS)[number], number>;

async function report(database: Database, groups: readonly PnlGroup[]): Promise<PnlRow[]> {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const range = {
    from: new Date(today - 2 * DAY_MS).toISOString(),
    to: new Date(today + 2 * DAY_MS).toISOString(),
    groups,
    includeTest: false,
    timezone: "UTC",
    only: { campaign: null, supplier: null, buyer: null, source: null },
  };
  const sums = createPnlSums(groups);
  for await (const page of readPnl(database, range)) for (const figures of page) sums.add(figures);
  return sums.rows();
}

/** Money in hundredths. */
function summary(rows: readonly PnlRow[]): Summary {
  const cents = (amount: string) => Math.round(Number(amount) * 100);
  const total = (read: (row: PnlRow) => number) => rows.reduce((sum, row) => sum + read(row), 0);
  return Object.fromEntries([
    ...COUNTS.map((name) => [name, total((row) => row[name])]),
    ...MONEY.map((name) => [name, total((row) => cents(row[name]))]),
  ]) as Summary;
}

async function plainSum(database: Database): Promise<Summary> {
  const [row] = await rowsOf<Summary>(
    database,
    sql`select
      (select count(*)::int from leads where status in ('ACCEPTED', 'RETURNED')) as accepted,
      (select count(*)::int from leads where status = 'UNMATCHED') as unmatched,
      (select count(*)::int from leads where status = 'REJECTED') as rejected,
      (select count(*)::int from leads where status = 'DUPLICATE') as duplicates,
      (select count(*)::int from sales where status in ('sold', 'refused', 'returned')) as sales,
      (select count(*)::int from ledger where kind = 'refusal') as refused,
      (select count(*)::int from ledger where kind = 'return') as returned,
      (select coalesce(sum(price) * 100, 0)::float8 from sales where status in ('sold', 'refused', 'returned')) as sold,
      (select coalesce(sum(buyer_amount) * 100, 0)::float8 from ledger where sale_id is not null) as refunds,
      (select coalesce(sum(payout) * 100, 0)::float8 from sales where status in ('sold', 'refused', 'returned'))
        + (select coalesce(sum(supplier_amount) * 100, 0)::float8 from ledger where sale_id is not null) as payouts,
      (select coalesce(sum(supplier_amount) * 100, 0)::float8 from ledger where kind = 'cost') as costs`,
  );
  if (row === undefined) throw new Error("a sum of nothing is nothing");
  return row;
}
