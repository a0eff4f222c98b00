import { sql } from "drizzle-orm";
import { type BatchInsert, type Rows, uuidsIn } from "#database/batch.ts";
import { bulkInsert } from "#database/bulk-insert.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { type DecidedLead, newSales, undoSales } from "./decided-lead.ts";
import type { Sale } from "./sale.ts";

/** A sale with what its row says of its lead. */
interface SaleToWrite extends Sale {
  decided: DecidedLead;
}

const insertNew = bulkInsert<SaleToWrite>("sales", {
  id: ["uuid", ({ id }) => id],
  campaign_id: ["text", ({ decided }) => decided.lead.campaignId],
  lead_id: ["uuid", ({ decided }) => decided.lead.id],
  buyer_id: ["text", ({ buyerId }) => buyerId],
  place: ["smallint", ({ place }) => place],
  status: ["text", ({ status }) => status],
  price: ["money", ({ price }) => price],
  payout: ["money", ({ payout }) => payout],
  currency: ["text", ({ decided }) => decided.currency],
  sold_at: ["instant", (_, at) => at],
  supplier_id: ["text", ({ decided }) => decided.lead.supplierId],
  is_test: ["boolean", ({ decided }) => decided.isTest],
  pays_for_lead: ["boolean", ({ paysForLead }) => paysForLead],
});

/** The new sales of a batch. What a buyer confirms was reserved when the lead became pending. */
export function insertSales(db: Queryable, leads: readonly DecidedLead[], at: string): Promise<void> {
  const sales = leads.flatMap((decided) => newSales(decided).map((sale) => ({ ...sale, decided })));
  return insertNew.run(db, sales, at);
}

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

const updateSales: BatchInsert = statement(
  "update_sales",
  "named campaigns",
  ($) => sql`
      update sales s set status = row.status, payout = row.payout / 10000, pays_for_lead = row."paysForLead",
        keeps_payout = row."keepsPayout", keeps_cap = row."keepsCap"
      from json_to_recordset(${$.rows}::text::json) as row (
        id uuid, campaign text, lead uuid, status text, payout numeric, "paysForLead" boolean, "keepsPayout" boolean, "keepsCap" boolean)
      where s.id = row.id and s.lead_id = row.lead and s.campaign_id = row.campaign
        and s.lead_id = any (${uuidsIn("lead")})`,
);
