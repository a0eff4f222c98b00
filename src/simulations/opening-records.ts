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

/** Undone after the moment, so that it counted then. */
const undoneLater = sql`(s.status in ('refused', 'returned') and exists (
  select 1 from ledger e where e.sale_id = s.id and e.campaign_id = s.campaign_id and e.at >= ${param("asOf")}::timestamptz))`;
const counts = sql`(s.status in ('reserved', 'sold') or s.keeps_cap or ${undoneLater})`;
const isDue = sql`(s.status in ('reserved', 'sold') or s.keeps_payout or (s.pays_for_lead and s.status <> 'declined') or ${undoneLater})`;

const used = sql`${forEach(
  (period) => `count(*) filter (where counts and at >= ${period})::float8 as "${period}Leads",
    (coalesce(sum(amount) filter (where counts and at >= ${period}), 0) * 10000)::float8 as "${period}Amount"`,
)}, count(*) filter (where counts)::float8 as "totalLeads",
  (coalesce(sum(amount) filter (where counts), 0) * 10000)::float8 as "totalAmount"`;

const bought = sql`with ${partiesIn("buyers")}, sold as (
    select p.*, s.campaign_id, s.id as sale, s.sold_at as at, s.price as amount, ${counts} as counts
    from sales s join party p on p.id = s.buyer_id where ${inPiece})
  select campaign_id as "campaignId", id as "partyId", max(sale::text) as "lastSale", ${used}
  from sold group by campaign_id, id`;

const supplied = sql`with ${partiesIn("suppliers")}, sold as (
    select p.campaign, p.id, ${forEach((period) => `p.${period}`)}, min(s.sold_at) as at, bool_or(${counts}) as counts,
      coalesce(sum(s.payout) filter (where ${isDue}), 0) as amount
    from sales s join party p on p.campaign = s.campaign_id and p.id = s.supplier_id where ${inPiece}
    group by p.campaign, p.id, s.lead_id, ${forEach((period) => `p.${period}`)})
  select campaign as "campaignId", id as "partyId", null as "lastSale", ${used}
  from sold group by campaign, id`;

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

/** What was undone in a piece of time that had been sold before it and counted in totals until then. */
export interface UndoneRow {
  campaignId: string;
  buyerId: string;
  supplierId: string;
  sales: number;
  price: number;
  payout: number;
}

/** Of what was sold before a time, what was undone in a piece of time: from then on, or later. */
export function readUndoneIn(
  db: Queryable,
  piece: Pick<PieceOfTime, "from" | "to"> & { soldBefore: string },
): Promise<UndoneRow[]> {
  return selectUndone.run(db, piece);
}

const undone = sql`select s.campaign_id as "campaignId", s.buyer_id as "buyerId", s.supplier_id as "supplierId",
    count(*)::float8 as sales, (sum(s.price) * 10000)::float8 as price, (sum(s.payout) * 10000)::float8 as payout
  from ledger e join sales s on s.lead_id = e.lead_id and s.campaign_id = e.campaign_id and s.id = e.sale_id
  where e.at >= ${param("from")}::timestamptz and e.at < ${param("to")}::timestamptz and e.sale_id is not null
    and s.sold_at < ${param("soldBefore")}::timestamptz and not s.keeps_cap
  group by s.campaign_id, s.buyer_id, s.supplier_id`;

const selectUndone = statement<UndoneRow, Pick<PieceOfTime, "from" | "to"> & { soldBefore: string }>(
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
  leads: number;
}

function turnOf({ line, served, ...turn }: StoredTurn): TurnRow {
  return { ...turn, buyers: buyersIn(line), served: served === null ? [] : served.split(" ") };
}

function buyersIn(line: string): readonly BuyerLine[] {
  const [read] = readTrace([JSON.parse(line) as StoredLine]);
  return read?.check === "buyers" ? read.buyers : [];
}

const turns = sql`select campaign_id as "campaignId", revision, line, served, count(*)::float8 as leads
  from (
    select l.campaign_id, l.revision, line::text as line, (
      select string_agg(s.buyer_id, ' ' order by s.sold_at, s.place) from sales s
      where s.lead_id = l.id and s.campaign_id = l.campaign_id
        and s.sold_at >= ${param("soldFrom")}::text::timestamptz) as served
    from leads l, json_array_elements(l.trace) as line
    where not l.is_test
      and l.decided_at >= ${param("from")}::timestamptz and l.decided_at < ${param("to")}::timestamptz
      and json_typeof(line) = 'array' and (json_array_length(line) = 2 or line ->> 1 = 'passed')) as turn`;

const selectTurns = statement<StoredTurn, Record<"campaigns" | "from" | "to" | "soldFrom", string>>(
  "select_turns_in_piece",
  "named campaigns",
  ($) =>
    sql`${turns} where campaign_id = any (${$.campaigns}::text[]) group by campaign_id, revision, line, served`,
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
    soldBefore: since,
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
  PieceOfTime & Record<"soldBefore" | "soldFrom" | "buyers" | "suppliers" | "campaigns", string>
>(
  "select_counters_since",
  "all campaigns",
  sql`select ${rowsOf(counters)} as now, ${rowsOf(bought)} as bought, ${rowsOf(supplied)} as supplied,
        ${rowsOf(undone)} as undone, ${rowsOf(sql`${turns} where campaign_id = any (${param("campaigns")}::text[])
          group by campaign_id, revision, line, served`)} as turns`,
);
