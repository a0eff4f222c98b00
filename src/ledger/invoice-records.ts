import { sql } from "drizzle-orm";
import { nextRevision } from "#campaigns/campaign-lock-records.ts";
import { campaignByCampaign } from "#database/by-campaign-records.ts";
import { money, ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { amountOfTenThousandths } from "#money/amount.ts";
import { isoOf } from "#time/iso.ts";
import { byCurrency } from "./event-records.ts";
import type { Invoice, InvoiceStatus } from "./invoice.ts";

/** A month of a buyer, in one currency; `from` and `to` are ISO 8601. */
export interface BilledMonth {
  buyerId: string;
  month: string;
  currency: string;
  /** In which what was booked before the buyer had a currency is counted, where its campaigns do not say. */
  home: string;
  from: string;
  to: string;
}

/** Waits for the leads that are being decided, and keeps others from writing an invoice. Answers with the number that is next. */
export async function lockInvoices(tx: Queryable): Promise<number> {
  await lockAll.run(tx, {});
  await lockNumbers.run(tx, {});
  return (await selectNext.run(tx, {})).at(0)?.number ?? 1;
}

const lockAll = campaignByCampaign((narrow) =>
  statement(
    "lock_campaigns_for_invoice",
    "all campaigns",
    sql`select id from campaigns where true${narrow("id")} order by id for update`,
  ),
);

const lockNumbers = statement(
  "lock_invoices",
  "unspread",
  sql`lock table invoices in share row exclusive mode`,
);

const selectNext = statement<{ number: number }>(
  "select_next_invoice",
  "unspread",
  sql`select coalesce(max(number), 0) + 1 as number from invoices`,
);

/**
 * The month between what was invoiced of those before and behind it: where the buyer's time zone changed in between, nothing is invoiced
 * twice or never.
 */
export async function betweenInvoices(tx: Queryable, month: BilledMonth): Promise<BilledMonth> {
  const first = Temporal.PlainDate.from(`${month.month}-01`);
  const before = first.subtract({ months: 1 }).toPlainYearMonth().toString();
  const behind = first.add({ months: 1 }).toPlainYearMonth().toString();
  const { buyerId: buyer, currency } = month;
  const rows = await selectNeighbours.run(tx, { buyer, currency, before, behind });
  const from = rows.find((row) => row.month === before)?.to ?? Date.parse(month.from);
  const to = rows.find((row) => row.month === behind)?.from ?? Date.parse(month.to);
  return { ...month, from: new Date(from).toISOString(), to: new Date(Math.max(from, to)).toISOString() };
}

const selectNeighbours = statement<
  { month: string; from: number; to: number },
  Record<"buyer" | "currency" | "before" | "behind", string>
>(
  "select_invoices_beside",
  "unspread",
  ($) => sql`
      select month, ${ms("from_at")} as "from", ${ms("to_at")} as "to" from invoices
      where buyer_id = ${$.buyer} and currency = ${$.currency} and month in (${$.before}, ${$.behind})`,
);

/** What a month comes to by its sales and what undid any; and how many of its leads are still being asked about. */
export async function readMonth(
  tx: Queryable,
  month: BilledMonth,
): Promise<Pick<Invoice, "sales" | "sold" | "refunded" | "refunds" | "adjusted"> & { reserved: number }> {
  const { buyerId, currency, home, from, to } = month;
  const [row] = await selectMonth.run(tx, { buyer: buyerId, currency, home, from, to });
  if (row === undefined) throw new Error("a sum has one row");
  const { sold, refunds, adjusted, ...counts } = row;
  return {
    ...counts,
    sold: amountOfTenThousandths(sold),
    refunds: amountOfTenThousandths(refunds),
    adjusted: amountOfTenThousandths(adjusted),
  };
}

type Month = Record<"buyer" | "currency" | "home" | "from" | "to", string>;

const selectMonth = byCurrency(({ isInCurrency }) =>
  statement<Record<"sales" | "sold" | "refunded" | "refunds" | "adjusted" | "reserved", number>, Month>(
    "select_billed_month",
    "all campaigns",
    ($) => sql`
      select sold.sales, sold.reserved, ${money("sold.amount")} as sold, undone.refunded, ${money("undone.refunds")} as refunds,
        ${money("undone.adjusted")} as adjusted
      from (
          select count(*) filter (where status <> 'reserved')::int as sales, count(*) filter (where status = 'reserved')::int as reserved,
            coalesce(sum(price) filter (where status <> 'reserved'), 0) as amount
          from sales
          where sold_at >= ${$.from}::timestamptz and sold_at < ${$.to}::timestamptz and buyer_id = ${$.buyer}
            and currency = ${$.currency} and status in ('reserved', 'sold', 'refused', 'returned') and not is_test) as sold,
        (select count(*) filter (where sale_id is not null)::int as refunded,
            coalesce(sum(buyer_amount) filter (where sale_id is not null), 0) as refunds,
            coalesce(sum(buyer_amount) filter (where kind = 'adjustment'), 0) as adjusted
          from ledger
          where at >= ${$.from}::timestamptz and at < ${$.to}::timestamptz and buyer_id = ${$.buyer}
            and ${isInCurrency}) as undone`,
  ),
);

/** False when the month was invoiced before. */
export async function insertInvoice(
  tx: Queryable,
  invoice: Invoice,
  { from, to }: Pick<BilledMonth, "from" | "to">,
): Promise<boolean> {
  const { issuedAt, dueAt, paidAt, paymentId: _, ...columns } = invoice;
  const times = { issuedAt: isoOf(issuedAt), dueAt: isoOf(dueAt), paidAt: isoOf(paidAt) };
  return (await insert.run(tx, { ...columns, ...times, from, to })).length > 0;
}

const insert = statement<
  { number: number },
  Omit<Invoice, "issuedAt" | "dueAt" | "paidAt" | "paymentId"> &
    Record<"issuedAt" | "dueAt" | "paidAt", string | null> &
    Record<"from" | "to", string>
>(
  "insert_invoice",
  "unspread",
  ($) => sql`
      insert into invoices (number, buyer_id, month, from_at, to_at, currency, sales, sold, refunded, refunds, adjusted, total,
        issued_at, due_at, paid_at)
      values (${$.number}::int, ${$.buyerId}, ${$.month}, ${$.from}::timestamptz, ${$.to}::timestamptz, ${$.currency},
        ${$.sales}::int, ${$.sold}::text::numeric / 10000, ${$.refunded}::int, ${$.refunds}::text::numeric / 10000,
        ${$.adjusted}::text::numeric / 10000, ${$.total}::text::numeric / 10000, ${$.issuedAt}::timestamptz,
        ${$.dueAt}::timestamptz, ${$.paidAt}::timestamptz)
      on conflict (buyer_id, month, currency) do nothing returning number`,
);

/** Puts on record by which payment an invoice was paid. */
export async function setPaid(tx: Queryable, number: number, paymentId: string, now: Date): Promise<void> {
  await update.run(tx, { number, payment: paymentId, at: now.toISOString() });
}

const update = statement<unknown, { number: number; payment: string; at: string }>(
  "set_invoice_paid",
  "unspread",
  ($) => sql`update invoices set paid_at = ${$.at}::timestamptz, payment_id = ${$.payment}::text::uuid
      where number = ${$.number}::int`,
);

/** An invoice that is paid or issued may let its buyer have leads again, or take that away when it is due. */
export async function bumpCampaignsOfBuyer(tx: Queryable, buyerId: string): Promise<void> {
  const link = JSON.stringify({ buyers: [{ buyer: { id: buyerId } }] });
  await bumpLinked.run(tx, { link, revision: await nextRevision(tx) });
}

const bumpLinked = statement<unknown, { link: string; revision: number }>(
  "bump_campaigns_of_buyer",
  "all campaigns",
  ($) => sql`update campaigns set revision = ${$.revision}::int where definition @> ${$.link}::text::jsonb`,
);

/** Which invoices a list shows; what is null does not matter. */
export interface InvoiceFilter {
  number: number | null;
  buyer: string | null;
  status: InvoiceStatus | null;
}

/** The newest first, those before the number `before` only. */
export async function listInvoices(
  db: Queryable,
  filter: InvoiceFilter,
  before: number | null,
  limit: number,
  now: Date,
): Promise<Invoice[]> {
  const rows = await selectInvoices.run(db, { ...filter, before, limit, now: now.toISOString() });
  return rows.map(({ sold, refunds, adjusted, total, ...row }) => ({
    ...row,
    sold: amountOfTenThousandths(sold),
    refunds: amountOfTenThousandths(refunds),
    adjusted: amountOfTenThousandths(adjusted),
    total: amountOfTenThousandths(total),
  }));
}

type InvoiceRow = Omit<Invoice, "sold" | "refunds" | "adjusted" | "total"> &
  Record<"sold" | "refunds" | "adjusted" | "total", number>;

const selectInvoices = statement<
  InvoiceRow,
  {
    number: number | null;
    buyer: string | null;
    status: string | null;
    before: number | null;
    limit: number;
    now: string;
  }
>(
  "select_invoices",
  "unspread",
  ($) => sql`
      select number, buyer_id as "buyerId", month, currency, sales, ${money("sold")} as sold, refunded, ${money("refunds")} as refunds,
        ${money("adjusted")} as adjusted, ${money("total")} as total, ${ms("issued_at")} as "issuedAt", ${ms("due_at")} as "dueAt",
        ${ms("paid_at")} as "paidAt", payment_id::text as "paymentId"
      from invoices
      where number < coalesce(${$.before}::int, 2147483647) and (${$.number}::int is null or number = ${$.number}::int)
        and (${$.buyer}::text is null or buyer_id = ${$.buyer}::text)
        and (${$.status}::text is null or ${$.status}::text = case when paid_at is not null then 'paid'
          when due_at <= ${$.now}::timestamptz then 'overdue' else 'open' end)
      order by number desc limit ${$.limit}::text::int`,
);
