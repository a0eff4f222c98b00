import { sql } from "drizzle-orm";
import { statement } from "#database/statement.ts";
import type { BatchInsert, Rows } from "./batch-records.ts";
import type { Taken } from "./taken.ts";

/** The sales of a lead beside its first, and the pings that leads have used up. */
export function saleRows(taken: readonly Taken[]): Rows[] {
  return [
    [insertFurtherSales, taken.flatMap(furtherRows)],
    [insertRedeemed, taken.flatMap(redeemedRow)],
  ];
}

function furtherRows({ lead, sales }: Taken): object[] {
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
  sql`insert into further_sales (lead_id, campaign_id, buyer_id, place, price, payout)
      select lead, ${sql.placeholder("campaign")}, buyer, place, price / 10000, payout / 10000
      from json_to_recordset(${sql.placeholder("rows")}::text::json) as row (
        lead uuid, buyer text, place smallint, price numeric, payout numeric)
      where ${sql.placeholder("at")}::text is not null`,
);

function redeemedRow({ lead, redeemed }: Taken): object[] {
  return redeemed === null ? [] : [{ id: redeemed.id, lead: lead.id, bids: redeemed.bids }];
}

const insertRedeemed: BatchInsert = statement(
  "insert_redeemed_pings",
  sql`insert into redeemed_pings (id, campaign_id, lead_id, bids, redeemed_at)
      select id, ${sql.placeholder("campaign")}, lead, bids, ${sql.placeholder("at")}::text::timestamptz
      from json_to_recordset(${sql.placeholder("rows")}::text::json) as row (id uuid, lead uuid, bids json)`,
);
