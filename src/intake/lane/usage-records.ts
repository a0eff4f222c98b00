import { sql } from "drizzle-orm";
import type { BatchInsert, Rows } from "#database/batch.ts";
import { statement } from "#database/statement.ts";
import type { Usage } from "#intake/decide/caps.ts";
import type { BatchState } from "#intake/decide/state.ts";
import type { LeadEntry } from "./entry.ts";

/** What the batch has used of caps and money, and whose turn it is now. */
export function usageRows(leads: readonly LeadEntry[], state: BatchState): Rows[] {
  return [
    [writeCounters, counterRows(leads, state)],
    [writeBuyerCounters, buyerCounterRows(leads, state)],
  ];
}

/** The counters that live sales moved: of the suppliers and contracts that took part, and of every contract that is now owed. */
function counterRows(taken: readonly LeadEntry[], state: BatchState): object[] {
  const moved = taken.filter(
    ({ isTest, sales, prior }) => !isTest && (sales.length > 0 || (prior?.sales.length ?? 0) > 0),
  );
  if (moved.length === 0) return [];
  const suppliers = new Set(moved.map((each) => each.lead.supplierId));
  const buyers = buyersOf(moved);
  const weighted = state.campaign.distribution === "weighted";
  return [
    ...[...suppliers].flatMap((id) => {
      const usage = state.links.get(id);
      return usage === undefined
        ? []
        : [{ party: "supplier", party_id: id, last_turn: 0, owed: 0, ...usageRow(usage) }];
    }),
    ...[...state.contracts].flatMap(([id, { usage, turn }]) =>
      weighted || buyers.has(id)
        ? [
            {
              party: "contract",
              party_id: id,
              last_turn: turn.lastTurn,
              owed: turn.deficit,
              ...usageRow(usage),
            },
          ]
        : [],
    ),
  ];
}

/** Those that sold leads went to, and those that leads were taken back from. */
function buyersOf(moved: readonly LeadEntry[]): Set<string> {
  return new Set(
    moved.flatMap(({ sales, prior }) => [...sales, ...(prior?.sales ?? [])].map(({ buyerId }) => buyerId)),
  );
}

/** As the table's columns, but for the units: period starts in seconds since 1970, money in ten-thousandths. */
function usageRow({ hour, day, week, month, total }: Usage): object {
  return {
    hour_start: hour.start / 1000,
    hour_leads: hour.leads,
    hour_amount: hour.amount,
    day_start: day.start / 1000,
    day_leads: day.leads,
    day_amount: day.amount,
    week_start: week.start / 1000,
    week_leads: week.leads,
    week_amount: week.amount,
    month_start: month.start / 1000,
    month_leads: month.leads,
    month_amount: month.amount,
    total_leads: total.leads,
    total_amount: total.amount,
  };
}

const usageNames = sql`hour_start, hour_leads, hour_amount, day_start, day_leads, day_amount,
  week_start, week_leads, week_amount, month_start, month_leads, month_amount, total_leads, total_amount`;
const usageTypes = sql`hour_start float8, hour_leads integer, hour_amount numeric, day_start float8, day_leads integer, day_amount numeric,
  week_start float8, week_leads integer, week_amount numeric, month_start float8, month_leads integer, month_amount numeric,
  total_leads bigint, total_amount numeric`;
const usageValues = sql`to_timestamp(hour_start), hour_leads, hour_amount / 10000, to_timestamp(day_start), day_leads, day_amount / 10000,
  to_timestamp(week_start), week_leads, week_amount / 10000, to_timestamp(month_start), month_leads, month_amount / 10000,
  total_leads, total_amount / 10000`;
const usageReplaced = sql`
  hour_start = excluded.hour_start, hour_leads = excluded.hour_leads, hour_amount = excluded.hour_amount,
  day_start = excluded.day_start, day_leads = excluded.day_leads, day_amount = excluded.day_amount,
  week_start = excluded.week_start, week_leads = excluded.week_leads, week_amount = excluded.week_amount,
  month_start = excluded.month_start, month_leads = excluded.month_leads, month_amount = excluded.month_amount,
  total_leads = excluded.total_leads, total_amount = excluded.total_amount`;

const writeCounters: BatchInsert = statement(
  "write_counters",
  sql`insert into campaign_counters (campaign_id, party, party_id, last_turn, owed, ${usageNames})
      select ${sql.placeholder("campaign")}, party, party_id, last_turn, owed, ${usageValues}
      from json_to_recordset(${sql.placeholder("rows")}::text::json) as row (
        party text, party_id text, last_turn bigint, owed float8, ${usageTypes})
      on conflict (campaign_id, party, party_id) do update
        set last_turn = excluded.last_turn, owed = excluded.owed, ${usageReplaced}`,
);

function buyerCounterRows(taken: readonly LeadEntry[], state: BatchState): object[] {
  const buyers = buyersOf(taken.filter((each) => !each.isTest));
  return [...state.buyers].flatMap(([buyer_id, { usage, balance }]) =>
    buyers.has(buyer_id) ? [{ buyer_id, balance, ...usageRow(usage) }] : [],
  );
}

const writeBuyerCounters: BatchInsert = statement(
  "write_buyer_counters",
  sql`insert into buyer_counters (buyer_id, balance, ${usageNames})
      select buyer_id, balance / 10000, ${usageValues}
      from json_to_recordset(${sql.placeholder("rows")}::text::json) as row (buyer_id text, balance numeric, ${usageTypes})
      order by buyer_id
      on conflict (buyer_id) do update set balance = excluded.balance, ${usageReplaced}`,
);
