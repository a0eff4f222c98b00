import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { RefusedLead } from "#handover/outbox.ts";

/** A sale by its lead (UUID) and buyer: a buyer has a lead once. */
export interface RefusedSale {
  leadId: string;
  buyerId: string;
}

/** Refusals about which nothing was done yet: the oldest first, behind that of the delivery `after` (a UUID), `limit` at most. */
export async function unsettledRefusals(
  db: Queryable,
  after: string | undefined,
  limit: number,
): Promise<RefusedLead[]> {
  return selectUnsettled.run(db, { after: after ?? null, limit });
}

const selectUnsettled = statement<RefusedLead, { after: string | null; limit: number }>(
  "select_unsettled_refusals",
  "all campaigns",
  (
    $,
  ) => sql`select campaign_id as "campaignId", lead_id::text as "leadId", substr(recipient, 7) as "buyerId", verdict,
        id::text as "deliveryId"
      from deliveries where refusal_due and (${$.after}::text is null or id > ${$.after}::text::uuid)
      order by id limit ${$.limit}::text::integer`,
);

/** Takes the marks off refusals that were dealt with, in whose transaction this is done. */
export async function settleRefusals(
  db: Queryable,
  campaign: string,
  settled: readonly RefusedSale[],
): Promise<void> {
  if (settled.length === 0) return;
  await clearMarks.run(db, { campaign, rows: JSON.stringify(settled) });
}

const clearMarks = statement<unknown, { campaign: string; rows: string }>(
  "settle_refusals",
  "one campaign",
  ($) => sql`update deliveries d set refusal_due = false
      from json_to_recordset(${$.rows}::text::json) as row ("leadId" uuid, "buyerId" text)
      where d.campaign_id = ${$.campaign} and d.refusal_due
        and d.lead_id = row."leadId" and d.recipient = 'buyer:' || row."buyerId"`,
);
