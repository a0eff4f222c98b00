import { type SQL, sql } from "drizzle-orm";
import type { AccountHolder } from "#campaigns/account-records.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { figuresOf } from "#ledger/figure-day-records.ts";
import { type Amount, amountOfTenThousandths } from "#money/amount.ts";

/**
 * A party's balance in one currency as it was before a moment (ISO 8601): by the hourly figures up to its hour, and by the events since.
 * Throws a RangeError when it is too large to be exact.
 */
export async function readOpening(
  db: Queryable,
  party: AccountHolder,
  id: string,
  currency: string | null,
  from: string,
): Promise<Amount> {
  const [row] = await SELECT[party].run(db, { id, currency, from });
  return amountOfTenThousandths(row?.balance ?? 0);
}

type Asked = { id: string; currency: string | null; from: string };

/** What each kind of row adds to the party's balance. */
const ADDS: Record<AccountHolder, { figures: SQL; sale: SQL; event: SQL; is: SQL }> = {
  buyer: {
    figures: sql`refunds - sold`,
    sale: sql`-price`,
    event: sql`buyer_amount`,
    is: sql`buyer_id`,
  },
  supplier: { figures: sql`payouts`, sale: sql`payout`, event: sql`supplier_amount`, is: sql`supplier_id` },
};

function select(party: AccountHolder) {
  const adds = ADDS[party];
  return statement<{ balance: number }, Asked>(`select_opening_balance_of_${party}`, "all campaigns", ($) => {
    const hour = sql`date_trunc('hour', ${$.from}::text::timestamptz, 'UTC')`;
    const mine = sql`${adds.is} = ${$.id}::text and coalesce(currency, '') in ('', coalesce(${$.currency}::text, ''))`;
    const sinceHour = (at: string) =>
      sql`${sql.raw(at)} >= ${hour} and ${sql.raw(at)} < ${$.from}::text::timestamptz`;
    return sql`
        select (coalesce(sum(adds), 0) * 10000)::float8 as balance from (
          ${figuresOf(sql`${adds.figures} as adds`, mine, hour)}
          union all
          select ${adds.sale} from sales
          where ${mine} and status in ('sold', 'refused', 'returned') and not is_test and ${sinceHour("sold_at")}
          union all
          select ${adds.event} from ledger where ${mine} and sale_id is not null and ${sinceHour("at")}
          union all
          select ${adds.event} from ledger where ${mine} and sale_id is null and at < ${$.from}::text::timestamptz) as parts`;
  });
}

const SELECT = { buyer: select("buyer"), supplier: select("supplier") };
