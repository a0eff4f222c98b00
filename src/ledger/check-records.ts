import { sql } from "drizzle-orm";
import type { Database } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { DAY_MS, HOUR_MS } from "#time/durations.ts";
import { FIGURES } from "./figures.ts";
import { FIGURE_LIST, FIGURE_SUMS } from "./figures-records.ts";

/**
 * Where balances or figures are not what the ledger says: a sentence each; none when all is well. Balances are compared with figures in
 * one statement, and the figures of hours that are over with the events a day at a time, so that leads need not wait.
 */
export async function findLedgerFlaws(database: Database, now: Date): Promise<string[]> {
  const off = await database.read((db) => selectBalancesOff.run(db, {}));
  const flaws = off.map(
    ({ party, kept, told }) => `The balance of ${party} is ${kept}, by the ledger it is ${told}.`,
  );
  const [first] = await database.read((db) => selectFirstHour.run(db, {}));
  const end = Math.floor(now.getTime() / HOUR_MS - 1) * HOUR_MS;
  for (let from = Math.floor((first?.ms ?? end) / DAY_MS) * DAY_MS; from < end; from += DAY_MS) {
    const span = { from: isoAt(from), to: isoAt(Math.min(end, from + DAY_MS)) };
    const [row] = await database.read((db) => countFiguresOff.run(db, span));
    const [days] = await database.read((db) => countDaysOff.run(db, span));
    if (days !== undefined && days.off > 0) {
      flaws.push(`The figures of the day from ${span.from} are no sum of its hours: ${days.off} differ.`);
    }
    if (row !== undefined && row.off > 0) {
      flaws.push(`The figures from ${span.from} to ${span.to} are no sum of the ledger: ${row.off} differ.`);
    }
  }
  return flaws;
}

function isoAt(ms: number): string {
  return new Date(ms).toISOString();
}

const selectFirstHour = statement<{ ms: number }>(
  "select_first_figure",
  "all campaigns",
  sql`select (extract(epoch from hour) * 1000)::float8 as ms from figures order by hour limit 1`,
);

const selectBalancesOff = statement<{ party: string; kept: string; told: string }>(
  "select_balances_off",
  "all campaigns",
  sql`
      with reserved as (
        select s.buyer_id, s.supplier_id, s.price, s.payout from leads l
        join sales s on s.lead_id = l.id and s.campaign_id = l.campaign_id
        where l.status = 'PENDING' and s.status = 'reserved' and not s.is_test),
      kept as (
        select party, sum(balance) as balance from (
          select 'buyer ' || buyer_id as party, balance from buyer_counters
          union all
          select case party when 'contract' then 'buyer ' else 'supplier ' end || party_id, balance from campaign_counters
          union all
          select 'buyer ' || buyer_id, price from reserved
          union all
          select 'supplier ' || supplier_id, -payout from reserved) as parts
        group by party),
      told as (
        select party, sum(balance) as balance from (
          select 'buyer ' || buyer_id as party, refunds - sold as balance from figures where buyer_id <> ''
          union all
          select 'supplier ' || supplier_id, payouts from figures
          union all
          select 'buyer ' || buyer_id, buyer_amount from ledger where buyer_id is not null and sale_id is null) as parts
        group by party)
      select party, coalesce(kept.balance, 0)::text as kept, coalesce(told.balance, 0)::text as told
      from kept full join told using (party) where coalesce(kept.balance, 0) <> coalesce(told.balance, 0)
      order by party`,
);

const countFiguresOff = statement<{ off: number }, { from: string; to: string }>(
  "count_figures_off",
  "all campaigns",
  ($) => sql`
      with summed as (
        select campaign_id, supplier_id, buyer_id, currency, sum(sold) as sold, sum(refunds) as refunds, sum(payouts) as payouts
        from figures where hour >= ${$.from}::timestamptz and hour < ${$.to}::timestamptz
        group by 1, 2, 3, 4 having sum(sales) > 0 or sum(refused) > 0 or sum(returned) > 0),
      events as (
        select campaign_id, supplier_id, buyer_id, currency, price as sold, 0 as refunds, payout as payouts from sales
        where sold_at >= ${$.from}::timestamptz and sold_at < ${$.to}::timestamptz
          and status in ('sold', 'refused', 'returned') and not is_test
        union all
        select campaign_id, supplier_id, buyer_id, currency, 0, buyer_amount, supplier_amount from ledger
        where at >= ${$.from}::timestamptz and at < ${$.to}::timestamptz and sale_id is not null),
      told as (
        select campaign_id, supplier_id, buyer_id, currency, sum(sold) as sold, sum(refunds) as refunds, sum(payouts) as payouts
        from events group by 1, 2, 3, 4)
      select count(*)::int as off from summed full join told using (campaign_id, supplier_id, buyer_id, currency)
      where (summed.sold, summed.refunds, summed.payouts) is distinct from (told.sold, told.refunds, told.payouts)`,
);

function figuresIn(table: "summed" | "kept") {
  return sql.raw(FIGURES.map((name) => `${table}.${name}`).join(", "));
}

const countDaysOff = statement<{ off: number }, { from: string; to: string }>(
  "count_figure_days_off",
  "all campaigns",
  ($) => sql`
      with summed as (
        select campaign_id, supplier_id, buyer_id, currency, ${FIGURE_SUMS}
        from figures where hour >= ${$.from}::timestamptz and hour < ${$.from}::timestamptz + interval '24 hours'
          and hour < (select max(day) + interval '24 hours' from figure_days)
        group by 1, 2, 3, 4),
      kept as (
        select campaign_id, supplier_id, buyer_id, currency, ${FIGURE_LIST}
        from figure_days where day = ${$.from}::timestamptz)
      select count(*)::int as off from summed full join kept using (campaign_id, supplier_id, buyer_id, currency)
      where (${figuresIn("summed")}) is distinct from (${figuresIn("kept")})`,
);
