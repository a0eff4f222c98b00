import { endOf, type PageEnd, type PageStart } from "#database/pages.ts";
import { statement } from "#database/statement.ts";

function pageEnd(name: string, table: string, column: string): PageEnd {
  return statement<{ end: string | null }, PageStart>(name, "all campaigns", endOf(table, column));
}

/** Leads by when they were decided last, and those that were decided once more by when they were first; sales; events of the ledger. */
export const PAGE_ENDS = {
  decided: pageEnd("select_decided_page_end", "leads", "decided_at"),
  reopened: pageEnd("select_reopened_page_end", "leads", "first_decided_at"),
  sold: pageEnd("select_sold_page_end", "sales", "sold_at"),
  ledger: pageEnd("select_ledger_page_end", "ledger", "at"),
};
