import { type SQL, sql } from "drizzle-orm";
import { columnRows, isInSpan, uuidSpan } from "#database/batch.ts";
import { type Dialect, inWordsOf } from "#database/by-campaign-records.ts";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { isSince, type Since, sinceMonthOf, statementSince } from "#database/since.ts";
import { arrayText, param, statement } from "#database/statement.ts";
import { CERTAINLY_NOT_TAKEN, UNCLEAR_STATUSES } from "#delivery/transport/failure.ts";
import type { ComposedEnvelope } from "#endpoints/compose.ts";
import type { ComposedRequest } from "#endpoints/compose-request.ts";
import { parseRecipient, type Recipient } from "#endpoints/recipient.ts";
import type { DeliveryState } from "#leads/delivery-state.ts";
import { timeOfUuid } from "#text/ids.ts";
import { HOUR_MS } from "#time/durations.ts";

/**
 * The outbox's SQL. Deliveries are claimed one campaign and one recipient at a time: no such statement needs rows of two
 * campaigns, and a recipient with a hundred thousand waiting deliveries is an index range that no other claim walks through.
 */

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
  /** What else was made of the lead; absent: nothing. */
  request?: ComposedRequest | ComposedEnvelope | undefined;
  /** The W3C `traceparent` of the request that it comes of. */
  trace?: string | undefined;
  giveUpAt: string;
  /** The answer decides whether the lead is sold, or somebody waits for it: it is attempted at once, and once only. */
  asks?: boolean;
  /** By which the server that writes it sends it as soon as it is committed; without one, it is due at once. */
  lease?: { id: string; until: string };
}

/** Writes deliveries of campaigns: due at once, or leased by the server that writes them. */
export async function insertDeliveries(
  db: Queryable,
  deliveries: readonly (NewDelivery & { campaign: string })[],
  at: string,
): Promise<void> {
  if (deliveries.length === 0) return;
  await insert.run(db, { at, ...newRows.columnsOf(deliveries.map((delivery) => ({ ...delivery, at }))) });
}

/** The id of a campaign that there is not, under which stands what is of none. */
export const NO_CAMPAIGN = "";

/** Writes deliveries that are of no campaign. */
export async function insertBesideCampaigns(
  db: Queryable,
  deliveries: readonly NewDelivery[],
  at: string,
): Promise<void> {
  await insertDeliveries(
    db,
    deliveries.map((delivery) => ({ ...delivery, campaign: NO_CAMPAIGN })),
    at,
  );
}

/** As texts a column, rows as wide as these took Postgres 14 µs each where they took 20 as JSON. */
const newRows = columnRows<NewDelivery & { campaign: string; at: string }>({
  id: ["uuid", ({ id }) => id],
  // That of none is empty.
  campaign: ["any text", ({ campaign }) => campaign],
  lead: ["uuid", ({ lead }) => lead],
  recipient: ["text", ({ recipient }) => recipient],
  event: ["text", ({ event }) => event],
  contentType: ["any text", ({ contentType }) => contentType],
  body: ["any text", ({ body }) => body],
  subject: ["any text", ({ subject }) => subject],
  request: ["jsonb", ({ request }) => (request === undefined ? null : JSON.stringify(request))],
  trace: ["text", ({ trace }) => trace ?? null],
  attempts: ["integer", ({ lease }) => (lease === undefined ? 0 : 1)],
  nextAt: ["timestamptz", ({ lease, at }) => lease?.until ?? at],
  lease: ["uuid", ({ lease }) => lease?.id ?? null],
  asks: ["boolean", ({ asks }) => asks ?? false],
  giveUpAt: ["timestamptz", ({ giveUpAt }) => giveUpAt],
});

const insert = statement<unknown, Record<string, string>>(
  "insert_deliveries",
  "named campaigns",
  sql`
      insert into deliveries (id, campaign_id, lead_id, recipient, event, content_type, body, subject, request, trace,
        state, attempts, next_at, lease, asks, give_up_at, created_at)
      select id, campaign, lead, recipient, event, "contentType", body, subject, request, trace,
        'pending', attempts, "nextAt", lease, asks, "giveUpAt", ${param("at")}::timestamptz
      from ${newRows.from}`,
);

/** A campaign and a recipient of it that something is due for. */
export interface Due {
  campaignId: string;
  recipient: Recipient;
}

/** For whom something is due, and when something is due next for whom nothing is now, in ms since 1970; Infinity: never. */
export interface DueNow {
  due: Due[];
  nextAt: number;
  /** Since when all have been written that wait. */
  since: Since;
}

/**
 * What is due. It hops in the index from the earliest delivery of one pair to that of the next, however many each has.
 * (Asking for each pair whether any is due read 2,400 blocks of a pair with 100,000 before the table was analysed.)
 */
export async function whatIsDue(db: Queryable, at: string): Promise<DueNow> {
  const since = await readOldest(db, Date.parse(at));
  const rows = await selectDue(since).run(db, { at });
  const later = rows.filter(({ isDue }) => !isDue).map(({ nextAt }) => nextAt);
  const due = rows
    .filter(({ isDue }) => isDue)
    .map(({ campaignId, recipient }) => ({ campaignId, recipient }));
  return { due, nextAt: Math.min(Number.POSITIVE_INFINITY, ...later), since };
}

async function readOldest(db: Queryable, now: number): Promise<Since> {
  if (db.isSpread === true) return null;
  const [oldest] = await selectOldest.run(db, {});
  // At a month's edge a transaction may be under way whose deliveries are of the month before.
  return sinceMonthOf(Math.min(timeOfUuid(oldest?.id ?? NEVER), now - HOUR_MS), now);
}

/** The highest UUID. */
const NEVER = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/**
 * Where the oldest month begins in which something is pending. Any one that is says that its own month has to be asked; then one is
 * sought in those before, until there is none. The months need not be walked through in any order for that.
 */
const selectOldest = statement<{ id: string }>(
  "select_oldest_month_pending",
  "all campaigns",
  sql`with recursive months as (
        select '${sql.raw(NEVER)}'::uuid as begins
        union all
        select coalesce(substring(pg_get_expr(relpartbound, oid) from 'FROM \\(''([0-9a-f-]{36})''')::uuid,
          '00000000-0000-0000-0000-000000000000')
        from months, lateral (
          select deliveries.tableoid as part from deliveries where state = 'pending' and id < months.begins
          order by campaign_id, recipient, next_at limit 1) as found
        join pg_class on oid = part
      )
      select begins::text as id from months order by begins limit 1`,
);

/** `with …`: `pairs` of campaign and recipient that have something pending, each with its earliest. */
export function withPendingPairs(since: Since = null, dialect: Dialect = "postgres"): SQL {
  // Citus hops over no shards.
  if (dialect === "citus")
    return sql`with pairs as (select campaign_id, recipient, min(next_at) as next_at from deliveries
      where state = 'pending' and ${isSince("id", since)} group by campaign_id, recipient)`;
  return sql`with recursive pairs as (
    (select campaign_id, recipient, next_at from deliveries where state = 'pending' and ${isSince("id", since)}
     order by campaign_id, recipient, next_at limit 1)
    union all
    select next.campaign_id, next.recipient, next.next_at
    from pairs, lateral (
      select campaign_id, recipient, next_at from deliveries
      where state = 'pending' and ${isSince("id", since)} and (campaign_id, recipient) > (pairs.campaign_id, pairs.recipient)
      order by campaign_id, recipient, next_at limit 1) as next
  )`;
}

const selectDue = statementSince((since) =>
  inWordsOf((dialect) =>
    statement<Due & { isDue: boolean; nextAt: number }, { at: string }>(
      "select_due",
      "all campaigns",
      (
        $,
      ) => sql`${withPendingPairs(since, dialect)}, split as (select *, next_at <= ${$.at}::timestamptz as is_due from pairs)
      (select campaign_id as "campaignId", recipient, is_due as "isDue", ${ms("next_at")} as "nextAt" from split where is_due)
      union all
      (select campaign_id, recipient, is_due, ${ms("next_at")} from split where not is_due order by next_at limit 1)`,
    ),
  ),
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
  request: ComposedRequest | ComposedEnvelope | null;
  trace: string | null;
  /** Attempts so far, this one counted. */
  attempt: number;
  /** An operator asked for this attempt. */
  byHand: boolean;
  asks: boolean;
  /** ms since 1970. */
  giveUpAt: number;
}

/**
 * Takes on up to `limit` due deliveries of one recipient, those due longest first; they are due again when the lease ends. What was
 * written before `since` is left. An asking whose lead is decided ends instead.
 */
export async function claim(
  db: Queryable,
  due: Due,
  lease: { id: string; at: string; endsAt: string; limit: number },
  since: Since = null,
): Promise<Claimed[]> {
  const [, rows] = await Promise.all([
    relaxDurability.run(db, {}),
    claimDue(since).run(db, { ...due, ...lease }),
  ]);
  const asking = rows.filter(({ asks }) => asks).map(({ id }) => id);
  if (asking.length === 0) return rows;
  const { campaignId: campaign } = due;
  const ended = await endDecidedAskings.run(db, { campaign, ids: arrayText(asking), at: lease.at });
  const ids = new Set(ended.map(({ id }) => id));
  return rows.filter(({ id }) => !ids.has(id));
}

/**
 * The lead went on by an answer that was just being recorded, and died with its server: the buyer has confirmed the lead, or it went to
 * others. Neither must be asked again.
 */
const endDecidedAskings = statement<{ id: string }, { campaign: string; ids: string; at: string }>(
  "end_decided_askings",
  "one campaign",
  ($) => {
    const hasSale = (status: "reserved" | "sold") => sql`exists (select 1 from sales s
        where s.lead_id = d.lead_id and s.campaign_id = ${$.campaign} and s.status = '${sql.raw(status)}'
          and 'buyer:' || s.buyer_id = d.recipient)`;
    return sql`update deliveries d
      set state = case when ${hasSale("sold")} then 'delivered' else 'dead' end, ended_at = ${$.at}::timestamptz,
        attempts = attempts - 1, lease = null
      where d.id = any(${$.ids}::text::uuid[]) and d.campaign_id = ${$.campaign} and d.event = 'lead.accepted'
        and not ${hasSale("reserved")}
      returning d.id::text as id`;
  },
);

/** A claim that a power cut forgets is made again, and a result that it forgets is delivered again: neither needs to wait for the disk. */
const relaxDurability = statement<unknown, Record<string, never>>(
  "relax_durability",
  "unspread",
  sql`set local synchronous_commit = off`,
);

/** See `isInSpan`, here of rows that the statement has found itself: with three years of months a claim took 110 µs a delivery longer. */
function isWithin(found: "due" | "late"): SQL {
  const ids = sql.raw(`select id from ${found} order by id`);
  return sql`d.id between (${ids} limit 1) and (${ids} desc limit 1)`;
}

const claimDue = statementSince((since) =>
  statement<
    Claimed,
    { campaignId: string; recipient: string; id: string; at: string; endsAt: string; limit: number }
  >(
    "claim_due",
    "one campaign",
    ($) => sql`with due as (
        select id from deliveries
        where campaign_id = ${$.campaignId} and recipient = ${$.recipient}
          and state = 'pending' and ${isSince("id", since)} and next_at <= ${$.at}::timestamptz
        order by next_at limit ${$.limit}::text::integer for update skip locked
      )
      update deliveries d
      set attempts = attempts + 1, lease = ${$.id}::text::uuid, next_at = ${$.endsAt}::timestamptz
      where d.id = any(array(select id from due)) and ${isWithin("due")} and ${isSince("d.id", since)}
        and d.campaign_id = ${$.campaignId}
      returning d.id::text as id, d.campaign_id as "campaignId", d.recipient, d.event, d.subject, d.content_type as "contentType",
        d.body, d.request, d.trace, d.attempts as attempt, d.by_hand as "byHand", d.asks, ${ms("d.give_up_at")} as "giveUpAt"`,
  ),
);

/** Those of the leased deliveries of one campaign that are still to be sent: no decision or erasure has ended them. */
export async function selectStillPending(
  db: Queryable,
  campaign: string,
  leased: readonly { id: string; lease: string }[],
  at: string,
): Promise<Set<string>> {
  const { since, ...sought } = soughtByLease(leased, at);
  const rows = await stillPending(since).run(db, { campaign, ...sought });
  return new Set(rows.map(({ id }) => id));
}

const stillPending = statementSince((since) =>
  statement<{ id: string }, SoughtLeased>(
    "select_still_pending",
    "one campaign",
    ($) =>
      sql`select id::text as id from deliveries where campaign_id = ${$.campaign} and ${isLeasedStill(since)}`,
  ),
);

/** Makes deliveries of one campaign due again that were leased, and not attempted; not those that another server has leased. */
export async function giveBack(
  db: Queryable,
  campaign: string,
  leased: readonly { id: string; lease: string }[],
  at: string,
): Promise<void> {
  const { since, ...sought } = soughtByLease(leased, at);
  await makeDue(since).run(db, { campaign, at, ...sought });
}

const makeDue = statementSince((since) =>
  statement<unknown, { at: string } & SoughtLeased>(
    "give_back_deliveries",
    "one campaign",
    ($) => sql`update deliveries
      set attempts = attempts - 1, lease = null, next_at = ${$.at}::timestamptz
      where campaign_id = ${$.campaign} and ${isLeasedStill(since)}`,
  ),
);

type SoughtLeased = { campaign: string; leases: string } & Sought;

function soughtByLease(leased: readonly { id: string; lease: string }[], at: string) {
  return { ...soughtBy(leased, at), leases: arrayText(leased.map((each) => each.lease)) };
}

function isLeasedStill(since: Since): SQL {
  return sql`id = any(${param("ids")}::text::uuid[]) and ${isInSpan("id")} and ${isSince("id", since)}
        and state = 'pending' and lease = any(${param("leases")}::text::uuid[])`;
}

/**
 * Gives up due deliveries of one recipient, `limit` at most, that ran out of time while nothing could be sent to it, and answers which;
 * for Meta they are too old. What was written before `since` is left.
 */
export async function giveUp(
  db: Queryable,
  due: Due,
  { at, limit }: { at: string; limit: number },
  since: Since = null,
): Promise<string[]> {
  const failure = parseRecipient(due.recipient).kind === "conversion" ? "too_old" : null;
  return (await giveUpDue(since).run(db, { ...due, at, limit, failure })).map(({ id }) => id);
}

const giveUpDue = statementSince((since) =>
  statement<
    { id: string },
    { campaignId: string; recipient: string; at: string; limit: number; failure: string | null }
  >(
    "give_up_due",
    "one campaign",
    ($) => sql`with late as (
        select id from deliveries
        where campaign_id = ${$.campaignId} and recipient = ${$.recipient}
          and state = 'pending' and ${isSince("id", since)} and next_at <= ${$.at}::timestamptz
          and give_up_at < ${$.at}::timestamptz
        order by next_at limit ${$.limit}::text::integer for update skip locked
      )
      update deliveries d set state = 'dead', lease = null, ended_at = ${$.at}::timestamptz,
        last_failure = coalesce(${$.failure}::text, last_failure)
      where d.id = any(array(select id from late)) and ${isWithin("late")} and ${isSince("d.id", since)}
        and d.campaign_id = ${$.campaignId}
      returning d.id::text as id`,
  ),
);

/** How an attempt left its delivery. Times are ISO 8601. */
export interface AttemptRecord {
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
  /** In ten-thousandths. */
  price: number | null;
  reference: string | null;
  reason: string | null;
}

/**
 * Records attempts of one campaign: a first one that was answered in its delivery, any other beside it. An attempt whose lease another
 * worker has taken over is recorded beside it too, and changes nothing else, unless the buyer has taken what is still being sent.
 */
export async function finish(
  db: Queryable,
  campaign: string,
  results: readonly AttemptRecord[],
  at: string,
): Promise<void> {
  const { since, ...sought } = soughtBy(results, at);
  // It waits while a delivery is being erased, and the attempt is then recorded without what was answered.
  const [, applied] = await Promise.all([
    relaxDurability.run(db, {}),
    applyResults(since).run(db, { campaign, at, ...sought, ...resultRows.columnsOf(results) }),
  ]);
  const isEachApplied = applied.length === results.length;
  const beside = results.filter((result) => !isEachApplied || !staysInDelivery(result));
  if (!isEachApplied) await lockAgainstErasing(since).run(db, { campaign, ...sought });
  if (beside.length > 0)
    await recordAttempts(since).run(db, { campaign, ...sought, ...attemptRows.columnsOf(beside) });
}

/** Those that were overtaken, which the update has not locked. */
const lockAgainstErasing = statementSince((since) =>
  statement<unknown, { campaign: string } & Sought>(
    "lock_against_erasing",
    "one campaign",
    ($) => sql`select from deliveries
      where id = any(${$.ids}::text::uuid[]) and ${isInSpan("id")} and ${isSince("id", since)} and campaign_id = ${$.campaign}
      for share`,
  ),
);

/** Nearly every attempt is such a one, and a row of its own took 6 to 11 µs of Postgres and 250 to 400 bytes of its log. */
function staysInDelivery({ attempt, trigger, failure }: AttemptRecord): boolean {
  return attempt === 1 && trigger === "schedule" && failure === null;
}

function inDelivery<Value>(of: (result: AttemptRecord) => Value): (result: AttemptRecord) => Value | null {
  return (result) => (staysInDelivery(result) ? of(result) : null);
}

const resultRows = columnRows<AttemptRecord>({
  id: ["uuid", ({ id }) => id],
  lease: ["uuid", ({ lease }) => lease],
  attempt: ["integer", ({ attempt }) => attempt],
  failure: ["text", ({ failure }) => failure],
  state: ["text", ({ state }) => state],
  nextAt: ["timestamptz", ({ nextAt }) => nextAt],
  verdict: ["text", ({ verdict }) => verdict],
  price: ["numeric", ({ price }) => price],
  reference: ["any text", ({ reference }) => reference],
  reason: ["any text", ({ reason }) => reason],
  firstStartedAt: ["timestamptz", inDelivery(({ startedAt }) => startedAt)],
  firstDurationMs: ["integer", inDelivery(({ durationMs }) => durationMs)],
  firstHttpStatus: ["integer", inDelivery(({ httpStatus }) => httpStatus)],
  firstExcerpt: ["any text", inDelivery(({ excerpt }) => excerpt)],
});

const attemptRows = columnRows<AttemptRecord>({
  id: ["uuid", ({ id }) => id],
  attempt: ["integer", ({ attempt }) => attempt],
  trigger: ["text", ({ trigger }) => trigger],
  startedAt: ["timestamptz", ({ startedAt }) => startedAt],
  durationMs: ["integer", ({ durationMs }) => durationMs],
  httpStatus: ["integer", ({ httpStatus }) => httpStatus],
  failure: ["text", ({ failure }) => failure],
  excerpt: ["any text", ({ excerpt }) => excerpt],
});

type Sought = { ids: string; first: string; last: string };

/** Of deliveries that are sought by their ids: these, and since when they are. */
function soughtBy(deliveries: readonly { id: string }[], at: string): Sought & { since: Since } {
  const ids = deliveries.map(({ id }) => id);
  const span = uuidSpan(ids);
  return { ids: arrayText(ids), ...span, since: sinceMonthOf(timeOfUuid(span.first), Date.parse(at)) };
}

const recordAttempts = statementSince((since) =>
  statement<unknown, { campaign: string } & Sought & Record<string, string>>(
    "record_attempts",
    "one campaign",
    ($) => sql`
      insert into delivery_attempts (delivery_id, campaign_id, number, trigger, started_at, duration_ms, http_status, failure, excerpt)
      select row.id, ${$.campaign}, attempt, trigger, "startedAt", "durationMs", "httpStatus", failure,
        case when d.erased_at is null then excerpt end
      from ${attemptRows.from}
      left join (select id, erased_at, first_started_at from deliveries
        where id = any(${$.ids}::text::uuid[]) and ${isInSpan("id")} and ${isSince("id", since)}
          and campaign_id = ${$.campaign}) d on d.id = row.id
      where row.attempt > 1 or d.first_started_at is null
      on conflict (delivery_id, campaign_id, number) do nothing`,
  ),
);

/** Whether it is certain of an earlier attempt that the buyer has nothing from it. */
const broughtNothing = sql`a.failure in (${sqlList(CERTAINLY_NOT_TAKEN)})
  and (a.failure <> 'http_status' or a.http_status not in (503, ${sqlList(UNCLEAR_STATUSES)}))`;

function sqlList(values: Iterable<string | number>): SQL {
  const words = [...values].map((value) => (typeof value === "number" ? value : `'${value}'`));
  return sql.raw(words.join(", "));
}

/**
 * A buyer's no to what it was sold. When an earlier attempt may have reached it, what it has already it has from that one, and calling it a
 * duplicate is no refusal: of each attempt before it must be known that it brought the buyer nothing.
 */
const isRefusal = (
  since: Since,
  dialect: Dialect,
) => sql`d.event = 'lead.accepted' and d.recipient like 'buyer:%' and not d.asks and (
  row.verdict = 'rejected' or (row.verdict = 'duplicate' and row.attempt - 1 = (
    select count(*) from delivery_attempts a
    where a.delivery_id = d.id and a.campaign_id = d.campaign_id${dialect === "citus" ? OF_CAMPAIGN : sql``}
      and ${isSince("a.delivery_id", since)}
      and a.number < row.attempt and ${broughtNothing})))`;

/** Citus does not see that what is counted is of the campaign whose deliveries are written. */
const OF_CAMPAIGN = sql` and a.campaign_id = ${param("campaign")}`;

/** Its lead was decided once more while the attempt was under way: what failed is not tried again. */
const staysEnded = sql`d.ended_at is not null and row.state in ('pending', 'paused')`;

/** Nor is its last failure news: it died when that was decided. */
const endedBefore = sql`d.ended_at is not null and row.state in ('pending', 'paused', 'dead')`;

/** Its buyer took by an earlier attempt what is being sent again: should that fail, or be refused, nobody else may get it. */
const tookItAlready = sql`d.state = 'pending' and not d.asks and row.verdict = 'accepted'`;

const applyResults = statementSince((since) =>
  inWordsOf((dialect) =>
    statement<unknown, { campaign: string; at: string } & Sought & Record<string, string>>(
      "apply_results",
      "one campaign",
      ($) => sql`update deliveries d
      set state = case when ${staysEnded} then d.state else row.state end, next_at = row."nextAt", lease = null, by_hand = false,
        verdict = row.verdict, answered_price = row.price / 10000, last_failure = row.failure,
        reference = case when d.erased_at is null then row.reference end, reason = case when d.erased_at is null then row.reason end,
        refusal_due = d.refusal_due or (${isRefusal(since, dialect)}),
        ended_at = case when ${endedBefore} then d.ended_at when row.state in ('pending', 'paused') then null else ${$.at}::timestamptz end,
        first_started_at = coalesce(row."firstStartedAt", d.first_started_at),
        first_duration_ms = coalesce(row."firstDurationMs", d.first_duration_ms),
        first_http_status = coalesce(row."firstHttpStatus", d.first_http_status),
        first_excerpt = case when d.erased_at is null then coalesce(row."firstExcerpt", d.first_excerpt) end
      from ${resultRows.from}
      where d.id = any(${$.ids}::text::uuid[]) and ${isInSpan("d.id")} and ${isSince("d.id", since)}
        and d.campaign_id = ${$.campaign}
        and d.id = row.id and (d.lease = row.lease or ${tookItAlready})
      returning d.attempts`,
    ),
  ),
);
