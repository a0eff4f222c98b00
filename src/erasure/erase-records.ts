import { sql } from "drizzle-orm";
import { campaignByCampaign, campaignsOfLeads } from "#database/by-campaign-records.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, param, statement } from "#database/statement.ts";

/** A lead that is about to be erased, under its lock. Ids are UUIDs. */
export interface LockedLead {
  id: string;
  campaignId: string;
  /** It was erased before; of its person no more than deliveries and keys can be left. */
  isErased: boolean;
  /** It is held for a buyer's answer, and whoever asked still has it in hand. */
  isHeld: boolean;
  /** As JSON. */
  fields: string;
}

type Leads = { leads: string };
type LeadsAt = Leads & { at: string };
type Changed = { id: string };

const given = sql`any(${param("leads")}::text::uuid[])`;

/** Locks leads in the order of their ids. Whoever decides one of them again waits, or is waited for. */
export async function lockLeads(tx: Queryable, ids: readonly string[]): Promise<LockedLead[]> {
  return lock.run(tx, { leads: arrayText(ids) });
}

const lock = campaignByCampaign(
  (narrow) =>
    statement<LockedLead, Leads>(
      "lock_leads_to_erase",
      "all campaigns",
      sql`select id::text as id, campaign_id as "campaignId", erased_at is not null as "isErased", status = 'PENDING' as "isHeld",
        fields::text as fields
      from leads where id = ${given}${narrow("campaign_id")} order by id for update`,
    ),
  campaignsOfLeads,
);

/** Ends what is still to be sent of the leads, but for what is just being sent; how many deliveries that were. */
export async function cancelDeliveries(tx: Queryable, ids: readonly string[], at: string): Promise<number> {
  return (await cancel.run(tx, { leads: arrayText(ids), at })).length;
}

const cancel = campaignByCampaign(
  (narrow) =>
    statement<Changed, LeadsAt>(
      "cancel_deliveries",
      "all campaigns",
      ($) => sql`with waiting as (
        select id from deliveries
        where lead_id = ${given} and state in ('pending', 'paused')${narrow("campaign_id")}
          and (lease is null or next_at <= ${$.at}::timestamptz)
        order by id for update
      )
      update deliveries set state = 'dead', lease = null, reason = 'erased', ended_at = ${$.at}::timestamptz
      where id = any(array(select id from waiting)) and lead_id = ${given}${narrow("campaign_id")}
      returning id::text as id`,
    ),
  campaignsOfLeads,
);

/** Those of the leads of which something is still to be sent, or is with a server that may be sending it, though it has ended. */
export async function leadsBeingSent(tx: Queryable, ids: readonly string[], at: string): Promise<string[]> {
  return (await selectBeingSent.run(tx, { leads: arrayText(ids), at })).map((row) => row.id);
}

const selectBeingSent = statement<Changed, LeadsAt>(
  "select_leads_being_sent",
  "all campaigns",
  ($) => sql`select distinct lead_id::text as id from deliveries
    where lead_id = ${given} and (state in ('pending', 'paused') or (lease is not null and next_at > ${$.at}::timestamptz))`,
);

/** Has deliveries that did not end yet erased when they have; of which of the leads (UUIDs) there are any. */
export async function eraseWhenEnded(tx: Queryable, ids: readonly string[]): Promise<ReadonlySet<string>> {
  return new Set((await markPending.run(tx, { leads: arrayText(ids) })).map(({ id }) => id));
}

const markPending = statement<Changed, Leads>(
  "mark_deliveries_to_erase",
  "all campaigns",
  sql`update deliveries set erase_when_ended = true where lead_id = ${given} and state in ('pending', 'paused')
      returning lead_id::text as id`,
);

/** What was emptied of deliveries. */
export interface Emptied {
  deliveries: number;
  attempts: number;
}

/** Empties the leads' deliveries that have ended: what was sent, and what was answered. */
export async function emptyDeliveriesOf(tx: Queryable, ids: readonly string[], at: string): Promise<Emptied> {
  return emptied(tx, await emptyOf.run(tx, { leads: arrayText(ids), at }));
}

/** Empties deliveries that were to be emptied when they have ended, up to `limit`: a paused one has, when its time is over. */
export async function emptyEnded(tx: Queryable, at: string, limit: number): Promise<Emptied> {
  return emptied(tx, await emptyLater.run(tx, { at, limit }));
}

/** `hasFirst`: its first attempt was kept in it, and is emptied with it. */
type EmptiedDelivery = Changed & { hasFirst: boolean };

async function emptied(tx: Queryable, deliveries: readonly EmptiedDelivery[]): Promise<Emptied> {
  if (deliveries.length === 0) return { deliveries: 0, attempts: 0 };
  const excerpts = await forgetExcerpts.run(tx, { deliveries: arrayText(deliveries.map(({ id }) => id)) });
  const first = deliveries.filter(({ hasFirst }) => hasFirst).length;
  return { deliveries: deliveries.length, attempts: first + excerpts.length };
}

/** `erased` is our own reason, every other the buyer's words. */
const emptying = sql`body = '', subject = null, request = null, reference = null, first_excerpt = null,
  reason = case when reason = 'erased' then reason end, erase_when_ended = false, erased_at = ${param("at")}::timestamptz`;

const emptyOf = statement<EmptiedDelivery, LeadsAt>(
  "empty_deliveries_of",
  "all campaigns",
  sql`update deliveries set ${emptying}
      where lead_id = ${given} and erased_at is null and state not in ('pending', 'paused')
      returning id::text as id, first_started_at is not null as "hasFirst"`,
);

const emptyLater = campaignByCampaign((narrow) =>
  statement<EmptiedDelivery, { at: string; limit: number }>(
    "empty_ended_deliveries",
    "all campaigns",
    ($) => sql`with ended as (
        select id from deliveries
        where erase_when_ended and erased_at is null${narrow("campaign_id")}
          and (state in ('delivered', 'rejected', 'dead')
            or (state = 'paused' and give_up_at <= ${$.at}::timestamptz))
        limit ${$.limit}::text::integer for update skip locked
      )
      update deliveries d set ${emptying},
        state = case when state = 'paused' then 'dead' else state end,
        ended_at = coalesce(ended_at, ${$.at}::timestamptz)
      where d.id = any(array(select id from ended))${narrow("d.campaign_id")}
      returning d.id::text as id, d.first_started_at is not null as "hasFirst"`,
  ),
);

const forgetExcerpts = statement<Changed, { deliveries: string }>(
  "forget_excerpts",
  "all campaigns",
  ($) => sql`update delivery_attempts set excerpt = null
      where delivery_id = any(${$.deliveries}::text::uuid[]) and excerpt is not null
      returning delivery_id::text as id`,
);

/** Takes the free text out of what suppliers reported of the leads; out of how many reports. */
export async function emptyUpdatesOf(tx: Queryable, ids: readonly string[]): Promise<number> {
  return (await emptyUpdates.run(tx, { leads: arrayText(ids) })).length;
}

const emptyUpdates = statement<Changed, Leads>(
  "empty_lead_updates",
  "all campaigns",
  sql`update lead_updates set note = null, sales_rep = null
      where lead_id = ${given} and (note is not null or sales_rep is not null)
      returning id::text as id`,
);

/** Takes the free text out of the returns of the leads. */
export async function emptyReturnsOf(tx: Queryable, ids: readonly string[]): Promise<void> {
  await emptyReturns.run(tx, { leads: arrayText(ids) });
}

const emptyReturns = statement<unknown, Leads>(
  "empty_returns",
  "all campaigns",
  sql`update returns set note = null, decision_note = null
      where lead_id = ${given} and (note is not null or decision_note is not null)`,
);

/** Takes the buyers' own names for their bids out of what the leads' pings were promised. */
export async function emptyBidsOf(tx: Queryable, ids: readonly string[]): Promise<void> {
  await emptyBids.run(tx, { leads: arrayText(ids) });
}

const emptyBids = statement<unknown, Leads>(
  "empty_redeemed_pings",
  "all campaigns",
  sql`update redeemed_pings
      set bids = regexp_replace(bids::text, '"reference":"(\\\\.|[^"\\\\])*"', '"reference":null', 'g')::json
      where lead_id = ${given} and bids::text like '%"reference":"%'`,
);

/** Forgets what others answered who were asked about the leads. */
export async function forgetCheckAnswers(tx: Queryable, ids: readonly string[]): Promise<void> {
  await forgetAnswers.run(tx, { leads: arrayText(ids) });
}

const forgetAnswers = statement<unknown, Leads>(
  "forget_check_answers_of",
  "all campaigns",
  sql`delete from check_answers where lead_id = ${given}`,
);

/**
 * Empties the leads themselves, but for the source, which reports are by and which is of a campaign rather than a person. The id of the
 * request is of its sender's choice, and may say anything.
 */
export async function emptyLeads(tx: Queryable, ids: readonly string[], at: string): Promise<void> {
  await empty.run(tx, { leads: arrayText(ids), at });
}

const empty = statement<unknown, LeadsAt>(
  "empty_leads",
  "all campaigns",
  ($) => sql`
      update leads set fields = jsonb_strip_nulls(jsonb_set('{}', '{source}', coalesce(fields -> 'source', 'null'))), sent = null,
        checks = null, request_id = '', erased_at = ${$.at}::timestamptz
      where id = ${given}`,
);

/** Who may remember a lead by keyed values: the buyers that it was sold or meant for, and all that have a duplicate window of their own. */
export async function readRemembering(
  tx: Queryable,
  ids: readonly string[],
): Promise<{ lead: string | null; buyerId: string }[]> {
  return selectRemembering.run(tx, { leads: arrayText(ids) });
}

/** The buyers that have a duplicate window of their own. */
export async function readBuyersWithWindows(tx: Queryable): Promise<string[]> {
  return (await selectWithWindows.run(tx, {})).map(({ id }) => id);
}

const hasWindow = sql`coalesce(definition -> 'duplicates', 'null') <> 'null'`;

const selectWithWindows = statement<Changed>(
  "select_buyers_with_windows",
  "unspread",
  sql`select id from buyers where ${hasWindow}`,
);

const selectRemembering = statement<{ lead: string | null; buyerId: string }, Leads>(
  "select_remembering",
  "all campaigns",
  sql`select null as lead, id as "buyerId" from buyers where ${hasWindow}
      union
      select lead_id::text, buyer_id from sales where lead_id = ${given}
      union
      select lead_id::text, substr(recipient, 7) from deliveries where lead_id = ${given} and recipient like 'buyer:%'`,
);

/** Forgets the keys by which later leads are compared with these; by how many of them no lead is compared any more. */
export async function forgetKeys(
  tx: Queryable,
  ids: readonly string[],
  keys: readonly string[],
): Promise<number> {
  const values = { leads: arrayText(ids), keys: arrayText(keys) };
  const forgotten = await Promise.all([forgetInCampaigns(tx, values), forgetOfBuyers.run(tx, values)]);
  return forgotten.flat().length;
}

type LeadsAndKeys = Leads & { keys: string };

/** Citus looks for the keys of other leads behind what was deleted, not beside it. */
async function forgetInCampaigns(tx: Queryable, values: LeadsAndKeys): Promise<Changed[]> {
  if (tx.isSpread !== true) return await forgetOfCampaigns.run(tx, values);
  const forgotten = new Set((await deleteKeys.run(tx, values)).map(({ id }) => id));
  for (const { id } of await selectKept.run(tx, { keys: arrayText([...forgotten]) })) forgotten.delete(id);
  return [...forgotten].map((id) => ({ id }));
}

const deleteKeys = statement<Changed, LeadsAndKeys>(
  "delete_keys_of_campaigns",
  "all campaigns",
  ($) =>
    sql`delete from lead_keys where key = any(${$.keys}::text::uuid[]) and lead_id = ${given} returning key::text as id`,
);

const selectKept = statement<Changed, { keys: string }>(
  "select_keys_that_are_kept",
  "all campaigns",
  ($) => sql`select distinct key::text as id from lead_keys where key = any(${$.keys}::text::uuid[])`,
);

const forgetOfCampaigns = statement<Changed, LeadsAndKeys>(
  "forget_keys_of_campaigns",
  "all campaigns",
  ($) => sql`with forgotten as (
        delete from lead_keys where key = any(${$.keys}::text::uuid[]) and lead_id = ${given} returning key
      )
      select distinct key::text as id from forgotten
      where (select k.key from lead_keys k where k.key = forgotten.key and k.lead_id <> all(${$.leads}::text::uuid[]) limit 1) is null`,
);

/** Forgets the keys by which the people of these leads are found, and no lead is compared. */
export async function forgetPersonKeys(
  tx: Queryable,
  ids: readonly string[],
  keys: readonly string[],
): Promise<void> {
  if (keys.length > 0) await forgetOfPeople.run(tx, { leads: arrayText(ids), keys: arrayText(keys) });
}

const forgetOfPeople = statement<unknown, LeadsAndKeys>(
  "forget_keys_of_people",
  "all campaigns",
  ($) => sql`delete from lead_keys where key = any(${$.keys}::text::uuid[]) and lead_id = ${given}`,
);

const forgetOfBuyers = statement<Changed, LeadsAndKeys>(
  "forget_keys_of_buyers",
  "unspread",
  ($) => sql`delete from buyer_duplicate_keys where key = any(${$.keys}::text::uuid[]) and lead_id = ${given}
      returning key::text as id`,
);
