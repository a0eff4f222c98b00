import { sql } from "drizzle-orm";
import type { AccountHolder } from "#campaigns/account-records.ts";
import { moneySum } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { byCurrency } from "#ledger/event-records.ts";
import { partyFigures } from "#ledger/figure-day-records.ts";
import { type MoneyTotal, moneyTotal } from "#money/amount.ts";
import type { StatementHead } from "./statement.ts";

/** A party's balance in one currency before a moment (ISO 8601): by the hourly figures up to its hour, and by the events since. */
export async function readOpening(
  db: Queryable,
  { party, id, currency, home }: Pick<StatementHead, "party" | "id" | "currency" | "home">,
  from: string,
): Promise<MoneyTotal> {
  const [row] = await SELECT[party].run(db, { id, currency, home, from });
  return moneyTotal(row?.balance ?? "0");
}

type Asked = Record<"id" | "from", string> & Record<"currency" | "home", string | null>;

/** What each kind of row adds to the party's balance, and by what it is the party's. */
export const ADDS: Record<AccountHolder, Record<"figures" | "sale" | "event" | "is", string>> = {
  buyer: { figures: "refunds - sold", sale: "-price", event: "buyer_amount", is: "buyer_id" },
  supplier: { figures: "payouts", sale: "payout", event: "supplier_amount", is: "supplier_id" },
};

function select(party: AccountHolder) {
  const { figures, sale, event, is } = ADDS[party];
  const [saleAdds, eventAdds] = [sql.raw(sale), sql.raw(event)];
  return byCurrency(({ dialect, isInCurrency }) =>
    statement<{ balance: string }, Asked>(`select_opening_balance_of_${party}`, "all campaigns", ($) => {
      const hour = sql`date_trunc('hour', ${$.from}::timestamptz, 'UTC')`;
      const isMine = sql`${sql.raw(is)} = ${$.id}::text`;
      const mine = sql`${isMine} and currency = ${$.currency}::text`;
      const isEvent = sql`${isMine} and ${isInCurrency}`;
      const sinceHour = (at: string) =>
        sql`${sql.raw(at)} >= ${hour} and ${sql.raw(at)} < ${$.from}::timestamptz`;
      return sql`
        select ${moneySum("coalesce(sum(adds), 0)")} as balance from (
          ${partyFigures(sql.raw(`${figures} as adds`), { isMine: mine, dialect, before: hour })}
          union all
          select ${saleAdds} from sales
          where ${mine} and status in ('sold', 'refused', 'returned') and not is_test and ${sinceHour("sold_at")}
          union all
          select ${eventAdds} from ledger where ${isEvent} and sale_id is not null and ${sinceHour("at")}
          union all
          select ${eventAdds} from ledger where ${isEvent} and sale_id is null and at < ${$.from}::timestamptz) as parts`;
    }),
  );
}

const SELECT = { buyer: select("buyer"), supplier: select("supplier") };
