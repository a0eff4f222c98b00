import { type SQL, sql } from "drizzle-orm";
import { type Dialect, inWordsOf } from "#database/by-campaign-records.ts";
import { ms } from "#database/columns.ts";
import type { Queryable } from "#database/database.ts";
import { arrayText, param, type Statement, statement } from "#database/statement.ts";
import { type Amount, sum } from "#money/amount.ts";
import type { SoughtPerson, SoughtValue } from "#people/person-key.ts";
import { isoOf } from "#time/iso.ts";
import type { CheckFinding } from "./candidate.ts";
import type { PromisedBids } from "./quote.ts";
import { isPayoutDue, type Sale, stands } from "./sale.ts";
import type { RecordStatus } from "./status.ts";
import { readTrace, type StoredLine, type TraceLine } from "./trace.ts";

/** A lead on record. Ids of leads are UUIDs here; times in ms since 1970. */
export interface RecordedLead {
  id: string;
  campaignId: string;
  supplierId: string;
  status: RecordStatus;
  reason: string | null;
  /** Of several buyers the first. */
  buyerId: string | null;
  isTest: boolean;
  duplicateOf: string | null;
  /** Whom it was sold to, in order; while it is pending, also those that are asked. */
  sales: readonly Sale[];
  /** What was sold and is undone: refused or returned. */
  former: readonly Sale[];
  /** What all its buyers pay together, and what its supplier is paid in all. */
  price: Amount | null;
  payout: Amount | null;
  currency: string;
  decidedAt: number;
  /** The same as `decidedAt` for a lead that was never decided once more. */
  firstDecidedAt: number;
  /** When all that told who the person is was taken out of it. */
  erasedAt: number | null;
}

/** All that is kept of one lead; `fields` and `sent` are JSON as it was stored. */
export interface WholeLead extends RecordedLead {
  revision: number;
  requestId: string;
  fields: string;
  sent: string | null;
  trace: readonly TraceLine[];
  /** What others found about it. */
  checks: readonly CheckFinding[];
  /** What the ping that it followed was quoted; null when it followed none. */
  quote: PromisedBids | null;
}

/** Narrows nothing. */
export const ANY_LEAD: LeadFilter = {
  id: null,
  person: null,
  campaign: null,
  supplier: null,
  buyer: null,
  bought: null,
  source: null,
  reason: null,
  status: null,
  test: null,
  since: null,
  until: null,
};

/** Which leads a list shows; what is null does not matter. */
export interface LeadFilter {
  /** A lead's UUID. */
  id: string | null;
  /** The person has both, where both are given. */
  person: SoughtPerson | null;
  campaign: string | null;
  supplier: string | null;
  /** It has the lead, or is being asked. */
  buyer: string | null;
  /** It has the lead, or had it. */
  bought: string | null;
  source: string | null;
  reason: string | null;
  status: RecordStatus | null;
  test: boolean | null;
  /** Decided at or after this moment, ISO 8601. */
  since: string | null;
  /** Decided before this moment. */
  until: string | null;
}

/** The whole of one lead; undefined when there is none. */
export async function findLead(db: Queryable, id: string): Promise<WholeLead | undefined> {
  const [row] = await selectLead.run(db, { id });
  if (row === undefined) return undefined;
  const { quote, trace, checks, ...lead } = row;
  return {
    ...toRecordedLead(lead),
    trace: readTrace(JSON.parse(trace) as StoredLine[]),
    checks: checks === null ? [] : (JSON.parse(checks) as CheckFinding[]),
    quote: quote === null ? null : (JSON.parse(quote) as PromisedBids),
  };
}

/** The newest leads first, those before the lead `before` (a UUID) only. */
export async function listLeads(
  db: Queryable,
  filter: LeadFilter,
  before: string | null,
  limit: number,
): Promise<RecordedLead[]> {
  const { id, person, ...rest } = filter;
  const asked = { ...rest, test: filter.test === null ? null : String(filter.test), before, limit };
  if (id === null && person === null) return (await selectLeadsBy(asked).run(db, asked)).map(toRecordedLead);
  const campaigns = person === null ? [] : await readCampaignIds(db);
  const keysOf = (value: SoughtValue | null | undefined) =>
    value ? arrayText([value.key, ...value.keysIn(campaigns)]) : null;
  const sought = {
    id,
    phoneKeys: keysOf(person?.phone),
    phoneValue: person?.phone?.value ?? null,
    emailKeys: keysOf(person?.email),
    emailValue: person?.email?.value ?? null,
  };
  const by = person === null ? "id" : person.phone === null ? "email" : "phone";
  return (await selectFound[by].run(db, { ...asked, ...sought })).map(toRecordedLead);
}

/** A lead that was put aside. `heldAt`: since when, in ms since 1970. */
export interface HeldLead {
  /** UUID. */
  id: string;
  heldAt: number;
}

/** The leads that were put aside and about which nobody decided within their campaign's `hold_hours`: the oldest first, behind `after`. */
export async function selectHeldTooLong(
  db: Queryable,
  now: Date,
  after: HeldLead | undefined,
  limit: number,
): Promise<HeldLead[]> {
  const asked = { now: now.toISOString(), after: after?.id ?? null, heldAt: isoOf(after?.heldAt ?? null) };
  return await selectOverdue.run(db, { ...asked, limit });
}

const selectOverdue = statement<
  HeldLead,
  { now: string; after: string | null; heldAt: string | null; limit: number }
>(
  "select_held_too_long",
  "all campaigns",
  (
    $,
  ) => sql`select l.id::text as id, ${ms("l.decided_at")} as "heldAt" from leads l join campaigns c on c.id = l.campaign_id
      where l.status = 'HELD'
        and l.decided_at < ${$.now}::timestamptz - (c.definition ->> 'hold_hours')::integer * interval '1 hour'
        and (${$.after}::text is null or (l.decided_at, l.id) > (${$.heldAt}::timestamptz, ${$.after}::text::uuid))
      order by l.decided_at, l.id limit ${$.limit}::text::integer`,
);

/** All campaigns that ever had leads: people are remembered by keys of each. */
export async function readCampaignIds(db: Queryable): Promise<string[]> {
  return (await selectCampaignIds.run(db, {})).map(({ id }) => id);
}

const selectCampaignIds = statement<{ id: string }>(
  "select_campaign_ids",
  "all campaigns",
  sql`select id from campaigns`,
);

/** The leads with these UUIDs, in no order. */
export async function readLeads(db: Queryable, ids: readonly string[]): Promise<RecordedLead[]> {
  return (await selectLeadsNamed.run(db, { ids: arrayText(ids) })).map(toRecordedLead);
}

/** `sales` as JSON text. */
type LeadRow<Lead extends RecordedLead = RecordedLead> = Omit<
  Lead,
  "sales" | "former" | "buyerId" | "price" | "payout"
> & {
  sales: string;
};

function toRecordedLead<Columns extends LeadRow>(row: Columns) {
  const all = (JSON.parse(row.sales) as Omit<Sale, "reference">[]).map((sale) => ({
    ...sale,
    reference: null,
  }));
  const sales = all.filter(stands);
  const due = all.filter(isPayoutDue);
  return {
    ...row,
    sales,
    former: all.filter((sale) => !stands(sale)),
    buyerId: sales.at(0)?.buyerId ?? null,
    price: sales.length === 0 ? null : sum(sales.map(({ price }) => price)),
    payout: due.length === 0 ? null : sum(due.map(({ payout }) => payout)),
  };
}

/** `soldAt` in ms. What was reserved and declined is no sale. */
const salesColumn = (
  also: SQL,
) => sql`(select coalesce(json_agg(json_build_object('id', s.id, 'place', s.place, 'buyerId', s.buyer_id,
    'price', (s.price * 10000)::bigint, 'payout', (s.payout * 10000)::bigint, 'status', s.status, 'paysForLead', s.pays_for_lead,
    'keepsPayout', s.keeps_payout, 'keepsCap', s.keeps_cap, 'soldAt', ${ms("s.sold_at")}) order by s.place, s.id), '[]')::text
  from sales s where s.lead_id = leads.id and s.campaign_id = leads.campaign_id${also} and s.status <> 'declined') as sales`;

const columnsWith = (
  also: SQL,
) => sql`leads.id::text as id, leads.campaign_id as "campaignId", leads.supplier_id as "supplierId", leads.status, reason,
  leads.is_test as "isTest", duplicate_of::text as "duplicateOf", ${salesColumn(also)},
  leads.currency, ${ms("decided_at")} as "decidedAt", ${ms("coalesce(first_decided_at, decided_at)")} as "firstDecidedAt",
  ${ms("erased_at")} as "erasedAt"`;

const columns = columnsWith(sql``);

/** Of a list of one campaign, for Citus: the other nodes need not be up to answer it. */
const columnsOfCampaign = columnsWith(sql` and s.campaign_id = ${param("campaign")}::text`);

const selectLead = statement<
  LeadRow<Omit<WholeLead, "quote" | "trace" | "checks">> &
    Omit<WholeLead, keyof RecordedLead | "quote" | "trace" | "checks"> & {
      quote: string | null;
      trace: string;
      checks: string | null;
    },
  { id: string }
>(
  "select_lead",
  "all campaigns",
  ($) => sql`
      select ${columns}, revision, coalesce(request_id, leads.id::text) as "requestId",
        fields::text as fields, sent::text as sent, trace::text as trace, checks::text as checks,
        (select json_build_object('id', r.id, 'bids', r.bids)::text from redeemed_pings r
          where r.lead_id = leads.id and r.campaign_id = leads.campaign_id limit 1) as quote
      from leads where id = ${$.id}`,
);

type Narrowed = Record<Exclude<keyof LeadFilter, "id" | "person"> | "before", string | null> & {
  limit: number;
};

/** What each setting of a filter asks of a lead. */
const CONDITIONS: Readonly<Record<Exclude<keyof Narrowed, "limit">, SQL>> = {
  before: sql`leads.id < ${param("before")}::text::uuid`,
  campaign: sql`leads.campaign_id = ${param("campaign")}::text`,
  supplier: sql`leads.supplier_id = ${param("supplier")}::text`,
  buyer: sql`exists (
    select 1 from sales s where s.lead_id = leads.id and s.campaign_id = leads.campaign_id
      and s.buyer_id = ${param("buyer")}::text and s.status in ('reserved', 'sold'))`,
  bought: sql`exists (
    select 1 from sales s where s.lead_id = leads.id and s.campaign_id = leads.campaign_id
      and s.buyer_id = ${param("bought")}::text and s.status in ('sold', 'refused', 'returned'))`,
  source: sql`leads.fields ->> 'source' = ${param("source")}::text`,
  reason: sql`leads.reason = ${param("reason")}::text`,
  status: sql`leads.status = ${param("status")}::text`,
  test: sql`leads.is_test = ${param("test")}::text::boolean`,
  since: sql`decided_at >= ${param("since")}::timestamptz`,
  until: sql`decided_at < ${param("until")}::timestamptz`,
};
const SETTINGS = Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[];

/** All of them, those that are null aside. */
const narrowed = sql.join(
  SETTINGS.map((name) => sql`(${param(name)}::text is null or ${CONDITIONS[name]})`),
  sql` and `,
);

/** Of the table's own `id`: the plain name means the column of the answer, which is text and has no index. */
const inOrder = sql`order by leads.id desc limit ${param("limit")}::text::integer`;

const selectLeadsNamed = statement<LeadRow, { ids: string }>(
  "select_leads_named",
  "all campaigns",
  ($) => sql`select ${columns} from leads where id = any(array(select unnest(${$.ids}::text::uuid[])))`,
);

/**
 * A buyer's leads are found by a walk through all sales, which are in the order of their leads and narrower. Of a million, one that bought
 * 60, long ago, was found in half a second; an index by buyer would cost every sale a third of its insert.
 */
const BOUGHT = sql`bought.buyer_id = ${param("buyer")}::text and bought.status in ('reserved', 'sold')
  and bought.lead_id < coalesce(${param("before")}::text::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')`;

/** Of one that was sold to it twice, the lead is there once. */
const BOUGHT_ONCE = sql`(select distinct on (lead_id) lead_id, campaign_id from sales
  where buyer_id = ${param("bought")}::text and status in ('sold', 'refused', 'returned')
    and lead_id < coalesce(${param("before")}::text::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
  order by lead_id desc)`;

const selectLeads = new Map<string, Statement<LeadRow, Narrowed>>();

/**
 * The list with only what is asked of it. One statement for all, with every setting behind "or", is planned to read and sort the whole
 * table for each page.
 */
function selectLeadsBy(asked: Narrowed): Statement<LeadRow, Narrowed> {
  const given = SETTINGS.filter((name) => asked[name] !== null);
  const name = ["select_leads", ...given].join("_");
  const known = selectLeads.get(name);
  if (known !== undefined) return known;
  const conditions = given
    .filter((each) => each !== "bought")
    .map((each) => (each === "buyer" ? BOUGHT : CONDITIONS[each]));
  const join = sql`join leads on leads.id = bought.lead_id and leads.campaign_id = bought.campaign_id`;
  const sold = asked.buyer === null ? BOUGHT_ONCE : sql`sales`;
  const from = (asked.buyer ?? asked.bought) === null ? sql`leads` : sql`${sold} bought ${join}`;
  const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
  const made = inWordsOf((dialect) =>
    statement<LeadRow, Narrowed>(
      name,
      asked.campaign === null ? "all campaigns" : "one campaign",
      sql`select ${dialect === "citus" && asked.campaign !== null ? columnsOfCampaign : columns} from ${from} ${where} ${inOrder}`,
    ),
  );
  selectLeads.set(name, made);
  return made;
}

type Sought = Narrowed &
  Record<"id" | "phoneKeys" | "phoneValue" | "emailKeys" | "emailValue", string | null>;

/**
 * The leads of a person, and of those the ones that the rest of the filter lets through: a walk through all leads in order would find
 * few.
 */
function selectFoundBy(name: string, conditionFor: (dialect: Dialect) => SQL) {
  return inWordsOf((dialect) =>
    statement<LeadRow, Sought>(
      name,
      "all campaigns",
      ($) => sql`select ${columns} from leads
        where ${conditionFor(dialect)} and (${$.id}::text is null or id = ${$.id}::text::uuid) and ${narrowed} ${inOrder}`,
    ),
  );
}

/**
 * Old leads keep the keys they are compared by, but their person is not to be found by them any more. What is spread over nodes has no
 * leads without keys.
 */
function isOfPerson(field: "phone" | "email", dialect: Dialect): SQL {
  const keyed = sql`select lead_id from lead_keys where key = any (${param(`${field}Keys`)}::text::uuid[])`;
  const unkeyed = sql`
    union all
    select lead_id from unkeyed_leads unkeyed
    where (select fields ->> ${field}::text from leads l where l.id = unkeyed.lead_id and l.campaign_id = unkeyed.campaign_id)
      = ${param(`${field}Value`)}::text`;
  return sql`leads.erased_at is null and leads.id = any (array(${keyed}${dialect === "citus" ? sql`` : unkeyed}))`;
}

const selectFound = {
  id: selectFoundBy("select_lead_found", () => sql`id = ${param("id")}::text::uuid`),
  phone: selectFoundBy(
    "select_leads_by_phone",
    (dialect) =>
      sql`${isOfPerson("phone", dialect)} and (${param("emailKeys")}::text is null or ${isOfPerson("email", dialect)})`,
  ),
  email: selectFoundBy("select_leads_by_email", (dialect) => isOfPerson("email", dialect)),
};
