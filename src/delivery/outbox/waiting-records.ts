import { sql } from "drizzle-orm";
import { inWordsOf } from "#database/by-campaign-records.ts";
import type { Queryable } from "#database/database.ts";
import { param, statement } from "#database/statement.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import { withPendingPairs } from "./outbox-records.ts";

/** What has not gone out to a recipient yet. */
export interface Backlog {
  /** Deliveries, held back ones too; of each campaign 10,000 are counted at most. */
  waiting: number;
  /** How long the oldest that is due has been due, in whole seconds; 0 when none is. */
  oldestDueSeconds: number;
}

/** What waits, by recipient, of all or of one; those for whom nothing does are left out. `at`: ISO 8601. */
export async function readWaiting(
  db: Queryable,
  at: string,
  recipient: Recipient | null = null,
): Promise<Map<Recipient, Backlog>> {
  const rows = await selectWaiting.run(db, { at, recipient });
  return new Map(
    rows.map(({ recipient, waiting, oldestDueSeconds }) => [recipient, { waiting, oldestDueSeconds }]),
  );
}

/** What is held back stands in the index with what is dead: of a paused endpoint's newest 10,000, so that old failures cost little. */
const COUNTED = sql`${withPendingPairs()}, counted as (
        select recipient, next_at, (
          select count(*) from (
            select 1 from deliveries d
            where d.state = 'pending' and d.campaign_id = pairs.campaign_id and d.recipient = pairs.recipient
            limit 10000) as pending) as waiting
        from pairs where coalesce(${param("recipient")}::text, recipient) = recipient
        union all
        select recipient, null, (
          select count(*) filter (where state = 'paused') from (
            select d.state from deliveries d
            where d.state in ('dead', 'paused') and d.recipient = endpoints.recipient
            order by d.id desc limit 10000) as stopped)
        from endpoints where paused_at is not null and coalesce(${param("recipient")}::text, recipient) = recipient
      )`;

/** All of them: Citus counts no rows beside others of which it has but a page. */
const COUNTED_ON_NODES = sql`with counted as (
        select recipient, min(next_at) as next_at, count(*) as waiting from deliveries
        where state = 'pending' and coalesce(${param("recipient")}::text, recipient) = recipient group by recipient
        union all
        select recipient, null, count(*) from deliveries
        where state = 'paused' and coalesce(${param("recipient")}::text, recipient) = recipient group by recipient
      )`;

const selectWaiting = inWordsOf((dialect) =>
  statement<Backlog & { recipient: Recipient }, { at: string; recipient: Recipient | null }>(
    "select_waiting",
    "all campaigns",
    ($) => sql`${dialect === "citus" ? COUNTED_ON_NODES : COUNTED}
      select recipient, sum(waiting)::int as waiting,
        floor(greatest(0, coalesce(extract(epoch from ${$.at}::timestamptz - min(next_at)), 0)))::int as "oldestDueSeconds"
      from counted group by recipient`,
  ),
);
