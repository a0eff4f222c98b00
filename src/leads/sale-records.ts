import { sql } from "drizzle-orm";
import { type BatchInsert, joinColumn, type Rows, splitColumn, uuidsIn } from "#database/batch.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { DecidedLead } from "./decided-lead.ts";
import type { BatchOfLeads } from "./lead-write-records.ts";

/**
 * The new sales of a batch, a column a parameter, as leads are inserted. What a buyer confirms was reserved when the lead
 * became pending.
 */
export async function insertSales(
  db: Queryable,
  leads: readonly DecidedLead[],
  { campaign, currency, at }: BatchOfLeads,
): Promise<void> {
  const sales = leads
    .filter(({ prior }) => prior?.cause !== "confirmed")
    .flatMap(({ lead, status, sales }) => sales.map((sale) => ({ ...sale, leadId: lead.id, status })));
  if (sales.length === 0) return;
  await insertNew.run(db, {
    campaign,
    currency,
    at,
    ids: joinColumn(sales, ({ id }) => id),
    leads: joinColumn(sales, ({ leadId }) => leadId),
    buyers: joinColumn(sales, ({ buyerId }) => buyerId),
    places: joinColumn(sales, ({ place }) => place),
    statuses: joinColumn(sales, ({ status }) => (status === "PENDING" ? "reserved" : "sold")),
    prices: joinColumn(sales, ({ price }) => price),
    payouts: joinColumn(sales, ({ payout }) => payout),
  });
}

type SaleColumn = "ids" | "leads" | "buyers" | "places" | "statuses" | "prices" | "payouts";

const insertNew = statement<unknown, Record<SaleColumn | "campaign" | "currency" | "at", string>>(
  "insert_sales",
  "one campaign",
  ($) => sql`
      insert into sales (id, campaign_id, lead_id, buyer_id, place, status, price, payout, currency, sold_at)
      select id, ${$.campaign}, lead, buyer, place, status, price / 10000, payout / 10000, ${$.currency}, ${$.at}::text::timestamptz
      from unnest(
        ${splitColumn("ids", sql`uuid`)}, ${splitColumn("leads", sql`uuid`)}, ${splitColumn("buyers", sql`text`)},
        ${splitColumn("places", sql`smallint`)}, ${splitColumn("statuses", sql`text`)},
        ${splitColumn("prices", sql`numeric`)}, ${splitColumn("payouts", sql`numeric`)}
      ) as row (id, lead, buyer, place, status, price, payout)`,
);

/** What became of the sales of leads that are decided once more. */
export function formerSaleRows(leads: readonly DecidedLead[]): Rows {
  return [updateSales, leads.flatMap(formerSales)];
}

function formerSales({ lead, prior }: DecidedLead): object[] {
  if (prior === null) return [];
  const now = prior.status === "PENDING" ? "refused" : "returned";
  const status = prior.cause === "confirmed" ? "sold" : now;
  return prior.sales.map(({ id }) => ({ id, lead: lead.id, status }));
}

const updateSales: BatchInsert = statement(
  "update_sales",
  "one campaign",
  ($) => sql`
      update sales s set status = row.status
      from json_to_recordset(${$.rows}::text::json) as row (id uuid, lead uuid, status text)
      where s.id = row.id and s.lead_id = row.lead and s.campaign_id = ${$.campaign}
        and s.lead_id = any (${uuidsIn("lead")}) and ${$.at}::text is not null`,
);
