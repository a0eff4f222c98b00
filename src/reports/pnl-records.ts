import { type SQL, sql } from "drizzle-orm";
import { REPORT_GROUPS } from "#campaigns/document.ts";
import { type Dialect, inWordsOf } from "#database/by-campaign-records.ts";
import { moneySum } from "#database/columns.ts";
import type { Database, Queryable } from "#database/database.ts";
import { isOnPage, type PageBounds, type PageEnd, readPages } from "#database/pages.ts";
import { param, type Statement, statement } from "#database/statement.ts";
import { byCurrency } from "#ledger/event-records.ts";
import { readSummedUntil } from "#ledger/figure-day-records.ts";
import { FIGURES } from "#ledger/figures.ts";
import { minuteWritten } from "#time/wall-clock.ts";
import { PAGE_ENDS } from "./page-records.ts";
import { PNL_AMOUNTS, PNL_COUNTS, type PnlFigures, type PnlGroup } from "./pnl.ts";
import { isKeptByHour, type PnlRange } from "./pnl-range.ts";
import { type PnlPart, type PnlPeriod, packParts, partsOf, pnlSlices } from "./pnl-slices.ts";

/** Rows that one statement goes through, so that an embedded database has the next leads wait some 20 ms and no more. */
const PAGE = 2000;

/**
 * The figures of a report, in pieces to be summed up. It is no snapshot: a lead that is decided once more meanwhile is found as it was
 * then, or as it is now.
 */
export async function* readPnl(database: Database, range: PnlRange): AsyncGenerator<PnlFigures[]> {
  const values = askedOf(range);
  const read = async (from: Statement<PnlRecord, Asked>) =>
    (await database.survey((db) => from.run(db, values))).map((row) => figuresOf(row, range));
  yield await read(selectCosts);
  if (isKeptByHour(range)) {
    yield* readKept(database, range, values);
    return;
  }
  for (const source of PAGED) {
    const pages = readPages(database, range, { end: source.end, size: PAGE }, (db, bounds) =>
      source.figures.run(db, { ...values, ...bounds }),
    );
    for await (const page of pages) yield page.map((row) => figuresOf(row, range));
  }
}

/** What is kept by the hour and by the day, slice by slice. */
async function* readKept(database: Database, range: PnlRange, values: Asked): AsyncGenerator<PnlFigures[]> {
  const kept = isByParty(range) ? KEPT.parties : KEPT.all;
  for (const slice of pnlSlices(range, SLICE_DAYS)) {
    const read = async (db: Queryable, from: KeptStatement, parts: readonly PnlPart[]) =>
      (await from.run(db, { ...values, periods: partsWritten(parts) })).map((row) => keptOf(row, slice));
    // Of one database: a standby may have fewer days than the leader.
    const { hours, figures } = await database.survey(async (db) => {
      const parts = partsOf(slice, await readSummedUntil(db));
      return { hours: parts.hours, figures: await read(db, kept.days, parts.days) };
    });
    yield figures;
    for (const some of packParts(hours, kept.mostHours)) {
      yield await database.survey((db) => read(db, kept.hours, some));
    }
  }
}

/** Days of which one statement reads what is kept by the day. */
const SLICE_DAYS = 31;

function partsWritten(parts: readonly PnlPart[]): string {
  return JSON.stringify(parts.map(({ n, from, to }) => ({ n, from: from / 1000, to: to / 1000 })));
}

function keptOf(row: KeptRecord, slice: readonly PnlPeriod[]): PnlFigures {
  const { n, campaign, supplier, buyer } = row;
  return Object.assign(row, { group: { campaign, supplier, buyer, ...slice[n]?.names } });
}

function isByParty({ groups, only }: PnlRange): boolean {
  const parties = ["supplier", "buyer"] as const;
  return parties.some((name) => only[name] !== null || groups.includes(name));
}

type Asked = Record<PnlGroup, string> &
  Record<"from" | "to" | "timezone" | "test", string> &
  Record<`only_${keyof PnlRange["only"]}`, string | null>;

function askedOf({ from, to, timezone, includeTest, groups, only }: PnlRange): Asked {
  const grouped = REPORT_GROUPS.map((name) => [name, String(groups.includes(name))]);
  return {
    ...(Object.fromEntries(grouped) as Record<PnlGroup, string>),
    from,
    to,
    timezone,
    test: String(includeTest),
    only_campaign: only.campaign,
    only_supplier: only.supplier,
    only_buyer: only.buyer,
    only_source: only.source,
  };
}

type PnlRecord = Record<PnlGroup, string | null> & Omit<PnlFigures, "group">;

function figuresOf(row: PnlRecord, { timezone }: PnlRange): PnlFigures {
  const { campaign, supplier, buyer, source, sub_id, state, hour, day, week, month, ...figures } = row;
  const written = hour && minuteWritten(Number(hour) * 1000, timezone);
  return {
    ...figures,
    group: { campaign, supplier, buyer, source, sub_id, state, hour: written, day, week, month },
  };
}

/** What leads or sales are read by that are not in the figures by the hour. */
interface Paged {
  end: PageEnd;
  figures: Statement<PnlRecord, Asked & PageBounds>;
}

/** How rows are named by what they are grouped by; null where they are not grouped by it, or have no such thing. */
function groupColumns(of: Record<Exclude<PnlGroup, "hour" | "day" | "week" | "month"> | "at", SQL>): SQL {
  const local = sql`${of.at} at time zone ${param("timezone")}::text`;
  const columns: Record<PnlGroup, SQL> = {
    campaign: sql`nullif(${of.campaign}, '')`,
    supplier: of.supplier,
    buyer: sql`nullif(${of.buyer}, '')`,
    source: of.source,
    sub_id: of.sub_id,
    state: of.state,
    hour: sql`extract(epoch from date_trunc('hour', ${of.at}, ${param("timezone")}::text))::bigint::text`,
    day: sql`to_char(${local}, 'YYYY-MM-DD')`,
    week: sql`to_char(${local}, 'IYYY-"W"IW')`,
    month: sql`to_char(${local}, 'YYYY-MM')`,
  };
  return sql.join(
    REPORT_GROUPS.map(
      (name) => sql`case when ${param(name)}::text::boolean then ${columns[name]} end as ${sql.raw(name)}`,
    ),
    sql`, `,
  );
}

/** What is counted and summed up: what a statement says nothing of is nothing. */
function measures(
  of: Partial<Record<(typeof PNL_COUNTS)[number] | (typeof PNL_AMOUNTS)[number], string>>,
): SQL {
  const counts = PNL_COUNTS.map((name) => sql.raw(`${of[name] ? `sum(${of[name]})` : "0"}::int as ${name}`));
  const amounts = PNL_AMOUNTS.map((name) =>
    of[name] ? sql`${moneySum(`sum(${of[name]})`)} as ${sql.raw(name)}` : sql.raw(`'0' as ${name}`),
  );
  return sql.join([...counts, ...amounts], sql`, `);
}

const GROUPED = sql.raw(`group by ${[...REPORT_GROUPS, "currency"].map((_, place) => place + 1).join(", ")}`);

/** Whether a row is of what is asked for alone. */
function isAsked(name: keyof PnlRange["only"], column: SQL): SQL {
  const only = param(`only_${name}`);
  return sql`(${only}::text is null or ${column} = ${only}::text)`;
}

const NONE = sql`null::text`;

type KeptRecord = Omit<PnlRecord, Exclude<PnlGroup, "campaign" | "supplier" | "buyer">> & { n: number };

type KeptStatement = Statement<KeptRecord, Asked & { periods: string }>;

/**
 * Sums of each period by an index alone. Summed up by the hour and named by day in one statement, a year's report spilled to the disk and
 * took ten times as long.
 */
function keptFigures(
  name: string,
  of: { table: SQL; at: SQL; supplier: SQL; buyer: SQL; isAsked: SQL },
): KeptStatement {
  const sums = sql`case when ${param("campaign")}::text::boolean then campaign_id end as campaign, ${of.supplier} as supplier,
          ${of.buyer} as buyer, currency, ${measures(Object.fromEntries(FIGURES.map((figure) => [figure, figure])))}`;
  const isOfPeriod = sql`${of.at} >= to_timestamp("from") and ${of.at} < to_timestamp("to") and ${isAsked("campaign", sql`campaign_id`)}
          and ${of.isAsked}`;
  const periods = sql`json_to_recordset(${param("periods")}::text::json) as period (n int, "from" float8, "to" float8)`;
  const texts: Record<Dialect, SQL> = {
    postgres: sql`
      select n, sums.* from ${periods}, lateral (
        select ${sums}
        from ${of.table}
        where ${isOfPeriod}
        group by 1, 2, 3, 4
      ) as sums`,
    citus: sql`select n, ${sums} from ${of.table}, ${periods} where ${isOfPeriod} group by 1, 2, 3, 4, 5`,
  };
  return inWordsOf((dialect) => statement(name, "all campaigns", texts[dialect]));
}

const byParty = {
  supplier: sql`case when ${param("supplier")}::text::boolean then supplier_id end`,
  buyer: sql`case when ${param("buyer")}::text::boolean then nullif(buyer_id, '') end`,
  isAsked: sql`${isAsked("supplier", sql`supplier_id`)} and ${isAsked("buyer", sql`buyer_id`)}`,
};

const byNoParty = { supplier: NONE, buyer: NONE, isAsked: sql`true` };

/** With how many hours of them one statement is done soon: some 15,000 rows where there are twenty campaigns. */
const KEPT = {
  parties: {
    mostHours: 48,
    hours: keptFigures("select_pnl_figures", { table: sql`figures`, at: sql`hour`, ...byParty }),
    days: keptFigures("select_pnl_days", { table: sql`figure_days`, at: sql`day`, ...byParty }),
  },
  all: {
    mostHours: 31 * 24,
    hours: keptFigures("select_pnl_totals", { table: sql`figure_totals`, at: sql`hour`, ...byNoParty }),
    days: keptFigures("select_pnl_day_totals", { table: sql`figure_day_totals`, at: sql`day`, ...byNoParty }),
  },
};

/** What suppliers cost beside their payouts, on the days that it was told of. */
const selectCosts = byCurrency(({ currencySince }) =>
  statement<PnlRecord, Asked>(
    "select_pnl_costs",
    "all campaigns",
    () => sql`
      with costs as (
        select campaign_id, supplier_id, source, coalesce(currency, ${currencySince}, 'USD') as currency, supplier_amount,
          day::timestamp at time zone ${param("timezone")}::text as at
        from ledger where kind = 'cost' and day is not null
      )
      select ${groupColumns({
        campaign: sql`campaign_id`,
        supplier: sql`supplier_id`,
        buyer: NONE,
        source: sql`source`,
        sub_id: NONE,
        state: NONE,
        at: sql`at`,
      })}, currency, ${measures({ costs: "supplier_amount" })}
      from costs
      where at >= ${param("from")}::timestamptz and at < ${param("to")}::timestamptz
        and ${isAsked("campaign", sql`campaign_id`)} and ${isAsked("supplier", sql`supplier_id`)}
        and ${isAsked("source", sql`source`)} and ${param("only_buyer")}::text is null
      ${GROUPED}`,
  ),
);

/** Of rows that carry what their lead says. */
const byLead = groupColumns({
  campaign: sql`campaign_id`,
  supplier: sql`supplier_id`,
  buyer: sql`buyer_id`,
  source: sql`source`,
  sub_id: sql`sub_id`,
  state: sql`state`,
  at: sql`at`,
});

/** A lead counts when it was decided first, and as what it stands now; with its first buyer. */
function leadFigures(column: string, condition: SQL): SQL {
  return sql`
      with page as materialized (
        select campaign_id, supplier_id, currency, status, fields ->> 'source' as source, fields ->> 'sub_id' as sub_id,
          fields ->> 'state' as state, ${sql.raw(column)} as at, case when status = 'ACCEPTED' then (
            select buyer_id from sales s where s.lead_id = leads.id and s.campaign_id = leads.campaign_id and s.status = 'sold'
            order by place limit 1) else '' end as buyer_id
        from leads
        where ${isOnPage(column)} and ${condition} and (${param("test")}::text::boolean or not is_test)
      )
      select ${byLead}, currency, ${measures({
        accepted: "(status in ('ACCEPTED', 'RETURNED'))::int",
        unmatched: "(status = 'UNMATCHED')::int",
        rejected: "(status = 'REJECTED')::int",
        duplicates: "(status = 'DUPLICATE')::int",
      })}
      from page where ${askedOfAll} ${GROUPED}`;
}

const askedOfAll = sql`${isAsked("campaign", sql`campaign_id`)} and ${isAsked("supplier", sql`supplier_id`)}
  and ${isAsked("buyer", sql`buyer_id`)} and ${isAsked("source", sql`source`)}`;

/** What sales brought, or what was given back of them: rows with the lead that they are of. */
function moneyFigures(rows: SQL, of: Parameters<typeof measures>[0], dialect: Dialect): SQL {
  if (dialect === "citus")
    return sql`
      with lines as (
        select page.*, l.fields ->> 'source' as source, l.fields ->> 'sub_id' as sub_id, l.fields ->> 'state' as state
        from (${rows}) as page left join leads l on l.id = page.lead_id and l.campaign_id = page.campaign_id)
      select ${byLead}, currency, ${measures(of)}
      from lines where ${askedOfAll} ${GROUPED}`;
  return sql`
      with page as materialized (${rows}), lines as (
        select page.*, l.source, l.sub_id, l.state from page left join lateral (
          select fields ->> 'source' as source, fields ->> 'sub_id' as sub_id, fields ->> 'state' as state from leads
          where id = page.lead_id and campaign_id = page.campaign_id offset 0) as l on true
      )
      select ${byLead}, currency, ${measures(of)}
      from lines where ${askedOfAll} ${GROUPED}`;
}

/** A lead that was decided once more is found by the time of its first decision, the others by that of their only one. */
const PAGED: readonly Paged[] = [
  {
    end: PAGE_ENDS.decided,
    figures: statement(
      "select_pnl_leads",
      "all campaigns",
      leadFigures("decided_at", sql`first_decided_at is null`),
    ),
  },
  {
    end: PAGE_ENDS.reopened,
    figures: statement(
      "select_pnl_reopened",
      "all campaigns",
      leadFigures("first_decided_at", sql`first_decided_at is not null`),
    ),
  },
  {
    end: PAGE_ENDS.sold,
    figures: inWordsOf((dialect) =>
      statement(
        "select_pnl_sales",
        "all campaigns",
        moneyFigures(
          sql`select lead_id, campaign_id, supplier_id, buyer_id, currency, price, payout, sold_at as at
          from sales where ${isOnPage("sold_at")} and status in ('sold', 'refused', 'returned')
            and (${param("test")}::text::boolean or not is_test)`,
          { sales: "1", sold: "price", payouts: "payout" },
          dialect,
        ),
      ),
    ),
  },
  {
    end: PAGE_ENDS.ledger,
    figures: inWordsOf((dialect) =>
      statement(
        "select_pnl_undone",
        "all campaigns",
        moneyFigures(
          sql`select lead_id, campaign_id, supplier_id, buyer_id, currency, kind, buyer_amount, supplier_amount, at
          from ledger where ${isOnPage("at")} and kind in ('refusal', 'return')`,
          {
            refused: "(kind = 'refusal')::int",
            returned: "(kind = 'return')::int",
            refunds: "buyer_amount",
            payouts: "supplier_amount",
          },
          dialect,
        ),
      ),
    ),
  },
];
