import { sql } from "drizzle-orm";
import type { BatchInsert, Rows } from "#database/batch.ts";
import { statement } from "#database/statement.ts";
import { type DecidedLead, undoneSales, undoneStatus } from "#leads/decided-lead.ts";
import { newUuid } from "#text/ids.ts";

/** The events of the ledger by which the sales of a batch's leads are undone. */
export function undoRows(leads: readonly DecidedLead[]): Rows {
  return [insertUndone, leads.flatMap(undoEvents)];
}

function undoEvents(decided: DecidedLead): object[] {
  const { lead, prior, isTest, currency } = decided;
  if (prior === null || isTest) return [];
  const kind = UNDONE_BY[undoneStatus(prior)];
  if (kind === null) return [];
  return undoneSales(decided).map(({ id, buyerId, price, payout }) => ({
    id: newUuid(),
    kind,
    sale: id,
    campaign: lead.campaignId,
    lead: lead.id,
    buyer: buyerId,
    supplier: lead.supplierId,
    price,
    payout,
    currency,
    by: prior.by,
  }));
}

/** What was only reserved is in no ledger. */
const UNDONE_BY = { declined: null, refused: "refusal", returned: "return" } as const;

const insertUndone: BatchInsert = statement(
  "insert_undone_sales",
  "named campaigns",
  ($) => sql`
      insert into ledger (id, campaign_id, at, kind, buyer_id, supplier_id, buyer_amount, supplier_amount, currency, sale_id, lead_id, by)
      select id, campaign, ${$.at}::timestamptz, kind, buyer, supplier, price / 10000, -payout / 10000, currency, sale, lead, by
      from json_to_recordset(${$.rows}::text::json) as row (
        id uuid, campaign text, kind text, sale uuid, lead uuid, buyer text, supplier text,
        price numeric, payout numeric, currency text, by text)`,
);
