import { sql } from "drizzle-orm";
import type { Campaign } from "#campaigns/campaign.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";
import { quoteFor } from "#intake/decide/quote.ts";
import { isTestLead, type Lead, readLead } from "#intake/decide/reading.ts";
import { acceptedKey, type CountedLead, unmatchedKey } from "#intake/decide/state.ts";
import type { StoredAnswer } from "#intake/reply/reply.ts";
import type { RecordStatus } from "#leads/status.ts";
import type { BatchRows, BuyerCounterRow, PartyCounterRow } from "./rows.ts";

/**
 * What a lane reads under its campaign's lock. Every statement is set-based over the batch and prepared, and all are sent
 * without waiting for one another.
 */

/** Locks the campaign (and then the buyers whose own counters decide) and reads all that its leads are decided by. */
export function lockAndRead(db: Queryable, campaign: Campaign, leads: readonly Lead[]): Promise<BatchRows> {
  return read(db, campaign, leads, { campaign: lockCampaign, buyers: lockBuyers });
}

/** The same without a lock, for a decision that changes nothing: by the time it is made, what was read may be different. */
export function readWithoutLock(
  db: Queryable,
  campaign: Campaign,
  leads: readonly Lead[],
): Promise<BatchRows> {
  return read(db, campaign, leads, { campaign: readCampaignRevision, buyers: readBuyers });
}

/** How the rows are read that a batch changes. */
interface Reading {
  campaign: typeof lockCampaign;
  buyers: typeof lockBuyers;
}

async function read(
  db: Queryable,
  campaign: Campaign,
  leads: readonly Lead[],
  by: Reading,
): Promise<BatchRows> {
  const { countUnmatched } = campaign.duplicates;
  const readings = leads.map((lead) => readLead(lead, campaign));
  const duplicateKeys: string[] = [];
  const buyerKeys: string[] = [];
  for (const [index, reading] of readings.entries()) {
    const lead = leads[index];
    const isTest = lead !== undefined && isTestLead(lead, campaign);
    for (const key of reading.duplicateKeys) {
      duplicateKeys.push(acceptedKey(key, isTest));
      if (countUnmatched) duplicateKeys.push(unmatchedKey(key, isTest));
    }
    for (const keys of reading.buyerDuplicateKeys.values()) {
      for (const key of keys) buyerKeys.push(acceptedKey(key, isTest));
    }
  }
  const suppressionKeys = readings.flatMap((reading) => reading.suppressionKeys.map((each) => each.key));
  const left = buyersThatLeft(campaign, leads);
  const leftCounted = left.length === 0 ? [] : await readCounted.run(db, { buyers: JSON.stringify(left) });
  const countedBuyers = [...campaign.countedBuyers, ...leftCounted.map((each) => each.buyerId)];
  const idempotencyKeys = leads.flatMap((lead) => lead.idempotency?.key ?? []);
  // The lock is first: a statement sees what was committed when it began, so those behind it see what the lock waited for.
  const reopened = leads.filter((lead) => lead.prior !== undefined).map((lead) => lead.id);
  const pings = leads.flatMap((lead) => quoteFor({ lead, campaign })?.id ?? []);
  const [locked, counters, buyers, suppressed, earlier, received, answers, standings, redeemed] =
    await Promise.all([
      by.campaign.run(db, { campaign: campaign.id }),
      readCounters.run(db, {
        campaign: campaign.id,
        suppliers: JSON.stringify([...new Set(leads.map((lead) => lead.supplierId))]),
      }),
      countedBuyers.length === 0 ? [] : by.buyers(db, countedBuyers),
      suppressionKeys.length === 0 ? [] : readSuppressed.run(db, { keys: arrayText(suppressionKeys) }),
      duplicateKeys.length === 0 ? [] : readEarlier.run(db, { keys: arrayText(duplicateKeys) }),
      buyerKeys.length === 0 ? [] : readReceivedByBuyer.run(db, { keys: arrayText(buyerKeys) }),
      idempotencyKeys.length === 0 ? [] : readAnswers.run(db, { keys: arrayText(idempotencyKeys) }),
      reopened.length === 0
        ? []
        : lockStandings.run(db, { campaign: campaign.id, leads: arrayText(reopened) }),
      pings.length === 0 ? [] : readRedeemed.run(db, { keys: arrayText(pings) }),
    ]);
  return {
    revision: locked.at(0)?.revision ?? 0,
    suppressed: listsByKey(suppressed),
    earlier: new Map(earlier.map((row) => [row.key, row])),
    receivedByBuyer: new Map(received.map((row) => [row.key, row])),
    counters,
    buyers,
    answers: new Map(answers.map((row) => [row.key, row])),
    redeemed: new Set(redeemed.map((row) => row.id)),
    standings: new Map(standings.map((row) => [row.id, row])),
    left: new Map(left.map((id) => [id, leftCounted.find((each) => each.buyerId === id) ?? null])),
  };
}

/** The buyers that leads are to be taken back from although the campaign has no contract with them any more. */
function buyersThatLeft(campaign: Campaign, leads: readonly Lead[]): string[] {
  const given = leads.flatMap(({ prior }) => prior?.sales.map(({ buyerId }) => buyerId) ?? []);
  return [...new Set(given)].filter((id) => campaign.contracts.every((contract) => contract.buyerId !== id));
}

const readCounted = statement<{ buyerId: string; pays: boolean }, { buyers: string }>(
  "read_counted_buyers",
  sql`select id as "buyerId", definition -> 'billing' ->> 'mode' <> 'manual' as pays from buyers
      where id in (select json_array_elements_text(${sql.placeholder("buyers")}::text::json))
        and (definition -> 'caps' <> '{}' or definition -> 'billing' ->> 'mode' <> 'manual' or definition -> 'duplicates' <> 'null')`,
);

const lockCampaign = statement<{ revision: number }, { campaign: string }>(
  "lock_campaign",
  sql`select revision from campaigns where id = ${sql.placeholder("campaign")} for update`,
);

const readCampaignRevision: typeof lockCampaign = statement(
  "read_campaign_revision",
  sql`select revision from campaigns where id = ${sql.placeholder("campaign")}`,
);

const usageColumns = sql`
  (extract(epoch from hour_start) * 1000)::float8 as "hourStart", hour_leads as "hourLeads", (hour_amount * 10000)::float8 as "hourAmount",
  (extract(epoch from day_start) * 1000)::float8 as "dayStart", day_leads as "dayLeads", (day_amount * 10000)::float8 as "dayAmount",
  (extract(epoch from week_start) * 1000)::float8 as "weekStart", week_leads as "weekLeads", (week_amount * 10000)::float8 as "weekAmount",
  (extract(epoch from month_start) * 1000)::float8 as "monthStart", month_leads as "monthLeads", (month_amount * 10000)::float8 as "monthAmount",
  total_leads::float8 as "totalLeads", (total_amount * 10000)::float8 as "totalAmount"`;

const readCounters = statement<PartyCounterRow, { campaign: string; suppliers: string }>(
  "read_counters",
  sql`select party, party_id as "partyId", last_turn::float8 as "lastTurn", owed, ${usageColumns}
      from campaign_counters
      where campaign_id = ${sql.placeholder("campaign")}
        and (party = 'contract'
          or party_id in (select json_array_elements_text(${sql.placeholder("suppliers")}::text::json)))`,
);

/** The row of a buyer that was never counted is made first: what is not there cannot be locked. */
async function lockBuyers(db: Queryable, buyerIds: readonly string[]): Promise<BuyerCounterRow[]> {
  const buyers = JSON.stringify(buyerIds);
  const rows = await lockBuyerCounters.run(db, { buyers });
  if (rows.length === buyerIds.length) return rows;
  await makeBuyerCounters.run(db, { buyers });
  return lockBuyerCounters.run(db, { buyers });
}

function readBuyers(db: Queryable, buyerIds: readonly string[]): Promise<BuyerCounterRow[]> {
  return readBuyerCounters.run(db, { buyers: JSON.stringify(buyerIds) });
}

const buyerCounters = sql`select buyer_id as "buyerId", (balance * 10000)::float8 as balance, ${usageColumns}
  from buyer_counters
  where buyer_id = any (array(select json_array_elements_text(${sql.placeholder("buyers")}::text::json)))`;

const readBuyerCounters = statement<BuyerCounterRow, { buyers: string }>(
  "read_buyer_counters",
  buyerCounters,
);

const lockBuyerCounters = statement<BuyerCounterRow, { buyers: string }>(
  "lock_buyer_counters",
  sql`${buyerCounters} order by buyer_id for update`,
);

const makeBuyerCounters = statement<unknown, { buyers: string }>(
  "make_buyer_counters",
  sql`insert into buyer_counters (buyer_id, hour_start, hour_leads, hour_amount, day_start, day_leads, day_amount,
        week_start, week_leads, week_amount, month_start, month_leads, month_amount, total_leads, total_amount, balance)
      select buyer, 'epoch', 0, 0, 'epoch', 0, 0, 'epoch', 0, 0, 'epoch', 0, 0, 0, 0, 0
      from json_array_elements_text(${sql.placeholder("buyers")}::text::json) as buyer
      order by buyer
      on conflict (buyer_id) do nothing`,
);

/** UUIDs, as the text of an array. */
type Keys = { keys: string };

const readSuppressed = statement<{ key: string; list: string }, Keys>(
  "read_suppressed",
  sql`select key::text as key, list_id as list from suppression_entries
      where key = any (${sql.placeholder("keys")}::text::uuid[])`,
);

const countedColumns = sql`key::text as key, lead_id::text as "leadId",
  (extract(epoch from counted_at) * 1000)::float8 as "countedAt"`;

const readEarlier = statement<CountedLead & { key: string }, Keys>(
  "read_earlier",
  sql`select ${countedColumns}, buyer_id as "buyerId" from duplicate_keys
      where key = any (${sql.placeholder("keys")}::text::uuid[])`,
);

const readReceivedByBuyer = statement<CountedLead & { key: string }, Keys>(
  "read_received_by_buyer",
  sql`select ${countedColumns}, buyer_id as "buyerId" from buyer_duplicate_keys
      where key = any (${sql.placeholder("keys")}::text::uuid[])`,
);

const readRedeemed = statement<{ id: string }, Keys>(
  "read_redeemed_pings",
  sql`select id::text as id from redeemed_pings where id = any (${sql.placeholder("keys")}::text::uuid[])`,
);

const readAnswers = statement<StoredAnswer & { key: string }, Keys>(
  "read_answers",
  sql`select key::text as key, request_hash::text as "requestHash", http_status as "httpStatus", answer,
        (extract(epoch from created_at) * 1000)::float8 as "createdAt",
        case when http_status = 0 then (
          select json_build_object('status', l.status, 'reason', l.reason, 'buyerId', l.buyer_id, 'isTest', l.is_test,
            'isDuplicate', l.duplicate_of is not null)
          from leads l where l.id = k.answer::uuid and l.campaign_id = k.campaign_id) end as held
      from idempotency_keys k
      where key = any (${sql.placeholder("keys")}::text::uuid[])`,
);

const lockStandings = statement<
  { id: string; status: RecordStatus; buyerId: string | null; isErased: boolean },
  { campaign: string; leads: string }
>(
  "lock_standings",
  sql`select id::text as id, status, buyer_id as "buyerId", erased_at is not null as "isErased" from leads
      where id = any (${sql.placeholder("leads")}::text::uuid[]) and campaign_id = ${sql.placeholder("campaign")}
      for update`,
);

function listsByKey(rows: readonly { key: string; list: string }[]): Map<string, string[]> {
  const lists = new Map<string, string[]>();
  for (const { key, list } of rows) {
    const held = lists.get(key);
    if (held === undefined) lists.set(key, [list]);
    else held.push(list);
  }
  return lists;
}
