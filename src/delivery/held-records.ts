import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/** A lead that is on record as held, although the asking about it has ended. */
export interface LeftHeld {
  campaignId: string;
  /** UUID. */
  leadId: string;
  verdict: string | null;
  failure: string | null;
}

/** Leads that were held before `before` (ISO 8601) and whose last asking has ended: whoever asked has not lived to settle them. */
export async function leftHeld(db: Queryable, before: string): Promise<LeftHeld[]> {
  return selectLeftHeld.run(db, { before });
}

const selectLeftHeld = statement<LeftHeld, { before: string }>(
  "select_left_held",
  sql`select l.campaign_id as "campaignId", l.id::text as "leadId", asked.verdict, asked.last_failure as failure
      from leads l, lateral (
        select d.state, d.verdict, d.last_failure from deliveries d
        where d.lead_id = l.id and d.campaign_id = l.campaign_id and d.asks
        order by d.id desc limit 1) as asked
      where l.status = 'PENDING' and l.decided_at < ${sql.placeholder("before")}::text::timestamptz
        and asked.state not in ('pending', 'paused')`,
);

/** Whether the last delivery of a lead (UUID) to this buyer was given up. */
export async function isUndelivered(db: Queryable, lead: string, buyerId: string): Promise<boolean> {
  const [last] = await selectLastState.run(db, { lead, recipient: `buyer:${buyerId}` });
  return last?.state === "dead" || last?.state === "rejected";
}

const selectLastState = statement<{ state: string }, { lead: string; recipient: string }>(
  "select_last_state",
  sql`select state from deliveries
      where lead_id = ${sql.placeholder("lead")}::text::uuid and recipient = ${sql.placeholder("recipient")}
      order by id desc limit 1`,
);
