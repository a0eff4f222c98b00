import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";

/**
 * The outbox's SQL. Deliveries are claimed one campaign and one recipient at a time: no statement needs rows of two
 * campaigns, and a recipient with a hundred thousand waiting deliveries is an index range that nobody else walks through.
 */

/** `buyer:<id>` or `webhook:<id>`. */
export type Recipient = `${"buyer" | "webhook"}:${string}`;

/** A delivery to be written. Times are ISO 8601. */
export interface NewDelivery {
  id: string;
  lead: string | null;
  recipient: Recipient;
  event: string;
  contentType: string;
  body: string;
  /** Of an e-mail; null for a webhook. */
  subject: string | null;
  giveUpAt: string;
  /** The answer decides whether the lead is sold: who writes it asks at once, and holds it by this lease until then. */
  asks?: { lease: string; until: string };
}

/** Writes deliveries: due at once, or held for asking. */
export async function insertDeliveries(
  db: Queryable,
  campaign: string,
  deliveries: readonly NewDelivery[],
  at: string,
): Promise<void> {
  if (deliveries.length === 0) return;
  const rows = deliveries.map(({ asks, ...delivery }) => ({
    ...delivery,
    asks: asks !== undefined,
    lease: asks?.lease ?? null,
    nextAt: asks?.until ?? at,
    attempts: asks === undefined ? 0 : 1,
  }));
  await insert.run(db, { campaign, at, rows: JSON.stringify(rows) });
}

const insert = statement<unknown, { campaign: string; at: string; rows: string }>(
  "insert_deliveries",
  sql`insert into deliveries (id, campaign_id, lead_id, recipient, event, content_type, body, subject, state, attempts, next_at, lease, asks, give_up_at, created_at)
      select id, ${sql.placeholder("campaign")}, lead, recipient, event, "contentType", body, subject, 'pending', attempts, "nextAt", lease, asks, "giveUpAt", ${sql.placeholder("at")}::text::timestamptz
      from json_to_recordset(${sql.placeholder("rows")}::text::json) as row (
        id uuid, lead uuid, recipient text, event text, "contentType" text, body text, subject text,
        attempts integer, "nextAt" timestamptz, lease uuid, asks boolean, "giveUpAt" timestamptz)`,
);

/** A campaign and a recipient of it that something is due for. */
export interface Due {
  campaignId: string;
  recipient: Recipient;
}

/** For whom something is due. It hops from one pair to the next in the index, however many deliveries each has. */
export async function whatIsDue(db: Queryable, at: string): Promise<Due[]> {
  return selectDue.run(db, { at });
}

const selectDue = statement<Due, { at: string }>(
  "select_due",
  sql`with recursive pairs as (
        (select campaign_id, recipient from deliveries where state = 'pending' order by campaign_id, recipient limit 1)
        union all
        select next.campaign_id, next.recipient
        from pairs, lateral (
          select campaign_id, recipient from deliveries
          where state = 'pending' and (campaign_id, recipient) > (pairs.campaign_id, pairs.recipient)
          order by campaign_id, recipient limit 1) as next
      )
      select campaign_id as "campaignId", recipient from pairs
      where exists (
        select from deliveries d
        where d.state = 'pending' and d.campaign_id = pairs.campaign_id and d.recipient = pairs.recipient
          and d.next_at <= ${sql.placeholder("at")}::text::timestamptz)`,
);

/** A delivery that this worker holds until its lease ends. */
export interface Claimed {
  id: string;
  campaignId: string;
  recipient: Recipient;
  event: string;
  contentType: string;
  body: string;
  subject: string | null;
  /** Attempts so far, this one counted. */
  attempt: number;
  /** An operator asked for this attempt. */
  byHand: boolean;
  asks: boolean;
  /** ms since 1970. */
  giveUpAt: number;
}

/** Takes on up to `limit` due deliveries of one recipient, those due longest first; they are due again when the lease ends. */
export async function claim(
  db: Queryable,
  due: Due,
  lease: { id: string; at: string; endsAt: string; limit: number },
): Promise<Claimed[]> {
  const [, rows] = await Promise.all([relaxDurability.run(db, {}), claimDue.run(db, { ...due, ...lease })]);
  return rows;
}

/** A claim that a power cut forgets is made again, and a result that it forgets is delivered again: neither needs to wait for the disk. */
const relaxDurability = statement<unknown, Record<string, never>>(
  "relax_durability",
  sql`set local synchronous_commit = off`,
);

const claimDue = statement<
  Claimed,
  { campaignId: string; recipient: string; id: string; at: string; endsAt: string; limit: number }
>(
  "claim_due",
  sql`with due as (
        select id from deliveries
        where campaign_id = ${sql.placeholder("campaignId")} and recipient = ${sql.placeholder("recipient")}
          and state = 'pending' and next_at <= ${sql.placeholder("at")}::text::timestamptz
        order by next_at limit ${sql.placeholder("limit")}::text::integer for update skip locked
      )
      update deliveries d
      set attempts = attempts + 1, lease = ${sql.placeholder("id")}::text::uuid, next_at = ${sql.placeholder("endsAt")}::text::timestamptz
      from due where d.id = due.id and d.campaign_id = ${sql.placeholder("campaignId")}
      returning d.id::text as id, d.campaign_id as "campaignId", d.recipient, d.event, d.subject, d.content_type as "contentType", d.body,
        d.attempts as attempt, d.by_hand as "byHand", d.asks, (extract(epoch from d.give_up_at) * 1000)::float8 as "giveUpAt"`,
);

export type DeliveryState = "pending" | "paused" | "delivered" | "rejected" | "dead";

/** How an attempt left its delivery. Times are ISO 8601. */
export interface Result {
  id: string;
  lease: string;
  attempt: number;
  trigger: "schedule" | "hand";
  startedAt: string;
  durationMs: number;
  httpStatus: number | null;
  failure: string | null;
  excerpt: string | null;
  state: DeliveryState;
  nextAt: string;
  verdict: string | null;
  reference: string | null;
  reason: string | null;
}

/** Records attempts of one campaign. An attempt whose lease another worker has taken over is recorded, and changes nothing else. */
export async function finish(
  db: Queryable,
  campaign: string,
  results: readonly Result[],
  at: string,
): Promise<void> {
  const rows = JSON.stringify(results);
  await Promise.all([
    relaxDurability.run(db, {}),
    recordAttempts.run(db, { campaign, rows }),
    settle.run(db, { campaign, rows, at }),
  ]);
}

const resultColumns = sql`id uuid, lease uuid, attempt integer, trigger text, "startedAt" timestamptz, "durationMs" integer,
  "httpStatus" integer, failure text, excerpt text, state text, "nextAt" timestamptz, verdict text, reference text, reason text`;

const recordAttempts = statement<unknown, { campaign: string; rows: string }>(
  "record_attempts",
  sql`insert into delivery_attempts (delivery_id, campaign_id, number, trigger, started_at, duration_ms, http_status, failure, excerpt)
      select id, ${sql.placeholder("campaign")}, attempt, trigger, "startedAt", "durationMs", "httpStatus", failure, excerpt
      from json_to_recordset(${sql.placeholder("rows")}::text::json) as row (${resultColumns})
      on conflict (delivery_id, campaign_id, number) do nothing`,
);

const settle = statement<unknown, { campaign: string; rows: string; at: string }>(
  "settle_deliveries",
  sql`update deliveries d
      set state = row.state, next_at = row."nextAt", lease = null, by_hand = false, verdict = row.verdict, reference = row.reference,
        reason = row.reason, last_failure = row.failure,
        ended_at = case when row.state in ('pending', 'paused') then null else ${sql.placeholder("at")}::text::timestamptz end
      from json_to_recordset(${sql.placeholder("rows")}::text::json) as row (${resultColumns})
      where d.id = row.id and d.campaign_id = ${sql.placeholder("campaign")} and d.lease = row.lease`,
);
