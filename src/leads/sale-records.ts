import { sql } from "drizzle-orm";
import { type BatchInsert, isOfBatch, joinColumn, type Rows, splitColumn, uuidsIn } from "#database/batch.ts";
import { inWordsOf } from "#database/by-campaign-records.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { type DecidedLead, newSales, undoSales } from "./decided-lead.ts";

/**
 * The new sales of a batch, a column a parameter, as leads are inserted. What a buyer confirms was reserved when the lead
 * became pending.
 */
export async function insertSales(db: Queryable, leads: readonly DecidedLead[], at: string): Promise<void> {
  const made = leads.flatMap((decided) => newSales(decided).map((sale) => ({ sale, decided })));
  if (made.length === 0) return;
  await insertNew.run(db, {
    at,
    campaigns: joinColumn(made, ({ decided }) => decided.lead.campaignId),
    currencies: joinColumn(made, ({ decided }) => decided.currency),
    ids: joinColumn(made, ({ sale }) => sale.id),
    leads: joinColumn(made, ({ decided }) => decided.lead.id),
    buyers: joinColumn(made, ({ sale }) => sale.buyerId),
    places: joinColumn(made, ({ sale }) => sale.place),
    statuses: joinColumn(made, ({ sale }) => sale.status),
    prices: joinColumn(made, ({ sale }) => sale.price),
    payouts: joinColumn(made, ({ sale }) => sale.payout),
    suppliers: joinColumn(made, ({ decided }) => decided.lead.supplierId),
    tests: joinColumn(made, ({ decided }) => decided.isTest),
    forLeads: joinColumn(made, ({ sale }) => sale.paysForLead),
  });
}

type SaleColumn =
  | "campaigns"
  | "currencies"
  | "ids"
  | "leads"
  | "buyers"
  | "places"
  | "statuses"
  | "prices"
  | "payouts"
  | "suppliers"
  | "tests"
  | "forLeads";

const insertNew = statement<unknown, Record<SaleColumn | "at", string>>(
  "insert_sales",
  "named campaigns",
  ($) => sql`
      insert into sales (id, campaign_id, lead_id, buyer_id, place, status, price, payout, currency, sold_at, supplier_id, is_test,
        pays_for_lead)
      select id, campaign, lead, buyer, place, status, price / 10000, payout / 10000, currency, ${$.at}::timestamptz,
        supplier, test, for_lead
      from unnest(
        ${splitColumn("campaigns", sql`text`)}, ${splitColumn("currencies", sql`text`)},
        ${splitColumn("ids", sql`uuid`)}, ${splitColumn("leads", sql`uuid`)}, ${splitColumn("buyers", sql`text`)},
        ${splitColumn("places", sql`smallint`)}, ${splitColumn("statuses", sql`text`)},
        ${splitColumn("prices", sql`numeric`)}, ${splitColumn("payouts", sql`numeric`)},
        ${splitColumn("suppliers", sql`text`)}, ${splitColumn("tests", sql`boolean`)},
        ${splitColumn("forLeads", sql`boolean`)}
      ) as row (campaign, currency, id, lead, buyer, place, status, price, payout, supplier, test, for_lead)`,
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
