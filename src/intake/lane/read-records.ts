import { type SQL, sql } from "drizzle-orm";
import type { Campaign } from "#campaigns/campaign.ts";
import { isInSpan, uuidSpan } from "#database/batch.ts";
import { type Dialect, inWordsOf } from "#database/by-campaign-records.ts";
import { money, ms, usage } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, param, statement } from "#database/statement.ts";
import { quoteFor } from "#intake/decide/ping.ts";
import type { ParsedLead } from "#intake/decide/reading.ts";
import { acceptedKey, type CountedLead, unmatchedKey } from "#intake/decide/state.ts";
import type { StandingLead, StoredReply } from "#intake/reply/reply.ts";
import { readShares } from "#intake/shares/share-records.ts";
import { readOwners } from "#peers/peer-records.ts";
import {
  answerName,
  type BatchRows,
  type BuyerCounterRow,
  type LeadsOfCampaign,
  type PartyCounterRow,
  type Standing,
} from "./rows.ts";

/**
 * What a batch reads under its campaigns' locks. Every statement is set-based over the batch and prepared, and all are sent
 * without waiting for one another.
 */

/**
 * Locks the campaigns (and then the buyers whose own counters decide) and reads all that their leads are decided by. Of campaigns that
 * somebody else holds, `wait` waits for the lock; `leave` leaves them out, so that they hold up none of the others. `isShared`: there are
 * other servers, and whose the campaigns are is read too.
 */
export function lockAndRead(
  db: Queryable,
  batch: readonly LeadsOfCampaign[],
  { ofHeld, isShared }: { ofHeld: "wait" | "leave"; isShared: boolean },
): Promise<BatchRows> {
  const campaigns = ofHeld === "wait" ? lockCampaigns : lockFreeCampaigns;
  return readRows(db, batch, { campaigns, buyers: lockBuyers, isShared });
}

/** The same without a lock, for a decision that changes nothing: by the time it is made, what was read may be different. */
export function readWithoutLock(
  db: Queryable,
  campaign: Campaign,
  leads: readonly ParsedLead[],
): Promise<BatchRows> {
  return readRows(db, [{ campaign, leads }], {
    campaigns: readRevisions,
    buyers: readBuyerRows,
    isShared: false,
  });
}

/** What is known of the leads' people and keys, without a lock: what leads are decided by before it matters what buyers have had. */
export async function readPeople(db: Queryable, batch: readonly LeadsOfCampaign[]): Promise<KnownPeople> {
  const ids = new Set(batch.map(({ campaign }) => campaign.id));
  return await readKnown(db, askedOf(batch), { campaigns: arrayText([...ids]) });
}

type KnownPeople = Pick<BatchRows, "suppressed" | "earlier" | "answers" | "redeemed">;

async function readKnown(db: Queryable, asked: Asked, these: Campaigns): Promise<KnownPeople> {
  const [suppressed, earlier, answers, redeemed] = await Promise.all([
    readIfAny(asked.suppressionKeys, (keys) => readSuppressed.run(db, { keys })),
    readIfAny(asked.duplicateKeys, (keys) => readEarlier.run(db, { ...these, keys })),
    readIfAny(asked.idempotencyKeys, (keys) => readAnswers.run(db, { ...these, keys })),
    readIfAny(asked.pings, (keys) => readRedeemed.run(db, { ...these, keys })),
  ]);
  return {
    suppressed: listsByKey(suppressed),
    earlier: new Map(earlier.map((row) => [row.key, row])),
    answers: new Map(answers.map((row) => [answerName(row.campaignId, row.key), row])),
    redeemed: new Set(redeemed.map((row) => row.id)),
  };
}

/** How the rows are read that a batch changes. */
interface RowReaders {
  campaigns: typeof lockCampaigns;
  buyers: typeof lockBuyers;
  isShared: boolean;
}

async function readRows(
  db: Queryable,
  batch: readonly LeadsOfCampaign[],
  by: RowReaders,
): Promise<BatchRows> {
  const asked = askedOf(batch);
  const these = { campaigns: arrayText(batch.map(({ campaign }) => campaign.id)) };
  const isSpread = db.isSpread === true;
  const left = [...new Set(batch.flatMap(buyersThatLeft))];
  // Where tables are spread over nodes, all that a buyer has used and is charged stands with its contracts.
  const leftCounted = left.length === 0 || isSpread ? [] : await readLeftCounted(db, these, left, by);
  const countedBuyers = countedIn(batch, leftCounted);
  // The lock is first: a statement sees what was committed when it began, so those behind it see what the lock waited for.
  const [locked, counters, buyers, people, received, standings, onRecord, owners, shares] = await Promise.all(
    [
      // Citus takes a lock on none for one on all. There are none where all campaigns are gone.
      batch.length === 0 ? [] : by.campaigns.run(db, these),
      readCounters.run(db, { ...these, suppliers: JSON.stringify([...asked.suppliers]) }),
      // What is paid in is on every node, and moved by no lead there.
      countedBuyers.length === 0 ? [] : (isSpread ? readBuyerRows : by.buyers)(db, countedBuyers),
      readKnown(db, asked, these),
      readIfAny(asked.buyerKeys, (keys) => readReceivedByBuyer.run(db, { keys })),
      readIfAny(asked.reopened, (ids) =>
        lockStandings.run(db, { ...these, leads: ids, ...uuidSpan(asked.reopened) }),
      ),
      readIfAny(asked.doubtful, (ids) =>
        readOnRecord.run(db, { ...these, leads: ids, ...uuidSpan(asked.doubtful) }),
      ),
      by.isShared ? readOwners.run(db, these) : [],
      isSpread ? (countedBuyers.length === 0 ? [] : readShares.run(db, these)) : null,
    ],
  );
  const notLocked = asked.reopened.filter((id) => !standings.some((row) => row.id === id));
  const held = await readIfAny(notLocked, (ids) =>
    readHeld.run(db, { ...these, leads: ids, ...uuidSpan(notLocked) }),
  );
  return {
    revisions: new Map(locked.map(({ id, revision }) => [id, revision])),
    ...people,
    receivedByBuyer: new Map(received.map((row) => [row.key, row])),
    counters: Map.groupBy(counters, ({ campaignId }) => campaignId),
    buyers,
    standings: new Map(standings.map((row) => [row.id, row])),
    held: new Set(held.map(({ id }) => id)),
    onRecord: new Map(onRecord.map((row) => [row.id, row.standing])),
    owners,
    shares,
    left: new Map(left.map((id) => [id, leftCounted.find((each) => each.buyerId === id) ?? null])),
  };
}

/** The buyers that are counted over all their campaigns, each once. */
function countedIn(
  batch: readonly LeadsOfCampaign[],
  left: readonly { buyerId: string }[],
): readonly string[] {
  const [only, ...others] = batch;
  if (only !== undefined && others.length === 0 && left.length === 0) return only.campaign.countedBuyers;
  const buyers = batch.flatMap(({ campaign }) => campaign.countedBuyers);
  return [...new Set([...buyers, ...left.map(({ buyerId }) => buyerId)])];
}

/** Behind the lock: how a buyer pays says where its balance stands, and that must not change any more. */
async function readLeftCounted(
  db: Queryable,
  these: { campaigns: string },
  left: readonly string[],
  by: RowReaders,
): Promise<{ buyerId: string; pays: boolean }[]> {
  const [, counted] = await Promise.all([
    by.campaigns.run(db, these),
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
  doubtful: string[];
}

function askedOf(batch: readonly LeadsOfCampaign[]): Asked {
  const asked: Asked = {
    suppliers: new Set(),
    suppressionKeys: [],
    duplicateKeys: [],
    buyerKeys: [],
    idempotencyKeys: [],
    reopened: [],
    pings: [],
    doubtful: [],
  };
  for (const { campaign, leads } of batch) for (const each of leads) ask(asked, campaign, each);
  return asked;
}

function ask(asked: Asked, campaign: Campaign, { lead, reading }: ParsedLead): void {
  asked.suppliers.add(lead.supplierId);
  for (const { key } of reading.suppressionKeys) asked.suppressionKeys.push(key);
  for (const key of reading.duplicateKeys) {
    asked.duplicateKeys.push(acceptedKey(key, reading.isTest));
    if (campaign.duplicates.countUnmatched) asked.duplicateKeys.push(unmatchedKey(key, reading.isTest));
  }
  for (const keys of reading.buyerDuplicateKeys.values()) {
    for (const key of keys) asked.buyerKeys.push(acceptedKey(key, reading.isTest));
  }
  if (lead.kind === "arrived" && lead.idempotency !== null) asked.idempotencyKeys.push(lead.idempotency.key);
  if (lead.kind === "arrived" && lead.mayBeOnRecord === true) asked.doubtful.push(lead.id);
  if (lead.kind === "reopened") asked.reopened.push(lead.id);
  if (lead.kind === "reopened" && lead.isAnsweredByRecord === true) asked.doubtful.push(lead.id);
  const ping = quoteFor({ lead, campaign });
  if (ping !== undefined) asked.pings.push(ping.id);
}

/** The buyers that leads are to be taken back from although the campaign has no contract with them any more. */
function buyersThatLeft({ campaign, leads }: LeadsOfCampaign): string[] {
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

/** Ids, as the text of an array. */
type Campaigns = { campaigns: string };

const revisions = sql`select id, revision from campaigns where id = any (${param("campaigns")}::text[])`;

const lockCampaigns = statement<{ id: string; revision: number }, Campaigns>(
  "lock_campaigns",
  "named campaigns",
  sql`${revisions} order by id for update`,
);

const lockFreeCampaigns: typeof lockCampaigns = statement(
  "lock_free_campaigns",
  "named campaigns",
  sql`${revisions} order by id for update skip locked`,
);

const readRevisions: typeof lockCampaigns = statement("read_revisions", "named campaigns", revisions);

/** The suppliers of all campaigns of the batch in each of them: a few rows too many where they differ. */
const readCounters = inWordsOf((dialect) =>
  statement<PartyCounterRow & { campaignId: string }, Campaigns & { suppliers: string }>(
    "read_counters",
    "named campaigns",
    (
      $,
    ) => sql`select campaign_id as "campaignId", party, party_id as "partyId", last_turn::float8 as "lastTurn", owed, ${usage.read}
          ${dialect === "citus" ? sql`, ${money("balance")} as balance` : sql``}
        from campaign_counters
        where campaign_id = any (${$.campaigns}::text[])
          and (party = 'contract'
            or party_id in (select json_array_elements_text(${$.suppliers}::text::json)))`,
  ),
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

/** The lists on which people stand, by their suppression keys. */
export async function readSuppressedKeys(
  db: Queryable,
  keys: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  return listsByKey(await readIfAny(keys, (sought) => readSuppressed.run(db, { keys: sought })));
}

const countedColumns = sql`key::text as key, lead_id::text as "leadId",
  ${ms("counted_at")} as "countedAt"`;

const readEarlier = statement<CountedLead & { key: string }, Keys & Campaigns>(
  "read_earlier",
  "named campaigns",
  ($) => sql`select last.* from unnest(${$.keys}::text::uuid[]) as sought (key), lateral (
        select ${countedColumns}, buyer_id as "buyerId" from lead_keys
        where key = sought.key and campaign_id = any (${$.campaigns}::text[]) order by counted_at desc limit 1) as last`,
);

const readReceivedByBuyer = statement<CountedLead & { key: string }, Keys>(
  "read_received_by_buyer",
  "unspread",
  ($) => sql`select ${countedColumns}, buyer_id as "buyerId" from buyer_duplicate_keys
      where key = any (${$.keys}::text::uuid[])`,
);

const readRedeemed = statement<{ id: string }, Keys & Campaigns>(
  "read_redeemed_pings",
  "named campaigns",
  ($) => sql`select id::text as id from redeemed_pings
      where campaign_id = any (${$.campaigns}::text[]) and id = any (${$.keys}::text::uuid[])`,
);

/** Citus sees by what each part of a statement says of its campaigns that it is about one node. */
function alsoOf(column: string, dialect: Dialect): SQL {
  return dialect === "citus" ? sql` and ${sql.raw(column)} = any (${param("campaigns")}::text[])` : sql``;
}

const standingOfLead = (
  dialect: Dialect,
) => sql`json_build_object('status', l.status, 'reason', l.reason, 'isTest', l.is_test, 'buyerId', (
    select s.buyer_id from sales s
    where s.lead_id = l.id and s.campaign_id = l.campaign_id${alsoOf("s.campaign_id", dialect)} and s.status in ('reserved', 'sold')
    order by s.place limit 1),
  'isDuplicate', l.duplicate_of is not null)`;

type Leads = { leads: string; first: string; last: string };

const readOnRecord = inWordsOf((dialect) =>
  statement<{ id: string; standing: StandingLead }, Campaigns & Leads>(
    "read_on_record",
    "named campaigns",
    ($) => sql`select l.id::text as id, ${standingOfLead(dialect)} as standing from leads l
      where l.id = any (${$.leads}::text::uuid[]) and ${isInSpan("l.id")} and l.campaign_id = any (${$.campaigns}::text[])`,
  ),
);

const readAnswers = inWordsOf((dialect) =>
  statement<StoredReply & { key: string; campaignId: string }, Keys & Campaigns>(
    "read_answers",
    "named campaigns",
    ($) => sql`
      select key::text as key, campaign_id as "campaignId", request_hash::text as "requestHash", http_status as "httpStatus", answer,
        ${ms("created_at")} as "createdAt",
        case when http_status = 0 then (
          select ${standingOfLead(dialect)}
          from leads l where l.id = k.answer::uuid and l.campaign_id = k.campaign_id${alsoOf("l.campaign_id", dialect)}) end as standing
      from idempotency_keys k
      where k.campaign_id = any (${$.campaigns}::text[]) and key = any (${$.keys}::text::uuid[])`,
  ),
);

/** One that somebody else holds, such as who erases it, is left: to wait for it would hold up all campaigns that are locked. */
const lockStandings = inWordsOf((dialect) =>
  statement<Standing, Campaigns & Leads>(
    "lock_standings",
    "named campaigns",
    ($) => sql`
      select id::text as id, status, erased_at is not null as "isErased", (
          select coalesce(string_agg(s.id || s.status, ' ' order by s.id), '') from sales s
          where s.lead_id = l.id and s.campaign_id = l.campaign_id${alsoOf("s.campaign_id", dialect)}
            and s.status <> 'declined') as sales, (
          select coalesce(string_agg(r.id::text, ' '), '') from returns r
          where r.lead_id = l.id and r.campaign_id = l.campaign_id${alsoOf("r.campaign_id", dialect)}
            and r.status = 'pending') as "pendingReturns"
      from leads l
      where id = any (${$.leads}::text::uuid[]) and ${isInSpan("id")} and campaign_id = any (${$.campaigns}::text[])
      for update skip locked`,
  ),
);

/** Which there are of leads that could not be locked. */
const readHeld = statement<{ id: string }, Campaigns & Leads>(
  "read_held",
  "named campaigns",
  ($) => sql`select id::text as id from leads
    where id = any (${$.leads}::text::uuid[]) and ${isInSpan("id")} and campaign_id = any (${$.campaigns}::text[])`,
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
