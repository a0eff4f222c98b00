import { type SQL, sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { arrayText, param, statement } from "#database/statement.ts";
import type { PeriodStarts } from "#intake/decide/caps.ts";
import { type BuyerLine, readTrace, type StoredLine } from "#leads/trace.ts";
import { CLOCK_PERIODS, type ClockPeriod } from "#time/period.ts";
import type { RecordedTurn } from "./opening.ts";

/** A party, and when its clock periods began that hold the time at which it is looked. */
export interface PartyPeriods {
  /** Empty: a buyer, in all campaigns. */
  campaignId: string;
  partyId: string;
  starts: PeriodStarts;
}

/** What counted for a party of what was sold in a piece of time, money in ten-thousandths. */
export type UsedRow = Record<
  `${ClockPeriod}Leads` | `${ClockPeriod}Amount` | "totalLeads" | "totalAmount",
  number
> & {
  campaignId: string;
  partyId: string;
  /** Of a buyer: the last sale, whatever became of it. */
  lastSale: string | null;
};

/** A piece of time, and the moment as of which it is looked whether sales count. ISO 8601. */
export type PieceOfTime = Record<"from" | "to" | "asOf", string>;

/** What was sold to buyers in a piece of time, by campaign. */
export function readBoughtIn(
  db: Queryable,
  parties: readonly PartyPeriods[],
  piece: PieceOfTime,
): Promise<UsedRow[]> {
  return parties.length === 0
    ? Promise.resolve([])
    : selectBought.run(db, { ...piece, buyers: partiesText(parties) });
}

/** What suppliers sold in a piece of time in their campaigns: a lead is one, with all its payouts, however often it is sold. */
export function readSuppliedIn(
  db: Queryable,
  parties: readonly PartyPeriods[],
  piece: PieceOfTime,
): Promise<UsedRow[]> {
  return parties.length === 0
    ? Promise.resolve([])
    : selectSupplied.run(db, { ...piece, suppliers: partiesText(parties) });
}

function partiesText(parties: readonly PartyPeriods[]): string {
  const rows = parties.map(({ campaignId, partyId, starts }) => ({
    campaign: campaignId,
    id: partyId,
    ...Object.fromEntries(CLOCK_PERIODS.map((period) => [period, new Date(starts[period]).toISOString()])),
  }));
  return JSON.stringify(rows);
}

function forEach(say: (period: ClockPeriod) => string): SQL {
  return sql.raw(CLOCK_PERIODS.map(say).join(", "));
}

const partiesIn = (name: "buyers" | "suppliers") => sql`party as materialized (
  select * from json_to_recordset(${param(name)}::text::json) as p (
    campaign text, id text, ${forEach((period) => `${period} timestamptz`)}))`;

const inPiece = sql`s.sold_at >= ${param("from")}::timestamptz and s.sold_at < ${param("to")}::timestamptz and not s.is_test`;

const [own, former] = [sql.raw("s"), sql.raw("f")];
const moment = (name: "from" | "to" | "asOf") => sql`${param(name)}::timestamptz`;

/** Undone at a moment or later, so that it stood before. */
const undoneFrom = (sale: SQL, at: SQL) => sql`(${sale}.status in ('refused', 'returned') and exists (
  select 1 from ledger e where e.sale_id = ${sale}.id and e.campaign_id = ${sale}.campaign_id and e.at >= ${at}))`;

/**
 * Declined at a moment or later: with the next sale of its lead, or when that was decided last. What was reserved an hour before is not
 * looked at: no buyer is asked for as long.
 */
const declinedFrom = (
  sale: SQL,
  at: SQL,
) => sql`(${sale}.status = 'declined' and ${sale}.sold_at >= ${at} - interval '1 hour'
  and exists (
    select 1 from leads l where l.id = ${sale}.lead_id and l.campaign_id = ${sale}.campaign_id and l.decided_at >= ${at})
  and not exists (
    select 1 from sales n where n.lead_id = ${sale}.lead_id and n.campaign_id = ${sale}.campaign_id
      and n.sold_at > ${sale}.sold_at and n.sold_at < ${at}))`;

const countsAt = (sale: SQL, at: SQL) => sql`(${sale}.status in ('reserved', 'sold') or ${sale}.keeps_cap
  or ${undoneFrom(sale, at)} or ${declinedFrom(sale, at)})`;

/** What is paid for the lead passes, where the sale that carries it is declined, to one that stands. */
const isDue = sql`(s.status in ('reserved', 'sold') or s.keeps_payout or (s.pays_for_lead and s.status <> 'declined')
  or ${undoneFrom(own, moment("asOf"))} or (${declinedFrom(own, moment("asOf"))} and not s.pays_for_lead))`;

type Span = ClockPeriod | "total";

function inEachSpan(say: (span: Span) => string): SQL {
  return sql.raw([...CLOCK_PERIODS, "total" as const].map(say).join(", "));
}

const soldIn = (span: Span, which: string) => (span === "total" ? which : `${which} and at >= ${span}`);

/** What counts, and how much it is. */
const used = (amountIn: (span: Span) => string) =>
  inEachSpan(
    (span) => `count(*) filter (where ${soldIn(span, "counts")})::float8 as "${span}Leads",
      (coalesce(${amountIn(span)}, 0) * 10000)::float8 as "${span}Amount"`,
  );

const bought = sql`with ${partiesIn("buyers")}, sold as (
    select p.*, s.campaign_id, s.id as sale, s.sold_at as at, s.price as amount, ${countsAt(own, moment("asOf"))} as counts
    from sales s join party p on p.id = s.buyer_id where ${inPiece})
  select campaign_id as "campaignId", id as "partyId", max(sale::text) as "lastSale",
    ${used((span) => `sum(amount) filter (where ${soldIn(span, "counts")})`)}
  from sold group by campaign_id, id`;

const periods = forEach((period) => period);

/** Only a lead whose first sale is not of the piece can have one that counts before it. */
const supplied = sql`with ${partiesIn("suppliers")}, sold as (
    select p.*, s.lead_id, s.place, s.sold_at as at, ${countsAt(own, moment("asOf"))} as counts,
      s.payout as amount, ${isDue} as is_due
    from sales s join party p on p.campaign = s.campaign_id and p.id = s.supplier_id where ${inPiece}),
  per_lead as (
    select campaign, id, lead_id, ${periods}, min(at) filter (where counts) as at, min(place) as place,
      ${inEachSpan((span) => `sum(amount) filter (where ${soldIn(span, "is_due")}) as ${span}_amount`)}
    from sold group by campaign, id, lead_id, ${periods}),
  counted as (
    select l.*, l.at is not null and (l.place = 1 or not exists (
      select 1 from sales f where f.lead_id = l.lead_id and f.campaign_id = l.campaign and f.place < l.place
        and ${countsAt(former, moment("asOf"))})) as counts
    from per_lead l)
  select campaign as "campaignId", id as "partyId", null as "lastSale", ${used((span) => `sum(${span}_amount)`)}
  from counted group by campaign, id`;

const selectBought = statement<UsedRow, PieceOfTime & { buyers: string }>(
  "select_bought_in_piece",
  "all campaigns",
  bought,
);

const selectSupplied = statement<UsedRow, PieceOfTime & { suppliers: string }>(
  "select_supplied_in_piece",
  "all campaigns",
  supplied,
);

/** What was undone in a piece of time that had been sold or reserved before it and counted in totals until then. */
export interface UndoneRow {
  campaignId: string;
  buyerId: string;
  supplierId: string;
  sales: number;
  price: number;
  /** For their supplier: those of which no sale is left. */
  leads: number;
  payout: number;
}

/** Of what was sold before a piece of time, what was undone in it. */
export function readUndoneIn(db: Queryable, piece: Pick<PieceOfTime, "from" | "to">): Promise<UndoneRow[]> {
  return selectUndone.run(db, piece);
}

const otherSales = sql`select 1 from sales f where f.lead_id = s.lead_id and f.campaign_id = s.campaign_id`;

/** A lead counted with the first of its sales that did; where one that was sold before is left, it counts on. */
const undone = sql`with ended as (
    select lead_id, campaign_id, sale_id as id from ledger
    where at >= ${moment("from")} and at < ${moment("to")} and sale_id is not null
    union all
    select s.lead_id, s.campaign_id, s.id from sales s
    where s.sold_at < ${moment("from")} and ${declinedFrom(own, moment("from"))} and not ${declinedFrom(own, moment("to"))}),
  taken_back as (
    select s.*, not s.keeps_cap as counted, not (s.keeps_payout or s.pays_for_lead) as is_paid_back,
      not s.keeps_cap
        and not exists (${otherSales} and f.place < s.place and ${countsAt(former, moment("from"))})
        and not exists (${otherSales} and f.sold_at < ${moment("from")} and ${countsAt(former, moment("to"))}) as was_counted
    from ended join sales s on s.lead_id = ended.lead_id and s.campaign_id = ended.campaign_id and s.id = ended.id
    where s.sold_at < ${moment("from")} and not s.is_test)
  select campaign_id as "campaignId", buyer_id as "buyerId", supplier_id as "supplierId",
    count(*) filter (where counted)::float8 as sales, (coalesce(sum(price) filter (where counted), 0) * 10000)::float8 as price,
    count(*) filter (where was_counted)::float8 as leads, (coalesce(sum(payout) filter (where is_paid_back), 0) * 10000)::float8 as payout
  from taken_back group by campaign_id, buyer_id, supplier_id`;

const selectUndone = statement<UndoneRow, Pick<PieceOfTime, "from" | "to">>(
  "select_undone_in_piece",
  "all campaigns",
  undone,
);

/** A turn of a weighted campaign that is on record, by which revision, and how often it came so. */
export type TurnRow = RecordedTurn & { campaignId: string; revision: number; leads: number };

/** Turns of weighted campaigns of the leads that were decided last in a piece of time, without those of sales made before `soldFrom`. */
export async function readTurnsIn(
  db: Queryable,
  campaigns: readonly string[],
  { from, to, soldFrom }: Pick<PieceOfTime, "from" | "to"> & { soldFrom: string },
): Promise<TurnRow[]> {
  if (campaigns.length === 0) return [];
  const rows = await selectTurns.run(db, { campaigns: arrayText(campaigns), from, to, soldFrom });
  return rows.map(turnOf);
}

interface StoredTurn {
  campaignId: string;
  revision: number;
  line: string;
  served: string | null;
  /** The buyers that a ping was promised, each with its price behind it. */
  bids: string | null;
  leads: number;
}

function turnOf({ line, served, bids, ...turn }: StoredTurn): TurnRow {
  const { method, buyers } = lineIn(line);
  const isByPrice = method === "quoted_bids" || method === "auction";
  return {
    ...turn,
    buyers,
    served: served === null ? [] : served.split(" "),
    bids: isByPrice ? bidsIn(bids) : null,
  };
}

function lineIn(line: string): { method: string; buyers: readonly BuyerLine[] } {
  const [read] = readTrace([JSON.parse(line) as StoredLine]);
  return read?.check === "buyers" ? read : { method: "", buyers: [] };
}

function bidsIn(text: string | null): Map<string, number> {
  const bids = text === null ? [] : text.split(", ").map((bid) => bid.split(" "));
  return new Map(bids.map(([buyer = "", price]) => [buyer, Number(price)]));
}

const turns = sql`select campaign_id as "campaignId", revision, line, served, bids, count(*)::float8 as leads
  from (
    select l.campaign_id, l.revision, line::text as line, (
      select string_agg(s.buyer_id, ' ' order by s.sold_at, s.place) from sales s
      where s.lead_id = l.id and s.campaign_id = l.campaign_id
        and s.sold_at >= ${param("soldFrom")}::text::timestamptz) as served, (
      select string_agg(concat_ws(' ', bid ->> 'buyerId', bid ->> 'price'), ', ')
      from redeemed_pings r, json_array_elements(r.bids) as bid
      where r.lead_id = l.id and r.campaign_id = l.campaign_id) as bids
    from leads l, json_array_elements(l.trace) as line
    where not l.is_test
      and l.decided_at >= ${param("from")}::timestamptz and l.decided_at < ${param("to")}::timestamptz
      and json_typeof(line) = 'array' and (json_array_length(line) = 2 or line ->> 1 = 'passed')) as turn`;

const selectTurns = statement<StoredTurn, Record<"campaigns" | "from" | "to" | "soldFrom", string>>(
  "select_turns_in_piece",
  "named campaigns",
  ($) =>
    sql`${turns} where campaign_id = any (${$.campaigns}::text[]) group by campaign_id, revision, line, served, bids`,
);

/** What is on the counters of campaigns. */
export interface CounterRow {
  campaignId: string;
  party: "contract" | "supplier";
  partyId: string;
  totalLeads: number;
  totalAmount: number;
  owed: number;
}

/** The counters at one moment, with what came on them since a time. */
export interface CountersSince {
  now: CounterRow[];
  bought: UsedRow[];
  supplied: UsedRow[];
  /** Of what was sold before that time. */
  undone: UndoneRow[];
  turns: TurnRow[];
}

/**
 * Counters, and what was added to them since a time, ISO 8601. In one statement, so of one moment: asked one after another, leads that
 * came between the two were taken off counters on which they were not yet.
 */
export async function readCountersSince(
  db: Queryable,
  {
    since,
    buyers,
    suppliers,
    weighted,
    soldFrom,
  }: {
    since: string;
    buyers: readonly PartyPeriods[];
    suppliers: readonly PartyPeriods[];
    /** The campaigns whose turns are wanted. */
    weighted: readonly string[];
    /** Turns of sales before this are not, though the lead was decided once more since. */
    soldFrom: string;
  },
): Promise<CountersSince> {
  const [found] = await selectCountersSince.run(db, {
    from: since,
    to: "infinity",
    asOf: "infinity",
    soldFrom,
    buyers: partiesText(buyers),
    suppliers: partiesText(suppliers),
    campaigns: arrayText(weighted),
  });
  if (found === undefined) throw new Error("A statement of one row answered without it");
  return { ...found, turns: found.turns.map(turnOf) };
}

const counters = sql`select campaign_id as "campaignId", party, party_id as "partyId", total_leads::float8 as "totalLeads",
    (total_amount * 10000)::float8 as "totalAmount", owed
  from campaign_counters`;

const rowsOf = (query: SQL) => sql`(select coalesce(json_agg(each), '[]') from (${query}) as each)`;

const selectCountersSince = statement<
  Omit<CountersSince, "turns"> & { turns: StoredTurn[] },
  PieceOfTime & Record<"soldFrom" | "buyers" | "suppliers" | "campaigns", string>
>(
  "select_counters_since",
  "all campaigns",
  sql`select ${rowsOf(counters)} as now, ${rowsOf(bought)} as bought, ${rowsOf(supplied)} as supplied,
        ${rowsOf(undone)} as undone, ${rowsOf(sql`${turns} where campaign_id = any (${param("campaigns")}::text[])
          group by campaign_id, revision, line, served, bids`)} as turns`,
);
