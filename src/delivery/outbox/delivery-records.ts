import { type SQL, sql } from "drizzle-orm";
import {
  type CampaignsOf,
  campaignByCampaign,
  campaignsOfLeads,
  type Narrow,
} from "#database/by-campaign-records.ts";
import { money, ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, param, statement } from "#database/statement.ts";
import { holdPaused } from "#delivery/recipients/endpoint-records.ts";
import type { Recipient } from "#endpoints/recipient.ts";
import type { DeliveryState } from "#leads/delivery-state.ts";
import type { Due } from "./outbox-records.ts";

/** A delivery as operators see it in a list. Times in ms since 1970. */
export interface ListedDelivery {
  id: string;
  campaignId: string;
  leadId: string | null;
  recipient: Recipient;
  event: string;
  state: DeliveryState;
  attempts: number;
  /** When it is tried next, or taken over from the server that has leased it. */
  nextAt: number;
  giveUpAt: number;
  createdAt: number;
  endedAt: number | null;
  verdict: string | null;
  /** The price that the answer named, in ten-thousandths. */
  answeredPrice: number | null;
  reference: string | null;
  reason: string | null;
  lastFailure: string | null;
  /** When its body was emptied, because it told who the lead's person is. */
  erasedAt: number | null;
}

export interface WholeDelivery extends ListedDelivery {
  contentType: string;
  body: string;
}

export interface Attempted {
  number: number;
  trigger: "schedule" | "hand";
  startedAt: number;
  durationMs: number;
  httpStatus: number | null;
  failure: string | null;
  excerpt: string | null;
}

/** Which deliveries a list shows; what is null does not matter. */
export interface DeliveryFilter {
  recipient: Recipient | null;
  campaign: string | null;
  /** A lead's UUID. */
  lead: string | null;
  state: DeliveryState | null;
  event: string | null;
  /** Written at or after this moment, ISO 8601. */
  since: string | null;
  until: string | null;
}

const listed = sql`id::text as id, campaign_id as "campaignId", lead_id::text as "leadId", recipient, event, state, attempts,
  ${ms("next_at")} as "nextAt", ${ms("give_up_at")} as "giveUpAt",
  ${ms("created_at")} as "createdAt", ${ms("ended_at")} as "endedAt",
  verdict, ${money("answered_price")} as "answeredPrice", reference, reason, last_failure as "lastFailure",
  ${ms("erased_at")} as "erasedAt"`;

const matches = sql`(${param("recipient")}::text is null or recipient = ${param("recipient")}::text)
  and (${param("campaign")}::text is null or campaign_id = ${param("campaign")}::text)
  and (${param("lead")}::text is null or lead_id = ${param("lead")}::text::uuid)
  and (${param("state")}::text is null or state = ${param("state")}::text)
  and (${param("event")}::text is null or event = ${param("event")}::text)
  and (${param("since")}::text is null or created_at >= ${param("since")}::timestamptz)
  and (${param("until")}::text is null or created_at < ${param("until")}::timestamptz)`;

type ListParameters = Record<keyof DeliveryFilter, string | null>;

/** The newest first, those before the delivery `before` (a UUID) only. */
export async function listDeliveries(
  db: Queryable,
  filter: DeliveryFilter,
  before: string | null,
  limit: number,
): Promise<ListedDelivery[]> {
  return selectDeliveries.run(db, { ...filter, before, limit });
}

const selectDeliveries = statement<ListedDelivery, ListParameters & { before: string | null; limit: number }>(
  "select_deliveries",
  "all campaigns",
  ($) => sql`select ${listed} from deliveries
      where ${matches} and (${$.before}::text is null or id < ${$.before}::text::uuid)
      order by deliveries.id desc
      limit ${$.limit}::text::integer`,
);

/** All that was to be sent of one lead (a UUID), in the order in which it was written. */
export async function listDeliveriesOf(db: Queryable, lead: string): Promise<ListedDelivery[]> {
  return selectDeliveriesOf.run(db, { lead });
}

const selectDeliveriesOf = statement<ListedDelivery, { lead: string }>(
  "select_deliveries_of",
  "all campaigns",
  ($) => sql`select ${listed} from deliveries where lead_id = ${$.lead}::text::uuid order by id`,
);

/** One delivery with its attempts, the first first; undefined when there is none. */
export async function readDelivery(
  db: Queryable,
  id: string,
): Promise<{ delivery: WholeDelivery; attempts: Attempted[] } | undefined> {
  // In this order an attempt that is recorded meanwhile is at worst missing; it is never shown with the state before it.
  const [attempts, [delivery]] = await Promise.all([
    selectAttempts.run(db, { id }),
    selectDelivery.run(db, { id }),
  ]);
  return delivery && { delivery, attempts };
}

const selectDelivery = statement<WholeDelivery, { id: string }>(
  "select_delivery",
  "all campaigns",
  ($) => sql`select ${listed}, content_type as "contentType", body from deliveries where id = ${$.id}`,
);

/** A claim that a power cut forgot was made again under the same number: that one counts, not what the first came to all the same. */
const selectAttempts = statement<Attempted, { id: string }>(
  "select_attempts",
  "all campaigns",
  (
    $,
  ) => sql`select distinct on (number) number, trigger, "startedAt", "durationMs", "httpStatus", failure, excerpt
      from (
        select 1 as number, 'schedule' as trigger, ${ms("first_started_at")} as "startedAt",
          first_duration_ms as "durationMs", first_http_status as "httpStatus", null as failure, first_excerpt as excerpt,
          false as is_beside
        from deliveries where id = ${$.id} and first_started_at is not null
        union all
        select number, trigger, ${ms("started_at")}, duration_ms, http_status, failure, excerpt, true
        from delivery_attempts where delivery_id = ${$.id}) as attempt
      order by number, is_beside`,
);

/**
 * Why a delivery is not sent once more. `not_its_lead`: it would hand a buyer a lead that has gone to another, or has not been sold.
 * `refused`: its buyer did not want the lead, and somebody else may be about to get it. `erased`: there is nothing left to send.
 */
export type NotSentAgain = "no_such_delivery" | "not_its_lead" | "refused" | "erased";

/** A delivery that is due once more, at `nextAt` in ms since 1970. */
export interface DueAgain extends Due {
  nextAt: number;
}

/**
 * Makes a delivery due once more, whatever became of it, and says for whom. One that a server is just sending is due when its lease ends,
 * if that server has died.
 */
export async function redeliver(db: Queryable, id: string, at: string): Promise<DueAgain | NotSentAgain> {
  const [known] = await selectToSendAgain.run(db, { id });
  if (known === undefined) return "no_such_delivery";
  await lockLeadsOf(db, [known]);
  const [due] = await dueAgain.run(db, { id, at });
  if (due !== undefined) return due;
  const [left] = await selectToSendAgain.run(db, { id });
  if (left === undefined) return "no_such_delivery";
  if (left.erasedAt !== null) return "erased";
  return left.isRefused ? "refused" : "not_its_lead";
}

const selectToSendAgain = statement<
  Pick<ListedDelivery, "leadId" | "erasedAt"> & { isRefused: boolean },
  { id: string }
>(
  "select_delivery_to_send_again",
  "all campaigns",
  ($) => sql`select lead_id::text as "leadId", ${ms("erased_at")} as "erasedAt", refusal_due as "isRefused"
      from deliveries where id = ${$.id}::text::uuid`,
);

/** Whoever decides one of the leads once more, or erases it, has done so before what follows, or sees it. */
async function lockLeadsOf(db: Queryable, deliveries: readonly { leadId: string | null }[]): Promise<void> {
  const leads = new Set(deliveries.flatMap(({ leadId }) => leadId ?? []));
  if (leads.size > 0) await lockShared.run(db, { leads: arrayText([...leads]) });
}

const lockShared = campaignByCampaign(
  (narrow) =>
    statement<unknown, { leads: string }>(
      "lock_leads_to_send_again",
      "all campaigns",
      ($) =>
        sql`select from leads where id = any(${$.leads}::text::uuid[])${narrow("campaign_id")} order by id for share`,
    ),
  campaignsOfLeads,
);

/** Until when it is tried. */
const atLeastAnHour = sql`greatest(give_up_at, ${param("at")}::timestamptz + interval '1 hour')`;

/** The lead is sold by now, so its delivery does not ask any more. */
const madeDue = sql`state = 'pending', by_hand = true, asks = false, next_at = ${param("at")}::timestamptz,
  ended_at = null, lease = null, give_up_at = ${atLeastAnHour}`;

/**
 * A buyer that was asked in vain, did not get its lead, or did not want it, may have been passed over since, or is about to be: no lead is
 * sold twice.
 */
function maySendAgain(narrow: Narrow): SQL {
  return sql`erased_at is null and not refusal_due and (event <> 'lead.accepted' or recipient not like 'buyer:%' or exists (
    select 1 from sales s
    where s.lead_id = deliveries.lead_id and s.campaign_id = deliveries.campaign_id${narrow("s.campaign_id")} and s.status = 'sold'
      and 'buyer:' || s.buyer_id = recipient))`;
}

/** It would be sent twice at once, and one of two answers would not count. */
const isBeingSent = sql`(state = 'pending' and lease is not null and next_at > ${param("at")}::timestamptz)`;

const dueAgain = statement<DueAgain, { id: string; at: string }>(
  "due_again",
  "all campaigns",
  (
    $,
  ) => sql`update deliveries set state = 'pending', by_hand = by_hand or not ${isBeingSent}, asks = asks and ${isBeingSent},
        next_at = case when ${isBeingSent} then next_at else ${$.at}::timestamptz end, ended_at = null,
        lease = case when ${isBeingSent} then lease end, give_up_at = ${atLeastAnHour}
      where id = ${$.id}::text::uuid and ${maySendAgain(() => sql``)}
      returning campaign_id as "campaignId", recipient, ${ms("next_at")} as "nextAt"`,
);

/** The deliveries of a recipient that are made due again: those written from `since` on and before `until`, ISO 8601. */
export interface Recovery {
  recipient: Recipient;
  since: string;
  until: string | null;
  /** The id of the last one of the batch before; null for the first batch. */
  after: string | null;
}

/** Some that were made due again; `last`: the id of the last one that was looked at, null when there are no more. */
export interface Recovered {
  deliveries: { id: string; campaignId: string }[];
  last: string | null;
}

/**
 * Looks at up to `limit` deliveries that are dead or wait for their next attempt, the oldest first, and makes them due again. What is just
 * being sent is left alone, and so are leads that are not the buyer's any more.
 */
export async function recover(
  db: Queryable,
  recovery: Recovery,
  at: string,
  limit: number,
): Promise<Recovered> {
  const found = await selectToRecover.run(db, { ...recovery, at, limit });
  if (found.length === 0) return { deliveries: [], last: null };
  await lockLeadsOf(db, found);
  const ids = arrayText(found.map(({ id }) => id));
  return {
    deliveries: await recoverFound.run(db, { recipient: recovery.recipient, at, ids }),
    last: found.length < limit ? null : (found.at(-1)?.id ?? null),
  };
}

const maybeRecovered = sql`recipient = ${param("recipient")} and state in ('dead', 'pending')
          and (lease is null or next_at <= ${param("at")}::timestamptz)`;

const selectToRecover = statement<
  { id: string; leadId: string | null },
  {
    recipient: string;
    since: string;
    until: string | null;
    after: string | null;
    at: string;
    limit: number;
  }
>(
  "select_deliveries_to_recover",
  "all campaigns",
  ($) => sql`select id::text as id, lead_id::text as "leadId" from deliveries
        where ${maybeRecovered} and erased_at is null
          and created_at >= ${$.since}::timestamptz
          and (${$.until}::text is null or created_at < ${$.until}::timestamptz)
          and (${$.after}::text is null or id > ${$.after}::text::uuid)
        order by deliveries.id limit ${$.limit}::text::integer`,
);

/** By an array of ids: joined, a plan made on old statistics compared each delivery with each, a minute for 10,000. */
const recoverFound = campaignByCampaign((narrow) =>
  statement<{ id: string; campaignId: string }, { recipient: string; at: string; ids: string }>(
    "recover_deliveries",
    "all campaigns",
    ($) => sql`with due as materialized (
        select id from deliveries
        where id = any(${$.ids}::text::uuid[])${narrow("campaign_id")} and ${maybeRecovered} and ${maySendAgain(narrow)}
        order by id for update)
      update deliveries d set ${madeDue} where d.id = any (array(select id from due))${narrow("d.campaign_id")}
      returning d.id::text as id, d.campaign_id as "campaignId"`,
  ),
);

/**
 * Makes due up to `limit` deliveries of a recipient, at `at` (ISO 8601). Says for which campaigns, once for each delivery; where tables are
 * spread, so many of each.
 */
type MakeSomeDue = (db: Queryable, recipient: Recipient, at: string, limit: number) => Promise<string[]>;

type SomeOf = { recipient: string; at: string; limit: number };

function makingDue(name: string, are: SQL): MakeSomeDue {
  const make = campaignByCampaign(
    (narrow) =>
      statement<{ campaignId: string }, SomeOf>(
        name,
        "all campaigns",
        ($) => sql`with part as materialized (
        select id from deliveries where ${are}${narrow("campaign_id")} limit ${$.limit}::text::integer for update)
      update deliveries d set ${madeDue} where d.id = any (array(select id from part))${narrow("d.campaign_id")}
      returning d.campaign_id as "campaignId"`,
      ),
    campaignsWith(are),
  );
  return async (db, recipient, at, limit) =>
    (await make.run(db, { recipient, at, limit })).map((row) => row.campaignId);
}

function campaignsWith(are: SQL): CampaignsOf<SomeOf> {
  const select = statement<{ id: string }, SomeOf>(
    "campaigns_to_make_due",
    "all campaigns",
    sql`select distinct campaign_id as id from deliveries where ${are} order by id`,
  );
  return async (db, values) => (await select.run(db, values)).map(({ id }) => id);
}

/** What an endpoint that is paused holds back. */
export const releasePaused = makingDue(
  "release_paused",
  sql`recipient = ${param("recipient")} and state = 'paused'`,
);

/** What failed and waits for its next attempt. */
export const hurryFailed = makingDue(
  "hurry_failed",
  sql`recipient = ${param("recipient")} and state = 'pending' and lease is null and attempts > 0 and not asks
        and next_at > ${param("at")}::timestamptz`,
);

/**
 * Makes due those of a campaign's deliveries (UUIDs) that were just recorded as paused although their endpoints are not, or not any more:
 * whoever resumed one has not seen them.
 */
export async function releaseResumed(
  db: Queryable,
  campaign: string,
  ids: readonly string[],
  at: string,
): Promise<void> {
  const recorded = { campaign, ids: arrayText(ids) };
  const recipients = (await selectPausedRecipients.run(db, recorded)).map(({ recipient }) => recipient);
  if (recipients.length === 0) return;
  const paused = await holdPaused(db, recipients);
  const running = recipients.filter((recipient) => !paused.has(recipient));
  if (running.length > 0) await releaseOf.run(db, { ...recorded, recipients: arrayText(running), at });
}

const selectPausedRecipients = statement<{ recipient: Recipient }, { campaign: string; ids: string }>(
  "select_paused_recipients",
  "one campaign",
  ($) => sql`select distinct recipient from deliveries
      where id = any(${$.ids}::text::uuid[]) and campaign_id = ${$.campaign} and state = 'paused'`,
);

const releaseOf = statement<unknown, { campaign: string; ids: string; recipients: string; at: string }>(
  "release_resumed",
  "one campaign",
  ($) => sql`update deliveries set ${madeDue}
      where id = any(${$.ids}::text::uuid[]) and campaign_id = ${$.campaign} and state = 'paused'
        and recipient = any(${$.recipients}::text[])`,
);
