import { sql } from "drizzle-orm";
import { campaignByCampaign } from "#database/by-campaign-records.ts";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** Deletes up to `limit` answers to idempotency keys that were given before `before` (ISO 8601); how many. */
export async function deleteAnswers(tx: Queryable, before: string, limit: number): Promise<number> {
  return (await deleteOld.run(tx, { before, limit })).length;
}

const deleteOld = campaignByCampaign((narrow) =>
  statement<{ key: string }, { before: string; limit: number }>(
    "delete_old_answers",
    "all campaigns",
    ($) => sql`with old as (
        select key from idempotency_keys where created_at < ${$.before}::timestamptz${narrow("campaign_id")}
        order by created_at limit ${$.limit}::text::integer for update skip locked
      )
      delete from idempotency_keys
      where key = any(array(select key from old)) and created_at < ${$.before}::timestamptz${narrow("campaign_id")}
      returning key::text as key`,
  ),
);
