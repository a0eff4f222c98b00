import { FormatRegistry, Type } from "@sinclair/typebox";
import { type AdminParts, authorOf } from "#admin/parts.ts";
import { issueInvoice, type NoInvoice, payInvoice } from "#changes/invoices.ts";
import { json } from "#http/body-form.ts";
import type { RequestContext } from "#http/context.ts";
import { anything } from "#http/query.ts";
import { listRoute, type Route, route, singleRoute } from "#http/route.ts";
import { dataOf, pageOf } from "#http/schema.ts";
import { exampleCall, missingCall, notFound, pathParameter, refusalWords, reply } from "#http/words.ts";
import {
  INVOICE,
  INVOICE_PLACE,
  INVOICE_STATUS,
  invoiceAnswer,
  invoiceNumberIn,
  readInvoice,
  readInvoices,
} from "#ledger/invoice-words.ts";
import { readDay } from "#time/calendar.ts";
import { CURRENCY, PARTY_PARAMS, PARTY_PATHS, refuseMoney } from "./money-schemas.ts";

FormatRegistry.Set(
  "leadgate:month",
  (written) => /^\d{4}-\d\d$/.test(written) && readDay(`${written}-01`) !== undefined,
);

const MONTH = Type.Object({
  month: Type.String({ format: "leadgate:month", mustBe: "a month such as 2030-01" }),
  currency: CURRENCY,
});

const NO_INVOICE = "There is no such invoice.";
/** Months of buyers, closed and to be paid. */
export function invoiceRoutes(parts: AdminParts): Route[] {
  return [issueRoute(parts), listInvoicesRoute(parts), showInvoiceRoute(parts), paidRoute(parts)];
}

function issueRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "post",
    path: `${PARTY_PATHS.buyer}/invoices`,
    who: operators.operate,
    body: json(MONTH),
    async answer({ context, caller, params: { id }, body: { month, currency = null } }) {
      const wanted = { buyerId: id, month, currency };
      const issued = await issueInvoice(wanted, database, authorOf(caller, { now }));
      if ("refused" in issued) return refuseIssue(context, issued);
      return context.json(201, { data: invoiceAnswer(issued, now()) });
    },
    words: {
      operation: "issueInvoice",
      section: "Operators",
      summary: "Close a month of a buyer into an invoice",
      description: `What the buyer was sold in a month, less what was refunded in it and what adjustments gave it. Numbers have no gap. An
invoice is never changed: what happens to its sales later is in the month in which it happens.`,
      params: PARTY_PARAMS.buyer,
      replies: {
        201: reply("The invoice.", dataOf(INVOICE)),
        404: notFound("buyer"),
        409: refusalWords(
          "The month ended less than a minute ago or is to come, or was invoiced before, or a lead of it is still being asked about.",
        ),
      },
    },
  });
}

function refuseIssue(context: RequestContext, refusal: NoInvoice): Response {
  switch (refusal.refused) {
    case "month_open":
      return context.refuse(
        "conflict",
        "A month can be invoiced a minute after its end, in the buyer's time zone.",
      );
    case "invoiced_before":
      return context.refuse("conflict", "This month of the buyer was invoiced before.");
    case "being_asked":
      return context.refuse(
        "conflict",
        "A lead of this month is still being asked about: try again in a minute.",
      );
    case "no_currency":
      return context.refuse("conflict", "This buyer is in no campaign: there is nothing to invoice.");
    case "no_such_party":
    case "which_currency":
    case "other_currency":
    case "overdrawn":
      return refuseMoney(context, "buyer", refusal);
    case "too_large":
      return context.refuse("conflict", "This month comes to more than one invoice can say.");
  }
}

function listInvoicesRoute({ database, operators, now }: AdminParts): Route {
  return listRoute({
    path: "/api/v1/admin/invoices",
    who: operators.read,
    listing: {
      settings: { buyer: anything("Only those of this buyer"), status: INVOICE_STATUS },
      read: (asked, before, limit) => readInvoices({ database, now }, asked, before, limit),
      ...INVOICE_PLACE,
    },
    shown: ({ invoice }) => invoiceAnswer(invoice, now()),
    words: {
      operation: "listInvoices",
      section: "Operators",
      summary: "Invoices, newest first",
      description: "Invoices, newest first, with whether they are open, overdue or paid.",
      calls: { none: exampleCall("None yet", undefined, 200, { data: [], next_cursor: null }) },
      replies: { 200: reply("A page of them.", pageOf(INVOICE)) },
    },
  });
}

function showInvoiceRoute({ database, operators, now }: AdminParts): Route {
  return singleRoute({
    path: "/api/v1/admin/invoices/:number",
    who: operators.read,
    missing: NO_INVOICE,
    read: ({ number }) => readInvoice({ database, now }, number, null),
    words: {
      operation: "getInvoice",
      section: "Operators",
      summary: "One invoice",
      description: "An invoice by its number, with whether it is open, overdue or paid.",
      params: { number: pathParameter("The invoice's number", 1) },
      calls: { no_such_invoice: missingCall("No such invoice", NO_INVOICE) },
      replies: { 200: reply("The invoice.", dataOf(INVOICE)), 404: notFound("invoice") },
    },
  });
}

function paidRoute({ database, operators, now }: AdminParts): Route {
  return route({
    method: "post",
    path: "/api/v1/admin/invoices/:number/paid",
    who: operators.operate,
    async answer({ context, caller, params }) {
      const number = invoiceNumberIn(params.number);
      if (number === undefined) return context.refuse("not_found", NO_INVOICE);
      const paid = await payInvoice(number, database, authorOf(caller, { now }));
      if (paid === "no_such_invoice") return context.refuse("not_found", NO_INVOICE);
      if (paid === "paid_before") return context.refuse("conflict", "This invoice is paid already.");
      if (paid === "too_large") return context.refuse("conflict", "The balance would become too large.");
      return context.json(200, { data: invoiceAnswer(paid, now()) });
    },
    words: {
      operation: "payInvoice",
      section: "Operators",
      summary: "Put on record that an invoice was paid",
      description: "Books a payment of the invoice's total for its buyer.",
      params: { number: pathParameter("The invoice's number", 1) },
      calls: { no_such_invoice: missingCall("No such invoice", NO_INVOICE) },
      replies: {
        200: reply("The invoice.", dataOf(INVOICE)),
        404: notFound("invoice"),
        409: refusalWords("It is paid already."),
      },
    },
  });
}
