import { sql } from "drizzle-orm";
import type { Campaign } from "#campaigns/campaign.ts";
import { money, ms, usage } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, param, statement } from "#database/statement.ts";
import { quoteFor } from "#intake/decide/quote.ts";
import type { ParsedLead } from "#intake/decide/reading.ts";
import { acceptedKey, type CountedLead, unmatchedKey } from "#intake/decide/state.ts";
import type { StoredReply } from "#intake/reply/reply.ts";
import type { BatchRows, BuyerCounterRow, PartyCounterRow, Standing } from "./rows.ts";

/**
 * What a lane reads under its campaign's lock. Every statement is set-based over the batch and prepared, and all are sent
 * without waiting for one another.
 */

/** Locks the campaign (and then the buyers whose own counters decide) and reads all that its leads are decided by. */
export function lockAndRead(
  db: Queryable,
  campaign: Campaign,
  leads: readonly ParsedLead[],
): Promise<BatchRows> {
  return readRows(db, campaign, leads, { campaign: lockCampaign, buyers: lockBuyers });
}

/** The same without a lock, for a decision that changes nothing: by the time it is made, what was read may be different. */
export function readWithoutLock(
  db: Queryable,
  campaign: Campaign,
  leads: readonly ParsedLead[],
): Promise<BatchRows> {
  return readRows(db, campaign, leads, { campaign: readCampaignRevision, buyers: readBuyerRows });
}

/** How the rows are read that a batch changes. */
interface RowReaders {
  campaign: typeof lockCampaign;
  buyers: typeof lockBuyers;
}

async function readRows(
  db: Queryable,
  campaign: Campaign,
  leads: readonly ParsedLead[],
  by: RowReaders,
): Promise<BatchRows> {
  const asked = askedOf(campaign, leads);
  const one = { campaign: campaign.id };
  const left = buyersThatLeft(campaign, leads);
  const leftCounted = left.length === 0 ? [] : await readLeftCounted(db, one, left, by);
  const countedBuyers = [...campaign.countedBuyers, ...leftCounted.map((each) => each.buyerId)];
  // The lock is first: a statement sees what was committed when it began, so those behind it see what the lock waited for.
  const [locked, counters, buyers, suppressed, earlier, received, answers, standings, redeemed] =
    await Promise.all([
      by.campaign.run(db, one),
      readCounters.run(db, { ...one, suppliers: JSON.stringify([...asked.suppliers]) }),
      countedBuyers.length === 0 ? [] : by.buyers(db, countedBuyers),
      readIfAny(asked.suppressionKeys, (keys) => readSuppressed.run(db, { keys })),
      readIfAny(asked.duplicateKeys, (keys) => readEarlier.run(db, { ...one, keys })),
      readIfAny(asked.buyerKeys, (keys) => readReceivedByBuyer.run(db, { keys })),
      readIfAny(asked.idempotencyKeys, (keys) => readAnswers.run(db, { ...one, keys })),
      readIfAny(asked.reopened, (ids) => lockStandings.run(db, { ...one, leads: ids })),
      readIfAny(asked.pings, (keys) => readRedeemed.run(db, { ...one, keys })),
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

/** Behind the lock: how a buyer pays says where its balance stands, and that must not change any more. */
async function readLeftCounted(
  db: Queryable,
  campaign: { campaign: string },
  left: readonly string[],
  by: RowReaders,
): Promise<{ buyerId: string; pays: boolean }[]> {
  const [, counted] = await Promise.all([
    by.campaign.run(db, campaign),
    readCounted.run(db, { buyers: JSON.stringify(left) }),
  ]);
  return counted;
}

/** Reads what is asked for by UUIDs, unless there are none. */
function readIfAny<Found>(
  uuids: readonly string[],
  select: (uuids: string) => Promise<Found[]>,
): Promise<Found[]> | Found[] {
  return uuids.length === 0 ? [] : select(arrayText(uuids));
}

/** What a batch's leads ask for; all but the suppliers are UUIDs. */
interface Asked {
  suppliers: Set<string>;
  suppressionKeys: string[];
  duplicateKeys: string[];
  buyerKeys: string[];
  idempotencyKeys: string[];
  reopened: string[];
  pings: string[];
}

function askedOf(campaign: Campaign, leads: readonly ParsedLead[]): Asked {
  const asked: Asked = {
    suppliers: new Set(),
    suppressionKeys: [],
    duplicateKeys: [],
    buyerKeys: [],
    idempotencyKeys: [],
    reopened: [],
    pings: [],
  };
  for (const { lead, reading } of leads) {
    asked.suppliers.add(lead.supplierId);
    for (const { key } of reading.suppressionKeys) asked.suppressionKeys.push(key);
    for (const key of reading.duplicateKeys) {
      asked.duplicateKeys.push(acceptedKey(key, reading.isTest));
      if (campaign.duplicates.countUnmatched) asked.duplicateKeys.push(unmatchedKey(key, reading.isTest));
    }
    for (const keys of reading.buyerDuplicateKeys.values()) {
      for (const key of keys) asked.buyerKeys.push(acceptedKey(key, reading.isTest));
    }
    if (lead.kind === "arrived" && lead.idempotency !== null)
      asked.idempotencyKeys.push(lead.idempotency.key);
    if (lead.kind === "reopened") asked.reopened.push(lead.id);
    const ping = quoteFor({ lead, campaign });
    if (ping !== undefined) asked.pings.push(ping.id);
  }
  return asked;
}

/** The buyers that leads are to be taken back from although the campaign has no contract with them any more. */
function buyersThatLeft(campaign: Campaign, leads: readonly ParsedLead[]): string[] {
  const given = leads.flatMap(({ lead }) =>
    lead.kind === "reopened" ? lead.prior.undone.map(({ buyerId }) => buyerId) : [],
  );
  return [...new Set(given)].filter((id) => campaign.contracts.every((contract) => contract.buyerId !== id));
}

const readCounted = statement<{ buyerId: string; pays: boolean }, { buyers: string }>(
  "read_counted_buyers",
  "unspread",
  ($) => sql`select id as "buyerId", definition -> 'billing' ->> 'mode' <> 'manual' as pays from buyers
      where id in (select json_array_elements_text(${$.buyers}::text::json))
        and (definition -> 'caps' <> '{}' or definition -> 'billing' ->> 'mode' <> 'manual' or definition -> 'duplicates' <> 'null')`,
);

const lockCampaign = statement<{ revision: number }, { campaign: string }>(
  "lock_campaign",
  "one campaign",
  ($) => sql`select revision from campaigns where id = ${$.campaign} for update`,
);

const readCampaignRevision: typeof lockCampaign = statement(
  "read_campaign_revision",
  "one campaign",
  ($) => sql`select revision from campaigns where id = ${$.campaign}`,
);

const readCounters = statement<PartyCounterRow, { campaign: string; suppliers: string }>(
  "read_counters",
  "one campaign",
  ($) => sql`select party, party_id as "partyId", last_turn::float8 as "lastTurn", owed, ${usage.read}
      from campaign_counters
      where campaign_id = ${$.campaign}
        and (party = 'contract'
          or party_id in (select json_array_elements_text(${$.suppliers}::text::json)))`,
);

/** The row of a buyer that was never counted is made first: what is not there cannot be locked. */
async function lockBuyers(db: Queryable, buyerIds: readonly string[]): Promise<BuyerCounterRow[]> {
  const buyers = JSON.stringify(buyerIds);
  const rows = await lockBuyerCounters.run(db, { buyers });
  if (rows.length === buyerIds.length) return rows;
  await makeBuyerCounters.run(db, { buyers });
  return lockBuyerCounters.run(db, { buyers });
}

function readBuyerRows(db: Queryable, buyerIds: readonly string[]): Promise<BuyerCounterRow[]> {
  return readBuyerCounters.run(db, { buyers: JSON.stringify(buyerIds) });
}

const buyerCounters = sql`select buyer_id as "buyerId", ${money("balance")} as balance, ${usage.read}
  from buyer_counters
  where buyer_id = any (array(select json_array_elements_text(${param("buyers")}::text::json)))`;

const readBuyerCounters = statement<BuyerCounterRow, { buyers: string }>(
  "read_buyer_counters",
  "unspread",
  buyerCounters,
);

const lockBuyerCounters = statement<BuyerCounterRow, { buyers: string }>(
  "lock_buyer_counters",
  "unspread",
  sql`${buyerCounters} order by buyer_id for update`,
);

const makeBuyerCounters = statement<unknown, { buyers: string }>(
  "make_buyer_counters",
  "unspread",
  ($) => sql`insert into buyer_counters (buyer_id, balance, ${usage.names})
      select buyer, 0, ${usage.nothing}
      from json_array_elements_text(${$.buyers}::text::json) as buyer
      order by buyer
      on conflict (buyer_id) do nothing`,
);

/** UUIDs, as the text of an array. */
type Keys = { keys: string };

const readSuppressed = statement<{ key: string; list: string }, Keys>(
  "read_suppressed",
  "unspread",
  ($) => sql`select key::text as key, list_id as list from suppression_entries
      where key = any (${$.keys}::text::uuid[])`,
);

const countedColumns = sql`key::text as key, lead_id::text as "leadId",
  ${ms("counted_at")} as "countedAt"`;

const readEarlier = statement<CountedLead & { key: string }, Keys & { campaign: string }>(
  "read_earlier",
  "one campaign",
  ($) => sql`select last.* from unnest(${$.keys}::text::uuid[]) as sought (key), lateral (
        select ${countedColumns}, buyer_id as "buyerId" from lead_keys
        where key = sought.key and campaign_id = ${$.campaign} order by counted_at desc limit 1) as last`,
);

const readReceivedByBuyer = statement<CountedLead & { key: string }, Keys>(
  "read_received_by_buyer",
  "unspread",
  ($) => sql`select ${countedColumns}, buyer_id as "buyerId" from buyer_duplicate_keys
      where key = any (${$.keys}::text::uuid[])`,
);

const readRedeemed = statement<{ id: string }, Keys & { campaign: string }>(
  "read_redeemed_pings",
  "one campaign",
  ($) =>
    sql`select id::text as id from redeemed_pings where campaign_id = ${$.campaign} and id = any (${$.keys}::text::uuid[])`,
);

const readAnswers = statement<StoredReply & { key: string }, Keys & { campaign: string }>(
  "read_answers",
  "one campaign",
  ($) => sql`
      select key::text as key, request_hash::text as "requestHash", http_status as "httpStatus", answer,
        ${ms("created_at")} as "createdAt",
        case when http_status = 0 then (
          select json_build_object('status', l.status, 'reason', l.reason, 'isTest', l.is_test, 'buyerId', (
              select s.buyer_id from sales s
              where s.lead_id = l.id and s.campaign_id = l.campaign_id and s.status in ('reserved', 'sold') order by s.place limit 1),
            'isDuplicate', l.duplicate_of is not null)
          from leads l where l.id = k.answer::uuid and l.campaign_id = k.campaign_id) end as standing
      from idempotency_keys k
      where k.campaign_id = ${$.campaign} and key = any (${$.keys}::text::uuid[])`,
);

const lockStandings = statement<Standing, { campaign: string; leads: string }>(
  "lock_standings",
  "one campaign",
  ($) => sql`
      select id::text as id, status, erased_at is not null as "isErased", (
          select coalesce(string_agg(s.id || s.status, ' ' order by s.id), '') from sales s
          where s.lead_id = l.id and s.campaign_id = l.campaign_id and s.status <> 'declined') as sales, (
          select coalesce(string_agg(r.id::text, ' '), '') from returns r
          where r.lead_id = l.id and r.campaign_id = l.campaign_id and r.status = 'pending') as "pendingReturns"
      from leads l where id = any (${$.leads}::text::uuid[]) and campaign_id = ${$.campaign}
      for update`,
);

function listsByKey(rows: readonly { key: string; list: string }[]): Map<string, string[]> {
  const lists = new Map<string, string[]>();
  for (const { key, list } of rows) {
    const others = lists.get(key);
    if (others === undefined) lists.set(key, [list]);
    else others.push(list);
  }
  return lists;
}
