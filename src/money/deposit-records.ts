import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { type Amount, amountOfTenThousandths } from "./amount.ts";

/** What was paid in for a buyer. */
export interface Deposit {
  /** A UUID. */
  id: string;
  buyerId: string;
  amount: Amount;
  /** What the operator knows the payment by. */
  reference: string | null;
}

/**
 * Puts a deposit on record and answers with the balance after it, by which the very next lead is decided. In one transaction, which
 * must be rolled back when it throws: RangeError when the balance would become too large to be exact.
 */
export async function insertDeposit(tx: Queryable, deposit: Deposit, now: Date): Promise<Amount> {
  const { id, buyerId, amount, reference } = deposit;
  const [, [row]] = await Promise.all([
    recordDeposit.run(tx, { id, buyer: buyerId, amount, reference, at: now.toISOString() }),
    addToBalance.run(tx, { buyer: buyerId, amount }),
  ]);
  return amountOfTenThousandths(row?.balance ?? 0);
}

const recordDeposit = statement<
  unknown,
  { id: string; buyer: string; amount: number; reference: string | null; at: string }
>(
  "insert_deposit",
  sql`insert into deposits (id, buyer_id, amount, reference, created_at)
      values (${sql.placeholder("id")}::text::uuid, ${sql.placeholder("buyer")}, ${sql.placeholder("amount")}::text::numeric / 10000,
        ${sql.placeholder("reference")}, ${sql.placeholder("at")}::text::timestamptz)`,
);

/** A buyer without a row has used nothing so far: its periods begin when time did. */
const addToBalance = statement<{ balance: number }, { buyer: string; amount: number }>(
  "add_to_balance",
  sql`insert into buyer_counters as counter (buyer_id, hour_start, hour_leads, hour_amount, day_start, day_leads, day_amount,
        week_start, week_leads, week_amount, month_start, month_leads, month_amount, total_leads, total_amount, balance)
      values (${sql.placeholder("buyer")}, 'epoch', 0, 0, 'epoch', 0, 0, 'epoch', 0, 0, 'epoch', 0, 0, 0, 0,
        ${sql.placeholder("amount")}::text::numeric / 10000)
      on conflict (buyer_id) do update set balance = counter.balance + excluded.balance
      returning (balance * 10000)::float8 as balance`,
);

/** What a buyer has left; below zero it owes. Zero for one that never paid in nor bought. */
export async function readBalance(db: Queryable, buyerId: string): Promise<Amount> {
  const [row] = await selectBalance.run(db, { buyer: buyerId });
  return amountOfTenThousandths(row?.balance ?? 0);
}

const selectBalance = statement<{ balance: number }, { buyer: string }>(
  "select_balance",
  sql`select (balance * 10000)::float8 as balance from buyer_counters where buyer_id = ${sql.placeholder("buyer")}`,
);
