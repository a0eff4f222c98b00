import { sql } from "drizzle-orm";
import { type BatchInsert, joinColumn, type Rows, splitColumn, uuidsIn } from "#database/batch.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { type DecidedLead, newSales, soldSales, undoneSales, undoneStatus } from "./decided-lead.ts";
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
  const sales = leads.flatMap((decided) => {
    const { lead, status, isTest } = decided;
    return newSales(decided).map((sale) => ({
      ...sale,
      leadId: lead.id,
      supplierId: lead.supplierId,
      status,
      isTest,
    }));
  });
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
    suppliers: joinColumn(sales, ({ supplierId }) => supplierId),
    tests: joinColumn(sales, ({ isTest }) => isTest),
  });
}

type SaleColumn =
  | "ids"
  | "leads"
  | "buyers"
  | "places"
  | "statuses"
  | "prices"
  | "payouts"
  | "suppliers"
  | "tests";

const insertNew = statement<unknown, Record<SaleColumn | "campaign" | "currency" | "at", string>>(
  "insert_sales",
  "one campaign",
  ($) => sql`
      insert into sales (id, campaign_id, lead_id, buyer_id, place, status, price, payout, currency, sold_at, supplier_id, is_test)
      select id, ${$.campaign}, lead, buyer, place, status, price / 10000, payout / 10000, ${$.currency}, ${$.at}::text::timestamptz,
        supplier, test
      from unnest(
        ${splitColumn("ids", sql`uuid`)}, ${splitColumn("leads", sql`uuid`)}, ${splitColumn("buyers", sql`text`)},
        ${splitColumn("places", sql`smallint`)}, ${splitColumn("statuses", sql`text`)},
        ${splitColumn("prices", sql`numeric`)}, ${splitColumn("payouts", sql`numeric`)},
        ${splitColumn("suppliers", sql`text`)}, ${splitColumn("tests", sql`boolean`)}
      ) as row (id, lead, buyer, place, status, price, payout, supplier, test)`,
);

/** What became of the sales of leads that are decided once more. */
export function formerSaleRows(leads: readonly DecidedLead[]): Rows {
  return [updateSales, leads.flatMap(formerSales)];
}

function formerSales(decided: DecidedLead): object[] {
  const { lead, prior } = decided;
  if (prior === null) return [];
  const confirmed = prior.cause === "confirmed" ? soldSales(decided) : [];
  return [
    ...undoneSales(decided).map(({ id }) => ({ id, lead: lead.id, status: undoneStatus(prior) })),
    ...confirmed.map(({ id }) => ({ id, lead: lead.id, status: "sold" })),
  ];
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
