import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { param, statement } from "#database/statement.ts";

/** Leads whose UUIDv7 is before this one (a UUID). */
type Before = { before: string };
type Some = Before & { limit: number };
type Deleted = { id: string };

const before = sql`${param("before")}::text::uuid`;
const limit = sql`${param("limit")}::text::integer`;

/** What of some months is not finished, and keeps them on record: of each kind how many, to 1,000, and the UUID of one. */
export interface Unfinished {
  what: "leads" | "deliveries" | "returns";
  count: number;
  one: string;
}

/** What of these leads, and of the deliveries of their months, is still to be decided, sent or settled. */
export async function readUnfinished(db: Queryable, beforeLead: string): Promise<Unfinished[]> {
  return await selectUnfinished.run(db, { before: beforeLead });
}

/** Each is found by an index of the few that are so. */
const selectUnfinished = statement<Unfinished, Before>(
  "select_unfinished",
  "all campaigns",
  sql`select what, count(*)::int as count, min(id::text) as one from (
        (select 'leads' as what, id from leads where id < ${before} and status = 'PENDING' limit 1000)
        union all
        (select 'leads', id from leads where id < ${before} and status = 'HELD' limit 1000)
        union all
        (select 'deliveries', id from deliveries where (id < ${before} or lead_id < ${before}) and state = 'pending' limit 1000)
        union all
        (select 'deliveries', id from deliveries where (id < ${before} or lead_id < ${before}) and state = 'paused' limit 1000)
        union all
        (select 'deliveries', id from deliveries where (id < ${before} or lead_id < ${before}) and refusal_due limit 1000)
        union all
        (select 'returns', lead_id from returns where lead_id < ${before} and status = 'pending' limit 1000)) as unfinished
      group by what order by what desc`,
);

/** Whether any of these leads was decided at a moment (ISO 8601) or after it: it came long ago, and counts from then on. */
export async function areDecidedSince(db: Queryable, beforeLead: string, since: string): Promise<boolean> {
  return (await selectDecidedSince.run(db, { before: beforeLead, since })).length > 0;
}

const selectDecidedSince = statement<Deleted, Before & { since: string }>(
  "select_decided_since",
  "all campaigns",
  ($) => sql`select id::text as id from leads
      where decided_at >= ${$.since}::timestamptz and id < ${before} limit 1`,
);

/** How far this machine's clock is ahead of the database's, in ms. */
export async function readClockAhead(db: Queryable, now: number): Promise<number> {
  const [row] = await selectClock.run(db, {});
  return now - (row?.ms ?? now);
}

const selectClock = statement<{ ms: number }>(
  "select_clock",
  "unspread",
  sql`select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms`,
);

/** Deletes some of what is kept of dropped leads in tables that are kept whole, or in later months; how many rows. */
export async function deleteSomeBeside(tx: Queryable, beforeLead: string, most: number): Promise<number> {
  const some = { before: beforeLead, limit: most };
  const deleted = await Promise.all(
    [deleteUpdates, deleteAnswers, deletePings, deleteUnkeyed, emptyNotes, deleteAttempts].map((each) =>
      each.run(tx, some),
    ),
  );
  return [...deleted, await deleteDeliveries.run(tx, some)].flat().length;
}

const deleteUpdates = statement<Deleted, Some>(
  "delete_updates_before",
  "all campaigns",
  sql`delete from lead_updates
      where id = any(array(select id from lead_updates where lead_id < ${before} limit ${limit})) returning id::text as id`,
);

const deleteAnswers = statement<Deleted, Some>(
  "delete_check_answers_before",
  "all campaigns",
  sql`delete from check_answers
      where key = any(array(select key from check_answers where lead_id < ${before} limit ${limit})) and lead_id < ${before}
      returning key::text as id`,
);

const deletePings = statement<Deleted, Some>(
  "delete_redeemed_pings_before",
  "all campaigns",
  sql`delete from redeemed_pings
      where id = any(array(select id from redeemed_pings where lead_id < ${before} limit ${limit})) and lead_id < ${before}
      returning id::text as id`,
);

const deleteUnkeyed = statement<Deleted, Some>(
  "delete_unkeyed_before",
  "all campaigns",
  sql`delete from unkeyed_leads
      where lead_id = any(array(select lead_id from unkeyed_leads where lead_id < ${before} limit ${limit}))
      returning lead_id::text as id`,
);

/** What was given back stays, as the books know it; what people wrote of it goes. */
const emptyNotes = statement<Deleted, Some>(
  "empty_notes_before",
  "all campaigns",
  sql`update returns set note = null, decision_note = null
      where id = any(array(
        select id from returns where lead_id < ${before} and (note is not null or decision_note is not null) limit ${limit}))
      returning id::text as id`,
);

/** Of deliveries that were written in a later month than their lead came in. */
const deliveriesLeft = sql`array(select id from deliveries where lead_id < ${before} order by id limit ${limit})`;

const deleteAttempts = statement<Deleted, Some>(
  "delete_attempts_before",
  "all campaigns",
  sql`delete from delivery_attempts where delivery_id = any(${deliveriesLeft}) returning delivery_id::text as id`,
);

const deleteDeliveries = statement<Deleted, Some>(
  "delete_deliveries_before",
  "all campaigns",
  sql`delete from deliveries where id = any(${deliveriesLeft}) returning id::text as id`,
);

/** In how many blocks of the disk keys of leads are, of those by which campaigns compare and of those of buyers. */
export async function countKeyBlocks(db: Queryable): Promise<number> {
  const [row] = await selectKeyBlocks.run(db, {});
  return row?.blocks ?? 0;
}

const selectKeyBlocks = statement<{ blocks: number }>(
  "select_key_blocks",
  "all campaigns",
  sql`select (greatest(pg_relation_size('lead_keys'), pg_relation_size('buyer_duplicate_keys'))
        / current_setting('block_size')::integer)::integer as blocks`,
);

/** Deletes the keys of these leads in a stretch of blocks: no index is in the order of leads, and one would cost every lead. */
export async function deleteKeysIn(
  tx: Queryable,
  beforeLead: string,
  from: number,
  to: number,
): Promise<void> {
  const stretch = { before: beforeLead, from: `(${from},0)`, to: `(${to},0)` };
  await Promise.all([deleteKeys.run(tx, stretch), deleteBuyersKeys.run(tx, stretch)]);
}

type BlocksOfKeys = Before & { from: string; to: string };

const isInStretch = sql`ctid >= ${param("from")}::text::tid and ctid < ${param("to")}::text::tid and lead_id < ${before}`;

const deleteKeys = statement<unknown, BlocksOfKeys>(
  "delete_keys_before",
  "all campaigns",
  sql`delete from lead_keys where ${isInStretch}`,
);

const deleteBuyersKeys = statement<unknown, BlocksOfKeys>(
  "delete_buyers_keys_before",
  "unspread",
  sql`delete from buyer_duplicate_keys where ${isInStretch}`,
);
