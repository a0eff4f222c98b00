import { sql } from "drizzle-orm";
import { inWordsOf } from "#database/by-campaign-records.ts";
import type { Queryable } from "#database/database.ts";
import { param, statement } from "#database/statement.ts";
import type { OutboxState } from "#leads/delivery-state.ts";
import { withPendingPairs } from "./outbox-records.ts";

/**
 * Bounded, since the embedded database has one connection: counting 100,000 of each kept leads waiting for 300 ms. What has been due
 * longest is found by hopping from pair to pair, as src/delivery/outbox/outbox-records.ts does, however many deliveries each has.
 */
export async function readOutboxState(db: Queryable, at: string): Promise<OutboxState> {
  const [row] = await selectState.run(db, { at });
  if (row === undefined) throw new Error("a count came back without its row");
  return row;
}

const at = sql`${param("at")}::timestamptz`;

const selectState = inWordsOf((dialect) =>
  statement<OutboxState, { at: string }>(
    "select_outbox_state",
    "all campaigns",
    sql`${withPendingPairs(null, dialect)}
      select waiting.*, stopped.*,
        (select greatest(0, coalesce(extract(epoch from ${at} - min(next_at)) * 1000, 0))::float8 from pairs) as "oldestDueMs"
      from (
        select count(*)::int as pending, count(*) filter (where next_at <= ${at})::int as due
        from (select next_at from deliveries where state = 'pending' limit 10000) as pending
      ) as waiting, (
        select count(*) filter (where state = 'paused')::int as paused, count(*) filter (where state = 'dead')::int as dead
        from (select state from deliveries where state in ('dead', 'paused') limit 10000) as ended
      ) as stopped`,
  ),
);
