import { sql } from "drizzle-orm";
import { money, ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { type Amount, amountOfTenThousandths } from "#money/amount.ts";

/** A supplier, and the hours (their beginnings, in ms since 1970) in which it sent leads, in their order. */
export interface ActiveHours {
  supplierId: string;
  hours: readonly number[];
}

/** Of the suppliers that are active, when they sent leads since a moment, ISO 8601. */
export async function readActiveHours(db: Queryable, since: string): Promise<ActiveHours[]> {
  const rows = await selectActiveHours.run(db, { since });
  return [...Map.groupBy(rows, (row) => row.supplierId)].map(([supplierId, of]) => ({
    supplierId,
    hours: of.map(({ hour }) => hour),
  }));
}

const selectActiveHours = statement<{ supplierId: string; hour: number }, { since: string }>(
  "select_active_hours",
  "all campaigns",
  ($) => sql`select f.supplier_id as "supplierId", ${ms("f.hour")} as hour
      from figures f join suppliers s on s.id = f.supplier_id
      where f.hour >= ${$.since}::timestamptz and s.archived_at is null and s.definition ->> 'status' = 'active'
        and f.accepted + f.unmatched + f.rejected + f.duplicates > 0
      group by f.supplier_id, f.hour order by f.supplier_id, f.hour`,
);

/** An invoice that was not paid in time. */
export interface OverdueInvoice {
  number: number;
  buyerId: string;
  total: Amount;
  currency: string;
  /** ms since 1970. */
  dueAt: number;
}

/** The invoices that were due before a moment, ISO 8601, and are not paid. */
export async function readOverdueInvoices(db: Queryable, at: string): Promise<OverdueInvoice[]> {
  const rows = await selectOverdue.run(db, { at });
  return rows.map((row) => ({ ...row, total: amountOfTenThousandths(row.total) }));
}

const selectOverdue = statement<Omit<OverdueInvoice, "total"> & { total: number }, { at: string }>(
  "select_overdue_invoices",
  "unspread",
  (
    $,
  ) => sql`select number, buyer_id as "buyerId", ${money("total")} as total, currency, ${ms("due_at")} as "dueAt"
      from invoices where paid_at is null and due_at < ${$.at}::timestamptz order by number`,
);
