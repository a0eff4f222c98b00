import { sql } from "drizzle-orm";
import { type BatchInsert, columnInsert, isOfBatch, type Rows, uuidsIn } from "#database/batch.ts";
import { inWordsOf } from "#database/by-campaign-records.ts";
import type { Queryable } from "#database/database.ts";
import { param, statement } from "#database/statement.ts";
import { type DecidedLead, newSales, undoSales } from "./decided-lead.ts";
import type { Sale } from "./sale.ts";

/**
 * The new sales of a batch, a column a parameter, as leads are inserted. What a buyer confirms was reserved when the lead
 * became pending.
 */
export async function insertSales(db: Queryable, leads: readonly DecidedLead[], at: string): Promise<void> {
  const made = leads.flatMap((decided) => newSales(decided).map((sale) => ({ sale, decided })));
  if (made.length === 0) return;
  await insertNew.run(db, { at, ...insertNew.columnsOf(made) });
}

const insertNew = columnInsert<{ sale: Sale; decided: DecidedLead }>(
  {
    campaign: ["text", ({ decided }) => decided.lead.campaignId],
    currency: ["text", ({ decided }) => decided.currency],
    id: ["uuid", ({ sale }) => sale.id],
    lead: ["uuid", ({ decided }) => decided.lead.id],
    buyer: ["text", ({ sale }) => sale.buyerId],
    place: ["smallint", ({ sale }) => sale.place],
    status: ["text", ({ sale }) => sale.status],
    price: ["numeric", ({ sale }) => sale.price],
    payout: ["numeric", ({ sale }) => sale.payout],
    supplier: ["text", ({ decided }) => decided.lead.supplierId],
    test: ["boolean", ({ decided }) => decided.isTest],
    for_lead: ["boolean", ({ sale }) => sale.paysForLead],
  },
  (rows) =>
    statement(
      "insert_sales",
      "named campaigns",
      sql`
      insert into sales (id, campaign_id, lead_id, buyer_id, place, status, price, payout, currency, sold_at, supplier_id, is_test,
        pays_for_lead)
      select id, campaign, lead, buyer, place, status, price / 10000, payout / 10000, currency, ${param("at")}::timestamptz,
        supplier, test, for_lead
      from ${rows}`,
    ),
);

/** What became of the sales of leads that are decided once more. */
export function formerSaleRows(leads: readonly DecidedLead[]): Rows {
  return [updateSales, leads.flatMap(formerSales)];
}

/** Those that the decision changed: undone, or confirmed by their buyers, maybe with the payout of another. */
function formerSales(decided: DecidedLead): object[] {
  const { lead, prior, sales } = decided;
  if (prior === null) return [];
  const before = new Map([...prior.sales, ...prior.former].map((sale) => [sale.id, sale]));
  const { undone, former } = undoSales(prior);
  return [...sales, ...undone, ...former].flatMap((now) => {
    const was = before.get(now.id);
    if (was === undefined || CHANGES.every((name) => was[name] === now[name])) return [];
    const { id, status, payout, paysForLead, keepsPayout, keepsCap } = now;
    return {
      id,
      campaign: lead.campaignId,
      lead: lead.id,
      status,
      payout,
      paysForLead,
      keepsPayout,
      keepsCap,
    };
  });
}

const CHANGES = ["status", "payout", "paysForLead", "keepsPayout", "keepsCap"] as const;

const updateSales: BatchInsert = inWordsOf((dialect) =>
  statement(
    "update_sales",
    "named campaigns",
    ($) => sql`
      update sales s set status = row.status, payout = row.payout / 10000, pays_for_lead = row."paysForLead",
        keeps_payout = row."keepsPayout", keeps_cap = row."keepsCap"
      from json_to_recordset(${$.rows}::text::json) as row (
        id uuid, campaign text, lead uuid, status text, payout numeric, "paysForLead" boolean, "keepsPayout" boolean, "keepsCap" boolean)
      where s.id = row.id and s.lead_id = row.lead and s.campaign_id = row.campaign
        and s.lead_id = any (${uuidsIn("lead")})${isOfBatch("s.campaign_id", dialect)}`,
  ),
);
