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
export interface PieceOfTime {
  from: string;
  to: string;
  asOf: string;
}

/** What was sold to buyers in a piece of time, by campaign. */
export function readBoughtIn(
  db: Queryable,
  parties: readonly PartyPeriods[],
  piece: PieceOfTime,
): Promise<UsedRow[]> {
  return parties.length === 0 ? Promise.resolve([]) : selectBought.run(db, asked(parties, piece));
}

/** What suppliers sold in a piece of time in their campaigns: a lead is one, with all its payouts, however often it is sold. */
export function readSuppliedIn(
  db: Queryable,
  parties: readonly PartyPeriods[],
  piece: PieceOfTime,
): Promise<UsedRow[]> {
  return parties.length === 0 ? Promise.resolve([]) : selectSupplied.run(db, asked(parties, piece));
}

type Asked = Record<"parties" | keyof PieceOfTime, string>;

function asked(parties: readonly PartyPeriods[], piece: PieceOfTime): Asked {
  const rows = parties.map(({ campaignId, partyId, starts }) => ({
    campaign: campaignId,
    id: partyId,
    ...Object.fromEntries(CLOCK_PERIODS.map((period) => [period, new Date(starts[period]).toISOString()])),
  }));
  return { ...piece, parties: JSON.stringify(rows) };
}

function forEach(say: (period: ClockPeriod) => string): SQL {
  return sql.raw(CLOCK_PERIODS.map(say).join(", "));
}

const party = sql`party as materialized (
  select * from json_to_recordset(${param("parties")}::text::json) as p (
    campaign text, id text, ${forEach((period) => `${period} timestamptz`)}))`;

const inPiece = sql`s.sold_at >= ${param("from")}::text::timestamptz and s.sold_at < ${param("to")}::text::timestamptz and not s.is_test`;

/** Undone after the moment, so that it counted then. */
const undoneLater = sql`(s.status in ('refused', 'returned') and exists (
  select from ledger e where e.sale_id = s.id and e.campaign_id = s.campaign_id and e.at >= ${param("asOf")}::text::timestamptz))`;
const counts = sql`(s.status in ('reserved', 'sold') or s.keeps_cap or ${undoneLater})`;
const isDue = sql`(s.status in ('reserved', 'sold') or s.keeps_payout or (s.pays_for_lead and s.status <> 'declined') or ${undoneLater})`;

const used = sql`${forEach(
  (period) => `count(*) filter (where counts and at >= ${period})::float8 as "${period}Leads",
    (coalesce(sum(amount) filter (where counts and at >= ${period}), 0) * 10000)::float8 as "${period}Amount"`,
)}, count(*) filter (where counts)::float8 as "totalLeads",
  (coalesce(sum(amount) filter (where counts), 0) * 10000)::float8 as "totalAmount"`;

const selectBought = statement<UsedRow, Asked>(
  "select_bought_in_piece",
  "all campaigns",
  sql`with ${party}, sold as (
        select p.*, s.campaign_id, s.id as sale, s.sold_at as at, s.price as amount, ${counts} as counts
        from sales s join party p on p.id = s.buyer_id where ${inPiece})
      select campaign_id as "campaignId", id as "partyId", max(sale::text) as "lastSale", ${used}
      from sold group by campaign_id, id`,
);

const selectSupplied = statement<UsedRow, Asked>(
  "select_supplied_in_piece",
  "all campaigns",
  sql`with ${party}, sold as (
        select p.campaign, p.id, ${forEach((period) => `p.${period}`)}, min(s.sold_at) as at, bool_or(${counts}) as counts,
          coalesce(sum(s.payout) filter (where ${isDue}), 0) as amount
        from sales s join party p on p.campaign = s.campaign_id and p.id = s.supplier_id where ${inPiece}
        group by p.campaign, p.id, s.lead_id, ${forEach((period) => `p.${period}`)})
      select campaign as "campaignId", id as "partyId", null as "lastSale", ${used}
      from sold group by campaign, id`,
);

/** What was undone from a time on that had counted in totals before. */
export interface UndoneRow {
  campaignId: string;
  buyerId: string;
  supplierId: string;
  sales: number;
  price: number;
  payout: number;
}

export function readUndoneOfBefore(db: Queryable, at: string): Promise<UndoneRow[]> {
  return selectUndone.run(db, { at });
}

const selectUndone = statement<UndoneRow, { at: string }>(
  "select_undone_of_before",
  "all campaigns",
  (
    $,
  ) => sql`select s.campaign_id as "campaignId", s.buyer_id as "buyerId", s.supplier_id as "supplierId", count(*)::float8 as sales,
        (sum(s.price) * 10000)::float8 as price, (sum(s.payout) * 10000)::float8 as payout
      from ledger e join sales s on s.lead_id = e.lead_id and s.campaign_id = e.campaign_id and s.id = e.sale_id
      where e.at >= ${$.at}::text::timestamptz and e.sale_id is not null and s.sold_at < ${$.at}::text::timestamptz
        and not s.keeps_cap
      group by s.campaign_id, s.buyer_id, s.supplier_id`,
);

/** What is on the counters of campaigns now. */
export interface CounterRow {
  campaignId: string;
  party: "contract" | "supplier";
  partyId: string;
  totalLeads: number;
  totalAmount: number;
  owed: number;
}

export function readCountersNow(db: Queryable): Promise<CounterRow[]> {
  return selectCounters.run(db, {});
}

const selectCounters = statement<CounterRow>(
  "select_counters_now",
  "all campaigns",
  sql`select campaign_id as "campaignId", party, party_id as "partyId", total_leads::float8 as "totalLeads",
        (total_amount * 10000)::float8 as "totalAmount", owed
      from campaign_counters`,
);

/** Turns of weighted campaigns that a piece of time has on record, each with how often it came so. */
export async function readTurnsIn(
  db: Queryable,
  campaigns: readonly string[],
  { from, to }: Pick<PieceOfTime, "from" | "to">,
): Promise<(RecordedTurn & { campaignId: string; leads: number })[]> {
  if (campaigns.length === 0) return [];
  const rows = await selectTurns.run(db, { campaigns: arrayText(campaigns), from, to });
  return rows.map(({ line, served, ...row }) => ({
    ...row,
    buyers: buyersIn(line),
    served: served === null ? [] : served.split(" "),
  }));
}

function buyersIn(line: string): readonly BuyerLine[] {
  const [read] = readTrace([JSON.parse(line) as StoredLine]);
  return read?.check === "buyers" ? read.buyers : [];
}

const selectTurns = statement<
  { campaignId: string; line: string; served: string | null; leads: number },
  { campaigns: string; from: string; to: string }
>(
  "select_turns_in_piece",
  "named campaigns",
  ($) => sql`select campaign_id as "campaignId", line, served, count(*)::float8 as leads
      from (
        select l.campaign_id, line::text as line, (
          select string_agg(s.buyer_id, ' ' order by s.sold_at, s.place) from sales s
          where s.lead_id = l.id and s.campaign_id = l.campaign_id) as served
        from leads l, json_array_elements(l.trace) as line
        where l.campaign_id = any (${$.campaigns}::text::text[]) and not l.is_test
          and l.decided_at >= ${$.from}::text::timestamptz and l.decided_at < ${$.to}::text::timestamptz
          and json_typeof(line) = 'array' and (json_array_length(line) = 2 or line ->> 1 = 'passed')) as turns
      group by campaign_id, line, served`,
);
