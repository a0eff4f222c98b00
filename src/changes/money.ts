import { type Account, type AccountHolder, readAccount } from "#campaigns/account-records.ts";
import { type OperatorAction, operation } from "#configuration/history.ts";
import { type Author, recordChange } from "#configuration/history-records.ts";
import { type Database, type Queryable, StatementRefused } from "#database/database.ts";
import { addToBuyer, type Balance, readBalances, readMovedCurrencies } from "#ledger/balance-records.ts";
import { insertEvent } from "#ledger/event-records.ts";
import {
  type Amount,
  amountOfTenThousandths,
  inCurrency,
  moneyTotal,
  negate,
  parseAmount,
} from "#money/amount.ts";
import { depositIdOf, eventIdOf, newUuid } from "#text/ids.ts";

/** What an operator puts into the books of a party. */
export interface WantedEvent {
  party: AccountHolder;
  id: string;
  kind: "payment" | "payout" | "adjustment";
  /** What it adds to the party's balance. */
  amount: Amount;
  /** Null: the party's own. */
  currency: string | null;
  reference: string | null;
  note: string | null;
}

/** An event that was made, and the party's balance with it. */
export interface MadeEvent {
  /** A UUID. */
  id: string;
  account: Account;
  balance: Balance;
}

/**
 * Why nothing was put into the books. `which_currency`: the party has several, and one must be named; `other_currency`: it is none of them;
 * `overdrawn`: a wallet would be below zero, or a credit over its limit; `too_large`: the database cannot hold the balance.
 */
export type MoneyRefusal =
  | { refused: "no_such_party" }
  | { refused: "which_currency" | "other_currency"; currencies: readonly string[] }
  | { refused: "overdrawn"; spendable: string }
  | { refused: "too_large" };

/** Books a payment or an adjustment of a party, by which the very next lead is decided. */
export async function bookEvent(
  wanted: WantedEvent,
  database: Database,
  author: Author,
): Promise<MadeEvent | MoneyRefusal> {
  try {
    return await database.write(async (tx) => {
      const account = await readAccount(tx, wanted.party, wanted.id);
      if (account === undefined) return { refused: "no_such_party" };
      const moved = await readMovedCurrencies(tx, wanted.party, wanted.id);
      const currency = currencyFor(account, wanted.currency, moved);
      if (typeof currency === "object" && currency !== null) return currency;
      const id = newUuid();
      const balance = await writeEvent(tx, { ...wanted, currency }, { id, account, author });
      return { id, account, balance };
    });
  } catch (error) {
    if (error instanceof Overdrawn) return { refused: "overdrawn", spendable: error.spendable };
    if (isTooLarge(error)) return { refused: "too_large" };
    throw error;
  }
}

/** Whether the database refused a number for its size. */
export function isTooLarge(error: unknown): boolean {
  return error instanceof StatementRefused && error.sqlstate === "22003";
}

/**
 * Of a party that is in no campaign yet, none, unless it is said. What was sold in a currency is paid in it, though the party be in no
 * campaign of it any more: `moved` are those currencies. A wallet or credit is of the currency of its campaigns alone, while it has any.
 */
export function currencyFor(
  { currencies, billing }: Account,
  wanted: string | null,
  moved: readonly string[],
): string | null | MoneyRefusal {
  const own = currencies.length === 0 ? moved : currencies;
  const [one = null, ...others] = own;
  if (wanted === null) return others.length === 0 ? one : { refused: "which_currency", currencies: own };
  const isWatched = billing !== null && billing.mode !== "manual";
  const known = isWatched && currencies.length > 0 ? currencies : [...new Set([...currencies, ...moved])];
  const isOpen = currencies.length === 0 && !isWatched;
  return isOpen || known.includes(wanted) ? wanted : { refused: "other_currency", currencies: known };
}

async function writeEvent(
  tx: Queryable,
  wanted: WantedEvent,
  { id, account, author }: { id: string; account: Account; author: Author },
): Promise<Balance> {
  const { party, kind, amount, currency, reference, note } = wanted;
  const event = {
    id,
    kind,
    campaignId: null,
    buyerId: party === "buyer" ? account.id : null,
    supplierId: party === "supplier" ? account.id : null,
    buyerAmount: party === "buyer" ? amount : NOTHING,
    supplierAmount: party === "supplier" ? amount : NOTHING,
    currency,
    day: null,
    source: null,
    reference,
    note,
    by: author.by,
  };
  await insertEvent(tx, event, author.now);
  if (party === "buyer") await addToBuyer(tx, account.id, amount);
  const balances = await readBalances(tx, party, account.id, account.currencies);
  const balance = balances.find((each) => each.currency === currency) ?? balances[0];
  if (balance === undefined) throw new Error("every party has a balance");
  refuseOverdrawn(account, amount, balance);
  await recordChange(tx, author, bookedChange(wanted, id));
  return balance;
}

/** Money that is paid in is taken, whatever is owed. */
function refuseOverdrawn({ billing }: Account, amount: Amount, { spendable, currency }: Balance): void {
  if (billing === null || billing.mode === "manual" || amount >= 0) return;
  const limit = billing.mode === "credit" ? parseAmount(billing.limit) : undefined;
  if (spendable + moneyTotal(limit ?? NOTHING) < 0) {
    throw new Overdrawn(inCurrency(spendable - moneyTotal(amount), currency));
  }
}

const NOTHING = amountOfTenThousandths(0);

class Overdrawn extends Error {
  override readonly name = "Overdrawn";
  /** What the buyer has without the change. */
  readonly spendable: string;
  constructor(spendable: string) {
    super("the balance does not bear it");
    this.spendable = spendable;
  }
}

const ACTIONS: Record<WantedEvent["kind"], OperatorAction> = {
  payment: "deposit_made",
  payout: "payout_made",
  adjustment: "balance_adjusted",
};

function bookedChange({ party, id, kind, amount, currency, reference, note }: WantedEvent, event: string) {
  const path = kind === "payment" ? `deposits[${depositIdOf(event)}]` : `ledger[${eventIdOf(event)}]`;
  const shown = kind === "payout" ? negate(amount) : amount;
  return operation({ kind: party, id }, ACTIONS[kind], {
    path,
    to: { amount: inCurrency(shown, currency), reference, ...(note !== null && { note }) },
  });
}
