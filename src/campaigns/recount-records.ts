import { type SQL, sql } from "drizzle-orm";
import type { Queryable } from "#database/database.ts";
import { statement } from "#database/statement.ts";
import { periodStart } from "#time/period.ts";
import { DECIDED_AGAIN_WITHIN_MS, type Recount } from "./recount.ts";

/**
 * Makes counters equal the leads again, under the campaigns' locks. Clock periods are counted from the leads: ids are in the order
 * of time, so only the newest are read. Totals don't depend on a clock: those of contracts and links stay as they are, and a
 * buyer's is the sum of its contracts', which every sale keeps; reading a buyer's leads of all time took seconds per million.
 */
export async function recount(tx: Queryable, wanted: Recount, now: Date): Promise<void> {
  if (wanted.contracts.length > 0) await recountContracts.run(tx, partyRows(wanted.contracts, now));
  if (wanted.links.length > 0) await recountLinks.run(tx, partyRows(wanted.links, now));
  if (wanted.buyers.length > 0) {
    const buyers = wanted.buyers.map(({ buyerId, timezone }) => ({
      campaignId: "",
      partyId: buyerId,
      timezone,
    }));
    await recountBuyers.run(tx, partyRows(buyers, now));
  }
}

type Parties = { parties: string; since: string };

interface Party {
  campaignId: string;
  partyId: string;
  timezone: string;
}

const DAY_MS = 86_400_000;

function partyRows(parties: readonly Party[], now: Date): Parties {
  const rows = parties.map(({ campaignId, partyId, timezone }) => ({
    campaign: campaignId,
    id: partyId,
    hour: periodStart("hour", timezone, now).toISOString(),
    day: periodStart("day", timezone, now).toISOString(),
    week: periodStart("week", timezone, now).toISOString(),
    month: periodStart("month", timezone, now).toISOString(),
  }));
  const earliest =
    rows.map((row) => (row.week < row.month ? row.week : row.month)).sort()[0] ?? now.toISOString();
  return {
    parties: JSON.stringify(rows),
    since: firstUuidOf(Date.parse(earliest) - DECIDED_AGAIN_WITHIN_MS - DAY_MS),
  };
}

/** The lowest UUIDv7 of a moment. A lead's id is as old as its arrival; a day more covers any wait and any clock that is off. */
function firstUuidOf(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-0000-0000-000000000000`;
}

const party = sql`party as materialized (
  select * from json_to_recordset(${sql.placeholder("parties")}::text::json) as p (
    campaign text, id text, hour timestamptz, day timestamptz, week timestamptz, month timestamptz))`;

function used(amount: SQL, belongs: SQL): SQL {
  const of = (period: string) => sql`
    count(*) filter (where l.decided_at >= p.${sql.raw(period)}) as ${sql.raw(period)}_leads,
    coalesce(sum(${amount}) filter (where l.decided_at >= p.${sql.raw(period)}), 0) as ${sql.raw(period)}_amount`;
  return sql`used as (
    select p.campaign, p.id, p.hour, p.day, p.week, p.month, ${of("hour")}, ${of("day")}, ${of("week")}, ${of("month")}
    from party p
    left join leads l on ${belongs} and l.id >= ${sql.placeholder("since")}::text::uuid
      and l.status in ('ACCEPTED', 'PENDING') and not l.is_test
    group by p.campaign, p.id, p.hour, p.day, p.week, p.month)`;
}

/** A counter that is not there stands for no sale at all, and there is nothing to put right. */
function recountParties(name: string, kind: "contract" | "supplier", amount: SQL, partyColumn: SQL) {
  return statement<unknown, Parties>(
    name,
    sql`with ${party}, ${used(amount, sql`l.campaign_id = p.campaign and ${partyColumn} = p.id`)}
        update campaign_counters c set
          hour_start = used.hour, hour_leads = used.hour_leads, hour_amount = used.hour_amount,
          day_start = used.day, day_leads = used.day_leads, day_amount = used.day_amount,
          week_start = used.week, week_leads = used.week_leads, week_amount = used.week_amount,
          month_start = used.month, month_leads = used.month_leads, month_amount = used.month_amount
        from used
        where c.campaign_id = used.campaign and c.party = ${sql.raw(`'${kind}'`)} and c.party_id = used.id`,
  );
}

const recountContracts = recountParties("recount_contracts", "contract", sql`l.price`, sql`l.buyer_id`);
const recountLinks = recountParties("recount_links", "supplier", sql`l.payout`, sql`l.supplier_id`);

const recountBuyers = statement<unknown, Parties>(
  "recount_buyers",
  sql`with ${party}, ${used(sql`l.price`, sql`l.buyer_id = p.id`)},
      total as (
        select party_id as id, sum(total_leads) as leads, sum(total_amount) as amount
        from campaign_counters
        where party = 'contract' and party_id in (select id from party)
        group by party_id)
      insert into buyer_counters (buyer_id, hour_start, hour_leads, hour_amount, day_start, day_leads, day_amount,
        week_start, week_leads, week_amount, month_start, month_leads, month_amount, total_leads, total_amount, balance)
      select used.id, hour, hour_leads, hour_amount, day, day_leads, day_amount, week, week_leads, week_amount,
        month, month_leads, month_amount, coalesce(total.leads, 0), coalesce(total.amount, 0), 0
      from used left join total on total.id = used.id
      order by used.id
      on conflict (buyer_id) do update set
        hour_start = excluded.hour_start, hour_leads = excluded.hour_leads, hour_amount = excluded.hour_amount,
        day_start = excluded.day_start, day_leads = excluded.day_leads, day_amount = excluded.day_amount,
        week_start = excluded.week_start, week_leads = excluded.week_leads, week_amount = excluded.week_amount,
        month_start = excluded.month_start, month_leads = excluded.month_leads, month_amount = excluded.month_amount,
        total_leads = excluded.total_leads, total_amount = excluded.total_amount`,
);
