import { sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { arrayText, param, statement } from "#database/statement.ts";
import type { DeliveryState } from "#leads/delivery-state.ts";

/** A buyer's answer to being asked about a lead that is pending on record, although all that were asked have answered. */
export interface AnsweredLead {
  /** UUID. */
  leadId: string;
  buyerId: string;
  verdict: string | null;
  failure: string | null;
  httpStatus: number | null;
  excerpt: string | null;
  /** An attempt before that was begun, and how it ended was never recorded. */
  isOneLost: boolean;
}

/** Of leads that have been pending since before `before` (ISO 8601) and whose asking has ended: the server that asked was stopped. */
export async function answeredPending(db: Queryable, before: string): Promise<AnsweredLead[]> {
  return selectAnsweredPending.run(db, { before });
}

const selectAnsweredPending = statement<AnsweredLead, { before: string }>(
  "select_answered_pending",
  "all campaigns",
  ($) => sql`
      select l.id::text as "leadId", s.buyer_id as "buyerId", asked.verdict, asked.last_failure as failure,
        case when attempt is null then asked.first_http_status else attempt.http_status end as "httpStatus",
        case when attempt is null then asked.first_excerpt else attempt.excerpt end as excerpt,
        asked.attempts > coalesce(attempt.recorded, 0) + num_nonnulls(asked.first_started_at) as "isOneLost"
      from leads l
      join sales s on s.lead_id = l.id and s.campaign_id = l.campaign_id and s.status = 'reserved'
      cross join lateral (
        select d.id, d.campaign_id, d.verdict, d.last_failure, d.attempts, d.first_started_at, d.first_http_status, d.first_excerpt
        from deliveries d
        where d.lead_id = l.id and d.campaign_id = l.campaign_id and d.asks and d.recipient = 'buyer:' || s.buyer_id
        order by d.id desc limit 1) as asked
      left join lateral (
        select http_status, excerpt, count(*) over () as recorded from delivery_attempts
        where delivery_id = asked.id and campaign_id = asked.campaign_id
        order by number desc limit 1) as attempt on true
      where l.status = 'PENDING' and l.decided_at < ${$.before}::timestamptz
        and not exists (select 1 from deliveries d
          where d.lead_id = l.id and d.campaign_id = l.campaign_id and d.asks and d.state in ('pending', 'paused'))`,
);

/**
 * Of leads (UUIDs) of a campaign: the buyers to whom the last delivery of each was given up, or who refused it. One that was answered
 * before it was sent again, and given up then, may have its lead.
 */
export async function undelivered(
  db: Queryable,
  campaign: string,
  leads: readonly string[],
): Promise<{ leadId: string; buyerId: string }[]> {
  const rows = await selectLastStates.run(db, { campaign, leads: arrayText(leads) });
  return rows
    .filter(({ state, wasAnswered }) => (state === "dead" && !wasAnswered) || state === "rejected")
    .map(({ leadId, buyerId }) => ({ leadId, buyerId }));
}

const selectLastStates = statement<
  { leadId: string; buyerId: string; state: DeliveryState; wasAnswered: boolean },
  { campaign: string; leads: string }
>(
  "select_last_states",
  "one campaign",
  (
    $,
  ) => sql`select distinct on (lead_id, recipient) lead_id::text as "leadId", substr(recipient, 7) as "buyerId", state,
        first_started_at is not null or exists (select from delivery_attempts a
          where a.delivery_id = d.id and a.campaign_id = ${$.campaign} and a.failure is null) as "wasAnswered"
      from deliveries d
      where lead_id = any (${$.leads}::text::uuid[]) and campaign_id = ${$.campaign}
        and event = 'lead.accepted' and recipient like 'buyer:%'
      order by lead_id, recipient, id desc`,
);

/** The buyers that a lead (UUID) was ever meant for, whatever became of that. */
export async function meantFor(db: Queryable, lead: string): Promise<string[]> {
  const rows = await selectMeantFor.run(db, { lead });
  return rows.map((row) => row.buyerId);
}

const selectMeantFor = statement<{ buyerId: string }, { lead: string }>(
  "select_meant_for",
  "all campaigns",
  ($) => sql`select distinct substr(recipient, 7) as "buyerId" from deliveries
      where lead_id = ${$.lead}::text::uuid and event = 'lead.accepted' and recipient like 'buyer:%'`,
);

/** A delivery that decided, or was to decide, what became of its lead (UUID), and how that ended. */
export interface EndedDelivery {
  lead: string;
  recipient: string;
  state: "delivered" | "dead";
}

/**
 * Ends the deliveries of leads that are decided once more, in the decision's own transaction: should its attempt never be recorded, a
 * buyer must not be asked again about what went to another. An asking that is just being recorded ends by that, and is skipped; any other
 * is waited for, as it may have failed and be tried again. The lease stays, by which an attempt is recorded later.
 */
export async function endDecided(
  db: Queryable,
  campaign: string,
  ended: readonly EndedDelivery[],
  at: string,
): Promise<void> {
  if (ended.length === 0) return;
  await endDeliveries.run(db, { campaign, at, rows: JSON.stringify(ended) });
}

const isDecided = sql`
        select d.id, row.state from deliveries d
        join json_to_recordset(${param("rows")}::text::json) as row (lead uuid, recipient text, state text)
          on d.lead_id = row.lead and d.recipient = row.recipient
        where d.lead_id = any (array(
            select (each ->> 'lead')::uuid from json_array_elements(${param("rows")}::text::json) as each))
          and d.campaign_id = ${param("campaign")} and d.event = 'lead.accepted' and d.state in ('pending', 'paused')`;

const endDeliveries = statement<unknown, { campaign: string; at: string; rows: string }>(
  "end_decided_deliveries",
  "one campaign",
  ($) => sql`with asked as (${isDecided} and d.asks for update of d skip locked),
        others as (${isDecided} and not d.asks for update of d),
        ended as (select * from asked union all select * from others)
      update deliveries d set state = ended.state, ended_at = ${$.at}::timestamptz
      from ended
      where d.id = ended.id and d.id = any (array(select id from ended)) and d.campaign_id = ${$.campaign}`,
);
