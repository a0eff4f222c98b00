import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { PartyEvent } from "./event.ts";

/** Puts an event on record. The balance that it changes is changed in the same transaction. */
export async function insertEvent(tx: Queryable, event: PartyEvent, now: Date): Promise<void> {
  const { campaignId, ...columns } = event;
  await insert.run(tx, { ...columns, campaign: campaignId ?? "", at: now.toISOString() });
}

const insert = statement<unknown, Omit<PartyEvent, "campaignId"> & { campaign: string; at: string }>(
  "insert_event",
  "one campaign",
  ($) => sql`
      insert into ledger (id, campaign_id, at, kind, buyer_id, supplier_id, buyer_amount, supplier_amount, currency, reference, note, by)
      values (${$.id}::text::uuid, ${$.campaign}, ${$.at}::text::timestamptz, ${$.kind}, ${$.buyerId}, ${$.supplierId},
        ${$.buyerAmount}::text::numeric / 10000, ${$.supplierAmount}::text::numeric / 10000, ${$.currency}, ${$.reference}, ${$.note},
        ${$.by})`,
);
