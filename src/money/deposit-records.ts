import { sql } from "drizzle-orm";
import { money, usage } from "#database/columns.ts";
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
  "unspread",
  ($) => sql`insert into deposits (id, buyer_id, amount, reference, created_at)
      values (${$.id}::text::uuid, ${$.buyer}, ${$.amount}::text::numeric / 10000,
        ${$.reference}, ${$.at}::text::timestamptz)`,
);

/** A buyer without a row has used nothing so far: its periods begin when time did. */
const addToBalance = statement<{ balance: number }, { buyer: string; amount: number }>(
  "add_to_balance",
  "unspread",
  ($) => sql`insert into buyer_counters as counter (buyer_id, balance, ${usage.names})
      values (${$.buyer}, ${$.amount}::text::numeric / 10000, ${usage.nothing})
      on conflict (buyer_id) do update set balance = counter.balance + excluded.balance
      returning ${money("balance")} as balance`,
);

/** What a buyer has left; below zero it owes. Zero for one that never paid in nor bought. */
export async function readBalance(db: Queryable, buyerId: string): Promise<Amount> {
  const [row] = await selectBalance.run(db, { buyer: buyerId });
  return amountOfTenThousandths(row?.balance ?? 0);
}

const selectBalance = statement<{ balance: number }, { buyer: string }>(
  "select_balance",
  "unspread",
  ($) => sql`select ${money("balance")} as balance from buyer_counters where buyer_id = ${$.buyer}`,
);
