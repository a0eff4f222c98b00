import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import type { Recipient } from "#endpoints/recipient.ts";

/** A delivery that is not tried any more. */
export interface DeadDelivery {
  id: string;
  campaignId: string;
  leadId: string | null;
  recipient: Recipient;
  event: string;
  attempts: number;
  /** Null: it was never tried. */
  lastFailure: string | null;
}

/**
 * Those of one campaign that died at this moment among these (UUIDs): not those that a decision had ended while they were under way, nor
 * those that asked, whose answer others wait for, nor tests.
 */
export async function readDead(
  db: Queryable,
  campaign: string,
  ids: readonly string[],
  at: string,
): Promise<DeadDelivery[]> {
  return selectDead.run(db, { campaign, ids: `{${ids.join(",")}}`, at });
}

const selectDead = statement<DeadDelivery, { campaign: string; ids: string; at: string }>(
  "select_dead",
  "one campaign",
  (
    $,
  ) => sql`select id::text as id, campaign_id as "campaignId", lead_id::text as "leadId", recipient, event, attempts,
        last_failure as "lastFailure"
      from deliveries
      where id = any(${$.ids}::text::uuid[]) and campaign_id = ${$.campaign} and state = 'dead'
        and ended_at = ${$.at}::timestamptz and not asks and event <> 'webhook.test'`,
);
