import { sql } from "drizzle-orm";
import { money, usage } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { type Amount, amountOfTenThousandths } from "#money/amount.ts";

/**
 * Adds to a buyer's balance what is of none of its campaigns, by which the very next lead is decided, and answers with what the buyer may
 * spend then. The transaction must be rolled back when it throws: RangeError when the balance would become too large to be exact.
 */
export async function addToBuyer(tx: Queryable, buyerId: string, amount: Amount): Promise<Amount> {
  await addToBalance.run(tx, { buyer: buyerId, amount });
  return (await readBuyerBalance(tx, buyerId)).spendable;
}

/** A buyer without a row has used nothing so far: its periods begin when time did. */
const addToBalance = statement<unknown, { buyer: string; amount: number }>(
  "add_to_balance",
  "unspread",
  ($) => sql`insert into buyer_counters as counter (buyer_id, balance, ${usage.names})
      values (${$.buyer}, ${$.amount}::text::numeric / 10000, ${usage.nothing})
      on conflict (buyer_id) do update set balance = counter.balance + excluded.balance`,
);

export interface BuyerBalance {
  /** What its ledger says; below zero it owes. */
  balance: Amount;
  /** The same, less what is reserved for it while it is being asked. */
  spendable: Amount;
}

/** A buyer's balance over all its campaigns. Zero for one that never paid nor bought. */
export async function readBuyerBalance(db: Queryable, buyerId: string): Promise<BuyerBalance> {
  const [row] = await selectBuyerBalance.run(db, { buyer: buyerId });
  const spendable = row?.spendable ?? 0;
  return {
    balance: amountOfTenThousandths(spendable + (row?.reserved ?? 0)),
    spendable: amountOfTenThousandths(spendable),
  };
}

const selectBuyerBalance = statement<{ spendable: number; reserved: number }, { buyer: string }>(
  "select_buyer_balance",
  "all campaigns",
  ($) => sql`
      select ${money("coalesce(sum(balance), 0)")} as spendable, (
          select ${money("coalesce(sum(price), 0)")} from leads l
          join sales s on s.lead_id = l.id and s.campaign_id = l.campaign_id
          where l.status = 'PENDING' and s.status = 'reserved' and not s.is_test and s.buyer_id = ${$.buyer}) as reserved
      from (
        select balance from buyer_counters where buyer_id = ${$.buyer}
        union all
        select balance from campaign_counters where party = 'contract' and party_id = ${$.buyer}) as kept`,
);
