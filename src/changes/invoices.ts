import { type Account, readAccount } from "#campaigns/account-records.ts";
import { operation } from "#configuration/history.ts";
import type { Author } from "#configuration/history-records.ts";
import type { Database, Queryable } from "#database/database.ts";
import { addToBuyer, homeOf, readMovedCurrencies } from "#ledger/balance-records.ts";
import type { PartyEvent } from "#ledger/event.ts";
import { insertEvent } from "#ledger/event-records.ts";
import { type Invoice, USUAL_TERMS_DAYS } from "#ledger/invoice.ts";
import {
  type BilledMonth,
  betweenInvoices,
  bumpCampaignsOfBuyer,
  insertInvoice,
  listInvoices,
  lockInvoices,
  readMonth,
  setPaid,
} from "#ledger/invoice-records.ts";
import { type Amount, amountOfTenThousandths, inCurrency, subtract } from "#money/amount.ts";
import { newUuid } from "#text/ids.ts";
import { DAY_MS } from "#time/durations.ts";
import { changeAndRecord } from "./change-and-record.ts";
import { currencyFor, isTooLarge, type MoneyRefusal } from "./money.ts";

/**
 * Why a month was not invoiced. `being_asked`: a lead of it is reserved still, and may be sold; `too_large`: it comes to more than an
 * amount can be.
 */
export type NoInvoice =
  | MoneyRefusal
  | { refused: "month_open" | "invoiced_before" | "being_asked" | "no_currency" };

/**
 * So long after a month ended nothing of it can come any more: what operators book is of the moment at which they asked for it, and
 * another server's clock may be behind.
 */
const SETTLED_MS = 60_000;
const NOTHING = amountOfTenThousandths(0);

interface WantedInvoice {
  buyerId: string;
  /** YYYY-MM. */
  month: string;
  /** Null: the buyer's own. */
  currency: string | null;
}

/** Closes a month of a buyer into an invoice, which is never changed again. */
export async function issueInvoice(
  wanted: WantedInvoice,
  database: Database,
  author: Author,
): Promise<Invoice | NoInvoice> {
  try {
    return await database.write((tx) => issueIn(tx, wanted, author));
  } catch (error) {
    if (error instanceof RangeError) return { refused: "too_large" };
    throw error;
  }
}

async function issueIn(tx: Queryable, wanted: WantedInvoice, author: Author): Promise<Invoice | NoInvoice> {
  const account = await readAccount(tx, "buyer", wanted.buyerId);
  if (account === undefined) return { refused: "no_such_party" };
  const moved = await readMovedCurrencies(tx, "buyer", wanted.buyerId);
  const currency = currencyFor(account, wanted.currency, moved);
  if (currency === null) return { refused: "no_currency" };
  if (typeof currency === "object") return currency;
  const home = homeOf([...account.currencies, ...moved]) ?? currency;
  const month = monthOf(account, wanted.month, { currency, home });
  if (author.now.getTime() < Date.parse(month.to) + SETTLED_MS) return { refused: "month_open" };
  return changeAndRecord(
    tx,
    author,
    () => issue(tx, account, month, author),
    (issued) => ("refused" in issued ? undefined : issuedChange(issued)),
  );
}

function monthOf(
  { id, timezone }: Account,
  month: string,
  of: Pick<BilledMonth, "currency" | "home">,
): BilledMonth {
  const first = Temporal.PlainDate.from(`${month}-01`);
  const at = (day: Temporal.PlainDate) =>
    new Date(day.toZonedDateTime(timezone).epochMilliseconds).toISOString();
  return { buyerId: id, month, ...of, from: at(first), to: at(first.add({ months: 1 })) };
}

async function issue(
  tx: Queryable,
  { billing }: Account,
  asked: BilledMonth,
  author: Author,
): Promise<Invoice | NoInvoice> {
  const number = await lockInvoices(tx);
  const month = await betweenInvoices(tx, asked);
  const { reserved, ...sums } = await readMonth(tx, month);
  if (reserved > 0) return { refused: "being_asked" };
  const total = subtract(subtract(sums.sold, sums.refunds), sums.adjusted);
  const issuedAt = author.now.getTime();
  const { buyerId, currency } = month;
  const invoice: Invoice = {
    number,
    buyerId,
    month: month.month,
    currency,
    ...sums,
    total,
    issuedAt,
    dueAt: issuedAt + (billing?.terms_days ?? USUAL_TERMS_DAYS) * DAY_MS,
    paidAt: total > 0 ? null : issuedAt,
    paymentId: null,
  };
  if (!(await insertInvoice(tx, invoice, month))) return { refused: "invoiced_before" };
  await insertEvent(tx, eventOf("invoice", newUuid(), NOTHING, invoice, author), author.now);
  if (billing?.when_overdue === "pause") await bumpCampaignsOfBuyer(tx, buyerId);
  return invoice;
}

function eventOf(
  kind: "invoice" | "payment",
  id: string,
  amount: Amount,
  { number, buyerId, month, currency }: Invoice,
  { by }: Author,
): PartyEvent {
  return {
    id,
    kind,
    campaignId: null,
    buyerId,
    supplierId: null,
    buyerAmount: amount,
    supplierAmount: NOTHING,
    currency,
    day: null,
    source: null,
    reference: `invoice ${number}`,
    note: kind === "invoice" ? month : null,
    by,
  };
}

function issuedChange({ number, buyerId, month, total, currency }: Invoice) {
  const to = { month, total: inCurrency(total, currency) };
  return operation({ kind: "buyer", id: buyerId }, "invoice_issued", { path: `invoices[${number}]`, to });
}

/** Books the payment of an invoice, whole. */
export async function payInvoice(
  number: number,
  database: Database,
  author: Author,
): Promise<Invoice | "no_such_invoice" | "paid_before" | "too_large"> {
  try {
    return await database.write((tx) =>
      changeAndRecord(
        tx,
        author,
        () => pay(tx, number, author),
        (paid) => (typeof paid === "string" ? undefined : paidChange(paid)),
      ),
    );
  } catch (error) {
    if (isTooLarge(error)) return "too_large";
    throw error;
  }
}

async function pay(
  tx: Queryable,
  number: number,
  author: Author,
): Promise<Invoice | "no_such_invoice" | "paid_before"> {
  await lockInvoices(tx);
  const asked = { number, buyer: null, status: null };
  const [invoice] = await listInvoices(tx, asked, null, 1, author.now);
  if (invoice === undefined) return "no_such_invoice";
  if (invoice.paidAt !== null) return "paid_before";
  const id = newUuid();
  await insertEvent(tx, eventOf("payment", id, invoice.total, invoice, author), author.now);
  await addToBuyer(tx, invoice.buyerId, invoice.total);
  await setPaid(tx, number, id, author.now);
  const account = await readAccount(tx, "buyer", invoice.buyerId);
  if (account?.billing?.when_overdue === "pause") await bumpCampaignsOfBuyer(tx, invoice.buyerId);
  return { ...invoice, paidAt: author.now.getTime(), paymentId: id };
}

function paidChange({ number, buyerId, total, currency }: Invoice) {
  const to = { amount: inCurrency(total, currency) };
  return operation({ kind: "buyer", id: buyerId }, "invoice_paid", { path: `invoices[${number}]`, to });
}
