import type { Database } from "#database/database.ts";
import { oneWordOf } from "#http/query.ts";
import { count, money, named, objectOf, text, textOrNull, time, timeOrNull, wordOf } from "#http/schema.ts";
import { inCurrency } from "#money/amount.ts";
import { depositIdOf } from "#text/ids.ts";
import { isoOf } from "#time/iso.ts";
import { INVOICE_STATUSES, type Invoice, invoiceStatus } from "./invoice.ts";
import { type InvoiceFilter, listInvoices } from "./invoice-records.ts";

/** By which invoices are narrowed. */
export const INVOICE_STATUS = oneWordOf(INVOICE_STATUSES, "Only those that stand so");

/** In lists, an invoice is known by its number. */
export const INVOICE_PLACE = {
  idOf: (number: string) => number,
  uuidOf: (written: string) => (invoiceNumberIn(written) === undefined ? undefined : written),
};

/** At most `limit` invoices, those before one with the number `before` only. */
export async function readInvoices(
  { database, now }: { database: Database; now(): Date },
  filter: Omit<InvoiceFilter, "number">,
  before: string | null,
  limit: number,
): Promise<{ id: string; invoice: Invoice }[]> {
  const number = before === null ? null : (invoiceNumberIn(before) ?? null);
  const found = await database.read((db) =>
    listInvoices(db, { ...filter, number: null }, number, limit, now()),
  );
  return found.map((invoice) => ({ id: String(invoice.number), invoice }));
}

/** The invoice of a number, of any buyer (null) or of one; undefined when there is none such. */
export async function readInvoice(
  { database, now }: { database: Database; now(): Date },
  written: string,
  buyer: string | null,
): Promise<ReturnType<typeof invoiceAnswer> | undefined> {
  const number = invoiceNumberIn(written);
  if (number === undefined) return undefined;
  const asked = { number, buyer, status: null };
  const [invoice] = await database.read((db) => listInvoices(db, asked, null, 1, now()));
  return invoice && invoiceAnswer(invoice, now());
}

/** Undefined for a text that is no invoice's number. */
export function invoiceNumberIn(written: string): number | undefined {
  return /^[1-9]\d{0,8}$/.test(written) ? Number(written) : undefined;
}

/** An invoice as operators and its buyer see it. */
export function invoiceAnswer(invoice: Invoice, now: Date) {
  const { number, buyerId, month, currency, issuedAt, dueAt, paidAt, paymentId } = invoice;
  const shown = (amount: Invoice["total"]) => inCurrency(amount, currency);
  return {
    number,
    buyer_id: buyerId,
    month,
    currency,
    status: invoiceStatus(invoice, now),
    sales: invoice.sales,
    sold: shown(invoice.sold),
    refunded: invoice.refunded,
    refunds: shown(invoice.refunds),
    adjusted: shown(invoice.adjusted),
    total: shown(invoice.total),
    issued_at: isoOf(issuedAt),
    due_at: isoOf(dueAt),
    paid_at: isoOf(paidAt),
    payment_id: paymentId === null ? null : depositIdOf(paymentId),
  };
}

export const INVOICE = named(
  "Invoice",
  objectOf({
    number: count,
    buyer_id: text,
    month: text,
    currency: text,
    status: wordOf(INVOICE_STATUSES),
    sales: count,
    sold: money,
    refunded: { ...count, description: "Refusals and returns in the month, whenever they were sold." },
    refunds: money,
    adjusted: { ...money, description: "What adjustments added to the balance." },
    total: money,
    issued_at: time,
    due_at: time,
    paid_at: timeOrNull,
    payment_id: textOrNull,
  }),
);
