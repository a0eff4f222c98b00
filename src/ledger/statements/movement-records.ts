import { sql } from "drizzle-orm";
import type { AccountHolder } from "#campaigns/account-records.ts";
import type { Database } from "#database/database.ts";
import {
  endOf,
  isOnPage,
  type PageBounds,
  type PageEnd,
  type PageStart,
  readPages,
} from "#database/pages.ts";
import { param, type Statement, statement } from "#database/statement.ts";
import { byCurrency } from "#ledger/event-records.ts";
import { moneyTotal } from "#money/amount.ts";
import { ADDS } from "./opening-records.ts";
import type { Movement, StatementDetail, StatementHead } from "./statement.ts";

/**
 * Sales of all buyers that one statement goes through: there is no index of those of one. So that an embedded database has the next leads
 * wait some 20 ms and no more.
 */
const PAGE = 5000;

/**
 * What moved an account, in the order of time, page by page: each event, or by the day the sales, refusals and returns of a campaign
 * together, which in another page may go on.
 */
export async function* readMovements(
  database: Database,
  { party, id, currency, home, timezone, from, to }: StatementHead,
  detail: StatementDetail,
): AsyncGenerator<Movement[]> {
  const asked = { id, currency, home, timezone, from, to };
  const pages = readPages(database, { from, to }, { end: PAGE_END, size: PAGE, by: "read" }, (db, bounds) =>
    SELECT[party][detail].run(db, { ...asked, ...bounds }),
  );
  for await (const [row] of pages) yield movementsOf(row?.page ?? "[]");
}

/** A page comes as one text: row by row, the driver took twice the time. */
function movementsOf(page: string): Movement[] {
  return (JSON.parse(page) as WrittenMovement[]).map(movementOf);
}

/** Amounts have four decimals: without the point they are ten-thousandths, and PostgreSQL need not multiply them. */
function movementOf(written: WrittenMovement): Movement {
  const [seconds, kind, campaignId, count, amount, ids, reference, note] = written;
  return {
    at: Math.round(seconds * 1e6) / 1000,
    kind,
    campaignId,
    count,
    amount: moneyTotal(amount.replace(".", "")),
    saleId: ids && ids.slice(0, UUID_LENGTH),
    leadId: ids && ids.slice(UUID_LENGTH),
    reference,
    note,
  };
}

const UUID_LENGTH = 36;

const PAGE_END: PageEnd = statement<{ end: string | null }, PageStart>(
  "select_movements_page_end",
  "all campaigns",
  sql`select min("end"::timestamptz)::text as "end"
      from ((${endOf("sales", "sold_at")}) union all (${endOf("ledger", "at")})) as ends`,
);

/** JSON of the movements, or null for none. */
type PageRow = { page: string | null };

type WrittenMovement = [
  seconds: number,
  kind: Movement["kind"],
  campaignId: string | null,
  count: number,
  amount: string,
  /** The sale's and the lead's, without anything between. */
  ids: string | null,
  reference: string | null,
  note: string | null,
];

type Asked = PageBounds &
  Record<"id" | "timezone" | "from" | "to", string> &
  Record<"currency" | "home", string | null>;

/** What is said of many together, or of each by itself. */
const TOLD = {
  day: {
    at: (column: string) => `min(${column})`,
    amount: (expression: string) => `sum(${expression})`,
    count: "count(*)::int",
    ids: "case when count(*) = 1 then (array_agg(sale_id))[1]::text || (array_agg(lead_id))[1]::text end",
    id: "null::uuid",
    grouped: (column: string, by: string) =>
      sql`group by (${sql.raw(column)} at time zone ${param("timezone")}::text)::date, ${sql.raw(by)}`,
  },
  sale: {
    at: (column: string) => column,
    amount: (expression: string) => expression,
    count: "1",
    ids: "sale_id::text || lead_id::text",
    id: "id",
    grouped: () => sql``,
  },
};

function select(party: AccountHolder, detail: StatementDetail): Statement<PageRow, Asked> {
  const { at, amount, count, ids, id, grouped } = TOLD[detail];
  const adds = ADDS[party];
  const line = (column: string, kind: string, moved: string) =>
    sql.raw(`${at(column)} as at, ${kind} as kind, campaign_id, ${count} as count, ${amount(moved)} as amount,
            ${ids} as ids, ${id} as id`);
  return byCurrency(({ isInCurrency }) =>
    statement<PageRow, Asked>(`select_movements_of_${party}_by_${detail}`, "all campaigns", ($) => {
      const isMine = sql`${sql.raw(adds.is)} = ${$.id}::text`;
      const isEvent = sql`${isOnPage("at")} and ${isMine} and ${isInCurrency}`;
      return sql`
        select json_agg(json_build_array(date_part('epoch', at), kind, nullif(campaign_id, ''), count, amount::text, ids, reference, note)
          order by at, id, kind, campaign_id)::text as page
        from (
          (select ${line("sold_at", "'sale'", adds.sale)}, null as reference, null as note
            from (select *, id as sale_id from sales) as sold
            where ${isOnPage("sold_at")} and ${isMine} and status in ('sold', 'refused', 'returned') and not is_test
              and currency = ${$.currency}::text
            ${grouped("sold_at", "campaign_id")})
          union all
          (select ${line("at", "kind", adds.event)}, null, null
            from ledger where sale_id is not null and ${isEvent}
            ${grouped("at", "kind, campaign_id")})
          union all
          (select at, kind, campaign_id, 1, ${sql.raw(adds.event)}, null, id, reference,
              nullif(concat_ws(', ', case when kind = 'cost' then day::text end, case when kind = 'cost' then source end, note), '')
            from ledger where sale_id is null and ${isEvent})
        ) as movements`;
    }),
  );
}

function forEachDetail(party: AccountHolder): Record<StatementDetail, Statement<PageRow, Asked>> {
  return { day: select(party, "day"), sale: select(party, "sale") };
}

const SELECT = { buyer: forEachDetail("buyer"), supplier: forEachDetail("supplier") };
