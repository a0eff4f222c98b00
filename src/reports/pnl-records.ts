import { sql } from "drizzle-orm";
import { money } from "#database/columns.ts";
import type { Database } from "#database/database.ts";
import { param, statement } from "#database/statement.ts";
import { PNL_GROUPS, type PnlFigures, type PnlGroup } from "./pnl.ts";

/** Which leads a report is about, by when they were decided. */
export interface PnlRange {
  /** From this moment on, ISO 8601. */
  from: string;
  /** Until before this one. */
  to: string;
  groups: readonly PnlGroup[];
  includeTest: boolean;
  /** In which the days are counted. */
  timezone: string;
}

/** Leads that one statement goes through, so that an embedded database has the next leads wait some 20 ms and no more. */
const PAGE = 2000;

/**
 * The figures of leads in the order in which they were decided, summed up for each page of them. It is no snapshot: a lead that is
 * decided once more meanwhile is found where it was then, or where it is now.
 */
export async function* readPnl(database: Database, range: PnlRange): AsyncGenerator<PnlFigures[]> {
  const asked = {
    from: range.from,
    to: range.to,
    test: String(range.includeTest),
    timezone: range.timezone,
    ...Object.fromEntries(PNL_GROUPS.map((name) => [name, String(range.groups.includes(name))])),
  } as Omit<Asked, "after" | "end">;
  let [after, isLast]: [string | null, boolean] = [null, false];
  while (!isLast) {
    const since: string | null = after;
    const page: { end: string | null; rows: PnlRecord[] } = await database.read(async (db) => {
      const { from, to } = range;
      const [at] = await selectPageEnd.run(db, { from, to, after: since, page: PAGE - 1 });
      const end = at?.end ?? null;
      return { end, rows: await selectFigures.run(db, { ...asked, after: since, end }) };
    });
    yield page.rows.map(({ currency, leads, accepted, sales, revenue, payouts, ...group }) => ({
      currency,
      group,
      leads,
      accepted,
      sales,
      revenue,
      payouts,
    }));
    after = page.end;
    isLast = page.end === null;
  }
}

type Since = { from: string; to: string; after: string | null };

type Asked = Since & Record<PnlGroup | "test" | "timezone", string> & { end: string | null };

type PnlRecord = Record<PnlGroup, string | null> & Omit<PnlFigures, "group">;

const after = sql`decided_at >= ${param("from")}::text::timestamptz
  and decided_at > coalesce(${param("after")}::text::timestamptz, '-infinity')
  and decided_at < ${param("to")}::text::timestamptz`;

/**
 * Where a page ends, which the index alone answers. As a limit of the statement below it was slow on tables that were never analysed:
 * all that was asked for was sorted for the first page.
 */
const selectPageEnd = statement<{ end: string }, Since & { page: number }>(
  "select_pnl_page_end",
  "all campaigns",
  ($) => sql`select decided_at::text as "end" from leads where ${after}
      order by decided_at offset ${$.page}::int limit 1`,
);

/** Sales are looked up lead by lead: joined in whole, the planner may read all there are for each page. */
const selectFigures = statement<PnlRecord, Asked>(
  "select_pnl_figures",
  "all campaigns",
  ($) => sql`with page as materialized (
        select id, campaign_id, leads.currency, status = 'ACCEPTED' as is_sold,
          case when ${$.campaign}::text::boolean then campaign_id end as campaign,
          case when ${$.supplier}::text::boolean then supplier_id end as supplier,
          case when ${$.source}::text::boolean then fields ->> 'source' end as source,
          case when ${$.day}::text::boolean
            then to_char(decided_at at time zone ${$.timezone}::text, 'YYYY-MM-DD') end as day
        from leads
        where ${after} and decided_at <= coalesce(${$.end}::text::timestamptz, 'infinity')
          and (${$.test}::text::boolean or not is_test)
      ), lines as (
        select page.*, coalesce(sold.place = 1, true)::int as leads, (is_sold and coalesce(sold.place = 1, true))::int as accepted,
          (sold.id is not null)::int as sales, sold.buyer_id, coalesce(sold.price, 0) as price, coalesce(sold.payout, 0) as payout
        from page left join lateral (
          select id, row_number() over (order by place) as place, buyer_id, price, payout from sales
          where lead_id = page.id and campaign_id = page.campaign_id and status = 'sold' offset 0) as sold on page.is_sold
      )
      select campaign, supplier, case when ${$.buyer}::text::boolean then buyer_id end as buyer, source, day, currency,
        sum(leads)::int as leads, sum(accepted)::int as accepted, sum(sales)::int as sales,
        ${money("sum(price)")} as revenue, ${money("sum(payout)")} as payouts
      from lines
      group by 1, 2, 3, 4, 5, 6`,
);
