import { sql } from "drizzle-orm";
import type { BatchInsert, Rows } from "#database/batch.ts";
import { statement } from "#database/statement.ts";
import type { DecidedLead } from "./decided-lead.ts";

/** The sales of leads beside their first, which stands in the lead's own row. */
export function furtherSaleRows(leads: readonly DecidedLead[]): Rows {
  return [insertFurtherSales, leads.flatMap(furtherRows)];
}

function furtherRows({ lead, sales }: DecidedLead): object[] {
  return sales.slice(1).map(({ buyerId, price, payout, place }) => ({
    lead: lead.id,
    buyer: buyerId,
    place,
    price,
    payout,
  }));
}

const insertFurtherSales: BatchInsert = statement(
  "insert_further_sales",
  "one campaign",
  ($) => sql`insert into further_sales (lead_id, campaign_id, buyer_id, place, price, payout)
      select lead, ${$.campaign}, buyer, place, price / 10000, payout / 10000
      from json_to_recordset(${$.rows}::text::json) as row (
        lead uuid, buyer text, place smallint, price numeric, payout numeric)
      where ${$.at}::text is not null`,
);
