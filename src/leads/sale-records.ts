import { sql } from "drizzle-orm";
import { type BatchInsert, type Rows, uuidsIn } from "#database/batch.ts";
import { statement } from "#database/statement.ts";
import type { DecidedLead } from "./decided-lead.ts";

/** The sales of a batch: those that are new, and what became of those that leads had which are decided once more. */
export function saleRows(leads: readonly DecidedLead[], currency: string): Rows[] {
  return [
    [updateSales, leads.flatMap(formerSales)],
    [insertSales, leads.flatMap((lead) => newSales(lead, currency))],
  ];
}

/** What a buyer confirms was reserved when the lead became pending. */
function newSales({ lead, status, sales, prior }: DecidedLead, currency: string): object[] {
  if (prior?.cause === "confirmed") return [];
  return sales.map(({ id, buyerId, place, price, payout }) => ({
    id,
    lead: lead.id,
    buyer: buyerId,
    place,
    status: status === "PENDING" ? "reserved" : "sold",
    price,
    payout,
    currency,
  }));
}

function formerSales({ lead, prior }: DecidedLead): object[] {
  if (prior === null) return [];
  const now = prior.status === "PENDING" ? "refused" : "returned";
  const status = prior.cause === "confirmed" ? "sold" : now;
  return prior.sales.map(({ id }) => ({ id, lead: lead.id, status }));
}

const insertSales: BatchInsert = statement(
  "insert_sales",
  "one campaign",
  ($) => sql`
      insert into sales (id, campaign_id, lead_id, buyer_id, place, status, price, payout, currency, sold_at)
      select id, ${$.campaign}, lead, buyer, place, status, price / 10000, payout / 10000, currency, ${$.at}::text::timestamptz
      from json_to_recordset(${$.rows}::text::json) as row (
        id uuid, lead uuid, buyer text, place smallint, status text, price numeric, payout numeric, currency text)`,
);

const updateSales: BatchInsert = statement(
  "update_sales",
  "one campaign",
  ($) => sql`
      update sales s set status = row.status
      from json_to_recordset(${$.rows}::text::json) as row (id uuid, lead uuid, status text)
      where s.id = row.id and s.lead_id = row.lead and s.campaign_id = ${$.campaign}
        and s.lead_id = any (${uuidsIn("lead")}) and ${$.at}::text is not null`,
);
