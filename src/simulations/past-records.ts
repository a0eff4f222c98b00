import { type SQL, sql } from "drizzle-orm";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, statement } from "#database/statement.ts";
import type { CountedLead } from "#intake/decide/state.ts";
import type { CheckFinding } from "#leads/candidate.ts";
import type { QuotedBid } from "#leads/quote.ts";
import type { RecordStatus } from "#leads/status.ts";
import { readTrace, type StoredLine } from "#leads/trace.ts";
import { type Amount, amountOfTenThousandths } from "#money/amount.ts";
import type { PastLead, PastSale } from "./past-lead.ts";
import { type ChangeOnRecord, type FollowedLead, recordedOf } from "./recorded.ts";

/** The leads of some campaigns that were decided first from `since` on and before `until`, ms since 1970. */
export interface PastWindow {
  campaigns: readonly string[];
  since: number;
  until: number;
}

/** A place in the order in which leads were decided: of one batch, by campaign and then as they came. */
export interface PlaceInOrder {
  at: number;
  campaignId: string;
  id: string;
}

/** Before all leads of a moment. */
export function placeAt(at: number): PlaceInOrder {
  return { at, campaignId: "", id: "00000000-0000-0000-0000-000000000000" };
}

/** A lead as it is read: told by one column, as each of a row costs the one thread as much as reading a whole lead out of JSON. */
export type StoredLead = { lead: string };

/**
 * The next leads of the window behind a place, at most so many. Planned each time: a plan that was made while the table was empty would
 * read all of it.
 */
export async function readPastLeads(
  db: Queryable,
  window: PastWindow,
  after: PlaceInOrder,
  limit: number,
): Promise<StoredLead[]> {
  return await db.execute<StoredLead>(sql`
    with page as (
      (${pageBy(sql`first_decided_at is null`, "decided_at", window, after, limit)})
      union all
      (${pageBy(sql`first_decided_at is not null`, "first_decided_at", window, after, limit)}))
    select json_build_array(id, campaign_id, supplier_id, currency, status, reason, is_test, erased_at is not null,
        ${ms("decided_at")}, ${ms("first_at")}, fields, trace, checks, ${salesAsJson("page")},
        (select json_build_array(r.id, r.bids) from redeemed_pings r
          where r.lead_id = page.id and r.campaign_id = page.campaign_id limit 1))::text as lead
    from page order by first_at, campaign_id collate "C", page.id limit ${limit}`);
}

/** Those that were decided once more have an index of their own. */
function pageBy(which: SQL, column: string, window: PastWindow, after: PlaceInOrder, limit: number): SQL {
  const at = sql.raw(column);
  const from = sql`${new Date(after.at).toISOString()}::timestamptz`;
  return sql`select *, ${at} as first_at from leads
    where ${which} and campaign_id = any (${arrayText(window.campaigns)}::text[])
      and ${at} >= ${from} and ${at} < ${new Date(window.until).toISOString()}::timestamptz
      and (${at}, campaign_id collate "C", id) > (${from}, ${after.campaignId}, ${after.id}::uuid)
    order by ${at}, campaign_id collate "C", id limit ${limit}`;
}

/** A sale as JSON. The last: when the ledger took it back. */
const saleAsJson = sql`json_build_array(s.id, s.place, s.buyer_id, (s.price * 10000)::bigint, (s.payout * 10000)::bigint,
  s.status, s.pays_for_lead, s.keeps_payout, s.keeps_cap, ${ms("s.sold_at")},
  case when s.status in ('refused', 'returned') then (
    select ${ms("e.at")} from ledger e where e.sale_id = s.id and e.campaign_id = s.campaign_id) end)`;
const inOrder = sql`s.sold_at, s.place, s.id`;

/** All sales of a lead as JSON, in their order; null: it has none. */
function salesAsJson(lead: string): SQL {
  return sql`(select json_agg(${saleAsJson} order by ${inOrder})
    from sales s where s.lead_id = ${sql.raw(lead)}.id and s.campaign_id = ${sql.raw(lead)}.campaign_id)`;
}

type StoredColumns = [
  id: string,
  campaignId: string,
  supplierId: string,
  currency: string,
  status: RecordStatus,
  reason: string | null,
  isTest: boolean,
  isErased: boolean,
  decidedAt: number,
  firstDecidedAt: number,
  body: Record<string, unknown>,
  trace: StoredLine[],
  checks: CheckFinding[] | null,
  sales: StoredSale[] | null,
  promised: [pingId: string, bids: QuotedBid[]] | null,
];

type StoredSale = [
  id: string,
  place: number,
  buyerId: string,
  price: Amount,
  payout: Amount,
  status: PastSale["status"],
  paysForLead: boolean,
  keepsPayout: boolean,
  keepsCap: boolean,
  soldAt: number,
  undoneAt: number | null,
];

/** The place of a lead. */
export function placeBehind(stored: StoredLead): PlaceInOrder {
  const { firstDecidedAt, campaignId, id } = pastLeadOf(stored);
  return { at: firstDecidedAt, campaignId, id };
}

/** Reads a lead out of its row. */
export function pastLeadOf({ lead }: StoredLead): PastLead {
  const [
    id,
    campaignId,
    supplierId,
    currency,
    status,
    reason,
    isTest,
    isErased,
    decidedAt,
    firstDecidedAt,
    body,
    trace,
    checks,
    sales,
    promised,
  ] = JSON.parse(lead) as StoredColumns;
  return {
    id,
    campaignId,
    supplierId,
    currency,
    status,
    reason,
    isTest,
    isErased,
    decidedAt,
    firstDecidedAt,
    body,
    trace: readTrace(trace),
    checks: checks === null ? [] : checks.map(withoutRequest),
    assumed: [],
    sales: sales === null ? [] : sales.map(pastSaleOf),
    pingId: promised?.[0] ?? null,
    bids: promised?.[1] ?? null,
  };
}

function pastSaleOf(stored: StoredSale): PastSale {
  const [id, place, buyerId, price, payout, status, paysForLead, keepsPayout, keepsCap, soldAt, undoneAt] =
    stored;
  return {
    id,
    place,
    buyerId,
    price,
    payout,
    reference: null,
    status,
    paysForLead,
    keepsPayout,
    keepsCap,
    soldAt,
    undoneAt,
  };
}

/** What was sent is evidence, and decides nothing. */
function withoutRequest(found: CheckFinding): CheckFinding {
  return { ...found, request: null };
}

/** About how many leads the window has. */
export async function countPastLeads(
  db: Queryable,
  { campaigns, since, until }: PastWindow,
): Promise<number> {
  const [row] = await db.execute<{ leads: number }>(sql`
    select count(*)::int as leads from leads
    where decided_at >= ${new Date(since).toISOString()}::timestamptz and decided_at < ${new Date(until).toISOString()}::timestamptz
      and campaign_id = any (${arrayText(campaigns)}::text[])`);
  return row?.leads ?? 0;
}

type Keys = { keys: string; before: string };

/** What leads with these keys are compared with that was remembered before a time, by key. */
export async function readRememberedBefore(
  db: Queryable,
  keys: { ofCampaigns: readonly string[]; ofBuyers: readonly string[] },
  before: number,
): Promise<Record<"earlier" | "receivedByBuyer", Map<string, CountedLead>>> {
  const at = new Date(before).toISOString();
  const [earlier, received] = await Promise.all([
    keys.ofCampaigns.length === 0
      ? []
      : readEarlier.run(db, { keys: arrayText(keys.ofCampaigns), before: at }),
    keys.ofBuyers.length === 0 ? [] : readReceived.run(db, { keys: arrayText(keys.ofBuyers), before: at }),
  ]);
  return { earlier: byKey(earlier), receivedByBuyer: byKey(received) };
}

type KeyedLead = CountedLead & { key: string };

function byKey(rows: readonly KeyedLead[]): Map<string, CountedLead> {
  return new Map(rows.map(({ key, ...counted }) => [key, counted]));
}

const counted = sql`key::text as key, lead_id::text as "leadId", ${ms("counted_at")} as "countedAt", buyer_id as "buyerId"`;

const readEarlier = statement<KeyedLead, Keys>(
  "read_earlier_before",
  "all campaigns",
  ($) => sql`select last.* from unnest(${$.keys}::text::uuid[]) as sought (key), lateral (
        select ${counted} from lead_keys
        where key = sought.key and counted_at < ${$.before}::timestamptz order by counted_at desc limit 1) as last`,
);

const readReceived = statement<KeyedLead, Keys>(
  "read_received_before",
  "unspread",
  ($) => sql`select ${counted} from buyer_duplicate_keys
      where key = any (${$.keys}::text::uuid[]) and counted_at < ${$.before}::timestamptz`,
);

/** What happens to the money of these buyers in a time, beside sales. */
export async function readPayments(
  db: Queryable,
  buyers: readonly string[],
  since: number,
): Promise<ChangeOnRecord[]> {
  if (buyers.length === 0) return [];
  const rows = await selectPayments.run(db, {
    buyers: arrayText(buyers),
    since: new Date(since).toISOString(),
  });
  return rows.map(({ amount, ...row }) => ({ kind: "paid", ...row, amount: amountOfTenThousandths(amount) }));
}

const selectPayments = statement<
  { at: number; buyerId: string; amount: number },
  { buyers: string; since: string }
>(
  "select_payments_since",
  "all campaigns",
  (
    $,
  ) => sql`select ${ms("at")} as at, buyer_id as "buyerId", (buyer_amount * 10000)::float8 as amount from ledger
      where buyer_id = any (${$.buyers}::text[]) and sale_id is null and at >= ${$.since}::timestamptz
        and buyer_amount <> 0`,
);

/** What became from `since` on of leads that were decided before, and stand as they are on record. */
export async function readOfEarlierLeads(db: Queryable, since: number): Promise<ChangeOnRecord[]> {
  const rows = await selectSalesOfChanged.run(db, { since: new Date(since).toISOString() });
  const leads = Map.groupBy(rows, ({ leadId }) => leadId);
  return [...leads.values()]
    .flatMap(followedLeads)
    .flatMap(recordedOf)
    .filter(({ at }) => at >= since);
}

interface SaleRow {
  leadId: string;
  campaignId: string;
  supplierId: string;
  decidedAt: number | null;
  sale: StoredSale;
}

function followedLeads(rows: readonly SaleRow[]): FollowedLead[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { campaignId, supplierId, decidedAt } = first;
  return [
    { campaignId, supplierId, decidedAt, isTest: false, sales: rows.map(({ sale }) => pastSaleOf(sale)) },
  ];
}

const selectSalesOfChanged = statement<SaleRow, { since: string }>(
  "select_sales_of_changed_earlier_leads",
  "all campaigns",
  (
    $,
  ) => sql`select s.lead_id as "leadId", s.campaign_id as "campaignId", s.supplier_id as "supplierId", ${ms("l.decided_at")} as "decidedAt",
        ${saleAsJson} as sale
      from (
          select campaign_id, lead_id from ledger where at >= ${$.since}::timestamptz and sale_id is not null
          union
          select campaign_id, id from leads where first_decided_at < ${$.since}::timestamptz and decided_at >= ${$.since}::timestamptz
        ) as changed
        join sales s on s.lead_id = changed.lead_id and s.campaign_id = changed.campaign_id
        left join leads l on l.id = s.lead_id and l.campaign_id = s.campaign_id
      where not s.is_test and coalesce(l.first_decided_at, l.decided_at, '-infinity') < ${$.since}::timestamptz
      order by s.lead_id, ${inOrder}`,
);
