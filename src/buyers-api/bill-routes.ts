import { listRoute, type Route, singleRoute } from "#http/route.ts";
import { dataOf, pageOf } from "#http/schema.ts";
import { notFound, pathParameter, reply } from "#http/words.ts";
import {
  INVOICE,
  INVOICE_PLACE,
  INVOICE_STATUS,
  invoiceAnswer,
  readInvoice,
  readInvoices,
} from "#ledger/invoice-words.ts";
import { statementRoute } from "#ledger/statements/statement-route.ts";
import type { BuyerParts } from "./parts.ts";

/** What a buyer was sold, paid and is to pay: what operators see of it. */
export function billRoutes(parts: BuyerParts): Route[] {
  return [ownStatementRoute(parts), ownInvoicesRoute(parts), ownInvoiceRoute(parts)];
}

function ownStatementRoute({ database, buyers, now, stopping }: BuyerParts): Route {
  return statementRoute({
    path: "/api/v1/buyer/statement",
    who: buyers,
    party: "buyer",
    idOf: (_, { buyerId }) => buyerId,
    parts: { database, now, stopping },
    words: {
      operation: "getOwnStatement",
      section: "Buyers",
      summary: "Your statement",
      description: `What moved this buyer's balance in a month, or from one day to another: opening balance, lines, closing balance. Days
begin in its time zone. Streamed, however many lines there are.`,
    },
  });
}

function ownInvoicesRoute({ database, buyers, now }: BuyerParts): Route {
  return listRoute({
    path: "/api/v1/buyer/invoices",
    who: buyers,
    listing: {
      settings: { status: INVOICE_STATUS },
      read: (asked, before, limit, { buyerId }) =>
        readInvoices({ database, now }, { ...asked, buyer: buyerId }, before, limit),
      ...INVOICE_PLACE,
    },
    shown: ({ invoice }) => invoiceAnswer(invoice, now()),
    words: {
      operation: "listOwnInvoices",
      section: "Buyers",
      summary: "Your invoices, newest first",
      description: "The months of this buyer that were closed, with whether each is open, overdue or paid.",
      replies: { 200: reply("A page of them.", pageOf(INVOICE)) },
    },
  });
}

function ownInvoiceRoute({ database, buyers, now }: BuyerParts): Route {
  return singleRoute({
    path: "/api/v1/buyer/invoices/:number",
    who: buyers,
    missing: NO_INVOICE,
    read: ({ number }, { buyerId }) => readInvoice({ database, now }, number, buyerId),
    words: {
      operation: "getOwnInvoice",
      section: "Buyers",
      summary: "One of your invoices",
      description: "An invoice by its number, with whether it is open, overdue or paid.",
      params: { number: pathParameter("The invoice's number", 1) },
      replies: { 200: reply("The invoice.", dataOf(INVOICE)), 404: notFound("invoice") },
    },
  });
}

const NO_INVOICE = "You have no such invoice.";
