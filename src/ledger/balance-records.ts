import { type SQL, sql } from "drizzle-orm";
import type { AccountHolder } from "#campaigns/account-records.ts";
import { closeLimits } from "#campaigns/recount-records.ts";
import { money, moneySum, usage } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { type Statement, statement } from "#database/statement.ts";
import { type Amount, amountOfTenThousandths, type MoneyTotal, moneyTotal } from "#money/amount.ts";
import { byCurrency } from "./event-records.ts";
import { partyFigures } from "./figure-day-records.ts";

/**
 * Adds to a buyer's balance what is of none of its campaigns, by which the very next lead is decided. Until the transaction ends nobody
 * else moves the balance of a buyer with a wallet or credit.
 */
export async function addToBuyer(tx: Queryable, buyerId: string, amount: Amount): Promise<void> {
  await addToBalance.run(tx, { buyer: buyerId, amount });
  if (tx.isSpread !== true || amount === 0) return;
  // What campaigns have of it and don't use is taken back before less can be spent.
  if (amount < 0) await closeLimits(tx, buyerId);
  else await addToLimit.run(tx, { buyer: buyerId, amount });
}

const addToLimit = statement<unknown, { buyer: string; amount: number }>(
  "add_to_limit",
  "unspread",
  ($) => sql`update buyer_limits set units = units + ${$.amount}::text::bigint
      where buyer_id = ${$.buyer} and measure = 'balance'`,
);

/** What a buyer paid in, and what it was sold where that stands with it. */
export async function readPaidIn(db: Queryable, buyer: string): Promise<Amount> {
  const [row] = await selectPaidIn.run(db, { buyer });
  return amountOfTenThousandths(row?.balance ?? 0);
}

const selectPaidIn = statement<{ balance: number }, { buyer: string }>(
  "select_paid_in",
  "unspread",
  ($) => sql`select ${money("balance")} as balance from buyer_counters where buyer_id = ${$.buyer}`,
);

/** A buyer without a row has used nothing so far: its periods begin when time did. */
const addToBalance = statement<unknown, { buyer: string; amount: number }>(
  "add_to_balance",
  "unspread",
  ($) => sql`insert into buyer_counters as counter (buyer_id, balance, ${usage.names})
      values (${$.buyer}, ${$.amount}::text::numeric / 10000, ${usage.nothing})
      on conflict (buyer_id) do update set balance = counter.balance + excluded.balance`,
);

export interface Balance {
  /** Null: the party is in no campaign yet, and has none. */
  currency: string | null;
  /** What the ledger says: below zero a buyer owes; above it a supplier is owed. */
  balance: MoneyTotal;
  /** What a buyer may spend: its balance less what is reserved for it while it is being asked. */
  spendable: MoneyTotal;
}

/** A party's balances over all its campaigns, one for each currency; at least one. */
export async function readBalances(
  db: Queryable,
  party: AccountHolder,
  id: string,
  currencies: readonly string[],
): Promise<Balance[]> {
  const all = [...new Set([...currencies, ...(await readMovedCurrencies(db, party, id))])];
  const [one = null, ...others] = all;
  const rows =
    others.length === 0
      ? (await KEPT[party].run(db, { id })).map((row) => ({ ...row, currency: one }))
      : await SUMMED[party].run(db, { id, home: homeOf(all) });
  const known = rows.map(({ currency, balance, reserved }): Balance => {
    const exact = moneyTotal(balance);
    return { currency, balance: exact, spendable: party === "buyer" ? exact - moneyTotal(reserved) : exact };
  });
  const missing = all.filter((currency) => known.every((each) => each.currency !== currency));
  return [...known, ...missing.map((currency) => ({ currency, balance: NOTHING, spendable: NOTHING }))];
}

/** Those in which money of a party moved, whatever campaigns it is in now, and though all of it was taken back. */
export async function readMovedCurrencies(
  db: Queryable,
  party: AccountHolder,
  id: string,
): Promise<string[]> {
  return (await EVENT_CURRENCIES[party].run(db, { id })).map(({ currency }) => currency);
}

/** Of a party's currencies the one that takes what was booked before it had any, where it is in no campaign any more. */
export function homeOf(currencies: readonly (string | null)[]): string | null {
  return currencies.filter((currency) => currency !== null).toSorted()[0] ?? null;
}

const NOTHING: MoneyTotal = 0n;

type Id = { id: string };
type Sums = { currency: string | null; balance: string; reserved: string };

function forEachParty<Row>(
  say: (party: AccountHolder) => Statement<Row, Id>,
): Record<AccountHolder, Statement<Row, Id>> {
  return { buyer: say("buyer"), supplier: say("supplier") };
}

const EVENT_CURRENCIES = forEachParty((party) =>
  byCurrency(({ currencySince }) =>
    statement<{ currency: string }, Id>(
      `select_${party}_currencies`,
      "all campaigns",
      ($) => sql`
        select coalesce(currency, ${currencySince}) as currency from ledger
        where ${column(party, "id")} = ${$.id} and sale_id is null and coalesce(currency, ${currencySince}) is not null
        union
        select c.definition ->> 'currency' from campaign_counters k join campaigns c on c.id = k.campaign_id
        where k.party = ${sql.raw(party === "buyer" ? "'contract'" : "'supplier'")} and k.party_id = ${$.id}
          and (k.balance <> 0 or k.total_leads > 0 or k.last_turn > 0)
        order by 1`,
    ),
  ),
);

function column(party: AccountHolder, name: "id" | "amount"): SQL {
  return sql.raw(`${party}_${name}`);
}

/** What is reserved of a party, which its kept balance has taken already. */
function reserved(party: AccountHolder, id: SQL): SQL {
  return sql`(select s.currency, s.price, s.payout from leads l
    join sales s on s.lead_id = l.id and s.campaign_id = l.campaign_id
    where l.status = 'PENDING' and s.status = 'reserved' and not s.is_test and s.${column(party, "id")} = ${id}) as held`;
}

/** Of one currency: by the balances that every sale keeps, however many there were. */
const KEPT = {
  buyer: statement<Omit<Sums, "currency">, Id>(
    "select_kept_balance_of_buyer",
    "all campaigns",
    ($) => sql`
        select ${moneySum("(balance + reserved)")} as balance, ${moneySum("reserved")} as reserved
        from (select (select coalesce(sum(balance), 0) from buyer_counters where buyer_id = ${$.id})
            + (select coalesce(sum(balance), 0) from campaign_counters where party = 'contract' and party_id = ${$.id}) as balance) as kept,
          (select coalesce(sum(price), 0) as reserved from ${reserved("buyer", $.id)}) as held`,
  ),
  supplier: statement<Omit<Sums, "currency">, Id>(
    "select_kept_balance_of_supplier",
    "all campaigns",
    ($) => sql`
        select ${moneySum("(balance - reserved)")} as balance, ${moneySum("reserved")} as reserved
        from (select coalesce(sum(balance), 0) as balance from (
            select balance from campaign_counters where party = 'supplier' and party_id = ${$.id}
            union all
            select supplier_amount from ledger where supplier_id = ${$.id} and sale_id is null) as parts) as kept,
          (select coalesce(sum(payout), 0) as reserved from ${reserved("supplier", $.id)}) as held`,
  ),
};

/** Of several currencies: by the hourly figures, and the events that are of no sale. */
const SUMMED = {
  buyer: byCurrency(({ dialect, currencySince }) =>
    statement<Sums, Id & { home: string | null }>(
      "select_summed_balances_of_buyer",
      "all campaigns",
      ($) => sql`
        select currency, ${moneySum("sum(balance)")} as balance, ${moneySum("sum(reserved)")} as reserved from (
          ${partyFigures(sql`currency, refunds - sold as balance, 0 as reserved`, { isMine: sql`buyer_id = ${$.id}`, dialect })}
          union all
          select coalesce(currency, ${currencySince}, ${$.home}::text), buyer_amount, 0 from ledger
          where buyer_id = ${$.id} and sale_id is null
          union all
          select currency, 0, price from ${reserved("buyer", $.id)}) as parts
        group by currency order by currency`,
    ),
  ),
  supplier: byCurrency(({ dialect, currencySince }) =>
    statement<Sums, Id & { home: string | null }>(
      "select_summed_balances_of_supplier",
      "all campaigns",
      ($) => sql`
        select currency, ${moneySum("sum(balance)")} as balance, '0' as reserved from (
          ${partyFigures(sql`currency, payouts as balance`, { isMine: sql`supplier_id = ${$.id}`, dialect })}
          union all
          select coalesce(currency, ${currencySince}, ${$.home}::text), supplier_amount from ledger
          where supplier_id = ${$.id} and sale_id is null) as parts
        group by currency order by currency`,
    ),
  ),
};
