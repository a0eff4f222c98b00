import { sql } from "drizzle-orm";
import type { BatchInsert, Rows } from "#database/batch.ts";
import { statement } from "#database/statement.ts";
import type { LeadEntry } from "./entry.ts";

/** The pings that leads have used up. */
export function redeemedRows(leads: readonly LeadEntry[]): Rows {
  return [insertRedeemed, leads.flatMap(redeemedRow)];
}

function redeemedRow({ lead, redeemed }: LeadEntry): object[] {
  return redeemed === null
    ? []
    : [{ id: redeemed.id, campaign: lead.campaignId, lead: lead.id, bids: redeemed.bids }];
}

const insertRedeemed: BatchInsert = statement(
  "insert_redeemed_pings",
  "named campaigns",
  ($) => sql`insert into redeemed_pings (id, campaign_id, lead_id, bids, redeemed_at)
      select id, campaign, lead, bids, ${$.at}::timestamptz
      from json_to_recordset(${$.rows}::text::json) as row (id uuid, campaign text, lead uuid, bids json)`,
);
